"""The flagship: a frozen, cached language model beside a sequential recommender."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import numpy as np
import torch

from recsys.dataset import Dataset
from recsys.language_models import Progress, load_encoder
from recsys.language_models.item_texts import item_texts
from recsys.language_models.whitening import whitened
from recsys.models.base import (
    GradientRecommender,
    Optimisation,
    Queries,
    SoftmaxBatch,
    Understood,
)
from recsys.models.prompt_fusion.config import PromptFusionConfig
from recsys.models.prompt_fusion.cooccurrence import CoOccurrence
from recsys.models.prompt_fusion.held_out import HeldOutScores
from recsys.models.prompt_fusion.kept_states import KeptStates
from recsys.models.prompt_fusion.lessons import Lesson, Lessons
from recsys.models.prompt_fusion.network import FusionNetwork
from recsys.models.prompt_fusion.new_items import NewItems
from recsys.models.prompt_fusion.newcomers import (
    NEW_UNTIL,
    NEWCOMERS_MATTER,
    Newcomers,
    all_are_newcomers,
)
from recsys.models.prompt_fusion.times import Span, Times
from recsys.models.prompt_side.gradients import sentence_gradients, swaps_in
from recsys.models.prompt_side.network import PromptConfig, Tokens
from recsys.models.prompt_side.tokens import Intents, Tokeniser
from recsys.models.prompt_side.trained_vectors import SpokenWords, as_sentence
from recsys.models.sasrec import popularity_bias
from recsys.models.sequences import Windows, is_dense, last_windows
from recsys.models.soft_words import NearWord
from recsys.models.tensors import named, pop_named
from recsys.models.word_swaps import WordSwap
from recsys.prompts.contexts.reading import PromptReader, Reading
from recsys.prompts.facts import Facts
from recsys.schema import N_
from recsys.wishes.facets import Facets
from recsys.wishes.probe import Probe, fit_probe
from recsys.wishes.reader import WishReader, steered
from recsys.wishes.requests import SMALL_TALK, neutral_sentences, value_meanings

#: Into how many parts the longest history is cut for the shorter ones read beside it. On the
#: validation users of MovieLens: NDCG@10 .091, against .087 with the longest alone.
MEMORIES = (1, 2, 4, 8)
#: For so few users all memories are read at once: calls cost more than what is padded.
_FEW = 8
#: The weight of the item-to-item scores while the network learns what they leave to learn.
TRAINED_BLEND = 128.0
#: By what it is multiplied after training, where that ranks better.
BLEND_FACTORS = (1.0, 0.0, 0.25, 0.5, 1.5, 2.0)


class PromptFusionRecommender(GradientRecommender):
    """score(u, i | prompt) = q(u, prompt)ᵀ k(i) + b_i + β · (what follows such a history)_i.

        k(i)         = E_i + W · LM(item text) + Σ its attribute values
        h(u, t)      = causal transformer over k of the history up to t
        q(u, prompt) = h + F(LM(prompt sentences), list variables, soft prompt)

    What follows what is counted (SLIT) and stands beside the network while it learns the rest; β
    is chosen on the validation users at the end. The language model is frozen and runs
    once for each distinct text, so that a training step costs as much as one of SASRec; a
    template is read piece by piece at every position, from what was known at that moment. Scores
    of users with few events are drawn towards what is well known, see `Newcomers`. The README
    tells how it came about.
    """

    name: ClassVar[str] = "prompt-fusion"
    title: ClassVar[str] = N_("Prompt fusion")
    summary: ClassVar[str] = N_(
        "Reads titles and your prompt with a language model, and the order of events with a "
        "transformer. Follows wishes in plain words."
    )
    reads_prompts: ClassVar[bool] = True
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
        self._readers: WeakKeyDictionary[Dataset, PromptReader] = WeakKeyDictionary()
        self._times: WeakKeyDictionary[Dataset, Times | None] = WeakKeyDictionary()
        self._span: Span | None = None
        self._keys: tuple[torch.Tensor, torch.Tensor] | None = None
        self._kept_states = KeptStates()
        self.blend = 0.0

    def prepare(self, train: Dataset, *, seed: int, progress: Progress | None = None) -> None:
        torch.manual_seed(seed)
        self.config = self.config.sized(train)
        encoder = load_encoder(self.config.language_model)
        facets = Facets.of(train)
        vectors = encoder.encode(item_texts(train), progress)
        meanings = value_meanings(facets, encoder, progress)
        encoder.encode(SMALL_TALK)
        encoder.encode(Facts(train).first_texts, progress)
        self._lessons = Lessons(train, facets, self.template, self.config)
        self._probe = fit_probe(train, facets, encoder, neutral_sentences(), progress)
        self._build(train, whitened(vectors).astype(np.float16), facets, meanings)
        self._cooccurrence = CoOccurrence.fit(train)
        self._held_out = HeldOutScores.of(train)
        self._newcomers = Newcomers.fit(train)
        # Training watches the network as it is trained: on top of what is counted, or alone.
        self.blend = TRAINED_BLEND if self._held_out else 0.0
        self._newcomers.until = 0
        counts = np.bincount(train.item, minlength=train.n_items)
        self.network.start(popularity_bias(train), torch.from_numpy(counts > 0))
        self._new_items = NewItems.of(vectors, counts)
        self._train = train
        self._span = Span.of(train)

    def _build(
        self, data: Dataset, texts: np.ndarray, facets: Facets, meanings: np.ndarray
    ) -> None:
        """The network around what the language model said; `texts` are kept in float16."""
        config = self.config
        self._texts, self._facets, self._meanings = texts, facets, meanings
        self.network = FusionNetwork(
            # Those of a saved model stay on disk: scoring needs them only once, for the keys.
            texts if isinstance(texts, np.memmap) else torch.from_numpy(texts.astype(np.float32)),
            torch.from_numpy(facets.held.indices.astype(np.int64)),
            torch.from_numpy(facets.held.indptr[:-1].astype(np.int64)),
            PromptConfig(
                dimension=config.dimension,
                heads=config.heads,
                soft_tokens=max(self.template.soft_tokens, 1),
                n_values=facets.n_values,
                text_dimension=texts.shape[1],
            ),
            layers=config.layers,
            heads=config.heads,
            dropout=config.dropout,
            length=config.length,
        )
        # The loop puts the best weights back: what was computed from others is of no use then.
        self.network.register_load_state_dict_post_hook(self._forget)
        self._encoder = load_encoder(config.language_model)
        self._wishes = WishReader(data, facets, self._probe, self._encoder)
        self._tokeniser = Tokeniser(self.network, facets, meanings, self._encoder, self._wishes)
        self._spoken = SpokenWords(data, facets, self._encoder)

    @property
    def positions_per_epoch(self) -> int:
        return self._lessons.positions

    def plan(self) -> Optimisation:
        return self.dense_optimisation if is_dense(self._train) else self.optimisation

    def batches(self, rng: np.random.Generator) -> Iterator[Lesson]:
        return self._lessons.batches(rng)

    def forward(self, batch: Lesson) -> SoftmaxBatch:
        self._forget()  # this step will move them
        keys = self.network.keys()
        states = self._encoded(keys, self._train, batch.windows)[:, :-1][batch.asked]  # (n, d)
        forgotten = torch.from_numpy(batch.forget)[:, None]
        queries = states
        if batch.template is not None:
            states = torch.where(forgotten, self.network.empty_state(), states)
            reading = self._reader(self._train).read(
                batch.template,
                batch.users,
                batch.events,
                has_intent=batch.intents.of >= 0,
                forget=batch.forget,
            )
            tokens = self._tokeniser.tokens(reading, batch.intents, keys)
            queries = self.network.prompt(states, tokens)
        compared = SoftmaxBatch(queries, keys, self.network.biases(), batch.targets, batch.weights)
        if self._held_out is None:
            return compared
        places, scores = self._held_out.at(torch.from_numpy(batch.events))
        scores = self.blend * self.network.trusted(states) * scores * ~forgotten
        return replace(compared, known=places, known_scores=scores)

    def _encoded(self, keys: torch.Tensor, history: Dataset, windows: Windows) -> torch.Tensor:
        """h before every event of some windows, and after all: (w, t + 1, d)."""
        times = self._times_of(history)
        if times is None:
            return self.network.states(keys, windows.items)
        places = windows.first[:, None] + torch.arange(windows.items.shape[1])  # (w, t)
        places = places.clamp(max=max(history.n_events - 1, 0))
        return self.network.states(keys, windows.items, times.gap[places], times.era[places])

    def _times_of(self, history: Dataset) -> Times | None:
        if history not in self._times:
            self._times[history] = Times.of(history, self._span)
        return self._times[history]

    def _reader(self, history: Dataset) -> PromptReader:
        if history not in self._readers:
            self._readers[history] = PromptReader(history)
        return self._readers[history]

    @torch.inference_mode()
    def score(self, queries: Queries) -> np.ndarray:
        states = self._history_states(queries)  # (n, d)
        intent = queries.intent.strip()
        reading = self._reading(queries, intent)
        vectors = self._guided(states, queries, reading)
        keys, biases = self._catalogue()
        scores = torch.addmm(biases, vectors, keys.T).numpy()  # (n, n_items)
        if self.blend:
            counted = self._cooccurrence.score(queries.history, queries.users)
            counted *= (self.blend * self.network.trusted(states)).numpy()
            scores += counted
        self._new_items.add_to(scores, queries.history, queries.users)
        liked = self._tokeniser.tastes(reading)
        scores = self._newcomers.blend(scores, queries.history, queries.users, liked)
        return steered(scores, self._tokeniser.bonus(reading, intent))

    def read_ahead(self, intents: Sequence[str]) -> None:
        self._tokeniser.read_ahead([intent.strip() for intent in intents])

    def understood(self, intent: str) -> Understood:
        return self._wishes.understood(intent.strip())

    def calibrate(self, measure: Callable[[], float]) -> float:
        """Choose who counts as a newcomer, and how much counting weighs; bring in new items."""
        measured = {self.blend: self._choose_newcomers(measure)}
        trained = self.blend or TRAINED_BLEND
        for weight in dict.fromkeys(trained * factor for factor in BLEND_FACTORS):
            if weight not in measured:
                self.blend = weight
                measured[weight] = measure()
        self.blend = max(measured, key=measured.__getitem__)  # as it was trained, unless better
        for part in (self.network, self._cooccurrence, self._newcomers):
            part.introduce(self._new_items.neighbours)
        self._forget()
        # Items that came in stand among the others in every list.
        return measure() if self._new_items.neighbours.nnz else measured[self.blend]

    def _choose_newcomers(self, measure: Callable[[], float]) -> float:
        """Choose who counts as a newcomer; returns what is measured with that."""
        self._newcomers.until = 0
        alone = measure()
        self._newcomers.until = NEW_UNTIL
        drawn = measure()
        margin = 1.0 if all_are_newcomers(self._train) else NEWCOMERS_MATTER
        if alone <= margin * drawn:
            return drawn
        self._newcomers.until = 0
        return alone

    def query_vectors(self, queries: Queries) -> torch.Tensor:
        """q(u, prompt) of each user asked for: (n, d)."""
        reading = self._reading(queries, queries.intent.strip())
        return self._guided(self._history_states(queries), queries, reading)

    def _history_states(self, queries: Queries) -> torch.Tensor:
        """h of each user asked for, (n, d); kept, since no prompt changes it."""
        self.network.eval()
        return self._kept_states.get(queries, self._averaged_states)

    def _averaged_states(self, queries: Queries) -> torch.Tensor:
        # A long memory knows the taste, a short one what is on now; their mean is steadier.
        spans = [max(1, self.config.length // part) for part in MEMORIES]
        together = [spans] if len(queries.users) <= _FEW else [[span] for span in spans]
        return torch.cat([self._states(queries, group) for group in together]).mean(0)

    def _guided(self, states: torch.Tensor, queries: Queries, reading: Reading) -> torch.Tensor:
        """q of each user, moved by what the prompt says as far as guidance goes: (n, d)."""
        intent = queries.intent.strip()
        if not intent:
            return self._fused(states, reading, intent)
        plain = self._fused(states, self._reading(queries, ""), "")
        # Words that ask for nothing to have leave the user as they are.
        if not self._wishes.read([intent])[0].wanted.any():
            return plain
        return plain + self.config.guidance * (self._fused(states, reading, intent) - plain)

    def _states(self, queries: Queries, spans: Sequence[int]) -> torch.Tensor:
        """h of each user asked for, from their last events, as many as spans say: (s, n, d)."""
        users = np.tile(queries.users, len(spans))
        windows = last_windows(queries.history, users, np.repeat(spans, len(queries.users)))
        rows = torch.arange(len(windows.lengths))
        states = self._encoded(self._catalogue()[0], queries.history, windows)
        return states[rows, windows.lengths].unflatten(0, (len(spans), len(queries.users)))

    def _fused(self, states: torch.Tensor, reading: Reading, intent: str) -> torch.Tensor:
        fused: torch.Tensor = self.network.prompt(states, self._tokens(states, reading, intent))
        return fused

    def _tokens(self, states: torch.Tensor, reading: Reading, intent: str) -> Tokens:
        intents = Intents((intent,) if intent else (), np.full(len(states), 0 if intent else -1))
        return self._tokeniser.tokens(reading, intents, self._catalogue()[0])

    def _reading(self, queries: Queries, intent: str) -> Reading:
        template = queries.template or self.template
        return self._reader(queries.history).read_now(
            template, queries.users, wish=intent, exchanged=queries.exchanged
        )

    def _catalogue(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The keys (n_items, d) and biases (n_items,), computed once after training."""
        if self._keys is None:
            self.network.eval()
            self._keys = self.network.keys().detach(), self.network.biases().detach()
        return self._keys

    def _forget(self, *_: object) -> None:
        self._keys = None
        self._kept_states.clear()

    def word_swaps(self, queries: Queries, targets: np.ndarray) -> list[WordSwap]:
        reading = self._reading(queries, "")
        with torch.no_grad():
            states = self._history_states(queries)
            tokens = self._tokens(states, reading, "")
        gradients = sentence_gradients(
            self.network.prompt,
            tokens,
            lambda told: self.network.prompt(states, told),
            torch.from_numpy(self.score(queries)),
            self._catalogue()[0],
            torch.from_numpy(np.asarray(targets)),
        )
        return swaps_in(reading.words, gradients, self._encoder)

    def soft_words(self) -> list[list[NearWord]]:
        return self._spoken.nearest(self.network.prompt, self.template.soft_tokens)

    @classmethod
    def hard_text(cls, words: Sequence[str]) -> str:
        return " ".join(map(as_sentence, words))

    def item_vectors(self) -> np.ndarray:
        return self._catalogue()[0].numpy()

    def tensors(self) -> dict[str, np.ndarray]:
        read = {"lm.texts": self._texts, "lm.meanings": self._meanings}
        parts = {
            **named("probe", self._probe.tensors()),
            **named("cooccurrence", self._cooccurrence.tensors()),
            **named("newcomers", self._newcomers.tensors()),
            **named("new-items", self._new_items.tensors()),
        }
        chosen = {
            "blend": np.array([self.blend], dtype=np.float32),
            "span": np.array([] if self._span is None else [self._span.begin, self._span.end]),
        }
        return {**super().tensors(), **read, **parts, **chosen}

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> PromptFusionRecommender:
        model = cls(PromptFusionConfig(**config))
        learned = dict(tensors)
        texts, meanings = learned.pop("lm.texts"), learned.pop("lm.meanings")
        model._cooccurrence = CoOccurrence.from_tensors(pop_named("cooccurrence", learned))
        model._newcomers = Newcomers.from_tensors(pop_named("newcomers", learned))
        model._new_items = NewItems.from_tensors(pop_named("new-items", learned), data.n_items)
        model.blend = float(learned.pop("blend")[0])
        span = learned.pop("span").tolist()
        model._span = Span(*span) if span else None
        model._probe = Probe.from_tensors(pop_named("probe", learned))
        model._build(data, texts, Facets.of(data), meanings)
        model.load_tensors(learned)
        return model
