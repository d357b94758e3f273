"""What an edit changed, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

#: A template tag, a word, a character of a script without spaces, spaces, or any other character.
_TOKEN = re.compile(
    "\\{\\{.*?\\}\\}|\\{%.*?%\\}|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\\w+?(?=[\u3040-\u9fff])"
    "|\\w+|\\s+|.",
    re.DOTALL,
)


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
    found: list[Stretch] = []
    for kind, a_begin, a_end, b_begin, b_end in SequenceMatcher(None, a, b, False).get_opcodes():
        if kind == "equal":
            found.append(Stretch("same", "".join(a[a_begin:a_end])))
            continue
        if a_end > a_begin:
            found.append(Stretch("gone", "".join(a[a_begin:a_end])))
        if b_end > b_begin:
            found.append(Stretch("new", "".join(b[b_begin:b_end])))
    return found
