"""Lists in cells, as `recsys.sources.shapes.lists` finds them → a row for each event."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.schema import ITEM_ID, N_, POSITION, RATING, TIMESTAMP, TITLE, USER_ID, Message
from recsys.sources.columns.names import strength
from recsys.sources.limits import MAX_NESTED_VALUES, too_many_events
from recsys.sources.progress import report_share
from recsys.sources.shapes.sessions import unrepeated
from recsys.sources.shapes.tokens import tokens_of, without_numbers
from recsys.sources.values.cells import is_nothing, parse_numbers

#: The column with how many of an item there were.
QUANTITY = "quantity"
#: Dates whose order is that of their letters.
_YEAR_FIRST = r"^\d{4}[-/.]\d\d[-/.]\d\d"


@dataclass(frozen=True)
class Lists:
    """What is what in a table with lists.

    Attributes:
        items: the column with lists of items, oldest first.
        between: what stands between them where there are no brackets.
        user: the column of users; None where each row is somebody's.
        target: the column with the one item that comes after the list; or None.
        parallel: title, rating or timestamp → the column with a list of them.
        single: title, rating or timestamp → the column with that of the target, or of the row.
        clicked: whether items carry "-1" where they were clicked, and "-0" where only shown.
        numbers: how a number is written beside each item: how many of it, or a rating.
        of_users: whether the lists hold users, and `user` is the column of the items.
    """

    items: str
    between: str | None
    user: str | None
    target: str | None = None
    parallel: dict[str, str] = field(default_factory=dict)
    single: dict[str, str] = field(default_factory=dict)
    clicked: bool = False
    numbers: re.Pattern[str] | None = None
    of_users: bool = False


def exploded(
    frame: pd.DataFrame, lists: Lists, filename: str
) -> tuple[pd.DataFrame, list[Message]]:
    """One row for each event: users in the order of the file, and theirs in their own order.

    Raises:
        DataError: there are too many values, which are counted before any list is built.
    """
    columns = [lists.items, *lists.parallel.values()]
    if sum(_values(frame[c], lists.between) for c in columns) > MAX_NESTED_VALUES:
        raise too_many_events(filename, MAX_NESTED_VALUES)
    rows = _rows(frame, lists)
    numbers: list[list[str]] | None = None
    if lists.numbers is not None and lists.between is not None:
        rows, numbers = without_numbers(rows, lists.numbers, lists.between)
    users = _users(frame, lists)
    order = _order(frame, lists, users)
    picked, growing = unrepeated(rows, users, order, continued=lists.target is not None)
    places = np.array([row for row, _ in picked], dtype=np.int64)
    cells_of = {
        USER_ID: pd.array([users[row] for row, _ in picked], dtype="str"),
        ITEM_ID: pd.array([rows[row][place] for row, place in picked], dtype="str"),
        POSITION: pd.array(_positions(users, picked), dtype="str"),
    }
    for canonical in (RATING, TIMESTAMP):
        values = _said(frame, lists, canonical)
        if values is not None:
            cells = [
                values[row][place] if place < len(values[row]) else "" for row, place in picked
            ]
            cells_of[canonical] = pd.array(cells, dtype="str")
    titles = _titles(frame, lists, rows)
    if titles:
        cells_of[TITLE] = pd.array(
            [titles.get(item, "") for item in cells_of[ITEM_ID]], dtype="str"
        )
    if numbers is not None:
        said = [numbers[row][place] for row, place in picked]
        cells_of[_what_numbers_are(lists, said)] = pd.array(said, dtype="str")
    if lists.of_users:  # the order of users in a list is none of their own
        cells_of[USER_ID], cells_of[ITEM_ID] = cells_of[ITEM_ID], cells_of[USER_ID]
        del cells_of[POSITION]
        if TITLE in lists.single:
            cells_of[TITLE] = pd.array(frame[lists.single[TITLE]].array.take(places), dtype="str")
    events = pd.DataFrame(cells_of)
    events.index = frame.index[places]
    report_share(1.0)
    return events, _notes(frame, lists, len(events), growing, filename)


def _what_numbers_are(lists: Lists, numbers: Sequence[str]) -> str:
    """Whether numbers beside items are ratings, or how many of each were bought.

    The latter stand in a column of their own, which is not used where nobody chooses it.
    """
    said = strength(lists.items, RATING)[0] or any("." in n or "," in n for n in numbers)
    return RATING if said and RATING not in {*lists.parallel, *lists.single} else QUANTITY


def _values(cells: pd.Series, between: str | None) -> int:
    """The most values that lists can hold, without building them."""
    if cells.dtype == object:
        return int(cells.map(len).sum())
    text = pa.array(cells.astype("str"))
    if between is not None:
        return len(cells) + (pc.sum(pc.count_substring(text, between)).as_py() or 0)
    commas = pc.sum(pc.count_substring_regex(text, r"[,;\s]")).as_py() or 0
    return len(cells) + commas


def _rows(frame: pd.DataFrame, lists: Lists) -> list[list[str]]:
    """The items of each row, that of the target last."""
    rows: list[list[str]] = []
    for row in tokens_of(frame[lists.items], lists.between):
        rows.append([t[:-2] for t in row if t.endswith("-1")] if lists.clicked else row)
        if len(rows) % 100_000 == 0:
            report_share(len(rows) / len(frame))
    if lists.target is not None:
        for row, target in zip(rows, frame[lists.target], strict=True):
            row.extend([target.strip()] if not is_nothing(target) else [])
    return rows


def _users(frame: pd.DataFrame, lists: Lists) -> list[str]:
    if lists.user is None:
        return [str(n) for n in range(1, len(frame) + 1)]
    return frame[lists.user].tolist()


def _order(frame: pd.DataFrame, lists: Lists, users: list[str]) -> np.ndarray:
    """Places of the rows, those of one user after each other and by time where it is known."""
    codes, _ = pd.factorize(np.array(users, dtype=object))
    time = lists.single.get(TIMESTAMP)
    if time is None:
        return np.argsort(codes, kind="stable")
    numbers = parse_numbers(frame[time])
    if np.isnan(numbers).any():
        if not frame[time].str.contains(_YEAR_FIRST).all():
            return np.argsort(codes, kind="stable")  # the order of the file
        numbers = pd.factorize(frame[time], sort=True)[0]
    return np.lexsort((numbers, codes))


def _said(frame: pd.DataFrame, lists: Lists, canonical: str) -> list[list[str]] | None:
    """Ratings or times of the items of each row; None where they are not known of all."""
    if canonical in lists.parallel:
        said = list(tokens_of(frame[lists.parallel[canonical]], lists.between))
        if lists.target is not None:
            column = lists.single.get(canonical)
            last = [""] * len(frame) if column is None else frame[column].tolist()
            lengths = [len(row) for row in tokens_of(frame[lists.items], lists.between)]
            said = [
                [*(row + [""] * length)[:length], cell]
                for row, cell, length in zip(said, last, lengths, strict=True)
            ]
        return said
    if lists.target is None and canonical in lists.single:
        column = frame[lists.single[canonical]]
        lengths = [len(row) for row in tokens_of(frame[lists.items], lists.between)]
        return [[cell] * length for cell, length in zip(column, lengths, strict=True)]
    return None


def _titles(frame: pd.DataFrame, lists: Lists, rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """Item → title, by the lists of titles and by those of the targets."""
    titles: dict[str, str] = {}
    if TITLE in lists.parallel:
        named = tokens_of(frame[lists.parallel[TITLE]], lists.between)
        for row, names in zip(rows, named, strict=True):
            titles.update(zip(row, names, strict=False))
    if TITLE in lists.single and lists.target is not None:
        pairs = zip(frame[lists.target], frame[lists.single[TITLE]], strict=True)
        titles |= {target.strip(): title for target, title in pairs if not is_nothing(title)}
    return titles


def _positions(users: list[str], picked: list[tuple[int, int]]) -> list[str]:
    met: dict[str, int] = {}
    positions = []
    for row, _ in picked:
        place = met.get(users[row], 0)
        met[users[row]] = place + 1
        positions.append(str(place))
    return positions


def _notes(
    frame: pd.DataFrame, lists: Lists, events: int, growing: bool, filename: str
) -> list[Message]:
    if lists.of_users:
        note = N_(
            "{filename}: each row is an item, {item}, with a list of its users, {column}: it was "
            "read as {events} events, without an order. If a row is an event, choose so "
            "(shape=events)."
        )
        params = {"filename": filename, "item": str(lists.user), "column": lists.items}
        return [Message(note, params | {"events": f"{events:,}"}, grave=True)]
    note = N_(
        "{filename}: the column {column} holds lists, which were read as {events} events in the "
        "order of the lists. If a row is an event, choose so (shape=events)."
    )
    params = {"filename": filename, "column": lists.items, "events": f"{events:,}"}
    notes = [Message(note, params)]
    if TIMESTAMP in lists.single and lists.target is None:
        note = N_("{filename}: each item of a list has the time of its row, {column}.")
        params = {"filename": filename, "column": lists.single[TIMESTAMP]}
        notes.append(Message(note, params))
    if growing:
        note = N_(
            "{filename}: rows of one user repeat the history of the rows before; each event was "
            "taken once."
        )
        notes.append(Message(note, {"filename": filename}))
    lost = [
        lists.single[c]
        for c in (RATING, TIMESTAMP)
        if lists.target is not None and c in lists.single and c not in lists.parallel
    ]
    if lost:
        note = N_(
            "{filename}: {columns} say something of the last item of each row alone, and were "
            "left out."
        )
        params = {"filename": filename, "columns": ", ".join(lost)}
        notes.append(Message(note, params, grave=True))
    if lists.user is None:
        note = N_("{filename} has no column of users: each is called by the number of the row.")
        notes.append(Message(note, {"filename": filename}))
    return notes
