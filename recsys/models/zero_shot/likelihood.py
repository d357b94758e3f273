"""Causal models: how much likelier each title is after the prompt than after none."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from recsys.language_models import Progress, load_tokenizer, load_transformer
from recsys.language_models.cache import VECTORS_FILE, VectorCache
from recsys.language_models.loading import has_quick_bfloat16
from recsys.language_models.local import fingerprint
from recsys.models.zero_shot.trie import TitleTrie, Tokens
from recsys.storage.folders import cache_folder

#: Nodes of a trie in one forward pass. More would attend to more nodes that are not their
#: ancestors, fewer would make small matrix products.
BLOCK = 256
#: Longer titles are judged by their beginning.
TITLE_TOKENS = 64
#: Nodes that an evaluation reads at most: it measures as many users as that allows. SmolLM2 reads
#: 400 a second on a core that computes in bfloat16, so that this takes two of them ten minutes.
EVALUATION_NODES = 400_000


class CausalModel:
    """A causal language model with its head, and its tokenizer.

    Args:
        folder: a local folder with the weights, as transformers saves them.
        dtype: in which it computes; None for bfloat16 where the processor is quick at it.
    """

    def __init__(self, folder: Path, dtype: torch.dtype | None = None) -> None:
        self.tokenizer = load_tokenizer(folder)
        self.dtype = dtype or (torch.bfloat16 if has_quick_bfloat16() else torch.float32)
        model: Any = load_transformer(folder, with_head=True)
        self.model: Any = model.to(self.dtype)
        self.max_positions = int(getattr(self.model.config, "max_position_embeddings", 1024))
        #: The token that every text begins with.
        self.begin: Tokens = (self._begin(),)

    def _begin(self) -> int:
        """The mark that the tokenizer sets, else that of the beginning, else of the end of a text.

        As the LM Evaluation Harness chooses what to condition on where there is no context.
        """
        config = self.model.config
        ends = config.eos_token_id
        ends = ends if isinstance(ends, list) else [ends]
        for token in [*self.tokenizer.encode("").ids, config.bos_token_id, *ends]:
            if token is not None and token < config.vocab_size:
                return int(token)
        return 0

    def tokens(self, text: str) -> Tokens:
        """The tokens of a text, without marks."""
        readable = text.encode("utf-8", "replace").decode("utf-8")  # no lone surrogates
        return tuple(self.tokenizer.encode(readable, add_special_tokens=False).ids)

    @torch.inference_mode()
    def log_likelihoods(
        self, prompt: Tokens, trie: TitleTrie, progress: Progress | None = None
    ) -> np.ndarray:
        """log P(node's token | prompt, its ancestors' tokens) of all nodes: (m,) float32.

        The prompt is read once, and its keys and values serve all titles. Then the inner nodes
        are read in blocks, each node attending to the prompt and its own ancestors, at the
        position that it has in its title; every state is the one that the prompt and a title by
        itself would give. What ends every title needs no state, only the one before it. On 400
        titles of MovieLens that is 33 times as fast as a pass over prompt and title each
        (benchmarks/title_trie.py).

        Args:
            prompt: at least one token.
            progress: called with (done, total) nodes.
        """
        from transformers import DynamicCache

        p = len(prompt)
        read = self.model(torch.tensor([prompt]), use_cache=True, logits_to_keep=1)
        past = [(layer.keys, layer.values) for layer in read.past_key_values.layers]
        found = np.zeros(trie.n_nodes, dtype=np.float32)
        firsts = trie.firsts
        after_prompt = np.zeros(len(firsts), dtype=np.int64)
        found[firsts] = _log_softmax_at(read.logits[0], after_prompt, trie.tokens[firsts])
        for block in trie.blocks(BLOCK):
            b = len(block.nodes)
            sees = torch.ones(1, 1, b, p + b, dtype=torch.bool)
            sees[0, 0, :, p:] = torch.from_numpy(block.sees)
            logits = self.model(
                torch.from_numpy(trie.tokens[block.nodes])[None],
                position_ids=torch.from_numpy(p + trie.depths[block.nodes])[None],
                attention_mask=sees,
                past_key_values=DynamicCache(past),  # a new one: the block's own are added to it
                use_cache=True,
            ).logits[0]  # (b, vocabulary)
            tokens = trie.tokens[block.children]
            found[block.children] = _log_softmax_at(logits, block.rows, tokens)
            if progress is not None:
                progress(block.done, block.total)
        return found


class Likelihood:
    """score(i | prompt) = mean over the title's tokens of log P(token | prompt) - log P(token).

    The gain in likelihood by the prompt, per token. The likelihood alone would favour common words
    and short titles: the correction is the pointwise mutual information of Holtzman et al. 2021
    ("Surface form competition", arXiv:2104.08315), what comes before a title without the prompt
    being nothing but the mark that begins a text; compare the contextual calibration of Zhao et
    al. 2021 (arXiv:2102.09690).

    Args:
        folder: where the weights lie; they are loaded at the first score.
        titles: of all items.
        max_tokens: of a prompt.
    """

    def __init__(self, folder: Path, titles: Sequence[str], max_tokens: int) -> None:
        self._model = causal_model(folder)
        self._titles = list(titles)
        self._trie = self._trie_of(self._titles)
        longest = 1 + int(self._trie.depths.max(initial=0))
        self._limit = max(1, min(max_tokens, self._model.max_positions - longest))
        self.before = np.zeros(len(titles), dtype=np.float32)  # of each title without a prompt
        space = f"likelihood:{fingerprint(folder)}:{self._model.dtype}"
        self._cache = VectorCache(cache_folder() / VECTORS_FILE, space)

    def _trie_of(self, titles: Sequence[str]) -> TitleTrie:
        # After a space, as words stand within a text; a title without tokens is just its mark.
        tokens = [self._model.tokens(f" {title}") or self._model.begin for title in titles]
        return TitleTrie.of([title[:TITLE_TOKENS] for title in tokens])

    def read(self, progress: Progress | None) -> None:
        """The likelihoods without a prompt, from the cache where it has them."""
        titles = list(dict.fromkeys(self._titles))
        known = self._cache.get(titles)
        missing = [title for title in titles if title not in known]
        if missing:
            trie = self._trie_of(missing)

            def titles_read(done: int, total: int) -> None:
                if progress is not None:
                    progress(len(missing) * done // total, len(missing))

            found = trie.means(self._model.log_likelihoods(self._model.begin, trie, titles_read))
            self._cache.put(missing, found[:, None])
            known |= dict(zip(missing, found[:, None], strict=True))
        self.before = np.array([known[title][0] for title in self._titles], dtype=np.float32)

    def score(self, prompts: Sequence[str]) -> np.ndarray:
        """Scores of all items after each prompt: (n, n_items)."""
        scores = np.zeros((len(prompts), len(self._titles)), dtype=np.float32)
        for row, prompt in enumerate(prompts):
            tokens = (*self._model.begin, *self._model.tokens(prompt))[: self._limit]
            after = self._trie.means(self._model.log_likelihoods(tokens, self._trie))
            scores[row] = after - self.before
        return scores

    def measured_users(self) -> int | None:
        return max(1, EVALUATION_NODES // max(1, len(self._trie.inner)))

    def tensors(self) -> dict[str, np.ndarray]:
        return {"before": self.before}

    def load_tensors(self, tensors: dict[str, np.ndarray]) -> None:
        self.before = tensors["before"]


@lru_cache(maxsize=2)
def causal_model(folder: Path) -> CausalModel:
    """The model in `folder`, loaded once."""
    return CausalModel(folder)


def _log_softmax_at(logits: torch.Tensor, rows: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """log softmax of logits (b, vocabulary) at c places: (c,) float32."""
    total = torch.logsumexp(logits.float(), -1)  # (b,)
    at = torch.from_numpy(rows)
    chosen = logits[at, torch.from_numpy(tokens)].float()
    return (chosen - total[at]).numpy()
