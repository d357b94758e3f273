"""Language models small enough to build and train within a test."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import torch

from recsys.prompts import LIBRARY
from recsys.wishes.requests import WISHES

_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def vocabulary(texts: Sequence[str]) -> list[str]:
    """The distinct words and marks of texts, in lower case, in order."""
    pieces = (piece for text in texts for piece in re.findall(r"\w+|[^\w\s]", text.lower()))
    return list(dict.fromkeys(pieces))


def _words() -> list[str]:
    templates = [template.source for template in LIBRARY.values()]
    names = " ".join(f"{kind}{number}" for kind in "cw" for number in range(8))
    numbers = " ".join(map(str, range(1980, 2020)))
    data = f"film <x> never1 never2 {names} {numbers} comedy short western drama pilot cook age job"
    return vocabulary([data, *templates, *WISHES])


def _save(folder: Path, model: torch.nn.Module, *, marks: bool) -> None:
    """Save a model with a word tokenizer, which sets marks around a text or not."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = {word: place for place, word in enumerate([*_SPECIAL, *_words()])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if marks:
        ends = [("[CLS]", words["[CLS]"]), ("[SEP]", words["[SEP]"])]
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=ends
        )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        eos_token="[SEP]",
    ).save_pretrained(folder)
    model.save_pretrained(folder)  # type: ignore[operator]


@cache
def tiny_bert() -> Path:
    """The folder of an encoder with one layer of 32 dimensions and random weights."""
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    folder = Path(tempfile.mkdtemp(prefix="tiny-bert-"))
    config = BertConfig(
        vocab_size=len(_SPECIAL) + len(_words()),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=256,
        initializer_range=0.2,
    )
    _save(folder, BertModel(config), marks=True)
    return folder


@cache
def tiny_gpt2() -> Path:
    """The folder of a causal model with two layers of 32 dimensions and random weights."""
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    folder = Path(tempfile.mkdtemp(prefix="tiny-gpt2-"))
    config = GPT2Config(
        vocab_size=len(_SPECIAL) + len(_words()),
        n_embd=32,
        n_layer=2,
        n_head=2,
        n_positions=256,
        initializer_range=0.2,
    )
    _save(folder, GPT2LMHeadModel(config), marks=False)
    return folder
