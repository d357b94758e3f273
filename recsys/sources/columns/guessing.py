"""Guessing which column of a table means what, by its name and by what its cells look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from recsys.schema import (
    INTERACTION_COLUMNS,
    ITEM_ID,
    POSITION,
    RATING,
    REQUIRED_INTERACTION_COLUMNS,
    TIMESTAMP,
    TITLE,
    USER_ID,
)
from recsys.sources.columns.contents import Content, sample
from recsys.sources.columns.names import (
    COUNT,
    EVENT,
    SOME_ID,
    SPELLED,
    SPELLINGS,
    WORDED,
    meaning,
    plain_name,
    says_else,
    strength,
    words_of,
)

Kind = Literal["interactions", "items", "users"]

WANTED: dict[Kind, tuple[str, ...]] = {
    # A title beside each event is enough to show the items by name where no items file is given.
    "interactions": (*INTERACTION_COLUMNS, TITLE),
    "items": (ITEM_ID, TITLE),
    "users": (USER_ID,),
}
REQUIRED: dict[Kind, tuple[str, ...]] = {
    "interactions": REQUIRED_INTERACTION_COLUMNS,
    "items": (ITEM_ID,),
    "users": (USER_ID,),
}
#: In a file of items or users a plain "id" can only be theirs; beside events it may count events.
PLAIN_IDS = ("id", "编号", "編號", "no", "key", "code")
#: Names that may be those of people as well as of items.
_PLAIN_NAMES = ("name", "nombre", "nom", "nome", "名字", "名前", "имя", "이름")
#: Names of texts that say more of an item than its title.
_DESCRIBING = frozenset(
    """description descriptions overview plot summary synopsis abstract about text review comment
    tagline features details content body descripcion resumen sinopsis resume beschreibung
    descricao resumo sinopse descrizione trama 描述 简介 介绍 摘要 説明 概要 описание""".split()
)
#: Words in the names of sums of money.
_PRICES = frozenset(
    """price prix precio preis preco prezzo prijs cena fiyat pris amount montant importe importo
    betrag total totale summe umsatz revenue""".split()
)
#: Words in the names of ids.
_IDS = frozenset("id ids no nr code key number nummer numero codigo kod".split())
#: A column with fewer cells that are filled tells no users or items.
_HARDLY = 0.05
#: The first days of the years 2000 and 2040 as spreadsheets count them.
_SERIAL_2000, _SERIAL_2040 = 36_526, 51_136
#: The share of cells that have to be readable for what a sure, or another name says.
READABLE, _MOSTLY = 0.2, 0.6
#: The share that has to be readable where no name says that they are ratings.
_NEARLY_ALL = 0.95
#: So many rows have to repeat the value of a column that is to tell another one.
_REPEATS = 20
#: So many columns are held against each other.
_COMPARED = 12
#: Cells that differ in all of so many rows number the rows.
_TELLING_ROWS = 20


#: What told which column it is: its name, its content, or neither surely.
How = Literal["name", "content", "guess"]


@dataclass(frozen=True)
class Guess:
    """The column that is taken for a canonical one, what told it, and others that might be it."""

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
    return _Guesser(frame, kind, chosen or {}).all()


class _Guesser:
    """Finds one column after another; each column is one thing, but an item's id may be its title.

    Times and ratings come first: they are the surest by content, and what is left holds ids.
    """

    def __init__(self, frame: pd.DataFrame, kind: Kind, chosen: Mapping[str, str]) -> None:
        self.kind = kind
        self.chosen = chosen
        self.names = [str(column) for column in frame.columns]
        self.found: dict[str, Guess] = {}
        self._sample = sample(frame)
        self._contents: dict[str, Content] = {}
        self._determined: dict[str, bool] = {}

    def content(self, name: str) -> Content:
        """What the cells of a column look like, looked at once."""
        if name not in self._contents:
            place = self.names.index(name)
            self._contents[name] = Content(self._sample.iloc[:, place])
        return self._contents[name]

    def all(self) -> dict[str, Guess]:
        """Every canonical column that is found."""
        wanted = WANTED[self.kind]
        for canonical in wanted:
            self._by_name(canonical)
        if self.kind == "interactions":
            self._name_as_id()
            self._times_and_ratings()
            self._ids()
            self._title_of_item()
        else:
            self._key(REQUIRED[self.kind][0])
            if TITLE in wanted:
                self._title()
        return {name: self.found[name] for name in wanted if name in self.found}

    def _free(self) -> list[str]:
        taken = {*self.chosen.values(), *(guess.column for guess in self.found.values())}
        return [name for name in self.names if name not in taken]

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
            sure, place = self._strength(column, canonical)
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
            rivals = [other for other in rivals if not self.content(other).constant]
            self.found[canonical] = replace(self.found[canonical], rivals=tuple(rivals))

    def _finest(self, column: str, others: list[str]) -> str:
        """Of columns that say the same days, that which tells most moments apart."""
        days, moments = self.content(column).days, self.content(column).distinct
        for other in others:
            content = self.content(other)
            if content.times and content.distinct > moments and len(content.days) == len(days):
                apart = np.abs(content.days - days)
                if np.mean(apart <= 1) > _NEARLY_ALL:
                    column, moments = other, content.distinct
        return column

    def _strength(self, column: str, canonical: str) -> tuple[int, int]:
        """As `strength`; beside items and users a plain "id" is theirs."""
        if self.kind == "interactions" and self._role_by_type(column) == canonical:
            return SPELLED, 0
        plain = plain_name(column)
        if self.kind != "interactions" and canonical in REQUIRED[self.kind]:
            if plain in PLAIN_IDS:
                return SPELLED, len(SPELLINGS[canonical]) + PLAIN_IDS.index(plain)
        return strength(column, canonical)

    def _fits(self, canonical: str, column: str, sure: int) -> bool:
        """Whether the cells can be what the name says; a doubtful name needs cells that agree."""
        content = self.content(column)
        if content.lists:
            return canonical == TITLE and sure >= SPELLED
        if canonical == TIMESTAMP:
            others = (self.content(c) for c in self._free() if c != column)
            if (content.clock or content.dotted_clock) and any(other.times for other in others):
                return False  # a time of day beside a date
            if content.constant and self._other_times(column):
                return False
            # Numbers that count from wherever else are times only by a name that says just that.
            said = sure >= SPELLED or content.serial_days
            return content.times or (said and content.maybe_times)
        if canonical == RATING:
            return content.rated > (READABLE if sure >= SPELLED else _MOSTLY)
        if canonical == POSITION:
            return content.numeric > _MOSTLY or content.filled.empty
        if canonical == TITLE and content.letters <= READABLE:
            # Numbers are titles where nothing is called one that has words.
            worded = any(
                self._strength(other, TITLE)[0] and self.content(other).letters > READABLE
                for other in self._free()
            )
            return sure >= SPELLED and not worded
        if canonical in REQUIRED_INTERACTION_COLUMNS:
            # One id for all tells nobody apart where another name does.
            rivals = [
                self.content(other)
                for other in self._free()
                if other != column and self._strength(other, canonical)[0]
            ]
            empty = len(content.filled) < _HARDLY * len(self._sample)
            if sure == SOME_ID and self.kind == "interactions":
                if self._numbers_rows(column):
                    return False  # of an order, in words that are not known
                if self._open(USER_ID) and self._other_ids(column):
                    return False  # nobody knows whose it is
            return not empty and not (content.constant and not all(r.constant for r in rivals))
        return True

    def _other_ids(self, column: str) -> list[str]:
        """Further columns whose names say that they hold ids, not what of."""
        others = (c for c in self._free() if c != column and not self._numbers_rows(c))
        return [c for c in others if set(words_of(c)) & _IDS and not self.content(c).constant]

    def _role_by_type(self, column: str) -> str | None:
        """What a column beside it says: "user" in all of entityType is of entityId."""
        words = words_of(column)
        if not words or words[-1] not in _IDS:
            return None
        beside = next((c for c in self.names if words_of(c) == [*words[:-1], "type"]), None)
        if beside is None or self.content(beside).lists or self.content(beside).distinct != 1:
            return None
        meant = meaning(str(self.content(beside).filled.iloc[0]))[0]
        return meant if meant in REQUIRED_INTERACTION_COLUMNS else None

    def _name_as_id(self) -> None:
        """Where only names or titles tell users or items, those are their ids."""
        title = self.found.get(TITLE)
        if title is None:
            return
        person = self._open(USER_ID) and meaning(title.column)[1] and not self._open(ITEM_ID)
        if person and plain_name(title.column) in _PLAIN_NAMES:
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
            if column == title or self._numbers_rows(column):
                continue
            if not self.content(column).urls and not set(words_of(column)) & _IDS:
                continue
            pairs = pd.DataFrame(
                {"url": self.content(column).codes, "title": self.content(title).codes}
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
        keys, titles = self.content(column).codes, self.content(title.column).codes
        both = (keys >= 0) & (titles >= 0)
        pairs = pd.DataFrame({"item": keys[both], "title": titles[both]})
        met = pairs.groupby("item")["title"].agg(["size", "nunique"])
        again = met[met["size"] > 1]
        if again["size"].sum() - len(again) < _REPEATS:
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
                ids = {c for c in self._free() if self._could_be_id(c)}
                fitting = [c for c in fitting if len(ids - {c}) >= missing]
            sure = bool(fitting)
            if canonical == TIMESTAMP and not fitting:
                fitting = [c for c in self._free() if self._may_be_serial_days(c)]
            if fitting and len(self._free()) > missing:
                how: How = "content" if sure and len(fitting) == 1 else "guess"
                self._take(canonical, fitting[-1], how)

    def _seems(self, canonical: str, column: str) -> bool:
        """Whether cells are times or ratings, of a column whose name says nothing else."""
        content, said = self.content(column), meaning(column)[0]
        if canonical == TIMESTAMP:
            sure_id = said in (USER_ID, ITEM_ID) and meaning(column)[1] >= WORDED
            if not content.times or sure_id or (content.constant and self._other_times(column)):
                return False
            if says_else(column) and not self._varies(column):
                return False
            return content.numeric < READABLE or content.distinct > content.rows / 10
        if said is not None or says_else(column):
            return False
        if content.rated < _NEARLY_ALL or self._is_determined(column):
            return False
        if self._are_purchases and not content.surely_written:
            return False
        nameless = not any(self._named(c) for c in self.names)
        return content.scale or (nameless and content.ratings and content.surely_rated)

    def _may_be_serial_days(self, column: str) -> bool:
        """Whether cells may be days as a spreadsheet counts them, of which several share one."""
        content = self.content(column)
        known = content.numbers[~np.isnan(content.numbers)]
        return (
            content.numeric == 1.0
            and bool(((known >= _SERIAL_2000) & (known < _SERIAL_2040)).all())
            and not content.constant
            and not content.unique
            and meaning(column) == (None, 0)
            and not says_else(column)
            and not self._is_determined(column)
        )

    @property
    def _are_purchases(self) -> bool:
        """Whether a column says how many were bought, or for how much: few people rate there."""
        return any(meaning(c)[0] == COUNT or _PRICES & set(words_of(c)) for c in self.names)

    def _other_times(self, column: str) -> bool:
        """Whether another column has times that are not all the same, as those of a load are."""
        others = (self.content(c) for c in self._free() if c != column)
        return any(other.times and not other.constant for other in others)

    def _varies(self, column: str) -> bool:
        """Whether a column says something else each time that another one comes again.

        The day on which a film came out does not; that on which a message was published does.
        """
        names = [c for c in self.names[:_COMPARED] if c != column and not self.content(c).times]
        again = [c for c in names if self.content(c).repeats >= _REPEATS]
        return bool(again) and not any(
            self._determines(other, column, as_many=True) for other in again
        )

    def _named(self, column: str) -> bool:
        return any(strength(column, canonical)[0] for canonical in INTERACTION_COLUMNS)

    def _ids(self) -> None:
        """Users and items among what is left: the first columns that can be ids."""
        for canonical in REQUIRED_INTERACTION_COLUMNS:
            if not self._open(canonical):
                continue
            free = [c for c in self._free() if len(self.content(c).filled)]
            for likely in (
                lambda c, canonical=canonical: self._role_by_format(c) == canonical,
                lambda c, canonical=canonical: canonical == ITEM_ID and self._has_title(c),
                lambda c: self._likely_id(c) and self._role_by_format(c) is None,
                self._likely_id,
                self._maybe_id,
                self._could_name,
                lambda c: not self.content(c).times,
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
        return title is not None and self._determines(column, title.column, as_many=True)

    def _role_by_format(self, column: str) -> str | None:
        """What ids say by how they are written: an address, the number of a good, "cust-17"."""
        content = self.content(column)
        if (typed := self._role_by_type(column)) is not None:
            return typed
        if content.people:
            return USER_ID
        if content.goods:
            return ITEM_ID
        meant = meaning(content.prefix)[0] if content.prefix else None
        return meant if meant in REQUIRED_INTERACTION_COLUMNS else None

    def _likely_id(self, column: str) -> bool:
        return self._maybe_id(column) and self._could_be_id(column)

    def _could_be_id(self, column: str) -> bool:
        """Whether cells can be ids, and are no kind of event, measurement or attribute."""
        content = self.content(column)
        return (
            not content.lists
            and not content.constant
            and not content.times
            and not content.fractions
            and not content.kinds
            and not self._is_determined(column)
        )

    def _is_determined(self, column: str) -> bool:
        """Whether it is an attribute, as a category is of an item: another column determines it."""
        if column not in self._determined:
            others = [c for c in self.names[:_COMPARED] if c != column]
            self._determined[column] = any(self._determines(other, column) for other in others)
        return self._determined[column]

    def _determines(self, one: str, other: str, *, as_many: bool = False) -> bool:
        """Whether a column functionally determines another: each of its values has one of those.

        Many of its values have to come again, or it says nothing.

        Args:
            as_many: whether the other may have as many different ones, as another name has.
        """
        mine, theirs = self.content(one), self.content(other)
        if mine.lists or theirs.lists or theirs.constant:
            return False
        if mine.distinct <= theirs.distinct and not as_many:
            return False
        keys, values = mine.codes, theirs.codes
        both = (keys >= 0) & (values >= 0)
        rows = int(both.sum())
        met = int(pd.unique(keys[both]).size)
        pairs = int(pd.unique(keys[both] * (theirs.distinct + 1) + values[both]).size)
        return rows - met >= _REPEATS and pairs == met

    def _maybe_id(self, column: str) -> bool:
        content = self.content(column)
        return not (
            content.lists
            or content.constant
            or content.times
            or content.urls
            or self._numbers_rows(column)
            or says_else(column)
            or meaning(column)[0] in (COUNT, EVENT, RATING, TIMESTAMP, POSITION)
        )

    def _numbers_rows(self, column: str) -> bool:
        """Whether each of many rows has a cell of its own, as it has of the number of an order."""
        content = self.content(column)
        return content.unique and content.rows >= _TELLING_ROWS

    def _could_name(self, column: str) -> bool:
        """Whether cells name something, as those of a country do, which may be what is chosen."""
        content = self.content(column)
        return (
            not content.lists
            and not content.times
            and not content.constant
            and not content.kinds
            and not self._numbers_rows(column)
            and content.numeric < _MOSTLY
            and meaning(column)[0] not in (COUNT, EVENT, RATING, TIMESTAMP, POSITION)
        )

    def _key(self, key: str) -> None:
        """The ids of items or users: a column that tells rows apart."""
        if not self._open(key):
            return
        title = self.found.get(TITLE)
        if title is not None and self.content(title.column).key:
            self._take(key, title.column, "guess")
            return
        distinct = [c for c in self._free() if self.content(c).key]
        if distinct:
            self._take(key, distinct[0], "content" if len(distinct) == 1 else "guess")

    def _title(self) -> None:
        """The most text-like column, where none is called a title."""
        if not self._open(TITLE):
            return
        texts = [
            c for c in self._free() if self.content(c).text and plain_name(c) not in _DESCRIBING
        ]
        if texts:
            best = max(texts, key=lambda c: self.content(c).length)
            self._take(TITLE, best, "content" if len(texts) == 1 else "guess")
