"""What people mean by kinds of items: general knowledge, written down in a file a domain."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

#: What is known, a file a domain.
PHRASE_FILES = tuple(sorted(Path(__file__).parent.glob("*.toml")))
#: Two kinds in one text, as training examples of wishes for both.
_TOGETHER = ("{} and {}", "{} with {}", "{}, {}", "{}, but also {}")
#: Such pairs, for every kind that the catalogue has.
_PAIRS = 16
#: Ways to ask for what is no kind of item.
_ASKING = ("{}", "something {}", "I want one {}", "{} please")
#: What stands between the parts of a value like "Action & Adventure".
_PARTS = re.compile(r"(?:[&/,+|]|\band\b)")


@dataclass(frozen=True)
class Kind:
    """A kind of item, such as the western.

    Attributes:
        names: words that stand for it wherever they stand, in lower case.
        phrases: what such items are about, or how they feel.
    """

    names: tuple[str, ...]
    phrases: tuple[str, ...]


@cache
def kinds() -> dict[str, Kind]:
    """All kinds that are known, by key."""
    read = _read()
    groups = read["shared"]
    return {
        key: Kind(
            tuple(kind["names"]),
            (
                *kind["phrases"],
                *(
                    phrase
                    for group in groups
                    if key in group["kinds"]
                    for phrase in group["phrases"]
                ),
            ),
        )
        for key, kind in read.items()
        if isinstance(kind, dict) and key != "aspects"
    }


def kinds_of(value: str) -> list[Kind]:
    """The kinds that an attribute value means: none for most, two for "Action & Adventure"."""
    known = {name: kind for key, kind in kinds().items() for name in (*kind.names, key)}
    lowered = value.lower().strip()
    parts = [lowered] if lowered in known else map(str.strip, _PARTS.split(lowered))
    return [known[part] for part in parts if part in known]


def described(values: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Sentences about the values that are known, and which values each is about.

    Returns:
        m sentences, and (m, n_values) float32 of 0 and 1.
    """
    about: dict[str, set[int]] = {}
    for place, value in enumerate(values):
        for kind in kinds_of(value):
            for text in (*kind.names, *kind.phrases):
                about.setdefault(text, set()).add(place)
    single = list(about)
    rng = np.random.default_rng(0)
    known = len(set().union(*about.values())) if about else 0
    for i in range(_PAIRS * known):
        first, second = (single[j] for j in rng.integers(len(single), size=2))
        if about[first] != about[second] and first.isascii() == second.isascii():
            text = _TOGETHER[i % len(_TOGETHER)].format(first, second)
            about[text] = about[first] | about[second]
    held = np.zeros((len(about), len(values)), dtype=np.float32)
    for row, places in enumerate(about.values()):
        held[row, list(places)] = 1.0
    return list(about), held


def neutral() -> tuple[str, ...]:
    """Sentences that ask for no kind of item."""
    return tuple(_read()["neutral"])


def aspects() -> tuple[str, ...]:
    """What people ask for that is no kind of item: its language, its maker, its price."""
    return tuple(phrase for phrases in _read()["aspects"].values() for phrase in phrases)


def asked_aspects() -> tuple[str, ...]:
    """The same, asked for in several ways."""
    return tuple(way.format(aspect) for aspect in aspects() for way in _ASKING)


@cache
def _read() -> dict[str, Any]:
    read: dict[str, Any] = {}
    for path in PHRASE_FILES:
        read |= tomllib.loads(path.read_text("utf-8"))
    return read
