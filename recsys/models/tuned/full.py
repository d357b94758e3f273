"""Full fine-tuning: all weights of a language model are trained."""

from __future__ import annotations

from typing import ClassVar

import torch

from recsys.language_models import folder_of
from recsys.models.base import Optimisation
from recsys.models.tuned.base import TunedRecommender
from recsys.models.tuned.language import TextModel
from recsys.schema import N_


class FullTuning(TunedRecommender):
    """All weights of the language model, the vectors of `{{ soft(n) }}`, and the item head.

    Pre-trained weights need a small learning rate, the new item head a large one: it learns
    `head_gain` times faster.
    """

    name: ClassVar[str] = "full"
    title: ClassVar[str] = N_("Full fine-tuning")
    summary: ClassVar[str] = N_(
        "Trains every weight of the language model. The slowest, and the largest to save."
    )
    optimisation: ClassVar[Optimisation] = Optimisation(epochs=40, learning_rate=2e-5, patience=10)
    head_gain: ClassVar[float] = 50.0

    def language_model(self, device: torch.device) -> TextModel:
        model = TextModel(folder_of(self.config.language_model), device)
        model.module.requires_grad_(True)
        return model
