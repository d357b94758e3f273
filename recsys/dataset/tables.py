"""The tables of a data set in a folder of Parquet files, and the values of their cells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID, KNOWLEDGE_COLUMNS, RATING, TIMESTAMP, USER_ID

KNOWLEDGE_FILE = "knowledge.parquet"


class Tables(NamedTuple):
    """What a folder holds of a data set; see `Dataset.from_frames` and the attributes there."""

    interactions: pd.DataFrame
    items: pd.DataFrame
    users: pd.DataFrame
    knowledge: pd.DataFrame | None
    name: str
    liked_from: float | None
    steps: bool


def write_tables(folder: Path, tables: Tables) -> None:
    """Write the tables into `folder`, which is made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("interactions", "items", "users"):
        frame = getattr(tables, name)
        frame.to_parquet(folder / f"{name}.parquet", compression="zstd", index=False)
    if tables.knowledge is not None:
        tables.knowledge.to_parquet(folder / KNOWLEDGE_FILE, compression="zstd", index=False)
    meta = {"name": tables.name, "liked_from": tables.liked_from, "steps": tables.steps}
    (folder / "dataset.json").write_text(json.dumps(meta, ensure_ascii=False), "utf-8")


def read_tables(folder: Path) -> Tables:
    """Read what `write_tables` wrote.

    Raises:
        OSError, ValueError, TypeError, KeyError, RecursionError: it is not there or damaged.
    """
    meta = json.loads(_plain_file(folder / "dataset.json").read_text("utf-8"))
    interactions, items, users = (
        read_parquet(folder / f"{name}.parquet") for name in ("interactions", "items", "users")
    )
    place = folder / KNOWLEDGE_FILE
    knowledge = read_parquet(place) if place.exists() else None
    _check_frames(interactions, items, users, knowledge)
    name, liked_from = str(meta["name"]), meta["liked_from"]
    liked_from = None if liked_from is None else float(liked_from)
    return Tables(
        interactions, items, users, knowledge, name, liked_from, meta.get("steps") is True
    )


def read_parquet(path: Path) -> pd.DataFrame:
    """Read one Parquet file. Raises `OSError` or `ValueError`, whatever lies there."""
    _plain_file(path)
    try:
        return pd.read_parquet(path)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # two libraries, each with errors of its own for each kind of damage
        raise ValueError(f"{path} cannot be read") from error


def _plain_file(path: Path) -> Path:
    """Raise `OSError` for a folder, of which all files would be read, and a pipe, which waits."""
    if path.exists() and not path.is_file():
        raise IsADirectoryError(str(path))
    return path


def _check_frames(
    interactions: pd.DataFrame,
    items: pd.DataFrame,
    users: pd.DataFrame,
    knowledge: pd.DataFrame | None,
) -> None:
    """Raise `ValueError` or `KeyError` where frames lack what a `Dataset` is made of."""
    for frame, key in ((interactions, USER_ID), (interactions, ITEM_ID), (items, ITEM_ID),
                       (users, USER_ID)):  # fmt: skip
        if not pd.api.types.is_string_dtype(frame[key]) or frame[key].isna().any():
            raise ValueError(f"{key} is not text throughout")
    for column in (RATING, TIMESTAMP):
        if column not in interactions:
            continue
        if not pd.api.types.is_numeric_dtype(interactions[column]):
            raise ValueError(f"{column} is not a number throughout")
        numbers = interactions[column].to_numpy(dtype=np.float64)
        absent = np.isnan(numbers) & (column == RATING)  # nobody has to rate what they met
        if not (np.isfinite(numbers) | absent).all():
            raise ValueError(f"{column} is not a number throughout")
    for frame in (items, users):
        if not all(isinstance(column, str) for column in frame.columns):
            raise ValueError("a column without a name")
    if knowledge is not None:
        _ = knowledge[list(KNOWLEDGE_COLUMNS)]


def as_values(cell: object) -> tuple[str, ...]:
    """An attribute cell as a tuple of strings: a list stays many, a missing value is ()."""
    if isinstance(cell, (list, tuple, np.ndarray)):
        return tuple(str(v) for v in cell)
    if cell is None or cell is pd.NA or (isinstance(cell, float) and np.isnan(cell)):
        return ()
    if isinstance(cell, (float, np.floating)) and float(cell).is_integer():
        return (str(int(cell)),)
    text = str(cell)
    return (text,) if text else ()
