"""A matrix → a row for each event, and what is said of it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID, N_, POSITION, RATING, USER_ID, Message, listed
from recsys.sources.limits import MAX_RESHAPED_EVENTS, too_many_events
from recsys.sources.shapes.matrix import Matrix
from recsys.sources.shapes.matrix_columns import YES
from recsys.sources.values.cells import is_nothing, parse_numbers


def melted(
    frame: pd.DataFrame, matrix: Matrix, filename: str
) -> tuple[pd.DataFrame, list[Message]]:
    """One row for each cell that holds something, by row and then by column.

    Raises:
        DataError: there are too many of them, which are counted before any is built.
    """
    places: list[np.ndarray] = []
    total = 0
    known: dict[str, bool] = {}
    for column in matrix.columns:
        cells = frame[column].astype("str").tolist()
        known |= {cell: _is_event(cell, matrix) for cell in set(cells) - known.keys()}
        found = np.flatnonzero(np.fromiter(map(known.__getitem__, cells), bool, len(cells)))
        total += len(found)
        if total > MAX_RESHAPED_EVENTS:
            raise too_many_events(filename)
        places.append(found)
    rows = np.concatenate(places)
    columns = np.repeat(np.arange(len(places)), [len(p) for p in places])
    order = np.argsort(rows, kind="stable")
    rows, columns = rows[order], columns[order]
    index = frame.index[rows]
    if matrix.key is None:
        keys = pd.Series(pd.array([str(n) for n in range(1, len(frame) + 1)], dtype="str"))
    else:
        keys = frame[matrix.key].reset_index(drop=True)
        if keys.str.fullmatch(r"[^:]+:\s*").all():  # "ann:" before a list
            keys = keys.str.strip().str.removesuffix(":")
    columns_of_events = {USER_ID: keys.iloc[rows].array}
    pairs = zip(matrix.columns, places, strict=True)
    said = [frame[column].iloc[place] for column, place in pairs if len(place)]
    values = pd.concat(said).iloc[order].str.strip().array if said else pd.array([], dtype="str")
    if matrix.picks:
        columns_of_events |= {ITEM_ID: values, POSITION: pd.array(columns.astype(str), dtype="str")}
    else:
        names = pd.array(_names(matrix.columns), dtype="str")
        columns_of_events[ITEM_ID] = names.take(columns)
        if matrix.rated:
            columns_of_events[RATING] = values
    if matrix.by_item:
        columns_of_events[USER_ID], columns_of_events[ITEM_ID] = (
            columns_of_events[ITEM_ID],
            columns_of_events[USER_ID],
        )
    columns_of_events |= {
        name: frame[column].iloc[rows].array for name, column in matrix.kept.items()
    }
    events = pd.DataFrame(columns_of_events)
    events.index = index
    return events, _notes(frame, matrix, len(events), filename)


def _is_event(cell: str, matrix: Matrix) -> bool:
    text = cell.strip().casefold()
    if is_nothing(text):
        return False
    if not matrix.rated and not matrix.picks:
        return text in YES
    if matrix.zeros or matrix.missing is not None:
        number = float(parse_numbers(pd.Series([text], dtype="str"))[0])
        return not (matrix.zeros and number == 0) and number != matrix.missing
    return True


def _names(columns: list[str]) -> list[str]:
    """Names of items, freed of the question that forms repeat: ``How was it? [Amber]``."""
    found = [re.fullmatch(r"(.*)\[(.+)\]\s*", name, re.DOTALL) for name in columns]
    if len(columns) > 1 and all(found) and len({m[1] for m in found if m}) == 1:
        inner = [m[2].strip() for m in found if m]
        if len(set(inner)) == len(inner):
            return inner
    return columns


def _notes(frame: pd.DataFrame, matrix: Matrix, events: int, filename: str) -> list[Message]:
    rows, columns = f"{len(frame):,}", f"{len(matrix.columns):,}"
    if matrix.picks:
        note = N_(
            "{filename} has a row for each user with {count} columns of items: it was read as "
            "{events} events, in the order of the columns."
        )
        params = {"filename": filename, "count": columns, "events": f"{events:,}"}
        notes = [Message(note, params)]
    else:
        note = N_(
            "{filename} is a matrix of {users} users and {items} items: it was read as {events} "
            "events. It does not say what came first, so the last event of a user is only the "
            "last column. If a row is an event, choose so (shape=events)."
        )
        users, items = (columns, rows) if matrix.by_item else (rows, columns)
        params = {"filename": filename, "users": users, "items": items, "events": f"{events:,}"}
        notes = [Message(note, params, grave=True)]
        if matrix.key is not None and not matrix.rows_named:
            notes.append(_taken(frame[matrix.key], matrix, filename))
    if matrix.key is None:
        note = N_("{filename} has no column of users: each is called by the number of the row.")
        notes.append(Message(note, {"filename": filename}))
    if matrix.left_out:
        note = N_("{filename}: columns that are no items were left out: {names}.")
        shown = listed(matrix.left_out, 10)
        notes.append(Message(note, {"filename": filename, "names": shown}))
    return notes


def _taken(keys: pd.Series, matrix: Matrix, filename: str) -> Message:
    """What rows and columns were taken for, where no name says what they are."""
    row = next((cell.strip() for cell in keys if not is_nothing(cell)), "")
    params = {"filename": filename, "row": row, "column": _names(matrix.columns)[0]}
    if matrix.by_item:
        note = N_(
            "{filename}: no name says what rows and columns are: each row, such as “{row}”, was "
            "taken for an item, and each column, such as “{column}”, for a user. If it is the "
            "other way round, call the first column user_id."
        )
    else:
        note = N_(
            "{filename}: no name says what rows and columns are: each row, such as “{row}”, was "
            "taken for a user, and each column, such as “{column}”, for an item. If it is the "
            "other way round, call the first column item_id."
        )
    return Message(note, params, grave=True)
