"""Comparisons with a title: "scarier than Jaws", "less sad than Alien", 比《大白鲨》更吓人的."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """What is to be more, or less, than something is.

    Attributes:
        word: the quality, as it was written ("scarier", "violent", 吓人).
        more: False for less.
        place: where "like" stands for it in the text that `comparisons` gives.
    """

    word: str
    more: bool
    place: int


#: "More … than" with a quality of up to three words, "scarier than", and "not as scary as"; words
#: that compare nothing else than time, number or choice stay as they are.
_ENGLISH = re.compile(
    r"\b(?:(?P<sign>more|less)\s+(?P<long>[a-z][\w'’-]*(?:\s+[\w'’-]+){0,2}?)\s+than"
    r"|(?:not|n['’]t)\s+(?:be\s+)?(?:as|so)\s+(?P<lower>[a-z][\w'’-]*(?:\s+[\w'’-]+){0,2}?)\s+as"
    r"|(?P<short>(?!(?:rather|other|later|earlier|older|newer|better|either|however)\b)"
    r"[a-z]{2,}er)\s+than)\s+",
    re.IGNORECASE,
)
#: 比《…》更吓人的, 比…没那么吓人的, 没有《…》那么吓人的.
_CHINESE = re.compile(
    r"(?:比(?P<title>[^，。；！？]{1,40}?)(?P<sign>更不|没那么|没有那么|不那么|更加|更|还要?)"
    r"|(?:没有|不如|不像)(?P<lower>[^，。；！？]{1,40}?)(?:那么|那样|这么))"
    r"(?P<word>[^，。；！？的]{1,10})(?:一点|一些|些)?(?:的|(?=[，。；！？]|$))"
)
_LESS = ("less", "更不", "没那么", "没有那么", "不那么")


def comparisons(text: str) -> tuple[str, list[Comparison]]:
    """The comparisons in a text, and the text with "like" in place of each of them.

    So what is compared with is read as a title to resemble, which is not meant itself.
    """
    found: list[Comparison] = []
    parts: list[str] = []
    end = length = 0
    for match in sorted(
        [*_ENGLISH.finditer(text), *_CHINESE.finditer(text)], key=lambda match: match.start()
    ):
        if match.start() < end:
            continue
        chinese = match.re is _CHINESE
        title = (match["title"] or match["lower"]) if chinese else ""
        word = match["word"] if chinese else match["long"] or match["lower"] or match["short"]
        before = f"{text[end : match.start()]}{'像' if chinese else 'like '}"
        more = (match["sign"] or "").lower() not in _LESS and not match["lower"]
        place = length + match.start() - end
        found.append(Comparison(word, more, place))
        parts += [before, f"{title}，" if chinese else ""]
        length += len(before) + len(parts[-1])
        end = match.end()
    return "".join([*parts, text[end:]]), found
