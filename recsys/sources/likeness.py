"""Which sheet of a workbook, or file of an archive, looks most like the table that is wanted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from recsys.schema import ITEM_ID, N_, RATING, TIMESTAMP, TITLE, USER_ID, DataError, Message, listed
from recsys.sources.columns.choosing import Kind, columns_named
from recsys.sources.columns.names import WORDED, strength
from recsys.sources.text.headers import Row, find_top, is_number, typical_width

_LISTED, _LISTED_SHEETS = 20, 10
#: Words in the names of files and sheets.
_CALLED: dict[Kind, str] = {
    "interactions": "interaction|event|rating|review|order|purchase|transaction|click|log|view"
    "|feedback|visit|play|behavio|history|train|inter|data|评分|交互|订单|行为",
    "items": "item|movie|film|product|book|song|track|artist|article|catalog|metadata|meta|content"
    "|course|poi|物品|商品|电影|产品",
    "users": "user|customer|member|client|people|person|profile|用户|会员|客户",
}
#: Files that come along with tables.
_BESIDE = re.compile(r"read.?me|licen[cs]e|about|cover|info|notes?|help|说明", re.IGNORECASE)


class Likeness(NamedTuple):
    """How much a table looks like the one that is wanted; compared from left to right.

    Attributes:
        shown: whether it is shown at all, where a workbook can hide it.
        columns: its columns that are known by name, and those of another kind against it.
        name: whether it is called so: 1, like something else: -1, or neither.
        table: whether it has rows of more than one cell at all.
        rows: how many rows there are.
    """

    shown: bool
    columns: int
    name: int
    table: bool
    rows: int


def likeness(
    rows: Sequence[Row], name: str, kind: Kind, *, rows_in_all: int, hidden: bool = False
) -> Likeness:
    """How much a sheet or a file looks like a table of `kind`, by its first rows and its name."""
    width = typical_width(rows)
    top = find_top(rows) if rows else None
    names = list(rows[top.skip]) if top and top.header and top.skip < len(rows) else []
    body = rows[top.skip :] if top else []
    known = _known([n.strip() for n in names if n.strip()], kind)
    if not names and width >= 2 and kind == "interactions":
        known = _like_events(body)
    return Likeness(not hidden, known, called(name, kind), width > 1, rows_in_all)


def _known(names: list[str], kind: Kind) -> int:
    frame = pd.DataFrame(columns=list(dict.fromkeys(names)))

    def has(canonical: str, of: Kind) -> bool:
        named = any(strength(name, canonical)[0] >= WORDED for name in names)
        return named or bool(columns_named(frame, canonical, of))

    user, item = has(USER_ID, "interactions"), has(ITEM_ID, "interactions")
    rating, time = has(RATING, "interactions"), has(TIMESTAMP, "interactions")
    if kind == "interactions":
        return 2 * (user and item) + user + item + (rating or time)
    if kind == "items":
        item = item or has(ITEM_ID, "items")
        return (2 * item + has(TITLE, "items")) * (1 if not user else 0)
    return 2 * has(USER_ID, "users") if not item else 0


def _like_events(body: Sequence[Row]) -> int:
    """What rows without names say: numbers and ids, and no long text."""
    cells = [cell for row in body for cell in row]
    return int(bool(cells) and sum(is_number(cell) for cell in cells) >= 0.5 * len(cells))


def called(name: str, kind: Kind) -> int:
    """Whether a file or a sheet is called as one of `kind`: 1, as another: -1, or neither."""
    bare = name.rsplit("/", 1)[-1].casefold()
    if _BESIDE.search(bare):
        return -1
    if re.search(_CALLED[kind], bare):
        return 1
    return -1 if any(re.search(words, bare) for words in _CALLED.values()) else 0


def no_such_part(filename: str, name: str, names: Sequence[str]) -> DataError:
    """The error for a sheet, or a file in an archive, that is not there."""
    return DataError(
        N_('{filename} holds nothing called "{name}". It holds: {names}.'),
        filename=filename,
        name=name,
        names=listed(names, _LISTED),
    )


def said_of_sheets(filename: str, sheet: str, others: Sequence[str]) -> Message:
    """That one sheet of several was read, and how the others are called."""
    note = N_(
        '{filename} has several sheets; "{sheet}" was read. The others are: {others}. To read '
        "another one, choose its name."
    )
    shown = listed(others, _LISTED_SHEETS)
    return Message(note, {"filename": filename, "sheet": sheet, "others": shown})
