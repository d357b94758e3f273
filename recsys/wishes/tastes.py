"""Sentences of a template that state a taste of the user, or give an instruction."""

from __future__ import annotations

import re

#: Subject, verb and end of a sentence that states a taste: in English, in Chinese.
_ABOUT = (
    (
        re.compile(
            r"\b(?:user|person|customer|viewer|reader|listener|visitor|student|guest|he|she|they)\b",
            re.IGNORECASE,
        ),
        re.compile(
            r"\b(?:likes?|liked|loves?|loved|enjoys?|enjoyed|prefers?"
            r"|dislikes?|disliked|hates?|hated|fond of|fan of|into|interested in)\b",
            re.IGNORECASE,
        ),
        re.compile(r"[.;!?]"),
    ),
    (
        re.compile("用户|顾客|读者|观众|听众|学生|游客|他|她|这个?人"),
        re.compile("喜欢|喜爱|爱看|爱听|偏好|感兴趣|讨厌"),
        re.compile("[。；！？]"),
    ),
)
_TASTE = re.compile(
    r"\A\s*(?:likes|loves|enjoys|prefers|dislikes|hates|(?:an? |big |huge )*fan of|fond of)\b"
    r"|\b(?:user['’]s|his|her|their) favou?rites?\b"
    r"|\A\s*(?:爱看|爱听|喜欢)",
    re.IGNORECASE,
)


def states_taste(text: str) -> bool:
    """Whether a sentence says what its user likes, and so asks for nothing now.

    "The user likes comedies" does; "the user wants a comedy" and "I like comedies", which people
    write where they are asked for a wish, do not.
    """
    return bool(_TASTE.search(text)) or any(
        _in_one(text, whom, likes, ends) for whom, likes, ends in _ABOUT
    )


#: What somebody says who talks of what they like, or leaves a choice.
_TELLS = re.compile(
    r"\b(?:i|we|he|she|they)(?: really| also| both| usually)?"
    r" (?:like|love|enjoy|prefer|liked|loved)s?\b"
    r"|\b(?:favou?rites?|(?:big |huge )?fan of|into|or)\b|喜欢|爱看|或|还是",
    re.IGNORECASE,
)


def tells_taste(text: str) -> bool:
    """Whether a request talks of a taste, of which an item may have a part, or of one thing.

    "I like comedies and westerns" does; "I would like a funny western" asks for one thing that is
    both.
    """
    return bool(_TELLS.search(text))


def _in_one(
    text: str, first: re.Pattern[str], then: re.Pattern[str], ends: re.Pattern[str]
) -> bool:
    """Whether one sentence of a text has a word of `first`, and later one of `then`.

    One pattern with anything in between would try every pair of such words.
    """
    return any(
        (found := first.search(part)) and then.search(part, found.end())
        for part in ends.split(text)
    )


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
