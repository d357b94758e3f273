"""Files of a person → raw frames with canonical column names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from recsys.schema import ITEM_ID, N_, USER_ID, DataError, Message
from recsys.sources.base import RawFrames, Table
from recsys.sources.beside import items_beside
from recsys.sources.columns.choosing import Kind, choose_events
from recsys.sources.columns.keys import choose_joining, misplaced, refuse_misplaced
from recsys.sources.files import read_cells
from recsys.sources.limits import check_columns
from recsys.sources.options import ReadOptions
from recsys.sources.shapes.reshaping import reshaped


def raw_frames(
    interactions: pd.DataFrame,
    items: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    item_columns: Mapping[str, str] | None = None,
    user_columns: Mapping[str, str] | None = None,
    notes: Sequence[Message] = (),
    read: ReadOptions | None = None,
) -> RawFrames:
    """Name the columns of tables as read: by the mappings given, and by guess for the rest.

    Args:
        columns, item_columns, user_columns: canonical name → column; "" means there is none.
        read: how the interactions were read, or are to be understood.

    Raises:
        DataError, ConfigError: see :func:`recsys.sources.columns.choosing.rename`.
    """
    refuse_misplaced(interactions, columns)
    events, said = choose_events(interactions, columns)
    frames: dict[Kind, pd.DataFrame] = {}
    given: tuple[tuple[Kind, pd.DataFrame | None, Mapping[str, str] | None, str], ...] = (
        ("items", items, item_columns, ITEM_ID),
        ("users", users, user_columns, USER_ID),
    )
    for kind, table, chosen, key in given:
        if table is not None:
            frames[kind], more = choose_joining(table, kind, chosen, events[key])
            said += more if (found := misplaced(table, kind)) is None else [found[1], *more]
    return RawFrames(
        events,
        frames.get("items"),
        frames.get("users"),
        notes=[*notes, *said],
        read=read or ReadOptions(),
    )


def read_file(
    source: Path | bytes, kind: Kind, filename: str = "", options: ReadOptions | None = None
) -> Table:
    """A file of one kind as a table: of interactions, a row is an event. Raises `DataError`."""
    options = options or ReadOptions()
    filename = filename or (source.name if isinstance(source, Path) else "file")
    table = reshaped(read_cells(source, filename, options, kind), kind, options, filename)
    check_columns(table.frame, filename)
    return table


def load_files(
    interactions: Path,
    *,
    items: Path | None = None,
    users: Path | None = None,
    read: ReadOptions | None = None,
    item_read: ReadOptions | None = None,
    user_read: ReadOptions | None = None,
    columns: Mapping[str, str] | None = None,
    item_columns: Mapping[str, str] | None = None,
    user_columns: Mapping[str, str] | None = None,
) -> RawFrames:
    """Read up to three files. Raises `DataError` or `ConfigError` for a person's mistake."""
    events = read_file(interactions, "interactions", options=read)
    if items is None:
        item_table = items_beside(interactions, events, interactions.name)
    else:
        item_table = read_file(items, "items", options=item_read)
    user_table = None if users is None else read_file(users, "users", options=user_read)
    return raw_frames(
        events.frame,
        None if item_table is None else item_table.frame,
        None if user_table is None else user_table.frame,
        columns=columns,
        item_columns=item_columns,
        user_columns=user_columns,
        notes=[note for table in (events, item_table, user_table) if table for note in table.notes],
        read=events.found,
    )


def find_in_folder(folder: Path) -> dict[str, Path]:
    """The files ``interactions.*``, ``items.*``, ``users.*``, ``knowledge.*`` of a folder, by kind.

    Raises:
        DataError: there are no interactions, or there are two files for one kind.
    """
    found: dict[str, Path] = {}
    for path in sorted(p for p in folder.iterdir() if p.is_file()):
        kind = path.stem.lower()
        if kind not in ("interactions", "items", "users", "knowledge"):
            continue
        if kind in found:
            raise DataError(
                N_("{folder} holds both {first} and {second}. Leave only one of them there."),
                folder=str(folder),
                first=found[kind].name,
                second=path.name,
            )
        found[kind] = path
    if "interactions" not in found:
        raise DataError(
            N_('{folder} holds no file called "interactions", such as interactions.csv.'),
            folder=str(folder),
        )
    return found
