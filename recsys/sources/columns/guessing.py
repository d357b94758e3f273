"""Guessing which column of a table means what, by its name and by what its cells look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from recsys.schema import (
    ITEM_ID,
    POSITION,
    RATING,
    REQUIRED_INTERACTION_COLUMNS,
    TIMESTAMP,
    TITLE,
    USER_ID,
)
from recsys.sources.columns.evidence import (
    MOSTLY,
    READABLE,
    REPEATS,
    REQUIRED,
    WANTED,
    Evidence,
    Kind,
)
from recsys.sources.columns.names import (
    SOME_ID,
    SPELLED,
    WORDED,
    meaning,
    plain_name,
    says_else,
    words_of,
)
from recsys.sources.columns.vocabulary import DESCRIBING, IDS, PLAIN_NAMES

#: A column with fewer cells that are filled holds no users or items.
_HARDLY = 0.05
#: The share that has to be readable where no name says that they are ratings.
_NEARLY_ALL = 0.95

#: The evidence for a column: its name, its content, or neither surely.
How = Literal["name", "content", "guess"]


@dataclass(frozen=True)
class Guess:
    """The column taken for a canonical one, the evidence for it, and other candidates."""

    column: str
    how: How
    rivals: tuple[str, ...] = ()


def guess_columns(frame: pd.DataFrame, kind: Kind) -> dict[str, str]:
    """Guess which column of `frame` is which: canonical name → column name, where one is found."""
    return {name: guess.column for name, guess in guesses(frame, kind).items()}


def guesses(
    frame: pd.DataFrame, kind: Kind, chosen: Mapping[str, str] | None = None
) -> dict[str, Guess]:
    """Which column is which, by its name, which its content can refute, else by its content.

    Args:
        chosen: canonical name → column, as a person says; it is not guessed, nor returned.
    """
    return _Guesser(Evidence(frame, kind), chosen or {}).all()


class _Guesser:
    """Finds one column after another; each column is one thing, but an item's id may be its title.

    Times and ratings come first: they are the surest by content, and what is left holds ids.
    """

    def __init__(self, table: Evidence, chosen: Mapping[str, str]) -> None:
        self.table = table
        self.chosen = chosen
        self.found: dict[str, Guess] = {}

    def all(self) -> dict[str, Guess]:
        """Every canonical column that is found."""
        wanted = WANTED[self.table.kind]
        for canonical in wanted:
            self._by_name(canonical)
        if self.table.kind == "interactions":
            self._name_as_id()
            self._times_and_ratings()
            self._ids()
            self._title_of_item()
        else:
            self._key(REQUIRED[self.table.kind][0])
            if TITLE in wanted:
                self._title()
        return {name: self.found[name] for name in wanted if name in self.found}

    def _free(self) -> list[str]:
        taken = {*self.chosen.values(), *(guess.column for guess in self.found.values())}
        return [name for name in self.table.names if name not in taken]

    def _open(self, canonical: str) -> bool:
        """Whether a column is looked for: nobody has said which it is, or that there is none."""
        return canonical not in self.chosen and canonical not in self.found

    def _take(self, canonical: str, column: str, how: How) -> None:
        self.found[canonical] = Guess(column, how)

    def _by_name(self, canonical: str) -> None:
        """The surest name whose content is not against it."""
        if not self._open(canonical):
            return
        ranked: list[tuple[int, int, int, str]] = []
        for column in self._free():
            sure, place = self.table.strength(column, canonical)
            if sure and self._fits(canonical, column, sure):
                rank = sure if sure >= SPELLED else min(sure, WORDED)
                ranked.append((-rank, place, len(ranked), column))
        if ranked:
            (rank, *_rest, column), *others = sorted(ranked)
            if canonical == TIMESTAMP:
                column = self._finest(column, [other for *_ranks, other in others])
                others = [other for other in sorted(ranked) if other[-1] != column]
            self._take(canonical, column, "name" if -rank >= WORDED else "guess")
            rivals = [other for sure, *_rest, other in others if -sure >= WORDED]
            rivals = [other for other in rivals if not self.table.content(other).constant]
            self.found[canonical] = replace(self.found[canonical], rivals=tuple(rivals))

    def _finest(self, column: str, others: list[str]) -> str:
        """Of columns with the same days, the one with most distinct times."""
        days, moments = self.table.content(column).days, self.table.content(column).distinct
        for other in others:
            content = self.table.content(other)
            if content.times and content.distinct > moments and len(content.days) == len(days):
                apart = np.abs(content.days - days)
                if np.mean(apart <= 1) > _NEARLY_ALL:
                    column, moments = other, content.distinct
        return column

    def _fits(self, canonical: str, column: str, sure: int) -> bool:
        """Whether the cells can be what the name says; a doubtful name needs cells that agree."""
        content = self.table.content(column)
        if content.lists:
            return canonical == TITLE and sure >= SPELLED
        if canonical == TIMESTAMP:
            others = (self.table.content(c) for c in self._free() if c != column)
            if (content.clock or content.dotted_clock) and any(other.times for other in others):
                return False  # a time of day beside a date
            if content.constant and self._other_times(column):
                return False
            # Numbers that count from wherever else are times only by a name that says just that.
            said = sure >= SPELLED or content.serial_days
            return content.times or (said and content.maybe_times)
        if canonical == RATING:
            return content.rated > (READABLE if sure >= SPELLED else MOSTLY)
        if canonical == POSITION:
            return content.numeric > MOSTLY or content.filled.empty
        if canonical == TITLE and content.letters <= READABLE:
            # Numbers are titles where nothing is called one that has words.
            worded = any(
                self.table.strength(other, TITLE)[0]
                and self.table.content(other).letters > READABLE
                for other in self._free()
            )
            return sure >= SPELLED and not worded
        if canonical in REQUIRED_INTERACTION_COLUMNS:
            # One id for all distinguishes no users where another name does.
            rivals = [
                self.table.content(other)
                for other in self._free()
                if other != column and self.table.strength(other, canonical)[0]
            ]
            empty = len(content.filled) < _HARDLY * len(self.table.sample)
            if sure == SOME_ID and self.table.kind == "interactions":
                if self.table.numbers_rows(column):
                    return False  # of an order, in words that are not known
                if self._open(USER_ID) and self._other_ids(column):
                    return False  # an id of an unknown kind
            return not empty and not (content.constant and not all(r.constant for r in rivals))
        return True

    def _other_ids(self, column: str) -> list[str]:
        """Further columns whose names say that they hold ids, not what of."""
        others = (c for c in self._free() if c != column and not self.table.numbers_rows(c))
        return [c for c in others if set(words_of(c)) & IDS and not self.table.content(c).constant]

    def _name_as_id(self) -> None:
        """Where only names or titles tell users or items, those are their ids."""
        title = self.found.get(TITLE)
        if title is None:
            return
        person = self._open(USER_ID) and meaning(title.column)[1] and not self._open(ITEM_ID)
        if person and plain_name(title.column) in PLAIN_NAMES:
            del self.found[TITLE]
            self._take(USER_ID, title.column, "guess")
        elif self._open(ITEM_ID):
            beside = self._id_beside(title.column)
            if beside is not None:
                self._take(ITEM_ID, beside, "content")
                return
            del self.found[TITLE]
            self._take(ITEM_ID, title.column, "name")

    def _id_beside(self, title: str) -> str | None:
        """A column of ids or addresses of which each comes with one title."""
        for column in self._free():
            if column == title or self.table.numbers_rows(column):
                continue
            if not self.table.content(column).urls and not set(words_of(column)) & IDS:
                continue
            pairs = pd.DataFrame(
                {"url": self.table.content(column).codes, "title": self.table.content(title).codes}
            )
            if pairs.groupby("url")["title"].nunique().max() == 1 < pairs["url"].nunique():
                return column
        return None

    def _title_of_item(self) -> None:
        """What says something else in nearly every event of an item, as a review's, is no title."""
        title, item = self.found.get(TITLE), self.found.get(ITEM_ID)
        column = self.chosen.get(ITEM_ID) or (item and item.column)
        if title is None or not column or column == title.column:
            return
        keys, titles = self.table.content(column).codes, self.table.content(title.column).codes
        both = (keys >= 0) & (titles >= 0)
        pairs = pd.DataFrame({"item": keys[both], "title": titles[both]})
        met = pairs.groupby("item")["title"].agg(["size", "nunique"])
        again = met[met["size"] > 1]
        if again["size"].sum() - len(again) < REPEATS:
            return
        if (again["nunique"] - 1).sum() > 0.5 * (again["size"] - 1).sum():
            del self.found[TITLE]

    def _times_and_ratings(self) -> None:
        """By content; with only two columns left for them, those are the users and the items."""
        for canonical in (TIMESTAMP, RATING):
            if not self._open(canonical):
                continue
            missing = sum(self._open(c) for c in REQUIRED_INTERACTION_COLUMNS)
            fitting = [c for c in self._free() if self._seems(canonical, c)]
            if canonical == RATING:
                ids = {c for c in self._free() if self.table.could_be_id(c)}
                fitting = [c for c in fitting if len(ids - {c}) >= missing]
            sure = bool(fitting)
            if canonical == TIMESTAMP and not fitting:
                fitting = [c for c in self._free() if self.table.may_be_serial_days(c)]
            if fitting and len(self._free()) > missing:
                how: How = "content" if sure and len(fitting) == 1 else "guess"
                self._take(canonical, fitting[-1], how)

    def _seems(self, canonical: str, column: str) -> bool:
        """Whether cells are times or ratings, of a column whose name says nothing else."""
        content, said = self.table.content(column), meaning(column)[0]
        if canonical == TIMESTAMP:
            sure_id = said in (USER_ID, ITEM_ID) and meaning(column)[1] >= WORDED
            if not content.times or sure_id or (content.constant and self._other_times(column)):
                return False
            if says_else(column) and not self.table.varies(column):
                return False
            return content.numeric < READABLE or content.distinct > content.rows / 10
        if said is not None or says_else(column):
            return False
        if content.rated < _NEARLY_ALL or self.table.is_determined(column):
            return False
        if self.table.are_purchases and not content.surely_written:
            return False
        nameless = not any(self.table.is_named(c) for c in self.table.names)
        return content.scale or (nameless and content.ratings and content.surely_rated)

    def _other_times(self, column: str) -> bool:
        """Whether another column has times that are not all the same, as those of a load are."""
        others = (self.table.content(c) for c in self._free() if c != column)
        return any(other.times and not other.constant for other in others)

    def _ids(self) -> None:
        """Users and items among what is left: the first columns that can be ids."""
        for canonical in REQUIRED_INTERACTION_COLUMNS:
            if not self._open(canonical):
                continue
            free = [c for c in self._free() if len(self.table.content(c).filled)]
            for likely in (
                lambda c, canonical=canonical: self.table.role_by_format(c) == canonical,
                lambda c, canonical=canonical: canonical == ITEM_ID and self._has_title(c),
                lambda c: self.table.likely_id(c) and self.table.role_by_format(c) is None,
                self.table.likely_id,
                self.table.maybe_id,
                self.table.could_name,
                lambda c: not self.table.content(c).times,
                bool,
            ):
                fitting = [c for c in free if likely(c)]
                if fitting:
                    how: How = "content" if len(fitting) == 1 else "guess"
                    self._take(canonical, fitting[0], how)
                    break

    def _has_title(self, column: str) -> bool:
        """Whether each of its cells comes with one title, as that of an item does."""
        title = self.found.get(TITLE)
        return title is not None and self.table.determines(column, title.column, as_many=True)

    def _key(self, key: str) -> None:
        """The ids of items or users: a column that tells rows apart."""
        if not self._open(key):
            return
        title = self.found.get(TITLE)
        if title is not None and self.table.content(title.column).key:
            self._take(key, title.column, "guess")
            return
        distinct = [c for c in self._free() if self.table.content(c).key]
        if distinct:
            self._take(key, distinct[0], "content" if len(distinct) == 1 else "guess")

    def _title(self) -> None:
        """The most text-like column, where none is called a title."""
        if not self._open(TITLE):
            return
        texts = [
            c
            for c in self._free()
            if self.table.content(c).text and plain_name(c) not in DESCRIBING
        ]
        if texts:
            best = max(texts, key=lambda c: self.table.content(c).length)
            self._take(TITLE, best, "content" if len(texts) == 1 else "guess")
