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
    share_of_training,
)
from recsys.prompts import LIBRARY, Template
from recsys.schema import N_, ConfigError

_OTHER_PROMPT_SHARE = share_of_training(
    N_("Share of batches with another prompt"),
    N_("How often it is trained with another template, so that an edited one is nothing new."),
)

_MEMORIES = Setting(N_("Parts of the longest history"), minimum=1, maximum=64, shown="config")
_COUNTING_WEIGHT = Setting(N_("Weight of counting"), minimum=0.0, maximum=1e6, shown="config")
_COUNTING_FACTORS = Setting(N_("Factors tried for the weight of counting"), shown="config")
_PROMPTED_POSITIONS = Setting(
    N_("Positions of an epoch with a prompt"), minimum=1, maximum=1e9, shown="config"
)
_WORDS_ONLY_SHARE = Setting(
    N_("Share of items known by their words alone"), minimum=0.0, maximum=0.95, shown="config"
)
_COLD_START_EVENTS = Setting(
    N_("Events of a new user at most"), minimum=1, maximum=10_000, shown="config"
)
_COLD_START_MARGIN = Setting(
    N_("Margin of the network over the cold-start blend"),
    minimum=1.0,
    maximum=100.0,
    shown="config",
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
        memories: the mean of several states is scored with, read from the last `length` events and
            from one part in so many of them. On the validation users of MovieLens: NDCG@10 .091,
            against .087 with `length` alone.
        counting_weight: β while the network learns what the item-to-item scores leave to learn.
        counting_factors: by what β is multiplied after training, where that ranks better on the
            validation users.
        prompted_positions: positions of an epoch that read a prompt, about. What a prompt adds is
            learned from few of them; on large data most batches train the sequence encoder alone,
            which is twice as fast.
        words_only_share: the share of items that have no vector of their own at each training
            step, so that items without events can be told by their words (Volkovs et al. 2017,
            "DropoutNet").
        cold_start_events: users with fewer events are scored by the cold-start blend.
        cold_start_margin: where validation users with few events are ranked so many times better
            by the network alone that it shows in the mean, the blend is for nobody.

    Raises:
        ConfigError: if a value is not allowed.
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
    memories: Annotated[tuple[int, ...], _MEMORIES] = (1, 2, 4, 8)
    counting_weight: Annotated[float, _COUNTING_WEIGHT] = 128.0
    counting_factors: Annotated[tuple[float, ...], _COUNTING_FACTORS] = (
        1.0,
        0.0,
        0.25,
        0.5,
        1.5,
        2.0,
    )
    prompted_positions: Annotated[int, _PROMPTED_POSITIONS] = 100_000
    words_only_share: Annotated[float, _WORDS_ONLY_SHARE] = 0.1
    cold_start_events: Annotated[int, _COLD_START_EVENTS] = 15
    cold_start_margin: Annotated[float, _COLD_START_MARGIN] = 1.2

    def __post_init__(self) -> None:
        super().__post_init__()
        check_heads(self.dimension, self.heads)
        factors = self.counting_factors
        if not all(isinstance(factor, int | float) and 0 <= factor <= 100 for factor in factors):
            raise ConfigError(
                N_("The factors tried for the weight of counting have to be numbers from 0 to 100.")
            )
        if not self.memories:
            raise ConfigError(N_("At least one part of the longest history has to be read."))

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
