"""What a data source gives: raw frames, and the cleaning that suits them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from recsys.schema import Message
from recsys.sources.options import ReadOptions


@dataclass(frozen=True)
class Table:
    """One file as read.

    Attributes:
        frame: cells are strings exactly as written, "" where there is nothing; list columns hold
            lists. The index is called ``row``: row numbers in the file.
        notes: what was noticed or repaired.
        found: how it was read: what was given, and what was found out.
        others: names of other tables in the same file, which were not read.
        sheets: whether those are sheets, or tables of a database, and no files of an archive.
    """

    frame: pd.DataFrame
    notes: list[Message] = field(default_factory=list)
    found: ReadOptions = field(default_factory=ReadOptions)
    others: tuple[str, ...] = ()
    sheets: bool = False


@dataclass(frozen=True)
class RawFrames:
    """Data as read, before cleaning; columns have canonical names where they have a meaning.

    Attributes:
        interactions: `user_id`, `item_id`, optional `rating`, `timestamp`, `position`; other
            columns are ignored. An index called ``row`` holds the row numbers of the file,
            where the header is row 1; with any other index rows are counted from 1.
        items: `item_id`, optional `title`, attribute columns; or None.
        users: `user_id`, attribute columns; or None.
        knowledge: a table of facts as read, see `recsys.cleaning.statements`; or None.
        notes: what was noticed or repaired while reading.
        read: how the cells of the interactions are to be understood (decimal mark, dates).
    """

    interactions: pd.DataFrame
    items: pd.DataFrame | None = None
    users: pd.DataFrame | None = None
    knowledge: pd.DataFrame | None = None
    notes: list[Message] = field(default_factory=list)
    read: ReadOptions = field(default_factory=ReadOptions)


@dataclass(frozen=True)
class CleaningConfig:
    """What to keep of the raw data.

    Attributes:
        liked_from: the rating from which an event counts as liked; None: every event does.
        only_liked: drop events below `liked_from`.
        min_item_events: drop items met less often, once (this is not a k-core); above 1 it also
            drops listed items that nobody met.
        min_user_events: then drop users with fewer events, once.
    """

    liked_from: float | None = None
    only_liked: bool = False
    min_item_events: int = 1
    min_user_events: int = 1


@dataclass(frozen=True)
class Source:
    """A sample that comes with the product. `title`, `description`, `license` are gettext ids.

    `facts` is a file of knowledge about it, to show what knowledge may look like.
    """

    name: str
    title: str
    description: str
    license: str
    language: Literal["en", "zh"]
    load: Callable[[], RawFrames]
    cleaning: CleaningConfig = CleaningConfig()
    facts: Path | None = None
