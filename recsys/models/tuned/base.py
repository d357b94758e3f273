"""What soft prompts, LoRA and full fine-tuning share: everything but what is trained."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import torch
import torch.nn.functional as F

from recsys.dataset import Dataset
from recsys.language_models import Progress
from recsys.language_models.cache import VECTORS_FILE, VectorCache
from recsys.language_models.embeddings import watched
from recsys.language_models.item_texts import item_texts
from recsys.language_models.loading import has_quick_bfloat16
from recsys.language_models.local import fingerprint
from recsys.models.base import GradientRecommender, Queries
from recsys.models.batches import SoftmaxBatch
from recsys.models.history_cache import HistoryCache
from recsys.models.sasrec import popularity_bias
from recsys.models.soft_words import NearWord
from recsys.models.tuned.config import TuningConfig
from recsys.models.tuned.examples import Examples
from recsys.models.tuned.language import TextModel
from recsys.models.tuned.network import TunedNetwork
from recsys.models.tuned.packing import Packed, Tokens
from recsys.models.tuned.reading import PromptWriter
from recsys.models.word_swaps import WordSwap, add_gradients, word_swaps
from recsys.storage.folders import cache_folder

#: Prompts whose mean state stands for "a prompt", before training.
SAMPLE = 64
#: Texts read in one forward pass without gradients.
READ_BATCH = 32


@dataclass(frozen=True)
class TuningBatch:
    """Prompts in one batch and the items that followed them, (n,)."""

    packed: Packed
    targets: torch.Tensor


class TunedRecommender(GradientRecommender):
    """score(u, i) = (W · LM(prompt of u))ᵀ k(i) + b_i, trained through the language model.

    A training example is a position of a history: the prompt rendered from what preceded it must
    find the item that came, among the whole catalogue. k(i) starts as LM(item text) and W as what
    whitens it, so that the first step starts from useful scores.
    """

    reads_prompts: ClassVar[bool] = True
    tunes_language_model: ClassVar[bool] = True
    #: How much faster the head learns than the language model's own weights.
    head_gain: ClassVar[float] = 1.0

    config: TuningConfig
    network: TunedNetwork

    def __init__(self, config: TuningConfig | None = None) -> None:
        self.config = config or self.default_config()
        self.template = self.config.template
        self._writers = HistoryCache(self._new_writer)
        self._in_front = not self.template.soft_tokens

    @classmethod
    def default_config(cls) -> TuningConfig:
        """The settings of a model that is given none."""
        return TuningConfig()

    @abstractmethod
    def language_model(self, device: torch.device) -> TextModel:
        """The language model on a device, with whatever is trained in it thawed."""

    def n_vectors(self) -> int:
        """How many trained vectors stand in the prompt."""
        return self.template.soft_tokens

    def prepare(
        self,
        train: Dataset,
        *,
        seed: int,
        device: torch.device | str = "cpu",
        progress: Progress | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self._build(train.n_items, from_words=True, device=device)
        items = self._item_states(item_texts(train), progress)
        users = np.random.default_rng(seed).permutation(train.n_users)[:SAMPLE]
        prompts = self._read(self.prompts(Queries(train, users)))
        self.network.start(items, prompts, self.config.first_spread, self.config.whitening_floor)
        # All of the log popularity: an uninformative query then predicts by popularity.
        with torch.no_grad():
            self.network.bias.copy_(2 * popularity_bias(train))
        self.examples = Examples(train, self._writer(train), self._lm, self.config)

    def _item_states(self, texts: list[str], progress: Progress | None) -> torch.Tensor:
        """States of texts before anything is trained, (n, d), from the cache where it has them."""
        space = f"state:{fingerprint(self._lm.folder)}:{self.config.max_tokens}"
        if self.device.type != "cpu":  # rounded otherwise
            space += f":{self.device.type}"
        cache = VectorCache(cache_folder() / VECTORS_FILE, space)
        known = cache.get(list(dict.fromkeys(texts)))
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            limit = self.config.max_tokens
            tokens = [self._lm.marked(self._lm.words(text), limit) for text in missing]
            fresh = self._read(tokens, progress).cpu().numpy()
            cache.put(missing, fresh)
            known |= dict(zip(missing, fresh, strict=True))
        return torch.from_numpy(np.stack([known[text] for text in texts])).to(self.device)

    def _build(self, n_items: int, *, from_words: bool, device: torch.device | str = "cpu") -> None:
        self._lm = self.language_model(torch.device(device))
        n = self.n_vectors()
        named = self._lm.module.named_parameters()
        self.network = TunedNetwork(
            self._lm.vectors(n, from_words=from_words) if n else None,
            {name: parameter for name, parameter in named if parameter.requires_grad},
            n_items=n_items,
            dimension=self._lm.dimension,
            dropout=self.config.dropout,
            head_gain=self.head_gain,
            read_gain=self.config.read_gain,
        ).to(device)
        self._writers = HistoryCache(self._new_writer)

    @property
    def positions_per_epoch(self) -> int:
        return self.examples.per_epoch

    def batches(self, rng: np.random.Generator) -> Iterator[TuningBatch]:
        for groups, targets in self.examples.batches(rng, self.template):
            packed = self._lm.pack(groups).to(self.device)
            yield TuningBatch(packed, torch.from_numpy(targets).to(self.device))

    def forward(self, batch: TuningBatch) -> SoftmaxBatch:
        kind = self.device.type
        quick = has_quick_bfloat16(kind)
        with torch.autocast(kind, torch.bfloat16) if quick else nullcontext():
            states = self._lm.states(batch.packed, self.network.vectors())
        return SoftmaxBatch(
            queries=self.network.queries(states),
            keys=self.network.keys(),
            bias=self.network.bias,
            targets=batch.targets,
        )

    @torch.inference_mode()
    def score(self, queries: Queries) -> np.ndarray:
        self.network.eval()
        vectors = self.network.queries(self._read(self.prompts(queries)))  # (n, d)
        scores = vectors @ self.network.keys().T + self.network.bias  # (n, n_items)
        return scores.cpu().numpy()

    def prompts(self, queries: Queries) -> list[Tokens]:
        """The prompt of each user asked for, as tokens."""
        writer, history = self._writer(queries.history), queries.history
        template, intent = queries.template or self.template, queries.intent.strip()
        return [
            writer.whole(
                template, int(user), int(history.offsets[user + 1]), intent, queries.exchanged
            )
            for user in np.asarray(queries.users)
        ]

    def _writer(self, history: Dataset) -> PromptWriter:
        return self._writers[history]

    def _new_writer(self, history: Dataset) -> PromptWriter:
        return PromptWriter(
            history,
            self._lm,
            vectors=self.n_vectors(),
            in_front=self._in_front,
            limit=self.config.max_tokens,
        )

    @torch.inference_mode()
    def _read(self, prompts: Sequence[Tokens], progress: Progress | None = None) -> torch.Tensor:
        """The states of prompts, (n, d), read in order of length so that little is padding."""
        states = torch.zeros(len(prompts), self._lm.dimension, device=self.device)
        order = np.argsort([-len(prompt) for prompt in prompts], kind="stable")
        for start in range(0, len(order), READ_BATCH):
            chosen = order[start : start + READ_BATCH]
            packed = self._lm.pack([[prompts[place]] for place in chosen]).to(self.device)
            rows = torch.from_numpy(chosen).to(self.device)
            states[rows] = self._lm.states(packed, self.network.vectors())
            if progress is not None:
                progress(min(start + READ_BATCH, len(order)), len(order))
        return states

    @torch.inference_mode()
    def soft_words(self) -> list[list[NearWord]]:
        vectors = self.network.vectors()
        return [] if vectors is None else self._lm.nearest_words(vectors)

    def discretised_text(self, words: Sequence[str]) -> str:
        return " ".join(words)

    def word_swaps(self, queries: Queries, targets: np.ndarray) -> list[WordSwap]:
        self.network.eval()
        prompts = self.prompts(queries)
        wanted = torch.from_numpy(np.asarray(targets)).to(self.device)
        gradients: dict[int, torch.Tensor] = {}
        for start in range(0, len(prompts), READ_BATCH):
            part = slice(start, start + READ_BATCH)
            packed = self._lm.pack([[prompt] for prompt in prompts[part]]).to(self.device)
            with watched(self._lm.module) as embedded:
                states = self._lm.states(packed, self.network.vectors())
            scores = self.network.queries(states) @ self.network.keys().T + self.network.bias
            loss = F.cross_entropy(scores, wanted[part], reduction="sum") / len(prompts)
            (gradient,) = torch.autograd.grad(loss, embedded)  # (b, t, d)
            held = packed.held & (packed.ids >= 0)
            add_gradients(gradients, packed.ids[held], gradient[held])
        return word_swaps(gradients, self._lm.embed, self._lm.vocabulary)

    def without_vectors(self) -> Self:
        other = copy(self)
        other._in_front = False
        other._writers = HistoryCache(other._new_writer)  # writers put them in front
        return other

    def item_vectors(self) -> np.ndarray:
        return self.network.items.weight.detach().cpu().numpy()

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> Self:
        default = cls.default_config()
        model = cls(type(default)(**config))
        model._build(data.n_items, from_words=False)
        model.load_tensors(tensors)
        return model
