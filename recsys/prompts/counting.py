"""Lengths of texts without a language model: words, marks and Chinese characters.

A language model cuts rare words into several tokens and knows others as one, each in its own way.
A template has to mean the same for all of them, so its tokens are counted by what people see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate

_CHINESE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
#: A character of a script without spaces, a word or a number, or any other mark.
_TOKEN = re.compile(rf"[{_CHINESE}]|[^\W{_CHINESE}]+|[^\w\s]")


def count_tokens(text: str) -> int:
    """How many words, punctuation marks and Chinese characters a text has."""
    return sum(1 for _ in _TOKEN.finditer(text))


def first_tokens(text: str, n: int) -> str:
    """The text up to the end of its `n`-th token; the whole text if it has no more."""
    end = 0
    for place, match in enumerate(_TOKEN.finditer(text)):
        if place == n:
            return text[:end]
        end = match.end()
    return text


def how_many_fit(texts: Iterable[str], n: int) -> int:
    """How many of the texts, from the first one on, have at most `n` tokens in all."""
    return sum(1 for total in accumulate(map(count_tokens, texts)) if total <= n)
