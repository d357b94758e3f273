"""Settings of the flagship."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from recsys.dataset import Dataset
from recsys.language_models import DEFAULT_LANGUAGE_MODEL
from recsys.models.sequences import is_dense
from recsys.models.settings import ModelConfig
from recsys.models.shared_settings import (
    BATCH_POSITIONS,
    DIMENSION,
    DROPOUT,
    FORGET_SHARE,
    GUIDANCE,
    HEADS,
    HISTORY_DROPOUT,
    INTENT_SHARE,
    LANGUAGE_MODEL,
    LAYERS,
    LENGTH,
    PROMPT,
    SMALL_TALK_SHARE,
    WISH_STRENGTH,
    check_heads,
    internal,
    share_of_training,
)
from recsys.prompts import LIBRARY, Template
from recsys.schema import N_, ConfigError

_OTHER_PROMPT_SHARE = share_of_training(
    N_("Share of batches with another prompt"),
    N_("How often it is trained with another template, so that an edited one is nothing new."),
)

_MEMORIES = internal(N_("Parts of the longest history"), 1, 64)
_COUNTING_WEIGHT = internal(N_("Weight of counting"), 0.0, 1e6)
_COUNTING_FACTORS = internal(N_("Factors tried for the weight of counting"), 0.0, 100.0)
_COUNTING_NEIGHBOURS = internal(N_("Item-to-item weights kept for each item"), 1, 100_000)
_COUNTING_FOLDS = internal(N_("Folds of users for held-out counting"), 2, 100)
_COUNTING_HELD_OUT = internal(N_("Held-out scores kept at each event"), 1, 10_000)
_PROMPTED_POSITIONS = internal(N_("Positions of an epoch with a prompt"), 1, 1e9)
_WORDS_ONLY_SHARE = internal(N_("Share of items known by their words alone"), 0.0, 0.95)
_COLD_START_EVENTS = internal(N_("Events of a new user at most"), 1, 10_000)
_COLD_START_MARGIN = internal(N_("Margin of the network over the cold-start blend"), 1.0, 100.0)
_COLD_START_PRIOR = internal(N_("Prior events of the network in the cold-start blend"), 0.0, 1e4)
_COLD_START_EASE = internal(N_("Weight of EASE in the cold-start blend"), 0.0, 1e6)
_COLD_START_RIDGE = internal(N_("Regularisation of EASE in the cold-start blend"), 1e-6, 1e9)
_COLD_START_TASTE = internal(N_("Events that a taste told in words stands for"), 0.0, 1e4)
_NEW_ITEM_NEIGHBOURS = internal(N_("Neighbours of a new item"), 1, 10_000)
_NEW_ITEM_TEMPERATURE = internal(N_("Temperature of the neighbours of a new item"), 1e-3, 100.0)
_NEW_ITEM_COMPARED = internal(N_("Items that a new item is compared with"), 1, 100_000)
_NEW_ITEM_SCALE = internal(N_("Score scale of new items"), 0.0, 1e6)


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
        forget_share: the share of positions of which nothing is known, in the prompt neither, as
            of somebody new.
        history_dropout: the share of positions that are read a second time, when all that is read
            of the history is what the prompt says of it, so that a prompt can be read alone.
        other_prompt_share: the share of batches that read another template of the library, so
            that the model generalises to edited prompts.
        guidance: how far a wish moves the query; 1 is as trained (Ho & Salimans 2022).
        memories: scores are made with the mean of several states: for each number here, that of the
            last `length` / number events. On the validation users of MovieLens: NDCG@10 .091,
            against .087 with `length` alone.
        counting_weight: β, the weight of the item-to-item scores, during training.
        counting_factors: by what β is multiplied after training, where that ranks better on the
            validation users.
        counting_neighbours: item-to-item weights of SLIT, and of EASE in the cold-start blend, that
            are kept for each item, the largest in size; not tuned.
        counting_folds: parts into which the users are cut; the events of each part are scored with
            weights from the others, see `HeldOutScores`; not tuned.
        counting_held_out: held-out scores that are kept at each event, the highest; not tuned. With
            held-out scores at all: NDCG@10 .110 on the validation users of MovieLens, .104 without.
        prompted_positions: positions of an epoch that read a prompt, about. What a prompt adds is
            learned from few of them; on large data most batches train the sequence encoder alone,
            which is twice as fast.
        words_only_share: the share of items that have no vector of their own at each training
            step, so that items without events are ranked by their texts (Volkovs et al. 2017,
            "DropoutNet").
        cold_start_events: users with fewer events are scored by the cold-start blend.
        cold_start_margin: where validation users with few events are ranked so many times better
            by the network alone that it shows in the mean, the blend is left out.
        cold_start_prior_events: p in the weight of the network, ((events + p) / (most + p))² for
            `cold_start_events` as most; 0 without events. The network ranks the next item of an
            unknown user well, but ranks what comes later below popularity for users of up to 4
            events; this keeps part of the former, and gains the latter.
        cold_start_ease_weight, cold_start_regularisation: the weight of an EASE score beside the
            logarithm of popularity, and the ridge of that EASE, stronger than for histories of any
            length. Chosen, with the root in `cold_start._event_weights`, on two splits of
            MovieLens that no benchmark uses: NDCG@10 .107 and .119 after one event and three, where
            popularity has .095.
        cold_start_taste_events: a stated taste weighs as much as so many events; not tuned.
        new_item_neighbours, new_item_temperature: the items whose mean an item without events is
            taken for, and how fast their weight falls with the distance (in cosines); not tuned.
        new_item_compared, new_item_scale: the number of known items, the nearest, that a new one is
            compared with, and what a score gains for each cosine by which the history is nearer
            than the last of these. Chosen on two splits of MovieLens that no benchmark uses: new
            items are listed about as often as others, and among them NDCG@10 is .114, against .087
            by the texts of the history alone and .100 by neighbours alone.
        wish_strength: what a named value adds, before training, to the scores of the items that
            have it, so that a wish is followed even where there is too little data to learn it.

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
    history_dropout: Annotated[float, HISTORY_DROPOUT] = 0.1
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
    counting_neighbours: Annotated[int, _COUNTING_NEIGHBOURS] = 200
    counting_folds: Annotated[int, _COUNTING_FOLDS] = 4
    counting_held_out: Annotated[int, _COUNTING_HELD_OUT] = 100
    prompted_positions: Annotated[int, _PROMPTED_POSITIONS] = 100_000
    words_only_share: Annotated[float, _WORDS_ONLY_SHARE] = 0.1
    cold_start_events: Annotated[int, _COLD_START_EVENTS] = 15
    cold_start_margin: Annotated[float, _COLD_START_MARGIN] = 1.2
    cold_start_prior_events: Annotated[float, _COLD_START_PRIOR] = 5.0
    cold_start_ease_weight: Annotated[float, _COLD_START_EASE] = 60.0
    cold_start_regularisation: Annotated[float, _COLD_START_RIDGE] = 1000.0
    cold_start_taste_events: Annotated[float, _COLD_START_TASTE] = 10.0
    new_item_neighbours: Annotated[int, _NEW_ITEM_NEIGHBOURS] = 30
    new_item_temperature: Annotated[float, _NEW_ITEM_TEMPERATURE] = 0.1
    new_item_compared: Annotated[int, _NEW_ITEM_COMPARED] = 200
    new_item_scale: Annotated[float, _NEW_ITEM_SCALE] = 32.0
    wish_strength: Annotated[float, WISH_STRENGTH] = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_heads(self.dimension, self.heads)
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
