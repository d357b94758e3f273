"""Files of a person → raw frames with canonical column names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from recsys.schema import N_, DataError, Message
from recsys.sources.base import RawFrames
from recsys.sources.columns import choose_columns
from recsys.sources.files import read_table


def raw_frames(
    interactions: pd.DataFrame,
    items: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    item_columns: Mapping[str, str] | None = None,
    user_columns: Mapping[str, str] | None = None,
    notes: Sequence[Message] = (),
) -> RawFrames:
    """Name the columns of tables as read: by the mappings given, and by guess for the rest.

    Args:
        columns, item_columns, user_columns: canonical name → column; "" means there is none.

    Raises:
        DataError, ConfigError: see :func:`recsys.sources.columns.rename`.
    """
    return RawFrames(
        choose_columns(interactions, "interactions", columns),
        None if items is None else choose_columns(items, "items", item_columns),
        None if users is None else choose_columns(users, "users", user_columns),
        notes=list(notes),
    )


def load_files(
    interactions: Path,
    *,
    items: Path | None = None,
    users: Path | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    item_columns: Mapping[str, str] | None = None,
    user_columns: Mapping[str, str] | None = None,
) -> RawFrames:
    """Read up to three files. Raises `DataError` or `ConfigError` for a person's mistake."""
    tables: list[pd.DataFrame | None] = []
    notes: list[Message] = []
    for path in (interactions, items, users):
        frame = None
        if path is not None:
            frame, more = read_table(path, encoding=encoding)
            notes += more
        tables.append(frame)
    assert tables[0] is not None
    return raw_frames(
        tables[0],
        tables[1],
        tables[2],
        columns=columns,
        item_columns=item_columns,
        user_columns=user_columns,
        notes=notes,
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
