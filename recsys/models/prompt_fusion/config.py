"""Settings of the flagship."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from recsys.dataset import Dataset
from recsys.language_models import DEFAULT_LANGUAGE_MODEL
from recsys.models.sequences import is_dense
from recsys.models.settings import ModelConfig, Setting
from recsys.models.shared_settings import (
    BATCH_POSITIONS,
    DIMENSION,
    DROPOUT,
    FORGET_SHARE,
    GUIDANCE,
    HEADS,
    INTENT_SHARE,
    LANGUAGE_MODEL,
    LAYERS,
    LENGTH,
    PROMPT,
    SMALL_TALK_SHARE,
    check_heads,
)
from recsys.prompts import LIBRARY, Template
from recsys.schema import N_

_OTHER_PROMPT_SHARE = Setting(
    N_("Share of batches with another prompt"),
    N_("How often it is trained with another template, so that an edited one is nothing new."),
    minimum=0.0,
    maximum=1.0,
    step=0.05,
    shown="flag",
)


@dataclass(frozen=True)
class PromptFusionConfig(ModelConfig):
    """Settings of `PromptFusionRecommender`.

    Attributes:
        prompt: the source of the template it is trained with; "" for the library's `sequential`.
        language_model: as `recsys.language_models.describe` takes it.
        dimension: width of items and states; 0 leaves it to the data, see `sized`.
        length: events that the sequence encoder sees at most.
        batch_positions: training positions in a batch at most, about; 0 leaves it to the data.
        intent_share: the share of positions that are trained with a wish for an attribute of
            their own target.
        small_talk_share: the share of positions that are trained with words that ask for nothing.
        forget_share: the share of positions at which the history is dropped whole, so that the
            prompt alone has to do.
        other_prompt_share: the share of batches that read another template of the library, so
            that an edited prompt is nothing new to the model.
        guidance: how far a wish moves the query; 1 is as trained (Ho & Salimans 2022).
    """

    prompt: Annotated[str, PROMPT] = ""
    language_model: Annotated[str, LANGUAGE_MODEL] = DEFAULT_LANGUAGE_MODEL
    dimension: Annotated[int, replace(DIMENSION, automatic=0)] = 0
    layers: Annotated[int, LAYERS] = 2
    heads: Annotated[int, HEADS] = 2
    dropout: Annotated[float, DROPOUT] = 0.3
    length: Annotated[int, LENGTH] = 128
    batch_positions: Annotated[int, replace(BATCH_POSITIONS, automatic=0)] = 0
    intent_share: Annotated[float, INTENT_SHARE] = 0.25
    small_talk_share: Annotated[float, SMALL_TALK_SHARE] = 0.1
    forget_share: Annotated[float, FORGET_SHARE] = 0.05
    other_prompt_share: Annotated[float, _OTHER_PROMPT_SHARE] = 0.25
    guidance: Annotated[float, GUIDANCE] = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_heads(self.dimension, self.heads)

    @property
    def template(self) -> Template:
        """The template, parsed."""
        return Template.parse(self.prompt) if self.prompt else LIBRARY["sequential"]

    def sized(self, train: Dataset) -> PromptFusionConfig:
        """The same settings, the sizes left open being those that suit the data."""
        dense = is_dense(train)  # then a wide network learns more
        return replace(
            self,
            dimension=self.dimension or (128 if dense else 64),
            batch_positions=self.batch_positions or (4096 if dense else 2048),
        )
