"""What some models can do and others cannot: checked with `isinstance`, declared by its methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from recsys.models.soft_words import NearWord
from recsys.models.word_swaps import WordSwap

if TYPE_CHECKING:
    from recsys.models.base import BackboneRecommender, Queries, Recommender


@runtime_checkable
class TrainsVectors(Protocol):
    """Trains vectors that stand in its prompt."""

    def soft_words(self) -> list[list[NearWord]]:
        """The words nearest to each trained vector; [] where its template has no place for any."""

    def discretised_text(self, words: Sequence[str]) -> str:
        """Words as they are written into a prompt in place of trained vectors."""


@runtime_checkable
class PutsVectorsInFront(Protocol):
    """Puts its trained vectors in front of a prompt that has no place for any."""

    def without_vectors(self) -> Recommender:
        """The same model, one that does not; it shares all weights."""


@runtime_checkable
class ExchangesWords(Protocol):
    """Finds, by the gradient of its loss, words of a prompt to exchange for synonyms."""

    def word_swaps(self, queries: Queries, targets: np.ndarray) -> list[WordSwap]:
        """Words of the prompt to exchange for synonyms so that the targets score higher.

        Args:
            queries: n users and a prompt.
            targets: (n,) item positions, what each met next.

        Returns:
            The most promising first.
        """


@runtime_checkable
class PredictsRatings(Protocol):
    """Scores can be ratings as users give them; whether they are, `predicts_ratings` has."""

    def predict(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        """The ratings expected of users for items, pair by pair: (n,) float32.

        Args:
            users, items: (n,) positions in the training data.
        """


@runtime_checkable
class BuildsOn(Protocol):
    """Trains a part of its own on top of another model, which stays as it is."""

    def build_on(self, backbone: BackboneRecommender) -> None:
        """Take a backbone that is trained, with the settings that the config names."""


@runtime_checkable
class MeasuredOnSome(Protocol):
    """Takes seconds for the scores of one user."""

    def measured_users(self) -> int | None:
        """How many users it is measured on at most; None for all."""


def soft_words(model: Recommender) -> list[list[NearWord]]:
    """The words nearest to each trained vector of a model's prompt; [] where there are none."""
    return model.soft_words() if isinstance(model, TrainsVectors) else []


def measured_users(model: Recommender) -> int | None:
    """How many users a model is measured on at most; None for all."""
    return model.measured_users() if isinstance(model, MeasuredOnSome) else None
