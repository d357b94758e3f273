"""What a text asks for, in terms of one catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from recsys.wishes.years import Span

#: A value at least this sure (0 to 1) is listed as understood.
_LISTED = 0.3


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
            is wanted, or to be avoided; what `like` and `unlike` have in common is among them.
        years, not_years: spans of years; an item of any of them will do.
        like, unlike: the first few of the titles that items are to be like, or not.
        likened: positions of items that are to be resembled, not listed.
        mentioned: positions of items of all titles in the text that are not to be avoided.
        says_more: whether it wants something in more words than names of values, years and what is
            to be avoided.
        any_will_do: whether what is wanted tells a taste: having more of it counts no more.
        missing: parts of the text that ask for what the catalogue does not have.
        compared: qualities beside those of `likened` items.
        cut: whether the text is longer than what is read of it.
    """

    values: np.ndarray
    wanted_sure: np.ndarray
    avoided_sure: np.ndarray
    years: tuple[Span, ...] = ()
    not_years: tuple[Span, ...] = ()
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    likened: tuple[int, ...] = ()
    mentioned: tuple[int, ...] = ()
    says_more: bool = False
    any_will_do: bool = False
    missing: tuple[str, ...] = ()
    compared: tuple[Compared, ...] = ()
    cut: bool = False

    @property
    def wanted(self) -> tuple[str, ...]:
        """The values that are wanted, the surest first."""
        return self._listed(self.wanted_sure)

    @property
    def avoided(self) -> tuple[str, ...]:
        """The values that are to be avoided, the surest first."""
        return self._listed(self.avoided_sure)

    @property
    def changes_lists(self) -> bool:
        """Whether any item gets a bonus for it, positive or negative."""
        sure = self.wanted_sure.any() or self.avoided_sure.any()
        return bool(sure or self.years or self.not_years or self.compared)

    def __bool__(self) -> bool:
        named = (self.wanted, self.avoided, self.years, self.not_years, self.like, self.unlike)
        return any(named)

    def _listed(self, sure: np.ndarray) -> tuple[str, ...]:
        places = [i for i in np.argsort(-sure, kind="stable") if sure[i] >= _LISTED]
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
