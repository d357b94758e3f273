"""Prompt-tuning in two stages: a trained backbone, frozen, and a prompt that moves it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import torch
from torch import nn

from recsys.dataset import Dataset
from recsys.defaults import DEFAULT_BACKBONE
from recsys.language_models import DEFAULT_LANGUAGE_MODEL, Progress
from recsys.models.backbones import BACKBONES, can_be_built_on
from recsys.models.base import BackboneRecommender, GradientRecommender, Optimisation, Queries
from recsys.models.batches import SoftmaxBatch
from recsys.models.prompt_side.intent_draws import IntentDraws
from recsys.models.prompt_side.network import PromptConfig, PromptFusion
from recsys.models.prompt_side.side import PromptSide
from recsys.models.prompt_side.told import known_of, weighed
from recsys.models.prompt_side.trained_vectors import as_sentence
from recsys.models.sequences import batch_size
from recsys.models.settings import ModelConfig, Setting
from recsys.models.shared_settings import (
    BATCH_POSITIONS,
    FORGET_SHARE,
    GUIDANCE,
    HEADS,
    INTENT_SHARE,
    LANGUAGE_MODEL,
    PROMPT,
    SMALL_TALK_SHARE,
    WISH_STRENGTH,
    internal,
)
from recsys.models.soft_words import NearWord
from recsys.models.word_swaps import WordSwap
from recsys.prompts import LIBRARY, Template
from recsys.prompts.contexts.reading import Reading
from recsys.schema import N_, ConfigError
from recsys.splitting import first_meetings
from recsys.storage.former_names import SETTINGS, renamed
from recsys.wishes.facets import Facets
from recsys.wishes.reader import WishReader
from recsys.wishes.steering import steered

_BACKBONE = Setting(
    N_("Backbone"),
    N_("It is frozen; only the prompt is tuned on top of it."),
    maximum=100,
    shown="first",
    widget="backbone",
    metavar="MODEL|RUN",
)
_BACKBONE_SETTINGS = Setting(N_("Settings of the backbone"), shown="config")
_STRENGTHS = internal(N_("Strengths of the prompt that are tried"), 0.0, 100.0)


@dataclass(frozen=True)
class PromptTunedConfig(ModelConfig):
    """Settings of `PromptTuned`.

    Attributes:
        prompt: the source of the template it is tuned with; "" for the library's `sequential`.
        backbone: a key of `BACKBONES`.
        backbone_settings: (name, value) of the settings of the backbone that are not its own.
        language_model: as `recsys.language_models.describe` takes it.
        batch_positions: training positions in a batch; fewer on little data.
        intent_share, small_talk_share: the shares of positions that are trained with a wish for an
            attribute of their own target, and with words that ask for nothing.
        forget_share: the share of positions at which the backbone's query is left out, so
            that the query depends on the prompt alone.
        guidance: how far a wish moves the query; 1 is as trained (Ho & Salimans 2022).
        strengths: how far the prompt may move a query, tried after training on the validation
            users; 1 is as trained.
        wish_strength: what a named value adds, before training, to the scores of the items that
            have it.

    Raises:
        ConfigError: if there is no such backbone, or it does not learn which items are met.
    """

    prompt: Annotated[str, PROMPT] = ""
    backbone: Annotated[str, _BACKBONE] = DEFAULT_BACKBONE
    backbone_settings: Annotated[tuple[tuple[str, Any], ...], _BACKBONE_SETTINGS] = ()
    language_model: Annotated[str, LANGUAGE_MODEL] = DEFAULT_LANGUAGE_MODEL
    heads: Annotated[int, HEADS] = 2
    batch_positions: Annotated[int, BATCH_POSITIONS] = 2048
    intent_share: Annotated[float, INTENT_SHARE] = 0.25
    small_talk_share: Annotated[float, SMALL_TALK_SHARE] = 0.1
    forget_share: Annotated[float, FORGET_SHARE] = 0.1
    guidance: Annotated[float, GUIDANCE] = 2.0
    strengths: Annotated[tuple[float, ...], _STRENGTHS] = (0.5, 1.0, 1.5, 2.0)
    wish_strength: Annotated[float, WISH_STRENGTH] = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        pairs = tuple((str(name), value) for name, value in self.backbone_settings)
        object.__setattr__(self, "backbone_settings", pairs)
        if self.backbone not in BACKBONES:
            raise ConfigError(
                N_('There is no backbone called "{name}". Choose one of: {names}.'),
                name=self.backbone,
                names=", ".join(BACKBONES),
            )
        if not can_be_built_on(self.backbone, dict(pairs)):
            raise ConfigError(
                N_(
                    "A model that learned ratings cannot be tuned by a prompt. Choose one that "
                    "learned which items are met."
                )
            )

    @property
    def template(self) -> Template:
        """The template, parsed."""
        return Template.parse(self.prompt) if self.prompt else LIBRARY["sequential"]


class PromptTuningNetwork(nn.Module):
    """The prompt side, trained, around a backbone, frozen."""

    def __init__(self, backbone: nn.Module, prompt: PromptConfig) -> None:
        super().__init__()
        self.backbone = backbone.requires_grad_(False)
        self.prompt = PromptFusion(prompt)


class PromptTuned(GradientRecommender):
    """R_ui = (Q_u + F(prompt of u))ᵀK_i + b_i, with Q, K and b those of a trained backbone.

    First a backbone is trained, or one is taken that is there. Then it is frozen, and
    only F is trained, against the same loss through the frozen keys: a soft prompt, the sentences
    of the template as a frozen language model reads them, and its list variables. F begins at
    zero, so that tuning starts from the backbone's quality; what counts is the gain over it.
    """

    name: ClassVar[str] = "prompt-tuned"
    title: ClassVar[str] = N_("Prompt-tuned backbone")
    summary: ClassVar[str] = N_(
        "Trains a backbone first, freezes it, then tunes only your prompt on top of it. "
        "Reports what the prompt adds."
    )
    reads_prompts: ClassVar[bool] = True
    weighs_history: ClassVar[bool] = True
    calibrates: ClassVar[bool] = True
    optimisation: ClassVar[Optimisation] = Optimisation(
        epochs=4, learning_rate=3e-3, weight_decay=1.0
    )

    network: PromptTuningNetwork

    def __init__(self, config: PromptTunedConfig | None = None) -> None:
        self.config = config or PromptTunedConfig()
        self.template = self.config.template
        chosen = dict(self.config.backbone_settings)
        self._backbone = BACKBONES[self.config.backbone].configured(chosen)
        self.strength = 1.0

    @property
    def backbone(self) -> BackboneRecommender:
        return self._backbone

    def pretraining(self) -> BackboneRecommender | None:
        return None if hasattr(self._backbone, "network") else self._backbone

    def build_on(self, backbone: BackboneRecommender) -> None:
        self._backbone = backbone

    def prepare(
        self,
        train: Dataset,
        *,
        seed: int,
        device: torch.device | str = "cpu",
        progress: Progress | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self._side = PromptSide.fit(train, self.config.language_model, self.template, progress)
        facets = self._side.facets
        self._backbone.network.to(device)  # that of another run was loaded on the CPU
        self._build()
        self._start_wishes(facets)
        self.network.to(device)
        self._draws = IntentDraws(facets, self.config.intent_share, self.config.small_talk_share)
        self._train = train
        self._events = np.flatnonzero(first_meetings(train))
        self._states = self._backbone.training_queries(train)  # (n_events, d)
        self._nothing = self._backbone.empty_query()  # (d,)
        self._rng = np.random.default_rng(seed)

    def _build(self) -> None:
        """The network around the backbone and the vectors of the language model."""
        self._keys, self._bias = self._backbone.keys(), self._backbone.biases()
        sizes = self._side.sizes(self._keys.shape[1], self.config.heads)
        self.network = PromptTuningNetwork(self._backbone.network, sizes)
        self._side.attach(self.network)

    @torch.no_grad()
    def _start_wishes(self, facets: Facets) -> None:
        """A wish begins as the direction from all items to those that have its value."""
        counts = np.maximum(np.asarray(facets.held.sum(0)).ravel(), 1)
        centred = (self._keys - self._keys.mean(0)).cpu().numpy()
        means = (facets.held.T @ centred) / counts[:, None]  # (n_values, d)
        squares = np.square(means).sum(1, keepdims=True) + 1e-6
        directions = self.config.wish_strength * means / squares
        self.network.prompt.wish.copy_(torch.from_numpy(directions.astype(np.float32)))

    @property
    def positions_per_epoch(self) -> int:
        return len(self._events)

    def batches(self, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Positions of training events, (b,) each."""
        self._rng = rng
        order = rng.permutation(self._events)
        size = batch_size(self.config.batch_positions, len(order))
        for start in range(0, len(order), size):
            yield order[start : start + size]

    def forward(self, batch: np.ndarray) -> SoftmaxBatch:
        users, targets = self._train.user[batch], self._train.item[batch]
        intents = self._draws(targets, self._rng)
        reading = self._side.reader(self._train).read(
            self.template, users, batch, has_intent=intents.of >= 0
        )
        forget = torch.from_numpy(self._rng.random(len(batch)) < self.config.forget_share)
        known = self._states[torch.from_numpy(batch).to(self.device)]  # (n, d)
        states = torch.where(forget.to(self.device)[:, None], self._nothing, known)
        tokens = self._side.tokeniser.tokens(reading, intents, self._keys)
        queries = self.network.prompt(states, tokens)
        return SoftmaxBatch(
            queries, self._keys, self._bias, torch.from_numpy(targets).to(self.device)
        )

    @property
    def wish_reader(self) -> WishReader:
        return self._side.wish_reader

    def calibrate(self, measure: Callable[[], float]) -> float:
        """Choose how far the prompt moves a query."""
        measured = {}
        for strength in dict.fromkeys(
            [self.strength, *self.config.strengths]
        ):  # as trained, unless better
            self.strength = strength
            measured[strength] = measure()
        self.strength = max(measured, key=measured.__getitem__)
        return measured[self.strength]

    def calibrate_as(self, other: Self) -> None:
        self.strength = other.strength

    @torch.no_grad()  # not inference mode: the tokeniser keeps what it makes for training
    def score(self, queries: Queries) -> np.ndarray:
        self.network.eval()
        return weighed(queries, self._scores)

    def _scores(self, queries: Queries) -> np.ndarray:
        """Scores (n, n_items) by all that is known, or by the prompt alone."""
        wish, words = self._side.wish(queries)
        reading = self._side.reading(queries, words)
        vectors = self._side.guided(
            queries,
            reading,
            words,
            lambda reading, intent: self._moved(
                self._backbone.query_vectors(known_of(queries, reading)), reading, intent
            ),
            self.config.guidance,
        )
        scores = vectors @ self._keys.T + self._bias  # (n, n_items)
        bonus = self._side.tokeniser.bonus(reading, wish, queries.strength)
        return steered(scores.cpu().numpy(), bonus)

    def _moved(self, states: torch.Tensor, reading: Reading, intent: str) -> torch.Tensor:
        moved = self.network.prompt(states, self._side.tokens(reading, intent, self._keys))
        result: torch.Tensor = states + self.strength * (moved - states)
        return result

    def word_swaps(self, queries: Queries, targets: np.ndarray) -> list[WordSwap]:
        reading = self._side.reading(queries, "")
        with torch.no_grad():
            states = self._backbone.query_vectors(known_of(queries, reading))
            tokens = self._side.tokens(reading, "", self._keys)
        return self._side.word_swaps(
            self.network.prompt,
            reading,
            tokens,
            lambda moved: self.strength * self.network.prompt(states, moved),
            self.score(queries),
            self._keys,
            targets,
        )

    def soft_words(self) -> list[list[NearWord]]:
        return self._side.soft_words(self.network.prompt)

    @classmethod
    def discretised_text(cls, words: Sequence[str]) -> str:
        return " ".join(map(as_sentence, words))

    def item_vectors(self) -> np.ndarray:
        return self._keys.cpu().numpy()

    def tensors(self) -> dict[str, np.ndarray]:
        strength = np.array([self.strength], dtype=np.float32)
        return {**super().tensors(), **self._side.tensors(), "strength": strength}

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> Self:
        model = cls(PromptTunedConfig(**renamed(config, SETTINGS)))
        learned = {  # versions before called the backbone "general"
            re.sub(r"^general\.", "backbone.", name): value for name, value in tensors.items()
        }
        model._side = PromptSide.from_tensors(
            learned, data, model.config.language_model, model.template
        )
        model.strength = float(learned.pop("strength")[0])
        kind = type(model._backbone)
        frozen = {
            name.partition(".")[2]: value
            for name, value in learned.items()
            if name.startswith("backbone.")
        }
        settings = dict(model.config.backbone_settings)
        model._backbone = kind.from_tensors(settings, frozen, data)
        model._build()
        model.load_tensors(learned)
        return model
