"""The text of a request as models read it: white space folded, cut to the maximum length."""

from __future__ import annotations

import re
from dataclasses import dataclass

from recsys.schema import N_, Message

#: The most characters of a wish that are read. A sentence encoder reads 256 tokens at once, about
#: four letters each; what real people ask for (ReDial) has 484 characters at most.
MAX_WISH = 1000
#: The notice shown when a request was cut.
CUT = Message(
    N_("Only the first {limit} characters were read: say it in fewer words."), {"limit": MAX_WISH}
)
_WHITE = re.compile(r"\s+")


@dataclass(frozen=True)
class RequestText:
    """The part of a request that is read, and whether anything was cut from it."""

    text: str
    cut: bool


def request_text(words: str) -> RequestText:
    """The part of a request that is read, cut between two words where there are spaces."""
    text = folded(words)
    if len(text) <= MAX_WISH:
        return RequestText(text, cut=False)
    part = text[: MAX_WISH + 1]
    whole = part[: max(part.rfind(" "), part.rfind("\n"))] if _WHITE.search(part) else ""
    return RequestText(whole if len(whole) > MAX_WISH // 2 else text[:MAX_WISH], cut=True)


def folded(words: str) -> str:
    """Words with one space for any white space, or one line break where it held any.

    Thousands of spaces say nothing, and patterns that allow any number of them would try them all.
    """
    return _WHITE.sub(lambda white: "\n" if "\n" in white[0] else " ", words.strip())
