"""What people say that asks for no kind of item, made from the dictionary for any catalogue.

"In Swedish", "starring Hepburn", "under ten euros", "the main character is a surgeon": languages,
places, people, prices and things, found by how Open English WordNet 2024 (CC BY 4.0) describes
them. None of it is written for a list that it is measured on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from recsys.wishes.antonyms import antonyms
from recsys.wishes.wordnet import glosses, how_often

#: So many words of a family, and of remarks: the most frequent ones; names, which are not counted,
#: in order of the alphabet.
_MOST, _MOST_REMARKS = 60, 120
#: A word is of a family if its first sense and this share of all are.
_SHARE = 0.5


@dataclass(frozen=True)
class _Family:
    """Words alike.

    Attributes:
        glosses: finds their senses.
        ways: to ask for them.
        proper: whether they are written in capitals.
    """

    glosses: re.Pattern[str]
    ways: tuple[str, ...]
    proper: bool = False


_FAMILIES = (
    _Family(  # languages and nationalities
        re.compile(
            r"^(?:the|a|an)\b[^;(]*\b(?:language|dialect)\b (?:of|spoken|that|which)"
            r"|^of or (?:relating|pertaining) to (?:or characteristic of )?.*"
            r"\b(?:people|inhabitants)\b"
        ),
        ("in {}", "a {} one", "dubbed into {}", "with {} subtitles", "something {}"),
        proper=True,
    ),
    _Family(  # places
        re.compile(
            r"^(?:a|an|the) [^;(]*\b(?:republic|kingdom|monarchy|capital|city)\b[^;(]*"
            r" (?:in|on|of) "
        ),
        ("from {}", "made in {}", "filmed in {}", "that takes place in {}", "a production from {}"),
        proper=True,
    ),
    _Family(  # people
        re.compile(
            r"\b(?:film|filmmaker|movie|actor|actress|director|novelist|writer|author|composer"
            r"|singer|musician|painter|playwright|comedian)\b.*\((?:born in )?\d{4}"
        ),
        (
            "by {}",
            "starring {}",
            "with {} in the lead",
            "directed by {}",
            "music by {}",
            "based on a book by {}",
            "with {}",
        ),
        proper=True,
    ),
    _Family(
        re.compile(r"^(?:a|the) (?:basic )?unit of time|^a period of time|^time unit"),
        ("under two {}s", "three {}s long", "not longer than a {}", "it takes a {}"),
    ),
    _Family(
        re.compile(r"\bmonetary unit\b|unit of money"),
        ("under ten {}s", "it costs a {}", "cheaper than five {}s"),
    ),
    _Family(
        re.compile(r"^(?:an|a|the) (?:[\w-]+ )?(?:award|prize|medal|trophy)\b"),
        ("that won the {}", "a {} winner", "nominated for the {}"),
    ),
    _Family(  # what people do
        re.compile(
            r"^(?:someone|a person|one|a worker|a professional|a craftsman|an expert|a specialist)"
            r" who\b"
        ),
        ("the main character is a {}", "about a {}", "made by a {}"),
    ),
    _Family(
        re.compile(r"^(?:a|the|any) (?:[\w-]+ )*(?:game|sport|hobby|pastime|athletic)\b"),
        ("about {}", "with {} in it", "featuring {}"),
    ),
    _Family(  # things
        re.compile(
            r"^(?:a|an) (?:[\w-]+ )*(?:appliance|tool|garment|vehicle|dish|furniture|utensil"
            r"|instrument|shoe|food|plant|clothing)\b"
        ),
        ("a {}", "a good {}", "with a {} in it", "I need a {}"),
    ),
    _Family(  # media
        re.compile(
            r"^(?:a|an|the) [^;(]*\b(?:recording|disk|disc|format|magazine|edition|website"
            r"|broadcast|channel|publication)\b"
        ),
        ("on {}", "as a {}", "a {}", "in {}"),
    ),
)
#: Remarks with an adjective {0} and a noun {1}.
_REMARKS = (
    "you are {0}",
    "that's {0}",
    "I am {0} today",
    "are you a {1}?",
    "my {1} is {0}",
    "I had a {1} yesterday",
    "well, the {1}",
    "have a {0} {1}!",
)


@cache
def other_wishes() -> tuple[str, ...]:
    """Wishes for what is no kind of item."""
    texts: dict[str, None] = {}
    for family in _FAMILIES:
        words = (word for word, senses in glosses().items() if _is_of(family, word, senses))
        for word in _most_frequent(words, _MOST):
            shown = word.replace("_", " ")
            shown = shown.title() if family.proper else shown
            texts |= dict.fromkeys(way.format(shown) for way in family.ways)
    return tuple(texts)


@cache
def remarks() -> tuple[str, ...]:
    """What people say about themselves, each other and their day."""
    described = glosses()
    nouns = {word for word, senses in described.items() if senses.startswith(("a ", "an ", "the "))}
    adjectives = _most_frequent((word for word in antonyms() if word not in nouns), _MOST_REMARKS)
    pairs = zip(adjectives, _most_frequent(nouns, _MOST_REMARKS), strict=False)
    return tuple(way.format(*pair) for pair in pairs for way in _REMARKS)


def _is_of(family: _Family, word: str, senses: str) -> bool:
    of = [bool(family.glosses.search(sense)) for sense in senses.split(" | ")]
    return len(word) > 2 and "'" not in word and of[0] and sum(of) >= _SHARE * len(of)


def _most_frequent(words: Iterable[str], n: int) -> list[str]:
    return sorted(words, key=lambda word: (-how_often().get(word, 0), word))[:n]
