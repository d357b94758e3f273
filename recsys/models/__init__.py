"""The recommenders. To add one, write its file and add a line to `MODELS`.

A model that others can build on has its line in `BACKBONES` instead, which is part of `MODELS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recsys.models.backbones import BACKBONES
from recsys.models.base import Queries, Recommender
from recsys.models.ease import Ease
from recsys.models.ncf import NeuralCollaborativeFiltering
from recsys.models.popularity import Popularity
from recsys.models.prompt_fusion import PromptFusionRecommender
from recsys.models.prompt_tuned import PromptTuned
from recsys.models.slit import Slit
from recsys.models.tuned import FullTuning, Lora, SoftPrompt
from recsys.models.zero_shot import ZeroShot

__all__ = ["MODELS", "Queries", "Recommender", "make"]

#: Every model by its name, the simplest first and the flagship last.
MODELS: dict[str, type[Recommender]] = {
    "popularity": Popularity,
    "ease": Ease,
    "slit": Slit,
    **BACKBONES,
    "ncf": NeuralCollaborativeFiltering,
    "zero-shot": ZeroShot,
    "full": FullTuning,
    "lora": Lora,
    "soft-prompt": SoftPrompt,
    "prompt-tuned": PromptTuned,
    "prompt-fusion": PromptFusionRecommender,
}


def make(name: str, settings: Mapping[str, Any]) -> Recommender:
    """An untrained model with some settings given, the others at their defaults.

    Args:
        name: a key of `MODELS`.

    Raises:
        ConfigError: if it has no such setting, or a value is not allowed.
    """
    return MODELS[name].configured(settings)
