"""The flagship: a frozen, cached language model beside a sequential recommender."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import torch

from recsys.dataset import Dataset
from recsys.language_models import Progress, load_encoder
from recsys.language_models.item_texts import item_texts
from recsys.language_models.whitening import whitened
from recsys.models.base import GradientRecommender, Optimisation, Queries
from recsys.models.batches import SoftmaxBatch
from recsys.models.prompt_fusion.cold_start import ColdStartBlend, histories_are_short
from recsys.models.prompt_fusion.config import PromptFusionConfig
from recsys.models.prompt_fusion.cooccurrence import CoOccurrence
from recsys.models.prompt_fusion.held_out import HeldOutScores
from recsys.models.prompt_fusion.network import FusionNetwork
from recsys.models.prompt_fusion.new_items import NewItems
from recsys.models.prompt_fusion.states import HistoryStates
from recsys.models.prompt_fusion.times import TimeRange
from recsys.models.prompt_fusion.training_batches import TrainingBatch, TrainingBatches
from recsys.models.prompt_side.side import PromptSide
from recsys.models.prompt_side.told import known_of, told_history, weighed
from recsys.models.prompt_side.trained_vectors import as_sentence
from recsys.models.sasrec import popularity_bias
from recsys.models.sequences import is_dense
from recsys.models.soft_words import NearWord
from recsys.models.tensors import named, pop_named
from recsys.models.word_swaps import WordSwap
from recsys.prompts.contexts.reading import Reading
from recsys.schema import N_
from recsys.wishes.reader import WishReader
from recsys.wishes.steering import steered


class PromptFusionRecommender(GradientRecommender):
    """score(u, i | prompt) = q(u, prompt)ᵀ k(i) + b_i + β · SLIT(history)_i.

        k(i)         = E_i + W · LM(item text) + Σ its attribute values
        h(u, t)      = causal transformer over k of the history up to t
        q(u, prompt) = h + F(LM(prompt sentences), list variables, soft prompt)

    Item-to-item scores (SLIT) are computed in closed form and added to those of the network, which
    learns the rest; β is chosen on the validation users at the end. The language model is frozen
    and runs once for each distinct text, so that a training step costs as much as one of SASRec; a
    template is read piece by piece at every position, from the events before it. Scores of users
    with few events are blended with popularity, see `ColdStartBlend`. More: docs/models.md.
    """

    name: ClassVar[str] = "prompt-fusion"
    title: ClassVar[str] = N_("Prompt fusion")
    summary: ClassVar[str] = N_(
        "Reads titles and your prompt with a language model, and the order of events with a "
        "transformer. Follows wishes in plain words."
    )
    reads_prompts: ClassVar[bool] = True
    weighs_history: ClassVar[bool] = True
    calibrates: ClassVar[bool] = True
    optimisation: ClassVar[Optimisation] = Optimisation(
        epochs=26, learning_rate=2e-3, weight_decay=1.0
    )
    dense_optimisation: ClassVar[Optimisation] = Optimisation(
        epochs=60, learning_rate=2e-3, weight_decay=0.05
    )

    network: FusionNetwork

    def __init__(self, config: PromptFusionConfig | None = None) -> None:
        self.config = config or PromptFusionConfig()
        self.template = self.config.template
        self._time_range: TimeRange | None = None
        self._keys: tuple[torch.Tensor, torch.Tensor] | None = None
        self.blend = 0.0

    def prepare(
        self,
        train: Dataset,
        *,
        seed: int,
        device: torch.device | str = "cpu",
        progress: Progress | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self.config = self.config.sized(train)
        encoder = load_encoder(self.config.language_model)
        vectors = encoder.encode(item_texts(train), progress)
        self._side = PromptSide.fit(train, self.config.language_model, self.template, progress)
        self._training_batches = TrainingBatches(
            train, self._side.facets, self.template, self.config
        )
        self._time_range = TimeRange.of(train)
        self._build(whitened(vectors).astype(np.float16))
        self._cooccurrence = CoOccurrence.fit(train, self.config.counting_neighbours)
        self._held_out = HeldOutScores.of(train, self.config)
        self._cold_start = ColdStartBlend.fit(train, self.config)
        # Validation during training scores as the loss does: with SLIT added, or without.
        self.blend = self.config.counting_weight if self._held_out else 0.0
        self._cold_start.max_events = 0
        counts = np.bincount(train.item, minlength=train.n_items)
        self.network.start(popularity_bias(train), torch.from_numpy(counts > 0))
        self.network.to(device)
        self._new_items = NewItems.of(vectors, counts, self.config)
        self._train = train

    def _build(self, texts: np.ndarray) -> None:
        """The network around the item texts' vectors, kept in float16."""
        config, held = self.config, self._side.facets.held
        self._texts = texts
        self.network = FusionNetwork(
            # Those of a saved model stay on disk: scoring needs them only once, for the keys.
            texts if isinstance(texts, np.memmap) else torch.from_numpy(texts.astype(np.float32)),
            torch.from_numpy(held.indices.astype(np.int64)),
            torch.from_numpy(held.indptr[:-1].astype(np.int64)),
            self._side.sizes(config.dimension, config.heads),
            layers=config.layers,
            heads=config.heads,
            dropout=config.dropout,
            length=config.length,
            words_only_share=config.words_only_share,
            wish_strength=config.wish_strength,
        )
        # The trainer loads the best weights at its end: states of other weights are dropped.
        self.network.register_load_state_dict_post_hook(self._forget)
        self._side.attach(self.network)
        self._states = HistoryStates(self.network, config, self._time_range)

    @property
    def positions_per_epoch(self) -> int:
        return self._training_batches.positions

    def plan(self) -> Optimisation:
        return self.dense_optimisation if is_dense(self._train) else self.optimisation

    def batches(self, rng: np.random.Generator) -> Iterator[TrainingBatch]:
        for batch in self._training_batches.batches(rng):
            yield batch.to(self.device)

    def forward(self, batch: TrainingBatch) -> SoftmaxBatch:
        self._forget()  # this step will change the weights
        keys = self.network.keys()
        read = self._states.within(keys, self._train, batch.windows)  # (w, t + 1, d)
        states = read[:, :-1][batch.asked]  # (n, d)
        known = None
        if self._held_out is not None:
            known = self._held_out.at(torch.from_numpy(batch.events))
        queries = states
        if batch.template is not None:
            forgotten = torch.from_numpy(batch.forget)[:, None]
            states = torch.where(forgotten.to(self.device), self.network.empty_state(), states)
            every = np.arange(len(states))
            queries = self._asked(states, self._reading(batch, every), batch, every, keys)
            if known is not None:
                known = known[0], known[1] * ~forgotten
        targets, weights = batch.targets, batch.weights
        if len(batch.alone):
            again, asked, told = self._read_alone(batch, keys)
            states, queries = torch.cat([states, again]), torch.cat([queries, asked])
            rows = torch.from_numpy(batch.alone).to(self.device)
            targets, weights = (torch.cat([part, part[rows]]) for part in (targets, weights))
            if known is not None and told is not None:
                known = torch.cat([known[0], told[0]]), torch.cat([known[1], told[1]])
        compared = SoftmaxBatch(queries, keys, self.network.biases(), targets, weights)
        if known is None:
            return compared
        places, scores = (part.to(self.device) for part in known)
        scores = self.blend * self.network.trusted(states) * scores
        return replace(compared, known=places, known_scores=scores)

    def _read_alone(
        self, batch: TrainingBatch, keys: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, tuple[torch.Tensor, torch.Tensor] | None]:
        """States and queries (m, d) where the prompt is read alone, and what SLIT says there."""
        rows = batch.alone
        reading = self._reading(batch, rows, alone=True)
        told = told_history(reading, self._train)
        whole = np.array([self.config.length])
        (states,) = self._states.after(keys, told, np.arange(len(rows)), whole)
        queries = self._asked(states, reading, batch, rows, keys)
        if self._held_out is None:
            return states, queries, None
        return states, queries, self._held_out.after(told, batch.users[rows])

    def _reading(self, batch: TrainingBatch, rows: np.ndarray, *, alone: bool = False) -> Reading:
        """The prompt at some positions of a batch, to be read alone or not."""
        template = batch.told if alone else batch.template
        assert template is not None
        return self._side.reader(self._train).read(
            template,
            batch.users[rows],
            batch.events[rows],
            has_intent=batch.intents.of[rows] >= 0,
            forget=batch.forget[rows],
            exact=alone,
        )

    def _asked(
        self,
        states: torch.Tensor,
        reading: Reading,
        batch: TrainingBatch,
        rows: np.ndarray,
        keys: torch.Tensor,
    ) -> torch.Tensor:
        """The queries (m, d) that prompts make of states at some positions of a batch."""
        tokens = self._side.tokeniser.tokens(reading, batch.intents.at(rows), keys)
        queries: torch.Tensor = self.network.prompt(states, tokens)
        return queries

    @property
    def wish_reader(self) -> WishReader:
        return self._side.wish_reader

    @torch.inference_mode()
    def score(self, queries: Queries) -> np.ndarray:
        return weighed(queries, self._scores)

    def _scores(self, queries: Queries) -> np.ndarray:
        """Scores (n, n_items) by all that is known, or by the prompt alone."""
        side = self._side
        wish, words = side.wish(queries)
        reading = side.reading(queries, words)
        vectors = side.guided(
            queries,
            reading,
            words,
            lambda reading, intent: self._fused(
                self._states_of(known_of(queries, reading)), reading, intent
            ),
            self.config.guidance,
        )
        keys, biases = self._catalogue()
        scores = torch.addmm(biases, vectors, keys.T).cpu().numpy()  # (n, n_items)
        known = known_of(queries, reading)
        if self.blend:
            counted = self._cooccurrence.score(known.history, known.users)
            trusted = self.network.trusted(self._states_of(known))
            counted *= (self.blend * trusted).cpu().numpy()
            scores += counted
        self._new_items.add_to(scores, known.history, known.users)
        liked = side.tokeniser.tastes(reading)
        if queries.history_weight:
            scores = self._cold_start.blend(scores, known.history, known.users, liked)
        else:
            scores = self._cold_start.lean(scores, liked)
        return steered(scores, side.tokeniser.bonus(reading, wish, queries.strength))

    def calibrate(self, measure: Callable[[], float]) -> float:
        """Choose the users of the cold-start blend and the weight of SLIT; add new items."""
        measured = {self.blend: self._choose_cold_start(measure)}
        trained = self.blend or self.config.counting_weight
        for weight in dict.fromkeys(trained * factor for factor in self.config.counting_factors):
            if weight not in measured:
                self.blend = weight
                measured[weight] = measure()
        self.blend = max(measured, key=measured.__getitem__)  # as it was trained, unless better
        self._introduce()
        # New items now appear in lists, which changes the value measured.
        return measure() if self._new_items.neighbours.nnz else measured[self.blend]

    def calibrate_as(self, other: Self) -> None:
        self.blend = other.blend
        self._cold_start.max_events = other._cold_start.max_events
        self._introduce()

    def _introduce(self) -> None:
        """Give items without events their places beside the others."""
        for part in (self.network, self._cooccurrence, self._cold_start):
            part.introduce(self._new_items.neighbours)
        self._forget()

    def _choose_cold_start(self, measure: Callable[[], float]) -> float:
        """Choose the users of the cold-start blend; returns the quality measured with that."""
        self._cold_start.max_events = 0
        alone = measure()
        self._cold_start.max_events = self.config.cold_start_events
        drawn = measure()
        margin = (
            1.0
            if histories_are_short(self._train, self.config.cold_start_events)
            else self.config.cold_start_margin
        )
        if alone <= margin * drawn:
            return drawn
        self._cold_start.max_events = 0
        return alone

    def _states_of(self, known: Queries) -> torch.Tensor:
        """h of each user asked for, (n, d); kept where no prompt changes it."""
        self.network.eval()
        read = self._states.kept if known.history_weight else self._states.now
        return read(self._catalogue()[0], known)

    def _fused(self, states: torch.Tensor, reading: Reading, intent: str) -> torch.Tensor:
        tokens = self._side.tokens(reading, intent, self._catalogue()[0])
        fused: torch.Tensor = self.network.prompt(states, tokens)
        return fused

    def _catalogue(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The keys (n_items, d) and biases (n_items,), computed once after training."""
        if self._keys is None:
            self.network.eval()
            self._keys = self.network.keys().detach(), self.network.biases().detach()
        return self._keys

    def _forget(self, *_: object) -> None:
        self._keys = None
        self._states.clear()

    def word_swaps(self, queries: Queries, targets: np.ndarray) -> list[WordSwap]:
        reading, keys = self._side.reading(queries, ""), self._catalogue()[0]
        with torch.no_grad():
            states = self._states_of(known_of(queries, reading))
            tokens = self._side.tokens(reading, "", keys)
        return self._side.word_swaps(
            self.network.prompt,
            reading,
            tokens,
            lambda moved: self.network.prompt(states, moved),
            self.score(queries),
            keys,
            targets,
        )

    def soft_words(self) -> list[list[NearWord]]:
        return self._side.soft_words(self.network.prompt)

    @classmethod
    def discretised_text(cls, words: Sequence[str]) -> str:
        return " ".join(map(as_sentence, words))

    def item_vectors(self) -> np.ndarray:
        return self._catalogue()[0].cpu().numpy()

    def tensors(self) -> dict[str, np.ndarray]:
        parts = {
            "lm.texts": self._texts,
            **self._side.tensors(),
            **named("cooccurrence", self._cooccurrence.tensors()),
            **named("newcomers", self._cold_start.tensors()),
            **named("new-items", self._new_items.tensors()),
        }
        chosen = {
            "blend": np.array([self.blend], dtype=np.float32),
            "span": np.array(
                [] if self._time_range is None else [self._time_range.begin, self._time_range.end]
            ),
        }
        return {**super().tensors(), **parts, **chosen}

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> PromptFusionRecommender:
        model = cls(PromptFusionConfig(**config))
        learned = dict(tensors)
        model._side = PromptSide.from_tensors(
            learned, data, model.config.language_model, model.template
        )
        model._cooccurrence = CoOccurrence.from_tensors(pop_named("cooccurrence", learned))
        model._cold_start = ColdStartBlend.from_tensors(
            pop_named("newcomers", learned), model.config
        )
        model._new_items = NewItems.from_tensors(
            pop_named("new-items", learned), data.n_items, model.config.new_item_scale
        )
        model.blend = float(learned.pop("blend")[0])
        span = learned.pop("span").tolist()
        model._time_range = TimeRange(*span) if span else None
        model._build(learned.pop("lm.texts"))
        model.load_tensors(learned)
        return model
