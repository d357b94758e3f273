"""Sentences of a template that tell a taste: a list leans to it, where a wish is followed."""

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
