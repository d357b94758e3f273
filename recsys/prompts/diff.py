"""What an edit changed, word by word."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

#: A template tag, a word, a character of a script without spaces, spaces, or any other character.
_TOKEN = re.compile(
    "\\{\\{(?:(?!\\{\\{).)*?\\}\\}|\\{%(?:(?!\\{%).)*?%\\}"
    "|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\\w+?(?=[\u3040-\u9fff])|\\w+|\\s+|.",
    re.DOTALL,
)
#: Pairs of equal words in two texts beyond which lines are compared first: to look at all pairs
#: again for every stretch that is found takes minutes.
_MOST_PAIRS = 200_000


@dataclass(frozen=True)
class Stretch:
    """Words that two texts share, that only the first one has, or only the second one."""

    kind: Literal["same", "gone", "new"]
    text: str


def word_diff(before: str, after: str) -> list[Stretch]:
    """Both texts in order: what is gone stands before what is new in its place.

    Joined, the stretches that are not new give `before`, those that are not gone give `after`.
    """
    a, b = _TOKEN.findall(before), _TOKEN.findall(after)
    if _pairs(a, b) > _MOST_PAIRS:
        return _line_diff(before, after)
    found: list[Stretch] = []
    gone = new = ""
    for kind, a_begin, a_end, b_begin, b_end in SequenceMatcher(None, a, b, False).get_opcodes():
        of_a, of_b = "".join(a[a_begin:a_end]), "".join(b[b_begin:b_end])
        # A space between two changed words belongs to the change.
        if kind != "equal" or ((gone or new) and of_a.isspace() and a_end < len(a)):
            gone, new = gone + of_a, new + of_b
            continue
        found += _changed(gone, new)
        gone = new = ""
        found.append(Stretch("same", of_a))
    return found + _changed(gone, new)


def _line_diff(before: str, after: str) -> list[Stretch]:
    """As `word_diff`, by lines; words are compared within lines that changed, if they are few."""
    a, b = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(a) == len(b) == 1 or _pairs(a, b) > _MOST_PAIRS:
        return [Stretch("same", before)] if before == after else _changed(before, after)
    found: list[Stretch] = []
    for kind, a_begin, a_end, b_begin, b_end in SequenceMatcher(None, a, b, False).get_opcodes():
        of_a, of_b = "".join(a[a_begin:a_end]), "".join(b[b_begin:b_end])
        if kind == "equal":
            found.append(Stretch("same", of_a))
        elif _pairs(_TOKEN.findall(of_a), _TOKEN.findall(of_b)) <= _MOST_PAIRS:
            found += word_diff(of_a, of_b)
        else:
            found += _changed(of_a, of_b)
    return found


def _pairs(a: list[str], b: list[str]) -> int:
    """How many pairs of equal entries two lists have."""
    of_b = Counter(b)
    return sum(of_b[entry] for entry in a)


def _changed(gone: str, new: str) -> list[Stretch]:
    """What is gone, then what is new; spaces that both end in are the same after all."""
    end = len(gone) - len(gone.rstrip()) if gone and new else 0
    shared = gone[len(gone) - end :] if end and new.endswith(gone[len(gone) - end :]) else ""
    gone, new = gone[: len(gone) - len(shared)], new[: len(new) - len(shared)]
    stretches = (Stretch("gone", gone), Stretch("new", new), Stretch("same", shared))
    return [stretch for stretch in stretches if stretch.text]
