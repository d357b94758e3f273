"""Language models: found on this machine, converted and loaded once, their vectors cached."""

from __future__ import annotations

from functools import lru_cache

from recsys.language_models.encoder import Encoder, Progress
from recsys.language_models.loading import load_tokenizer, load_transformer
from recsys.language_models.registry import (
    DEFAULT_LANGUAGE_MODEL,
    LANGUAGE_MODELS,
    LanguageModel,
    cannot_read,
    describe,
    first_that_reads,
    folder_of,
    is_installed,
    known_names,
    needs_conversion,
)

__all__ = [
    "DEFAULT_LANGUAGE_MODEL",
    "LANGUAGE_MODELS",
    "Encoder",
    "LanguageModel",
    "Progress",
    "cannot_read",
    "describe",
    "first_that_reads",
    "folder_of",
    "is_installed",
    "known_names",
    "load_encoder",
    "load_tokenizer",
    "load_transformer",
    "needs_conversion",
]


@lru_cache(maxsize=4)
def load_encoder(name: str = DEFAULT_LANGUAGE_MODEL) -> Encoder:
    """The language model called `name` as an encoder; weights are read when first needed.

    Args:
        name: as `describe` takes it.

    Raises:
        LanguageModelError: if it cannot be had on this machine; says what to do.
    """
    return Encoder(name, folder_of(name))
