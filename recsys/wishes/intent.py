"""What a text asks for, in terms of one catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recsys.wishes.mentions import Mention
from recsys.wishes.years import Span

#: A value at least this sure (0 to 1) is listed as understood.
LISTED = 0.3
#: A value named less surely than this is not asked for: "popcorn is on the table".
_FAINT = 0.1
#: Titles listed where the words are part of several.
_TITLES_LISTED = 3


@dataclass(frozen=True)
class Compared:
    """A quality that is to be more, or less, than in the items at some positions."""

    word: str
    more: bool
    items: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Intent:
    """What a text asks for: attribute values to have or to avoid, years, and titles to resemble.

    True where something was understood that can be shown; `changes_lists` also where a value is
    meant less surely than that.

    Attributes:
        values: (n_values,) the attribute values of the catalogue that can be asked for.
        wanted_sure, avoided_sure: (n_values,) float32 of 0 to 1, how sure it is that each value
            is wanted, or to be avoided; what titles have in common is among them.
        years, not_years: spans of years; an item of any of them will do.
        likes, unlikes: mentions of titles that items are to be like, or not.
        says_more: whether it wants something in more words than names of values, years and what is
            to be avoided.
        any_will_do: whether what is wanted tells a taste: having more of it counts no more.
        missing: parts of the text that ask for what the catalogue does not have.
        compared: qualities beside those of `likened` items.
        cut: whether the text is longer than what is read of it.
        named_wanted, named_avoided: (n_values,) how surely its words alone name each value, without
            what titles have in common; as above where there are no mentions.
        must: what, of all that is wanted, items without it come after all others for.
        taste: what is wanted at most as a taste, and in nothing above.
        restated: the words for a model to read where those of the text say what a person took back;
            None where the text stands.
    """

    values: np.ndarray
    wanted_sure: np.ndarray
    avoided_sure: np.ndarray
    years: tuple[Span, ...] = ()
    not_years: tuple[Span, ...] = ()
    likes: tuple[Mention, ...] = ()
    unlikes: tuple[Mention, ...] = ()
    says_more: bool = False
    any_will_do: bool = False
    missing: tuple[str, ...] = ()
    compared: tuple[Compared, ...] = ()
    cut: bool = False
    named_wanted: np.ndarray | None = None
    named_avoided: np.ndarray | None = None
    must: Intent | None = None
    taste: Intent | None = None
    restated: str | None = None

    @property
    def wanted(self) -> tuple[str, ...]:
        """The values that are wanted, the surest first."""
        return self._listed(self.wanted_sure)

    def words(self, text: str) -> str:
        """What models read of the text of this wish."""
        return text if self.restated is None else self.restated

    @property
    def welcome(self) -> tuple[str, ...]:
        """The values that are wanted, and those that are at most a taste."""
        return self.wanted if self.taste is None else (*self.wanted, *self.taste.wanted)

    @property
    def avoided(self) -> tuple[str, ...]:
        """The values that are to be avoided, the surest first."""
        return self._listed(self.avoided_sure)

    @property
    def like(self) -> tuple[str, ...]:
        """The first few of the titles that items are to be like."""
        return _titles(self.likes)

    @property
    def unlike(self) -> tuple[str, ...]:
        """The first few of the titles that items are not to be like."""
        return _titles(self.unlikes)

    @property
    def likened(self) -> tuple[int, ...]:
        """Positions of items that are to be resembled, not listed."""
        return tuple(item for mention in self.likes for item in mention.items)

    @property
    def mentioned(self) -> tuple[int, ...]:
        """Positions of items of all titles in the text that are not to be avoided."""
        return tuple(item for mention in self.likes for item in mention.found)

    @property
    def changes_lists(self) -> bool:
        """Whether any item gets a bonus for it, positive or negative."""
        sure = self.wanted_sure.any() or self.avoided_sure.any()
        taste = self.taste is not None and self.taste.changes_lists
        return bool(sure or self.years or self.not_years or self.compared or taste)

    def __bool__(self) -> bool:
        named = (self.wanted, self.avoided, self.years, self.not_years, self.like, self.unlike)
        return any(named) or bool(self.taste)

    def _listed(self, sure: np.ndarray) -> tuple[str, ...]:
        places = [i for i in np.argsort(-sure, kind="stable") if sure[i] >= LISTED]
        return tuple(str(self.values[i]) for i in places)

    def to_dict(self) -> dict[str, Any]:
        """The parts by name, as the command line prints them."""
        return {
            "wanted": self.wanted,
            "avoided": self.avoided,
            "years": tuple((span.first, span.last) for span in self.years),
            "not_years": tuple((span.first, span.last) for span in self.not_years),
            "like": self.like,
            "unlike": self.unlike,
            "missing": self.missing,
            "compared": tuple(("more" if c.more else "less", c.word) for c in self.compared),
        }


def weighed(
    named_wanted: np.ndarray,
    named_avoided: np.ndarray,
    likes: Sequence[Mention],
    unlikes: Sequence[Mention],
) -> tuple[np.ndarray, np.ndarray]:
    """How sure it is that values are wanted, and avoided, by words and by titles: (n_values,) each.

    "Drawn, no real actors": what is wanted as clearly as avoided is wanted.
    """
    plus, minus = highest(named_wanted, likes), highest(named_avoided, unlikes)
    return plus * (plus >= np.maximum(minus, _FAINT)), minus * (minus > plus)


def highest(named: np.ndarray, mentions: Sequence[Mention]) -> np.ndarray:
    """The higher one of how clearly values are named, and what mentioned items share."""
    return np.max([named, *(mention.values for mention in mentions)], axis=0)


def _titles(mentions: Sequence[Mention]) -> tuple[str, ...]:
    return tuple(title for mention in mentions for title in mention.titles)[:_TITLES_LISTED]
