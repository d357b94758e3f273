"""The ways in which a trained model is read when prompts are measured on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from recsys.models.base import Recommender
from recsys.schema import N_, ConfigError

#: What a way to read a model is called on the command line, and in files.
ReadingKey = Literal["words", "whole"]


@dataclass(frozen=True)
class ReadingMode:
    """A way to read a model.

    Attributes:
        key: as the command line calls it.
        title: what people read (a gettext template).
        history_weight: as in `Queries`.
    """

    key: ReadingKey
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


def mode_called(key: str, model: Recommender) -> ReadingMode:
    """The way to read a model that has a key.

    Raises:
        ConfigError: if the model cannot be read so.
    """
    for mode in modes_of(model):
        if mode.key == key:
            return mode
    raise ConfigError(
        N_("The model {model} cannot be read as “{reading}”."), model=model.name, reading=key
    )


def modes_of(model: Recommender) -> tuple[ReadingMode, ...]:
    """The ways in which a model can be read; the last is how lists are made."""
    return (WORDS, WHOLE) if model.weighs_history else (WHOLE,)
