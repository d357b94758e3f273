"""What a search found out: for whom a prompt fails, what was tried on it, and what helped.

Everything is measured per user and compared group by group; a sentence is said only of what is
more than chance, all that it was compared with considered (`evaluation/multiple.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recsys.evaluation import Comparison
from recsys.evaluation.multiple import compare_groups, compare_pairs
from recsys.evaluation.slices import Slice, by_history_length, by_target
from recsys.schema import Message
from recsys.splitting import Holdout
from recsys.storage.checked import Count, FiniteFloat, Line

#: Groups that what was tried is looked at for: those that the prompt fails most.
MOST_FAILED = 3


@dataclass(frozen=True)
class Group:
    """How some users do beside others, or with one prompt beside another.

    Attributes:
        name: of the slice.
        title, description: see `Slice`.
        users: how many.
        value: their mean NDCG@10.
        other: that of everybody else; or their own with the other prompt.
        comparison: of the two, with an interval over all groups together.
    """

    name: Line
    title: Line
    description: Message
    users: Count
    value: FiniteFloat
    other: FiniteFloat
    comparison: Comparison


@dataclass(frozen=True)
class Tried:
    """What came of the variants of one kind, or of all for one group.

    Attributes:
        done: what was done to make them; of a group, to make the best.
        variants: how many were measured.
        helped: how many of them are better than the prompt they were made from beyond chance.
        best: by how much the best is, with an interval over all variants together.
        group: the name of the group they were looked at for; "" for all users.
    """

    done: Line
    variants: Count
    helped: Count
    best: Comparison
    group: Line = ""


@dataclass(frozen=True)
class Explanation:
    """The end of a search in numbers; `account.py` has the sentences.

    Attributes:
        groups: how the prompt at the start ranks for each group of test users beside all others.
        tried: by kind of change, on the users searched.
        tried_for: the same for the groups that the prompt fails most.
        steps: the changes that made the leader, one after the other.
        refused: how many variants were refused, by what they copy.
        gains: the winner beside the start, by group of users that the search never saw.
    """

    groups: tuple[Group, ...]
    tried: tuple[Tried, ...]
    tried_for: tuple[Tried, ...]
    steps: tuple[Tried, ...]
    refused: dict[Line, Count]
    gains: tuple[Group, ...]

    @property
    def failed(self) -> list[Group]:
        """The groups that the prompt fails beyond chance, the worst first."""
        return failed(self.groups)

    @property
    def served(self) -> list[Group]:
        """The groups that the prompt serves better than others beyond chance, the best first."""
        return _better(self.groups)

    @property
    def helped(self) -> list[Group]:
        """The groups that the winner helps beyond chance, those that it helps most first."""
        return _better(self.gains)


@dataclass(frozen=True, eq=False)
class Attempt:
    """A variant that was measured.

    Attributes:
        done: what was done to make it.
        gains: (users,) how much better it is than the prompt it was made from, in NDCG@10, for
            the first so many of the users searched.
        kept: whether the search went on from it.
    """

    done: str
    gains: np.ndarray
    kept: bool = False


def explained(
    start: tuple[Holdout, np.ndarray],
    winner: tuple[Holdout, np.ndarray, np.ndarray],
    searched: Holdout,
    attempts: Sequence[Attempt],
    refused: Mapping[str, int],
) -> Explanation:
    """Compare what a search measured, group by group.

    Args:
        start: test users, and the NDCG@10 (n,) of each under the prompt at the start.
        winner: users that the search never saw, their NDCG@10 (m,) under the winner and the start.
        searched: the users searched, in order.
    """
    groups = beside_others(*start)
    names = [group.name for group in failed(groups)[:MOST_FAILED]]
    slices = _slices(searched)
    masks = {name: slices[name].mask for name in names if name in slices}
    compared = compare_pairs(*_side_by_side(attempts)) if attempts else []
    together = list(zip(attempts, compared, strict=True))
    return Explanation(
        groups,
        _by_kind(together),
        tried_by_group(attempts, masks),
        tuple(_tried(attempt.done, [one], "") for attempt, one in together if attempt.kept),
        dict(refused),
        gains_by_group(*winner),
    )


def failed(groups: Iterable[Group]) -> list[Group]:
    """The groups that are worse than all others beyond chance, the worst first."""
    worse = [group for group in groups if group.comparison.high < 0]
    return sorted(worse, key=lambda group: group.comparison.delta)


def _better(groups: Iterable[Group]) -> list[Group]:
    better = [group for group in groups if group.comparison.low > 0]
    return sorted(better, key=lambda group: -group.comparison.delta)


def beside_others(holdout: Holdout, values: np.ndarray) -> tuple[Group, ...]:
    """How each group of users does beside everybody else, by a value each (n,)."""
    slices = _slices(holdout)
    if not slices:
        return ()
    masks = np.stack([part.mask for part in slices.values()])
    compared = compare_groups(values, masks)
    return tuple(
        _group(name, part, values[part.mask], values[~part.mask], comparison)
        for (name, part), comparison in zip(slices.items(), compared, strict=True)
    )


def gains_by_group(holdout: Holdout, after: np.ndarray, before: np.ndarray) -> tuple[Group, ...]:
    """What each group of users gains, by a value each (n,) after and before."""
    slices = _slices(holdout)
    if not slices:
        return ()
    masks = np.stack([part.mask for part in slices.values()])
    compared = compare_pairs(np.tile(after - before, (len(masks), 1)), masks)
    return tuple(
        _group(name, part, after[part.mask], before[part.mask], comparison)
        for (name, part), comparison in zip(slices.items(), compared, strict=True)
    )


def _by_kind(together: Iterable[tuple[Attempt, Comparison]]) -> tuple[Tried, ...]:
    """What came of each kind of change, the kind with most variants first."""
    kinds: dict[str, list[Comparison]] = {}
    for attempt, comparison in together:
        kinds.setdefault(attempt.done, []).append(comparison)
    ordered = sorted(kinds.items(), key=lambda kind: -len(kind[1]))
    return tuple(_tried(done, of, "") for done, of in ordered)


def tried_by_group(
    attempts: Sequence[Attempt], masks: Mapping[str, np.ndarray]
) -> tuple[Tried, ...]:
    """What came of all variants for each of some groups (n,) bool of the users searched."""
    if not attempts:
        return ()
    gains, asked = _side_by_side(attempts)
    n = gains.shape[1]
    rows = [
        (name, place)
        for name, mask in masks.items()
        for place in range(len(attempts))
        if (asked[place] & mask[:n]).any()
    ]
    if not rows:
        return ()
    places = [place for _, place in rows]
    within = np.stack([masks[name][:n] for name, _ in rows]) & asked[places]
    compared = compare_pairs(gains[places], within)
    found: dict[str, list[tuple[Comparison, str]]] = {}
    for (name, place), comparison in zip(rows, compared, strict=True):
        found.setdefault(name, []).append((comparison, attempts[place].done))
    return tuple(
        _tried(_best(of)[1], [comparison for comparison, _ in of], name)
        for name, of in found.items()
    )


def _slices(holdout: Holdout) -> dict[str, Slice]:
    """Groups by history length, and by kind and years of the next item.

    One that is everybody, or the same users as one before it, is left out.
    """
    found = {f"history: {name}": part for name, part in by_history_length(holdout).items()}
    seen = {b"\1" * len(holdout.users)}
    slices = {}
    for name, part in (found | by_target(holdout)).items():
        if (users := part.mask.tobytes()) not in seen:
            seen.add(users)
            slices[name] = part
    return slices


def _group(
    name: str, part: Slice, values: np.ndarray, others: np.ndarray, comparison: Comparison
) -> Group:
    mean, other = float(values.mean()), float(others.mean())
    return Group(name, part.title, part.description, len(values), mean, other, comparison)


def _side_by_side(attempts: Sequence[Attempt]) -> tuple[np.ndarray, np.ndarray]:
    """The gains of all attempts (m, n), and which users each was measured on."""
    n = max(len(attempt.gains) for attempt in attempts)
    gains = np.zeros((len(attempts), n))
    asked = np.zeros((len(attempts), n), dtype=bool)
    for place, attempt in enumerate(attempts):
        gains[place, : len(attempt.gains)] = attempt.gains
        asked[place, : len(attempt.gains)] = True
    return gains, asked


def _tried(done: str, compared: Sequence[Comparison], group: str) -> Tried:
    helped = sum(comparison.low > 0 for comparison in compared)
    best = _best([(comparison, "") for comparison in compared])[0]
    return Tried(done, len(compared), helped, best, group)


def _best(found: Sequence[tuple[Comparison, str]]) -> tuple[Comparison, str]:
    """The best of those that help beyond chance; where none does, of all."""
    return max(found, key=lambda one: (one[0].low > 0, one[0].delta))
