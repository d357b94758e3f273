"""Prompt tuning: vectors in the prompt are trained through a language model that stays frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch

from recsys.language_models import folder_of
from recsys.models.base import Optimisation
from recsys.models.shared_settings import internal
from recsys.models.tuned.base import TunedRecommender
from recsys.models.tuned.config import TuningConfig
from recsys.models.tuned.language import TextModel, frozen
from recsys.schema import N_


@dataclass(frozen=True)
class SoftPromptConfig(TuningConfig):
    """Settings of `SoftPrompt`.

    Attributes:
        vectors_in_front: trained vectors in front of a prompt whose template has no place for any.
    """

    vectors_in_front: Annotated[int, internal(N_("Trained vectors in front"), 1, 256)] = 8


class SoftPrompt(TunedRecommender):
    """Prompt tuning (Lester, Al-Rfou & Constant 2021) against the recommendation loss.

    Trained are the vectors where the template has `{{ soft(n) }}`, the first ones being those of
    words (peft's `PromptEmbedding`), and the item head. A template without `soft` gets some in
    front.
    """

    name: ClassVar[str] = "soft-prompt"
    title: ClassVar[str] = N_("Soft prompt")
    summary: ClassVar[str] = N_(
        "The textbook method: trains a few vectors inside the prompt, through a frozen language "
        "model. Slow, because every example passes through the language model."
    )
    optimisation: ClassVar[Optimisation] = Optimisation(epochs=40, learning_rate=1e-3, patience=10)

    config: SoftPromptConfig

    @classmethod
    def default_config(cls) -> SoftPromptConfig:
        return SoftPromptConfig()

    def language_model(self, device: torch.device) -> TextModel:
        return frozen(folder_of(self.config.language_model), device)

    def n_vectors(self) -> int:
        return self.template.soft_tokens or self.config.vectors_in_front
