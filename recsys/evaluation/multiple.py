"""Many comparisons at once, with the chance of a single false one held at 5% over all of them.

Single-step max-T (Westfall & Young 1993, "Resampling-Based Multiple Testing", chapter 2): a
difference counts where it is larger, in standard errors, than the largest of all differences is in
95% of resampled worlds in which there are none. Groups may overlap; what they share is resampled
together. The intervals are simultaneous (Hothorn, Bretz & Westfall 2008): each leaves out zero
exactly where its difference counts.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recsys.evaluation.significance import Comparison

_LEVEL = 0.95
#: Values in memory at once.
_CHUNK = 4_000_000
#: A smaller standard error is none, but for rounding in sums.
_ROUNDING = 1e-12


def compare_groups(
    values: np.ndarray, masks: np.ndarray, seed: int = 0, resamples: int = 10_000
) -> list[Comparison]:
    """How much higher the mean of each group is than that of everybody else.

    Without a difference, who belongs to a group has nothing to do with the values: users are
    permuted.

    Args:
        values: (n,), one a user.
        masks: (m, n) bool; no group is empty, or everybody.

    Raises:
        ValueError: if a group is.
    """
    values, masks = np.asarray(values, dtype=np.float64), np.asarray(masks, dtype=bool)
    n, sizes = len(values), masks.sum(1)  # (m,)
    if np.any((sizes == 0) | (sizes == n)):
        raise ValueError("a group without users, or without others")
    centred = values - values.mean()
    # With mean 0 the sum of the others is minus that of the group.
    weights = masks * (1 / sizes + 1 / (n - sizes))[:, None]  # (m, n)
    deltas = weights @ centred
    errors = np.sqrt((centred @ centred) / max(n - 1, 1) * (1 / sizes + 1 / (n - sizes)))
    worlds = _worlds(seed, resamples, masks.shape)
    largest = [
        _largest(rng.permuted(np.tile(centred, (rows, 1)), axis=1) @ weights.T, errors)
        for rng, rows in worlds
    ]
    return _judged(deltas, errors, np.concatenate(largest))


def compare_pairs(
    differences: np.ndarray,
    asked: np.ndarray,
    seed: int = 0,
    resamples: int = 10_000,
) -> list[Comparison]:
    """Whether the mean of each of m sets of paired differences is more than chance.

    Without an effect, a difference is as likely as its negative: their signs are drawn, a user's
    the same in all sets.

    Args:
        differences: (m, n), one a user.
        asked: (m, n) bool, the users of each set, at least one.

    Raises:
        ValueError: if a set has no users.
    """
    asked = np.asarray(asked, dtype=bool)
    kept = np.where(asked, np.asarray(differences, dtype=np.float64), 0.0)
    sizes = asked.sum(1)
    if np.any(sizes == 0):
        raise ValueError("a set without users")
    means = kept / sizes[:, None]
    errors = np.sqrt((means**2).sum(1))
    worlds = _worlds(seed, resamples, kept.shape)
    largest = [
        _largest(rng.choice([-1.0, 1.0], size=(rows, kept.shape[1])) @ means.T, errors)
        for rng, rows in worlds
    ]
    return _judged(means.sum(1), errors, np.concatenate(largest))


def _worlds(
    seed: int, resamples: int, shape: tuple[int, ...]
) -> Iterator[tuple[np.random.Generator, int]]:
    """A generator, and how many worlds of m sets and n users to draw, until there are enough."""
    rng = np.random.default_rng(seed)
    step = max(1, _CHUNK // max(*shape, 1))
    for start in range(0, resamples, step):
        yield rng, min(step, resamples - start)


def _largest(deltas: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """The largest of the differences (worlds, m) in standard errors (m,): (worlds,)."""
    return _in_errors(np.abs(deltas), errors).max(1, initial=0.0)


def _in_errors(deltas: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Differences (…, m) in standard errors (m,); where all values are equal, there is none."""
    return np.divide(deltas, errors, out=np.zeros_like(deltas), where=errors > _ROUNDING)


def _judged(deltas: np.ndarray, errors: np.ndarray, largest: np.ndarray) -> list[Comparison]:
    reach = float(np.quantile(largest, _LEVEL, method="higher"))
    in_errors = _in_errors(np.abs(deltas), errors)
    found = []
    for delta, error, size in zip(deltas.tolist(), errors.tolist(), in_errors, strict=True):
        if error <= _ROUNDING:
            found.append(Comparison(0.0, 0.0, 0.0, 1.0))
            continue
        # Rounding in sums must not turn "as large" into "smaller".
        p_value = (1 + np.count_nonzero(largest >= size - 1e-9)) / (len(largest) + 1)
        reached = reach * error
        found.append(Comparison(delta, delta - reached, delta + reached, float(min(p_value, 1.0))))
    return found
