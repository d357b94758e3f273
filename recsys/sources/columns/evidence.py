"""Evidence from the names and the cells of a table's columns, before any column is chosen."""

from __future__ import annotations

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
    SPELLED,
    meaning,
    plain_name,
    says_else,
    strength,
    words_of,
)
from recsys.sources.columns.vocabulary import COUNT, EVENT, IDS, PLAIN_IDS, PRICES, SPELLINGS

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
#: The first days of the years 2000 and 2040 as spreadsheets count them.
_SERIAL_2000, _SERIAL_2040 = 36_526, 51_136
#: The share of cells that have to be readable for what a sure, or another name says.
READABLE, MOSTLY = 0.2, 0.6
#: So many rows have to repeat the value of a column that is to identify another one.
REPEATS = 20
#: So many columns are held against each other.
_COMPARED = 12
#: Cells that differ in all of so many rows number the rows.
_TELLING_ROWS = 20


class Evidence:
    """The columns of a table of one kind, each of which is looked at once.

    Attributes:
        kind: what a row of the table is.
        names: of all columns.
        sample: some of the rows.
    """

    def __init__(self, frame: pd.DataFrame, kind: Kind) -> None:
        self.kind = kind
        self.names = [str(column) for column in frame.columns]
        self.sample = sample(frame)
        self._contents: dict[str, Content] = {}
        self._determined: dict[str, bool] = {}

    def content(self, name: str) -> Content:
        """What the cells of a column look like."""
        if name not in self._contents:
            place = self.names.index(name)
            self._contents[name] = Content(self.sample.iloc[:, place])
        return self._contents[name]

    def role_by_type(self, column: str) -> str | None:
        """What a column beside it says: "user" in all of entityType is of entityId."""
        words = words_of(column)
        if not words or words[-1] not in IDS:
            return None
        beside = next((c for c in self.names if words_of(c) == [*words[:-1], "type"]), None)
        if beside is None or self.content(beside).lists or self.content(beside).distinct != 1:
            return None
        meant = meaning(str(self.content(beside).filled.iloc[0]))[0]
        return meant if meant in REQUIRED_INTERACTION_COLUMNS else None

    def may_be_serial_days(self, column: str) -> bool:
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
            and not self.is_determined(column)
        )

    @property
    def are_purchases(self) -> bool:
        """Whether a column says how many were bought, or for how much: few people rate there."""
        return any(meaning(c)[0] == COUNT or PRICES & set(words_of(c)) for c in self.names)

    def varies(self, column: str) -> bool:
        """Whether a column has a new value each time that another one repeats its own.

        The day on which a film came out does not; that on which a message was published does.
        """
        names = [c for c in self.names[:_COMPARED] if c != column and not self.content(c).times]
        again = [c for c in names if self.content(c).repeats >= REPEATS]
        return bool(again) and not any(
            self.determines(other, column, as_many=True) for other in again
        )

    def is_named(self, column: str) -> bool:
        return any(strength(column, canonical)[0] for canonical in INTERACTION_COLUMNS)

    def role_by_format(self, column: str) -> str | None:
        """What the format of ids shows: an address, the number of a good, "cust-17"."""
        content = self.content(column)
        if (typed := self.role_by_type(column)) is not None:
            return typed
        if content.people:
            return USER_ID
        if content.goods:
            return ITEM_ID
        meant = meaning(content.prefix)[0] if content.prefix else None
        return meant if meant in REQUIRED_INTERACTION_COLUMNS else None

    def likely_id(self, column: str) -> bool:
        return self.maybe_id(column) and self.could_be_id(column)

    def could_be_id(self, column: str) -> bool:
        """Whether cells can be ids, and are no kind of event, measurement or attribute."""
        content = self.content(column)
        return (
            not content.lists
            and not content.constant
            and not content.times
            and not content.fractions
            and not content.kinds
            and not self.is_determined(column)
        )

    def is_determined(self, column: str) -> bool:
        """Whether it is an attribute, as a category is of an item: another column determines it."""
        if column not in self._determined:
            others = [c for c in self.names[:_COMPARED] if c != column]
            self._determined[column] = any(self.determines(other, column) for other in others)
        return self._determined[column]

    def determines(self, one: str, other: str, *, as_many: bool = False) -> bool:
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
        return rows - met >= REPEATS and pairs == met

    def maybe_id(self, column: str) -> bool:
        content = self.content(column)
        return not (
            content.lists
            or content.constant
            or content.times
            or content.urls
            or self.numbers_rows(column)
            or says_else(column)
            or meaning(column)[0] in (COUNT, EVENT, RATING, TIMESTAMP, POSITION)
        )

    def numbers_rows(self, column: str) -> bool:
        """Whether each of many rows has a cell of its own, as it has of the number of an order."""
        content = self.content(column)
        return content.unique and content.rows >= _TELLING_ROWS

    def could_name(self, column: str) -> bool:
        """Whether cells name something, as those of a country do, which may be what is chosen."""
        content = self.content(column)
        return (
            not content.lists
            and not content.times
            and not content.constant
            and not content.kinds
            and not self.numbers_rows(column)
            and content.numeric < MOSTLY
            and meaning(column)[0] not in (COUNT, EVENT, RATING, TIMESTAMP, POSITION)
        )

    def strength(self, column: str, canonical: str) -> tuple[int, int]:
        """As `strength`; beside items and users a plain "id" is theirs."""
        if self.kind == "interactions" and self.role_by_type(column) == canonical:
            return SPELLED, 0
        plain = plain_name(column)
        if self.kind != "interactions" and canonical in REQUIRED[self.kind]:
            if plain in PLAIN_IDS:
                return SPELLED, len(SPELLINGS[canonical]) + PLAIN_IDS.index(plain)
        return strength(column, canonical)
