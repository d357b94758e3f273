"""Other words for the words of a prompt, such that every sentence stays one.

Only words and phrases of `SYNONYMS` are exchanged. Free rewording by SmolLM2 was tried: most of its
answers changed the meaning, or fitted no sentence ("Recommend what suits this user best" → "Select
the user who fits the criteria"). Nor can it judge afterwards: by the log-probability of a sentence
in its context, synonyms are told from any words with an AUC of .88, and a token of "Films that the
legion rated highly" is as likely as one of the same with "viewer" (−7.07 and −7.11:
benchmarks/wordings.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from recsys.models.word_swaps import WordSwap
from recsys.prompts import Template
from recsys.prompts.synonyms import SYNONYMS

#: Tags and comments of a template, which are no words.
TAG = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|\n)", re.DOTALL)
#: After these a verb is a noun: "the user's likes".
_OWNED = r"(?<!['’]s )(?<!\btheir )"


def swapped(template: Template, swaps: Sequence[WordSwap], most: int) -> Iterator[str]:
    """Sources with one word exchanged, at every place where it stands, the best swaps first.

    Args:
        swaps: what the gradient of a loss says; those of other words than synonyms are left out.
        most: sources at most.
    """
    left = most
    for swap in swaps:
        if not left:
            return
        if swap.other in SYNONYMS.get(swap.word, ()):
            changed = _exchanged(template.source, swap.word, swap.other)
            if changed != template.source:
                left -= 1
                yield changed


def reworded(template: Template) -> Iterator[str]:
    """Sources with one word or phrase exchanged for each of its synonyms."""
    for phrase, others in SYNONYMS.items():
        for other in others:
            changed = _exchanged(template.source, phrase, other)
            if changed != template.source:
                yield changed


def _exchanged(source: str, phrase: str, other: str) -> str:
    """A source with another phrase wherever one stands as whole words, outside tags."""
    whole = rf"{_OWNED}(?<![\w-]){re.escape(phrase)}(?![\w-])"
    pattern = whole if phrase.isascii() else re.escape(phrase)
    return "".join(
        part if TAG.fullmatch(part) else re.sub(pattern, _like(other), part, flags=re.I)
        for part in TAG.split(source)
    )


def _like(other: str) -> Callable[[re.Match[str]], str]:
    """A replacement that begins as what it replaces, with a capital letter or not."""
    return lambda match: f"{other[:1].upper()}{other[1:]}" if match[0][:1].isupper() else other
