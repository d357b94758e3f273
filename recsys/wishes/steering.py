"""Scores that follow a wish: items that have what is asked for come before all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from recsys.wishes.reader import WishReader

#: How far a clear wish lifts items, in ranges of a user's scores from the lowest to the highest:
#: more than 1, so that the items asked for pass all others, also by what is meant beside a name,
#: which weighs .82.
STEERING = 1.25
#: The same in nats, where scores are in nats and nothing is known of a person: what is understood
#: of a request is then evidence beside its words. Chosen with the weights of `free_text`.
_NATS = 4.0


@runtime_checkable
class FollowsWishes(Protocol):
    """A model whose `score` follows `Queries.intent` by itself, with a reader that it saved."""

    @property
    def wish_reader(self) -> WishReader:
        """Reads what a text asks for of the catalogue that the model was trained on."""


def steered(
    scores: np.ndarray, bonus: np.ndarray | None, unknown: np.ndarray | None = None
) -> np.ndarray:
    """Scores (n, n_items) with what is clearly asked for ahead; as they are without a bonus.

    A network learns to follow a wish from training events, of which there are few
    for rare values, and a model without words learns nothing of it. Here an item that
    has all of a clear wish passes those that have not; among such items the user's own scores
    decide, as they did before.

    Args:
        bonus: (n, n_items) or (1, n_items), see `WishReader.bonus`.
        unknown: (n, 1) of scores in nats, how little is known of each user, see `prior.unknown`.
    """
    if bonus is None:
        return scores
    spread = scores.max(1, keepdims=True) - scores.min(1, keepdims=True)  # (n, 1), of each user
    spread = np.where(spread > 0, spread, np.float32(1))  # nothing is known: all scores are equal
    lift = STEERING * spread
    if unknown is not None:
        lift = (1 - unknown) * lift + unknown * np.float32(_NATS)
    lifted: np.ndarray = scores + lift * bonus
    return lifted
