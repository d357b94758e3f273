"""The ways in which a trained model is read when prompts are measured on it."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.models.base import Recommender
from recsys.schema import N_


@dataclass(frozen=True)
class ReadingMode:
    """A way to read a model.

    Attributes:
        key: as the command line calls it.
        title: what people read (a gettext template).
        history_weight: as in `Queries`.
    """

    key: str
    title: str
    history_weight: float


#: The prompt alone.
WORDS = ReadingMode("words", N_("What the words say"), 0.0)
#: As lists are made: with all that the model knows.
WHOLE = ReadingMode("whole", N_("On top of the history"), 1.0)

#: Why an edit counts for much in one of them, and for less in the other.
WHY_THEY_DIFFER = N_(
    "What the words say: the model knows nothing of a person but their prompt. On top of the "
    "history: it has read the history anyway, so that words about the same history add less."
)


def modes_of(model: Recommender) -> tuple[ReadingMode, ...]:
    """The ways in which a model can be read; the last is how lists are made."""
    return (WORDS, WHOLE) if model.weighs_history else (WHOLE,)
