"""A frozen sentence encoder: texts → unit vectors, computed once and cached by content."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.language_models.cache import VECTORS_FILE, VectorCache
from recsys.language_models.embeddings import watched
from recsys.language_models.loading import load_reader, load_tokenizer
from recsys.language_models.local import dimension, fingerprint, is_causal
from recsys.language_models.vocabulary import whole_words
from recsys.storage.folders import cache_folder

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

    from recsys.language_models.layers import Standard

#: Texts encoded in one forward pass.
BATCH = 64
#: Encoded texts between two writes to the cache, so that a stopped job loses little.
_SAVE_EVERY = 2048
#: Vectors kept in memory for texts asked for again and again (an intent being typed).
_MEMORY = 20_000

Progress = Callable[[int, int], None]


class Encoder:
    """Mean-pooled, length-normalised sentence vectors (Reimers & Gurevych 2019).

    Of a causal model the middle layers are taken (`recsys.language_models.layers`). The weights
    are loaded at the first text that is not in the cache.

    Args:
        name: what a person calls the model; kept in run configs.
        folder: a local folder with the weights, as transformers saves them.
        max_tokens: longer texts are cut here.
    """

    def __init__(self, name: str, folder: Path, *, max_tokens: int = 256) -> None:
        self.name = name
        self.max_tokens = max_tokens
        self.folder = folder
        self._model: Any = None
        self._standard: Standard | None = None
        self._memory: OrderedDict[str, np.ndarray] = OrderedDict()
        self.dimension = dimension(folder)
        self.causal = is_causal(folder)
        kind = "middle" if self.causal else "mean"
        space = f"{kind}:{name}:{fingerprint(folder)}:{max_tokens}"
        self._cache = VectorCache(cache_folder() / VECTORS_FILE, space)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """Vectors of `texts`: (n, dim) float32, each of unit length.

        Args:
            texts: any strings; equal strings are computed once.
            progress: called with (done, total) over the texts that had to be computed.
        """
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        distinct = list(dict.fromkeys(texts))
        vectors = {text: self._memory[text] for text in distinct if text in self._memory}
        if len(vectors) < len(distinct):
            vectors |= self._cache.get([text for text in distinct if text not in vectors])
        if len(vectors) < len(distinct):
            missing = [text for text in distinct if text not in vectors]
            vectors |= self._compute(missing, progress)
        self._remember(vectors)
        return np.stack([vectors[text] for text in texts])  # (n, dim)

    def input_gradients(
        self, texts: Sequence[str], gradients: np.ndarray
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """From the gradients of texts' vectors to those of their tokens' embeddings.

        Args:
            texts: m of them.
            gradients: (m, dim) of the vectors that `encode` gives.

        Returns:
            Token ids (k,) of all texts, and the gradients of their embeddings (k, d).
        """
        import torch

        ids, mask, _ = self._tokens(texts)
        with torch.inference_mode(False), torch.enable_grad():
            self._start()
            with watched(self._model) as embedded:
                vectors = self._vectors(texts)
            objective = (vectors * torch.from_numpy(gradients)).sum()
            (found,) = torch.autograd.grad(objective, embedded)  # (m, tokens, d)
        return ids[mask.bool()], found[mask.bool()]

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """The embeddings of token ids (n,): (n, d)."""
        self._start()
        found: torch.Tensor = self._model.get_input_embeddings()(ids)
        return found

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """Words that are one token each."""
        return whole_words(self._tokenizer)

    def tokenize(self, text: str) -> list[str]:
        """The pieces the model reads `text` in, without its begin and end marks.

        Needs no weights, and so is quick from the start.
        """
        pieces: list[str] = self._tokenizer.encode(_readable(text), add_special_tokens=False).tokens
        return pieces

    def _remember(self, vectors: dict[str, np.ndarray]) -> None:
        self._memory.update(vectors)
        while len(self._memory) > _MEMORY:
            self._memory.popitem(last=False)

    def _compute(self, texts: list[str], progress: Progress | None) -> dict[str, np.ndarray]:
        """Encode in order of length, so that a batch holds little padding."""
        by_length = sorted(texts, key=len, reverse=True)
        fresh: dict[str, np.ndarray] = {}
        for start in range(0, len(by_length), _SAVE_EVERY):
            part = by_length[start : start + _SAVE_EVERY]
            vectors = []
            for first in range(0, len(part), BATCH):
                vectors.append(self._forward(part[first : first + BATCH]))
                if progress is not None:
                    progress(start + min(first + BATCH, len(part)), len(by_length))
            stacked = np.concatenate(vectors)
            self._cache.put(part, stacked)
            fresh.update(zip(part, stacked, strict=True))
        return fresh

    def _forward(self, texts: Sequence[str]) -> np.ndarray:
        import torch

        self._start()
        with torch.inference_mode():
            return self._vectors(texts).numpy()

    def _start(self) -> None:
        """Load the weights, and of a causal model learn the scale of its states."""
        import torch

        if self._model is not None:
            return
        # Gradients pass through it later, whatever mode it is first asked for in.
        with torch.inference_mode(False), torch.no_grad():
            self._model = load_reader(self.folder)
            if self.causal:
                from recsys.language_models.layers import REFERENCE, Standard, middle_states

                self._standard = Standard(middle_states(self._model, *self._tokens(REFERENCE)))

    def _vectors(self, texts: Sequence[str]) -> torch.Tensor:
        """Vectors of unit length, (n, dim)."""
        from torch.nn.functional import normalize

        if hasattr(self._model, "pooled"):  # it makes one vector of a text by itself
            ids, mask, _ = self._tokens(texts)
            found: torch.Tensor = self._model.pooled(input_ids=ids, attention_mask=mask)
            return found
        return normalize(self._middle(texts) if self.causal else self._mean(texts), dim=-1)

    def _mean(self, texts: Sequence[str]) -> torch.Tensor:
        """The mean of an encoder's last layer over all tokens, (n, dim)."""
        ids, mask, _ = self._tokens(texts)
        hidden = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
        held = mask[..., None]  # (n, tokens, 1)
        mean: torch.Tensor = (hidden * held).sum(1) / held.sum(1)
        return mean

    def _middle(self, texts: Sequence[str]) -> torch.Tensor:
        """The states of a causal model's middle layers, standardised by reference sentences."""
        from recsys.language_models.layers import middle_states

        assert self._standard is not None
        return self._standard(middle_states(self._model, *self._tokens(texts)))

    def _tokens(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Of n texts: token ids, 1 where there is one, and 1 where it is a word: (n, tokens)."""
        import torch

        read = self._tokenizer.encode_batch([_readable(text) for text in texts])
        # Each text is cut at `max_tokens`, its end mark kept; padding is masked out.
        length = min(max(1, *(len(one.ids) for one in read)), self.max_tokens)
        ids, mask, words = torch.zeros(3, len(read), length, dtype=torch.long)
        for row, one in enumerate(read):
            places = list(range(len(one.ids)))
            if len(places) > length:
                places = [*places[: length - 1], places[-1]]
            n = max(
                1, len(places)
            )  # a text without any token is a token, since no state is of none
            ids[row, : len(places)] = torch.tensor([one.ids[place] for place in places])
            mask[row, :n] = 1
            words[row, :n] = torch.tensor([1 - one.special_tokens_mask[p] for p in places] or [1])
            if not words[row].any():
                words[row, :n] = 1
        return ids, mask, words

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return load_tokenizer(self.folder)


def _readable(text: str) -> str:
    """The text with "?" for lone surrogates, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")
