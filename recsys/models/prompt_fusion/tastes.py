"""Sentences of a template that tell a taste, to which a list leans, or give an order."""

from __future__ import annotations

import re

_TASTE = re.compile(
    r"\b(?:user|person|customer|viewer|reader|listener|visitor|student|guest|he|she|they)\b"
    r"[^.;!?]*\b(?:likes?|liked|loves?|loved|enjoys?|enjoyed|prefers?"
    r"|dislikes?|disliked|hates?|hated|fond of|fan of|into|interested in)\b"
    r"|^\s*(?:likes|loves|enjoys|prefers|dislikes|hates|(?:an? |big |huge )*fan of|fond of)\b"
    r"|\b(?:user['’]s|his|her|their) favou?rites?\b"
    r"|(?:用户|顾客|读者|观众|听众|学生|游客|他|她|这个?人)[^。；！？]*"
    r"(?:喜欢|喜爱|爱看|爱听|偏好|感兴趣|讨厌)"
    r"|^\s*(?:爱看|爱听|喜欢)",
    re.IGNORECASE,
)


def tells_taste(text: str) -> bool:
    """Whether a sentence says what its user likes, and so asks for nothing now.

    "The user likes comedies" does; "the user wants a comedy" and "I like comedies", which people
    write where they are asked for a wish, do not.
    """
    return bool(_TASTE.search(text))


_ORDER = re.compile(
    r"\b(?:recommend|suggest|show|give|list|find|pick|choose|offer|select|propose|predict|rank"
    r"|wants?|wanted|would like|looks? for|looking for|in the mood for|asks? for|asked for|needs?"
    r"|prefer|only|without|avoid|except|exclude|please|do not|don['’]?t|should|must|has to|have to)"
    r"\b"
    r"|^\s*(?:no|not|nothing|never|something|anything|some|more|just)\b"
    r"|推荐|想|要|只|请|给|别|避免|不含|没有|找|来[一几点些部个]|应该|必须|需要",
    re.IGNORECASE,
)


def is_order(text: str) -> bool:
    """Whether a sentence of a template says what to recommend.

    "Recommend westerns only." does. "Old westerns that were watched:" before a list describes it,
    and must not turn everybody's list to westerns.
    """
    return bool(_ORDER.search(text))
