"""The items in the file of the events: another file of its archive, or another of its sheets."""

from __future__ import annotations

from pathlib import Path

from recsys.schema import ITEM_ID, N_, TITLE, USER_ID, DataError, Message
from recsys.sources.base import Table
from recsys.sources.columns.choosing import guesses
from recsys.sources.columns.keys import key_that_joins, misplaced
from recsys.sources.files import read_cells
from recsys.sources.likeness import called
from recsys.sources.limits import check_columns
from recsys.sources.options import ReadOptions

_MOST_READ = 3


def items_beside(source: Path | bytes, events: Table, filename: str) -> Table | None:
    """The table of items that stands in the same file as the `events`; None where none does.

    It is one that is called so, or one of few sheets or tables; it has titles, which the events
    have not, and holds at least half of the items of the events.
    """
    if not events.others:
        return None
    found = guesses(events.frame, "interactions")
    if ITEM_ID not in found or USER_ID not in found or TITLE in found:
        return None
    ids = events.frame[found[ITEM_ID].column]
    if ids.dtype == object:
        return None
    named = [name for name in events.others if called(name, "items") > 0]
    few = events.others if len(events.others) <= _MOST_READ and events.sheets else ()
    for name in list(dict.fromkeys([*named, *few]))[:_MOST_READ]:
        try:
            table = read_cells(source, filename, ReadOptions(sheet=name), "items")
            check_columns(table.frame, filename)
        except DataError:
            continue
        if misplaced(table.frame, "items") is not None:
            continue
        key = key_that_joins(table.frame, ids)
        if key is None or TITLE not in guesses(table.frame, "items", {ITEM_ID: key}):
            continue
        note = N_(
            "{filename} holds items, too: where no file of items is given, their titles are taken "
            "from “{name}” in it."
        )
        said = Message(note, {"filename": filename, "name": name})
        return Table(table.frame, [said], table.found)
    return None
