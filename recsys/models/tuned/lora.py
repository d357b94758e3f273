"""LoRA: low-rank changes to a frozen language model are trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch

from recsys.language_models import folder_of
from recsys.models.base import Optimisation
from recsys.models.settings import Setting
from recsys.models.tuned.base import TunedRecommender
from recsys.models.tuned.config import TuningConfig
from recsys.models.tuned.language import TextModel
from recsys.schema import N_


@dataclass(frozen=True)
class LoraTuningConfig(TuningConfig):
    """Settings of `Lora`; `alpha / rank` is how far the adapters move the weights."""

    rank: Annotated[
        int,
        Setting(
            N_("Rank"),
            N_("Of the matrices that are trained beside the language model's own."),
            minimum=1,
            maximum=1_024,
        ),
    ] = 8
    alpha: Annotated[
        int,
        Setting(
            N_("Alpha"),
            N_("Divided by the rank, how far the adapters move the weights."),
            minimum=1,
            maximum=4_096,
        ),
    ] = 16


class Lora(TunedRecommender):
    """Low-rank adapters in the attention layers (Hu et al. 2022), through `peft`.

    Trained are the adapters, the vectors where the template has `{{ soft(n) }}`, and the head.
    """

    name: ClassVar[str] = "lora"
    title: ClassVar[str] = N_("LoRA")
    summary: ClassVar[str] = N_(
        "Trains small adapters inside the language model. Slow, because every example passes "
        "through the language model."
    )
    optimisation: ClassVar[Optimisation] = Optimisation(epochs=40, learning_rate=1e-3, patience=10)

    config: LoraTuningConfig

    @classmethod
    def default_config(cls) -> LoraTuningConfig:
        return LoraTuningConfig()

    def language_model(self, device: torch.device) -> TextModel:
        from peft import LoraConfig, get_peft_model
        from peft.utils import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as TARGETS

        model = TextModel(folder_of(self.config.language_model))
        kind = str(model.config.model_type)
        settings = LoraConfig(
            r=self.config.rank,
            lora_alpha=self.config.alpha,
            target_modules=list(TARGETS[kind]) if kind in TARGETS else "all-linear",
            fan_in_fan_out=kind == "gpt2",  # its layers hold their weights transposed
        )
        get_peft_model(model.module, settings)  # puts them in place
        model.module.to(device)
        return model
