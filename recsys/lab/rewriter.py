"""Sentences reworded by a local causal language model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from recsys.language_models import LANGUAGE_MODELS, folder_of, is_installed

#: Few-shot examples, which a small causal model continues.
_EXAMPLES = {
    "en": (
        ("The user likes", "This person enjoys"),
        ("Recommend what the user will choose next.", "Suggest the item that they pick next."),
        ("Most recently, the user chose", "Lately, their choices were"),
        ("Do not repeat what was seen before.", "Leave out everything already seen."),
    ),
    "zh": (
        ("用户喜欢", "这位用户偏爱"),
        ("请推荐用户接下来会选择的内容。", "请预测这位用户下一步会选什么。"),
        ("用户最近选择了", "这位用户近期挑选了"),
        ("不要重复看过的内容。", "请避开已经看过的。"),
    ),
}
_FORM = {"en": "Sentence: {}\nIn other words:", "zh": "原句：{}\n换一种说法："}
#: Nucleus sampling: it draws from the likeliest tokens that make up nine tenths.
_TEMPERATURE, _TOP_P = 0.9, 0.9
#: Tokens of an answer at most, beside twice those of the question.
_ROOM = 8


class Rewriter:
    """Rewords with the smallest installed causal model that reads a language.

    Args:
        language: "en" or "zh".
        seed: fixes what is drawn.
    """

    def __init__(self, language: str, seed: int = 0) -> None:
        self.language = language
        self.seed = seed
        self.language_model = next(
            (
                model.name
                for model in LANGUAGE_MODELS.values()
                if model.causal and model.reads(language) and is_installed(model.name)
            ),
            None,
        )

    def reword(self, text: str, n: int) -> list[str]:
        """At most `n` other ways to say a text; [] where no model is installed for it.

        None has line breaks or marks of a template, or is much longer than the text.
        """
        if self.language_model is None:
            return []
        drawn = _drawn(self.language_model, self.language, text, 2 * n, self.seed)
        tidy = [_tidy(answer, text) for answer in drawn]
        return list(dict.fromkeys(filter(None, tidy)))[:n]


@lru_cache(maxsize=1000)
def _drawn(name: str, language: str, text: str, n: int, seed: int) -> list[str]:
    """`n` continuations by a model; results are cached."""
    import torch
    from transformers import StoppingCriteriaList

    model, form = _causal(name), _FORM[language]
    shown = "\n\n".join(f"{form.format(a)} {b}" for a, b in _EXAMPLES[language])
    prompt = [*model.begin, *model.tokens(f"{shown}\n\n{form.format(text)}")]

    def said(tokens: torch.Tensor) -> list[str]:
        answers: list[str] = model.tokenizer.decode_batch(tokens[:, len(prompt) :].tolist())
        return answers

    def at_the_line_end(tokens: torch.Tensor, scores: object, **_: object) -> torch.Tensor:
        """Which answers (n,) have their first line, of which alone something is used."""
        return torch.tensor(["\n" in answer.lstrip() for answer in said(tokens)])

    with torch.random.fork_rng(), torch.inference_mode(), _one_thread():
        torch.manual_seed(seed)
        ids = torch.tensor([prompt] * n)  # (n, tokens)
        # What stands before is read once for all n, and its keys and values are given to each.
        read = model.model(ids[:1, :-1], use_cache=True, logits_to_keep=1).past_key_values
        read.batch_repeat_interleave(n)
        drawn = model.model.generate(
            ids,
            past_key_values=read,
            attention_mask=torch.ones_like(ids),
            do_sample=True,
            temperature=_TEMPERATURE,
            top_p=_TOP_P,
            max_new_tokens=2 * len(model.tokens(text)) + _ROOM,
            stopping_criteria=StoppingCriteriaList([at_the_line_end]),
            pad_token_id=0,
        )
    return said(drawn)


@contextmanager
def _one_thread() -> Iterator[None]:
    """A token at a time is too little work to share: threads would wait for each other.

    Where another process is at work beside it, that makes it fifty times slower.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@lru_cache(maxsize=1)
def _causal(name: str) -> Any:
    from recsys.models.zero_shot.likelihood import CausalModel

    return CausalModel(folder_of(name))


def _tidy(answer: str, text: str) -> str:
    """The first line of an answer, if it may stand in a template in place of the text; else ""."""
    said = answer.strip().split("\n")[0].strip()
    if not re.match(r"[.!?。！？]", text[-1:]):  # a stretch of a sentence has no end of its own
        said = said.rstrip(" .!?。！？")
    fits = 0 < len(said) <= 2 * len(text) + 20 and said.casefold() != text.casefold()
    return said if fits and not re.search(r"[{}%#<>]", said) else ""
