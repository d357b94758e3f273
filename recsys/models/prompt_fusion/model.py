"""The flagship: a frozen, cached language model beside a sequential recommender."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import numpy as np
import torch

from recsys.dataset import Dataset
from recsys.language_models import DEFAULT_LANGUAGE_MODEL, Progress, load_encoder
from recsys.models.base import GradientRecommender, Optimisation, Queries, SoftmaxBatch
from recsys.models.prompt_fusion.cooccurrence import CoOccurrence
from recsys.models.prompt_fusion.draws import IntentDraws
from recsys.models.prompt_fusion.held_out import HeldOutScores
from recsys.models.prompt_fusion.network import FusionNetwork, PromptConfig
from recsys.models.prompt_fusion.reading import PromptReader
from recsys.models.prompt_fusion.texts import (
    SMALL_TALK,
    Facets,
    item_text_vectors,
    value_meanings,
)
from recsys.models.prompt_fusion.tokens import Intents, Tokeniser
from recsys.models.sasrec import popularity_bias
from recsys.models.sequences import TrainingWindows, Windows, last_windows, soon
from recsys.prompts import LIBRARY, Template
from recsys.schema import N_


@dataclass(frozen=True)
class PromptFusionConfig:
    """Settings of `PromptFusionRecommender`.

    Attributes:
        prompt: the source of the template it is trained with; "" for the library's `sequential`.
        language_model: as `recsys.language_models.describe` takes it.
        length: events that the sequence encoder sees at most.
        batch_positions: training positions in a batch, about.
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
    dimension: int = 64
    layers: int = 2
    heads: int = 2
    dropout: float = 0.3
    length: int = 128
    batch_positions: int = 2048
    intent_share: float = 0.25
    small_talk_share: float = 0.1
    forget_share: float = 0.05
    other_prompt_share: float = 0.25
    guidance: float = 2.0

    @property
    def template(self) -> Template:
        """The template, parsed."""
        return Template.parse(self.prompt) if self.prompt else LIBRARY["sequential"]


#: Into how many parts the longest history is cut for the shorter ones read beside it. On the
#: validation users of MovieLens: NDCG@10 .091, against .087 with the longest alone.
MEMORIES = (1, 2, 4, 8)
#: The weight of the item-to-item scores while the network learns what they leave to learn.
TRAINED_BLEND = 128.0
#: Weights tried for them after training.
BLENDS = (0.0, 32.0, 64.0, 128.0, 192.0)


