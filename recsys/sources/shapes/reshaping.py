"""Tables that are not one row an event: matrices, lists in cells, sequences → rows of events."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from recsys.schema import N_, DataError, Message
from recsys.sources.base import Table
from recsys.sources.columns.choosing import Kind
from recsys.sources.columns.named import named_items, named_users
from recsys.sources.options import ReadOptions, Shape
from recsys.sources.shapes.between import unread_lists
from recsys.sources.shapes.brackets import nested_column
from recsys.sources.shapes.by_turns import by_turns
from recsys.sources.shapes.dates_apart import with_whole_dates
from recsys.sources.shapes.exploding import exploded
from recsys.sources.shapes.lists import find_lists
from recsys.sources.shapes.matrix import find_matrix
from recsys.sources.shapes.melting import melted
from recsys.sources.shapes.merged import filled_down
from recsys.sources.shapes.nested import with_row_for_each_record
from recsys.sources.shapes.outlines import without_outline
from recsys.sources.shapes.sums import without_sum_rows
from recsys.sources.shapes.user_columns import users_of_columns
from recsys.sources.text.sequences import LISTED
from recsys.sources.values.cells import is_nothing


def reshaped(table: Table, kind: Kind, options: ReadOptions, filename: str) -> Table:
    """The table with one row for each event, where `kind` is interactions; others stay.

    What it was is found by its content, unless the options say it, and stands in a note.

    Raises:
        DataError: it has not the shape that is given, or holds too many events.
    """
    listed = table.found.shape == "sequences" and list(table.frame.columns) == LISTED
    if kind != "interactions" or listed:
        return table
    if options.shape == "sequences":
        raise _is_no(filename, "sequences")
    if options.shape == "events":
        return table
    if options.header is None:
        table = _with_header(table)
    frame, said = with_row_for_each_record(users_of_columns(table.frame), filename)
    frame, dated = with_whole_dates(frame, filename)
    notes = [*table.notes, *said, *dated]
    if options.shape is None:
        frame, said = without_outline(frame, filename)
        notes += said
        frame, said = by_turns(frame, filename)
        notes += said
    shape: Shape = "events"
    rows, sums = without_sum_rows(frame, filename)
    more: list[Message] = []
    matrix = None
    if options.shape == "lists":  # a table of picks, which is found below, and was given back so
        matrix = found if (found := find_matrix(rows)) is not None and found.picks else None
    if (
        matrix is None
        and options.shape != "matrix"
        and (lists := find_lists(frame, sure=options.shape == "lists"))
    ):
        shape = "lists"
        frame, more = exploded(frame, lists, filename)
    elif matrix is not None or (
        options.shape != "lists" and (matrix := find_matrix(rows, sure=options.shape == "matrix"))
    ):
        # Columns of picks are a list: the first one came first.
        shape = "lists" if matrix.picks and options.shape != "matrix" else "matrix"
        frame, more = melted(rows, matrix, filename)
        more += sums
    elif options.shape is not None:
        raise _is_no(filename, options.shape)
    elif (column := nested_column(frame)) is not None:
        raise DataError(
            N_(
                "The cells of {column} in {filename} hold lists within lists, or records, which "
                "are not read. Write a row for each event."
            ),
            column=column,
            filename=filename,
        )
    else:
        frame, more = filled_down(frame, filename)
        more += unread_lists(frame, filename)
    if shape != "events" and frame.empty:
        raise DataError(
            N_("{filename} holds no events: all its cells are empty."), filename=filename
        )
    return replace(table, frame=frame, notes=notes + more, found=replace(table.found, shape=shape))


def _with_header(table: Table) -> Table:
    """The table with its first row as names, where those are numbers, as ids of items are.

    A first row such as "userId, 1, 2, 3" looks like a row of data, but for its first cell.
    """
    frame = table.frame
    if table.found.header is not False or len(frame) < 2 or len(frame.columns) < 4:
        return table
    if any(frame[c].dtype == object for c in frame.columns):
        return table
    first, *names = (cell.strip() for cell in frame.iloc[0])
    named = pd.DataFrame(columns=[first])
    if len(set(names)) < len(names) or not all(re.fullmatch(r"\d{1,12}", name) for name in names):
        return table
    if first and not named_users(named) and not named_items(named):
        return table
    if not first and is_nothing(frame.iloc[1, 0]):
        return table
    renamed = frame.iloc[1:].set_axis([first or str(frame.columns[0]), *names], axis="columns")
    notes = [note for note in table.notes if "{filename} has no column names" not in note.template]
    return replace(table, frame=renamed, notes=notes, found=replace(table.found, header=True))


def _is_no(filename: str, shape: Shape) -> DataError:
    return DataError(
        N_(
            "{filename} cannot be read as {shape}: no columns like that were found. Leave the "
            "shape out, so that it is found out, or choose another one."
        ),
        filename=filename,
        shape=shape,
    )
