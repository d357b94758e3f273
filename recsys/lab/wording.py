"""Other words for the words of a prompt: single ones by gradient, whole stretches by a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from recsys.lab.rewriter import Rewriter
from recsys.models.word_swaps import WordSwap
from recsys.prompts import Template

#: Tags and comments of a template, which are no words.
_TAG = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|\n)", re.DOTALL)
#: A stretch from its first word to its last: the marks around it are not reworded.
_WORDED = re.compile(r"\w(?:.*\w)?", re.DOTALL)
#: A stretch that is shorter is too little to be reworded.
_SHORTEST = 2
_WORD = re.compile(r"[A-Za-z]+|[\u3400-\u9fff]")


def swapped(template: Template, swaps: Sequence[WordSwap], most: int) -> Iterator[str]:
    """Sources with one word exchanged, at every place where it stands, the best swaps first.

    Args:
        most: sources at most.
    """
    left = most
    for swap in swaps:
        chinese = not swap.word.isascii()
        pattern = re.escape(swap.word) if chinese else rf"\b{re.escape(swap.word)}\b"
        parts = _TAG.split(template.source)
        changed = [
            part if _TAG.fullmatch(part) else re.sub(pattern, _like(swap.other), part, flags=re.I)
            for part in parts
        ]
        if changed != parts and left:
            left -= 1
            yield "".join(changed)


def reworded(template: Template, rewriter: Rewriter, each: int) -> Iterator[str]:
    """Sources with one stretch of words reworded, `each` for every stretch."""
    parts = _TAG.split(template.source)
    for place, part in enumerate(parts):
        if _TAG.fullmatch(part):
            continue
        match = _WORDED.search(part)
        if match is None or len(_WORD.findall(match[0])) < _SHORTEST:
            continue
        before, after = part[: match.start()], part[match.end() :]
        for other in rewriter.reword(match[0], each):
            yield "".join([*parts[:place], before, other, after, *parts[place + 1 :]])


def _like(other: str) -> Callable[[re.Match[str]], str]:
    """A replacement that begins as what it replaces, with a capital letter or not."""
    return lambda match: other.capitalize() if match[0][:1].isupper() else other
