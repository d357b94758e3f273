"""Which part of a prompt a language model will not read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

#: Places where a text may be cut: after white space, and after each Chinese character.
_CUTS = re.compile("\\s+|(?<=[\u3000-\u9fff\uff00-\uffef])")


@dataclass(frozen=True)
class Fitted:
    """A prompt split where the model stops reading; `kept + cut` is the whole text.

    Attributes:
        kept: what is read.
        cut: what is not, empty if everything fits.
        tokens: the number of tokens of the whole text.
    """

    kept: str
    cut: str
    tokens: int


def fit_tokens(text: str, count: Callable[[str], int], limit: int) -> Fitted:
    """Split `text` at the last word that a model with room for `limit` tokens still reads.

    Language models cut the end of what is too long, so that is what is cut here.
    `count` is called about log2(number of words) times.
    """
    tokens = count(text)
    if tokens <= limit:
        return Fitted(text, "", tokens)
    cuts = sorted({0, *(match.end() for match in _CUTS.finditer(text))})
    low, high = 0, len(cuts)  # the first `low` cuts fit, from `high` on they do not
    while high - low > 1:
        middle = (low + high) // 2
        if count(text[: cuts[middle]]) <= limit:
            low = middle
        else:
            high = middle
    return Fitted(text[: cuts[low]], text[cuts[low] :], tokens)