class PromptFusionRecommender(GradientRecommender):
    """score(u, i | prompt) = q(u, prompt)ᵀ k(i) + b_i + β · (what follows such a history)_i.

        k(i)         = E_i + W · LM(item text) + Σ its attribute values
        h(u, t)      = causal transformer over k of the history up to t
        q(u, prompt) = h + F(LM(prompt sentences), list variables, soft prompt)

    What follows what is counted (SLIT) and stands beside the network while it learns the rest; β
    is chosen on the validation users at the end. The language model is frozen and runs
    once for each distinct text, so that a training step costs as much as one of SASRec; a
    template is read piece by piece at every position, from what was known at that moment. The
    README tells how it came about.
    """

    name: ClassVar[str] = "prompt-fusion"
    title: ClassVar[str] = N_("Prompt fusion")
    summary: ClassVar[str] = N_(
        "Reads titles and your prompt with a language model, and the order of events with a "
        "transformer. Follows wishes in plain words."
    )
    reads_prompts: ClassVar[bool] = True
    optimisation: ClassVar[Optimisation] = Optimisation(
        epochs=26, learning_rate=2e-3, weight_decay=1.0
    )

    network: FusionNetwork

    def __init__(self, config: PromptFusionConfig | None = None) -> None:
        self.config = config or PromptFusionConfig()
        self.template = self.config.template
        self._readers: WeakKeyDictionary[Dataset, PromptReader] = WeakKeyDictionary()
        self._keys: torch.Tensor | None = None
        self.blend = 0.0

    def prepare(self, train: Dataset, *, seed: int, progress: Progress | None = None) -> None:
        torch.manual_seed(seed)
        encoder = load_encoder(self.config.language_model)
        facets = Facets.of(train)
        texts = item_text_vectors(train, encoder, progress)
        meanings = value_meanings(facets, encoder, progress)
        encoder.encode(SMALL_TALK)
        self._draws = IntentDraws(facets, self.config.intent_share, self.config.small_talk_share)
        self._build(texts.astype(np.float16), facets, meanings)
        self._cooccurrence = CoOccurrence.fit(train)
        self._held_out = HeldOutScores.of(train)
        # Training watches the network as it is trained: on top of what is counted, or alone.
        self.blend = TRAINED_BLEND if self._held_out else 0.0
        self.network.bias.data = popularity_bias(train)
        self._train = train
        self._windows = TrainingWindows(train, self.config.length, self.config.batch_positions)
        self._positions = int(self._windows.is_target.sum())
        others = [t for t in LIBRARY.values() if t.language == self.template.language]
        self._other_templates = others
        self._rng = np.random.default_rng(seed)

    def _build(self, texts: np.ndarray, facets: Facets, meanings: np.ndarray) -> None:
        """The network around what the language model said; `texts` are kept in float16."""
        config = self.config
        self._texts, self._facets, self._meanings = texts, facets, meanings
        self.network = FusionNetwork(
            torch.from_numpy(texts.astype(np.float32)),
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
        self.network.register_load_state_dict_post_hook(self._forget_keys)
        self._encoder = load_encoder(config.language_model)
        self._tokeniser = Tokeniser(self.network, facets, meanings, self._encoder)

    @property
    def positions_per_epoch(self) -> int:
        return self._positions

    def batches(self, rng: np.random.Generator) -> Iterator[Windows]:
        self._rng = rng
        return self._windows.batches(rng)

    def forward(self, batch: Windows) -> SoftmaxBatch:
        self._keys = None  # this step will move them
        mask = batch.mask  # (w, t)
        events = (batch.first[:, None] + torch.arange(mask.shape[1]))[mask]  # (n,)
        users = batch.user[:, None].expand(mask.shape)[mask]  # (n,)
        learnable = self._windows.is_target[events]
        moments = users[learnable].numpy(), events[learnable].numpy()
        targets = batch.items[mask][learnable]
        keys = self.network.keys()
        states = self.network.states(keys, batch.items)[:, :-1][mask][learnable]  # (n, d)

        n = len(targets)
        forget = self._rng.random(n) < self.config.forget_share
        intents = self._draws(targets.numpy(), self._rng)
        template = self.template
        if self._rng.random() < self.config.other_prompt_share:
            template = self._other_templates[self._rng.integers(len(self._other_templates))]
        reading = self._reader(self._train).read(
            template, *moments, has_intent=intents.of >= 0, forget=forget
        )
        forgotten = torch.from_numpy(forget)[:, None]
        states = torch.where(forgotten, self.network.empty_state(), states)
        queries = self.network.prompt(states, self._tokeniser.tokens(reading, intents, keys))
        items, weights = self._targets(*moments, wished=intents.of >= 0)
        compared = SoftmaxBatch(queries, keys, self.network.bias, items, weights)
        if self._held_out is None:
            return compared
        places, scores = self._held_out.at(torch.from_numpy(moments[1]))
        return replace(compared, known=places, known_scores=self.blend * scores * ~forgotten)

    def _targets(
        self, users: np.ndarray, events: np.ndarray, *, wished: np.ndarray
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The next items of each moment (n, k) and how much each counts (n, k).

        They count as in `SOON`; but a wish is for the very next item, and then that one alone does.
        """
        items, counts = soon(self._train, users, events, self._windows.is_target.numpy())
        counts[:, 1:] *= ~wished[:, None]
        return torch.from_numpy(items), torch.from_numpy(counts)

    def _reader(self, history: Dataset) -> PromptReader:
        if history not in self._readers:
            self._readers[history] = PromptReader(history)
        return self._readers[history]

    @torch.inference_mode()
    def score(self, queries: Queries) -> np.ndarray:
        vectors = self.query_vectors(queries)
        scores = (vectors @ self._catalogue().T + self.network.bias).numpy()  # (n, n_items)
        if self.blend:
            scores += self.blend * self._cooccurrence.score(queries.history, queries.users)
        return scores

    def calibrate(self, measure: Callable[[], float]) -> None:
        """Choose how much counting weighs beside the network."""
        measured = {}
        for weight in dict.fromkeys([self.blend, *BLENDS]):  # as it was trained, unless better
            self.blend = weight
            measured[weight] = measure()
        self.blend = max(measured, key=measured.__getitem__)

    def query_vectors(self, queries: Queries) -> torch.Tensor:
        """q(u, prompt) of each user asked for: (n, d)."""
        self.network.eval()
        # A long memory knows the taste, a short one what is on now; their mean is steadier.
        spans = [max(1, self.config.length // part) for part in MEMORIES]
        states = torch.stack([self._states(queries, span) for span in spans]).mean(0)
        plain = self._fused(states, queries, intent="")
        if not queries.intent.strip():
            return plain
        wished = self._fused(states, queries, intent=queries.intent.strip())
        return plain + self.config.guidance * (wished - plain)

    def _states(self, queries: Queries, span: int) -> torch.Tensor:
        """h of each user asked for, from their last `span` events: (n, d)."""
        windows = last_windows(queries.history, queries.users, span)
        rows = torch.arange(len(windows.lengths))
        return self.network.states(self._catalogue(), windows.items)[rows, windows.lengths]

    def _fused(self, states: torch.Tensor, queries: Queries, intent: str) -> torch.Tensor:
        n = len(states)
        of = np.full(n, 0 if intent else -1)
        users = np.asarray(queries.users)
        reading = self._reader(queries.history).read(
            queries.template or self.template,
            users,
            queries.history.offsets[users + 1],
            has_intent=of >= 0,
        )
        if intent:
            # A wish is heard even where the template has no place for it.
            reading.intent[:] = True
        tokens = self._tokeniser.tokens(
            reading, Intents((intent,) if intent else (), of), self._catalogue()
        )
        fused: torch.Tensor = self.network.prompt(states, tokens)
        return fused

    def _catalogue(self) -> torch.Tensor:
        """The keys (n_items, d), computed once after training."""
        if self._keys is None:
            self._keys = self.network.keys().detach()
        return self._keys

    def _forget_keys(self, *_: object) -> None:
        self._keys = None

    def item_vectors(self) -> np.ndarray:
        return self._catalogue().numpy()

    def tensors(self) -> dict[str, np.ndarray]:
        counted = {f"cooccurrence.{k}": v for k, v in self._cooccurrence.tensors().items()}
        read = {"lm.texts": self._texts, "lm.meanings": self._meanings}
        blend = {"blend": np.array([self.blend], dtype=np.float32)}
        return {**super().tensors(), **read, **counted, **blend}

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> PromptFusionRecommender:
        model = cls(PromptFusionConfig(**config))
        learned = dict(tensors)
        texts, meanings = learned.pop("lm.texts"), learned.pop("lm.meanings")
        counted = [name for name in learned if name.startswith("cooccurrence.")]
        model._cooccurrence = CoOccurrence.from_tensors(
            {name.partition(".")[2]: learned.pop(name) for name in counted}
        )
        model.blend = float(learned.pop("blend")[0])
        model._build(texts, Facets.of(data), meanings)
        model.load_tensors(learned)
        return model
