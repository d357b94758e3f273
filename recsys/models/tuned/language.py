"""A language model that gradients pass through: prompts with trained vectors → states."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from recsys.language_models import load_tokenizer, load_transformer
from recsys.language_models.local import is_causal
from recsys.language_models.vocabulary import whole_words
from recsys.models.soft_words import NearWord, nearest_words
from recsys.models.tuned.packing import Packed, Tokens, pack_apart, pack_trees

CPU = torch.device("cpu")
#: The words whose vectors a soft prompt starts from.
FIRST_WORDS = "Recommend what this user is most likely to choose next, given what they like:"


class TextModel:
    """A transformer of Hugging Face, frozen unless weights are made trainable, and its tokenizer.

    An encoder's state is the mean of its last layer over the tokens, as sentence encoders are
    made for; a causal model's is that of its last token. Both are scaled to a mean square of 1.

    Args:
        folder: a local folder with the weights, as transformers saves them.
        device: where the weights lie, and the states.
    """

    def __init__(self, folder: Path, device: torch.device = CPU) -> None:
        self.folder = folder
        self.tokenizer = load_tokenizer(folder)
        self.causal = is_causal(folder)
        module: Any = load_transformer(folder)
        if getattr(module, "pooler", None) is not None:
            module.pooler = None  # made for another task; the mean takes its place
        self.module: nn.Module = module.to(device)
        self.config: Any = module.config
        self.dimension = int(self.config.hidden_size)

    @cached_property
    def _marks(self) -> tuple[Tokens, Tokens]:
        """The marks that the tokenizer sets before and after a text."""
        marked = self.tokenizer.encode("a").ids
        plain = self.words("a")
        places = range(len(marked) - len(plain) + 1)
        begin = next(i for i in places if tuple(marked[i : i + len(plain)]) == plain)
        return tuple(marked[:begin]), tuple(marked[begin + len(plain) :])

    def words(self, text: str) -> Tokens:
        """The tokens of a text, without marks."""
        readable = text.encode("utf-8", "replace").decode("utf-8")  # no lone surrogates
        return tuple(self.tokenizer.encode(readable, add_special_tokens=False).ids)

    def marked(self, tokens: Sequence[int], limit: int) -> Tokens:
        """Tokens between their marks, `limit` at most: words at the end go, trained vectors stay.

        A text without any token becomes one, since there is no state of nothing.
        """
        before, after = self._marks
        kept = list(tokens)
        excess = len(before) + len(kept) + len(after) - limit
        for place in range(len(kept) - 1, -1, -1):
            if excess <= 0:
                break
            if kept[place] >= 0:
                del kept[place]
                excess -= 1
        marks = (*before, *kept, *after)
        return marks or self.words(" ") or (0,)

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """Words that are one token each."""
        return whole_words(self.tokenizer)

    def nearest_words(self, vectors: torch.Tensor) -> list[list[NearWord]]:
        """The words whose embeddings lie nearest to each of some vectors (n, d)."""
        ids = torch.tensor(list(self.vocabulary.values()))
        return nearest_words(vectors, list(self.vocabulary), self.embed(ids))

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """The embeddings of token ids (…): (…, d)."""
        table: Any = self.module.get_input_embeddings()  # type: ignore[operator]
        found: torch.Tensor = table(ids.to(table.weight.device))
        return found

    def vectors(self, n: int, *, from_words: bool) -> nn.Module:
        """`n` vectors to be trained (peft): those of words, or any that saved ones replace."""
        from peft import PromptEmbedding, PromptTuningConfig

        config = PromptTuningConfig(
            task_type="FEATURE_EXTRACTION",
            num_virtual_tokens=n,
            token_dim=self.dimension,
            num_transformer_submodules=1,
            prompt_tuning_init="TEXT" if from_words else "RANDOM",
            prompt_tuning_init_text=FIRST_WORDS if from_words else None,
            tokenizer_name_or_path=str(self.folder) if from_words else None,
        )
        embedding: nn.Module = PromptEmbedding(config, self.module.get_input_embeddings())  # type: ignore[operator]
        return embedding

    def pack(self, groups: Sequence[Sequence[Tokens]]) -> Packed:
        """Groups of prompts in one batch; what a group shares is read once if that is exact."""
        if self.causal:
            return pack_trees(groups)
        return pack_apart([prompt for group in groups for prompt in group])

    def states(self, packed: Packed, soft: torch.Tensor | None) -> torch.Tensor:
        """The states of n prompts, (n, d), with a mean square of 1.

        Args:
            soft: (n_vectors, d) what stands at the negative ids; None if there are none.
        """
        inputs = self.embed(packed.ids.clamp(min=0))  # (b, t, d)
        if soft is not None and len(soft):
            here = packed.ids < 0
            vectors = F.embedding((-1 - packed.ids).clamp(min=0), soft)  # (b, t, d)
            inputs = torch.where(here[..., None], vectors.to(inputs.dtype), inputs)
        arguments: dict[str, Any] = {"inputs_embeds": inputs, "position_ids": packed.places}
        if packed.sees is not None:
            mask = packed.sees[:, None]  # (b, 1, t, t)
            hidden = self.module(
                **arguments, attention_mask=mask, use_cache=False
            ).last_hidden_state
            state = hidden[packed.row, packed.end]
        else:
            held = packed.held[..., None]  # (b, t, 1)
            mask = packed.held.long()
            hidden = self.module(**arguments, attention_mask=mask).last_hidden_state
            state = (hidden * held).sum(1) / held.sum(1)
        return F.normalize(state.float(), dim=-1) * math.sqrt(self.dimension)


@lru_cache(maxsize=2)
def frozen(folder: Path, device: torch.device = CPU) -> TextModel:
    """The model in `folder`, shared by all who leave its weights as they are."""
    return TextModel(folder, device)
