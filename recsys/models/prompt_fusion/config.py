"""Settings of the flagship."""

from __future__ import annotations

from dataclasses import dataclass, replace

from recsys.dataset import Dataset
from recsys.language_models import DEFAULT_LANGUAGE_MODEL
from recsys.models.sequences import is_dense
from recsys.prompts import LIBRARY, Template


@dataclass(frozen=True)
class PromptFusionConfig:
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

    prompt: str = ""
    language_model: str = DEFAULT_LANGUAGE_MODEL
    dimension: int = 0
    layers: int = 2
    heads: int = 2
    dropout: float = 0.3
    length: int = 128
    batch_positions: int = 0
    intent_share: float = 0.25
    small_talk_share: float = 0.1
    forget_share: float = 0.05
    other_prompt_share: float = 0.25
    guidance: float = 2.0

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
