"""One table in several files of an archive: parts of an export, a file a month, a file a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID, N_, USER_ID, Message, listed
from recsys.sources.base import Table
from recsys.sources.columns.choosing import columns_named
from recsys.sources.tables import header_names

#: What parts are numbered by, which is no word: numbers, keys of 8 or more, months, quarters.
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_VARYING = re.compile(rf"[0-9a-f]{{8,}}|(?<![a-z])(?:{_MONTHS}|q(?=\d))(?![a-z])|\d+")
_MONTH = re.compile(rf"(?<![a-z])(?:{_MONTHS})(?![a-z])")
_FIRST_LETTERS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
#: Words in the names of files that are a person each.
_PERSON = re.compile(
    r"^(?:.*[^a-z])?(?:users?|members?|customers?|clients?|persons?|people|profiles?|subjects?"
    r"|participants?|respondents?|students?|viewers?|readers?|players?|uid|用户|会员|客户)[\W_]*\d+$"
)
#: Files that hold nothing but the names of the columns of another one.
_NAMES = re.compile(
    r"(?:^|/)(?:.*[._-])?(?:(?:column|col|field|var(?:iable)?)s?[._ -]?(?:headers?|names?)"
    r"|headers?|columns|fields)(?:[._-]\w+)*$"
)
#: A folder that says what a column holds in all rows of the files in it.
_FOLDER = re.compile(r"(?<![^/])([^\W\d]\w*)=([^/]*)/")
_NOTHING = "__HIVE_DEFAULT_PARTITION__"
_LEAST_PERSONS = 3
#: A file whose rows stand in the others, too, is a copy or a part of them.
_COPY = 0.5
_LISTED = 5


def without_numbers(name: str) -> str:
    """The name of a file without what tells parts of one table apart."""
    return _VARYING.sub("#", _FOLDER.sub(r"\1=#/", name.casefold()))


def with_folders(table: Table, name: str) -> Table:
    """A part with the columns that Hive and Spark write as folders: "country=de/part-0.csv"."""
    from_folders = {
        key: value for key, value in _FOLDER.findall(name) if key not in table.frame.columns
    }
    if not from_folders or table.found.header is False:
        return table
    columns = {
        key: pd.array(["" if value == _NOTHING else unquote(value)] * len(table.frame), dtype="str")
        for key, value in from_folders.items()
    }
    return replace(table, frame=table.frame.assign(**columns))


def in_order(name: str) -> list[str | int]:
    """What sorts the names of parts as people count: "part-2" before "part-10", May before June."""
    dated = _MONTH.sub(lambda m: f"{_FIRST_LETTERS.index(m[0][:3]) + 1:02d}", name.casefold())
    return [int(x) if x.isdecimal() else x for x in re.split(r"(\d+)", dated)]


def holds_names(name: str) -> bool:
    """Whether a file is called as one that holds only the names of columns."""
    return _NAMES.search(name.casefold()) is not None


def stem(name: str) -> str:
    """The name of a file without its folder and its endings."""
    return re.sub(r"(?:\.(?=.*[a-z])[A-Za-z0-9]{1,8}){1,2}$", "", name.rsplit("/", 1)[-1])


def persons_of(names: Sequence[str]) -> list[str] | None:
    """Whom the files are of, where each is of another person; None where their names do not say.

    It is the name of the file, or of its folder, where all files have one name.
    """
    stems = [stem(name) for name in names]
    if len(set(stems)) == 1:
        folders = [name.rsplit("/", 2)[-2] for name in names if "/" in name]
        stems = folders if len(folders) == len(names) else stems
    if len(names) < _LEAST_PERSONS or len(set(stems)) < len(names):
        return None
    if len({without_numbers(one) for one in stems}) < len(names):  # numbered, or dated
        return stems if all(_PERSON.match(one.casefold()) for one in stems) else None
    return stems


def names_no_user(table: Table) -> bool:
    """Whether a table of events says what was met, but has no column for who it was."""
    frame = table.frame
    if not table.found.header:
        return False
    user, item = (columns_named(frame, name, "interactions") for name in (USER_ID, ITEM_ID))
    return not user and bool(item or columns_named(frame, "title", "items"))


def joined(
    parts: Sequence[tuple[str, Table]], unread: Sequence[str], filename: str, *, persons: bool
) -> Table:
    """One table of all parts with the columns of the first one, in the order of their names.

    Args:
        parts: name and table of each; the first one is that which was chosen.
        unread: the names of files that were left out before.
        persons: each part is of another person, named by the part.
    """
    chosen = parts[0][1]
    columns = list(chosen.frame.columns)
    frames: list[pd.DataFrame] = []
    read: list[str] = []
    left = list(unread)
    seen: np.ndarray | None = None
    for name, table in sorted(parts, key=lambda part: in_order(part[0])):
        frame = _with_columns(table, chosen)
        if frame is None:
            left.append(name)
            continue
        if not persons and all(frame[c].dtype != object for c in columns):
            hashes = pd.util.hash_pandas_object(frame, index=False).to_numpy()
            if seen is not None and np.isin(hashes, seen).mean() > _COPY:
                left.append(name)
                continue
            seen = hashes if seen is None else np.concatenate([seen, hashes])
        frames.append(frame)
        read.append(name)
    found = replace(chosen.found, sheet=None)
    params = {"filename": filename, "count": len(read), "names": listed(read, _LISTED)}
    if persons and (users := persons_of(read)) is not None:
        whole = pd.concat(
            [f.assign(**{USER_ID: user}) for f, user in zip(frames, users, strict=True)]
        )
        whole[USER_ID] = whole[USER_ID].astype("str")
        note = N_(
            "{filename}: no column says who the user is, so each of {count} files was taken for a "
            "user, called as the file: {names}. That is a guess."
        )
        shown = {**params, "names": ", ".join(users[:_LISTED])}
        said = [Message(note, shown, grave=True)]
    else:
        whole = pd.concat(frames)
        note = N_(
            "{filename} holds one table in {count} files, which were read one after the other: "
            "{names}; rows are counted in each. To read one alone, choose its name."
        )
        said = [Message(note, params)]
    if left:
        note = N_("{filename}: files that have other columns, or the same rows, left out: {names}.")
        said.append(Message(note, {"filename": filename, "names": listed(left, _LISTED)}))
    return replace(chosen, frame=whole, notes=[*said, *chosen.notes], found=found)


def _with_columns(table: Table, chosen: Table) -> pd.DataFrame | None:
    """The frame of a part with the columns of the one that was chosen; None where it has others."""
    columns = list(chosen.frame.columns)
    if set(table.frame.columns) == set(columns):
        return table.frame[columns]
    if not chosen.found.header and len(table.frame.columns) == len(columns):
        return table.frame.set_axis(columns, axis="columns")
    return None


def with_names(table: Table, names: Sequence[str], source: str, filename: str) -> Table:
    """A table without names of columns, with those that stand in a file beside it."""
    if table.found.header or len(table.frame.columns) != len(names):
        return table
    frame, more = header_names(names, table.frame.copy(), filename)
    note = N_("{filename}: the names of the columns were taken from {source}.")
    said = Message(note, {"filename": filename, "source": source})
    kept = [n for n in table.notes if "{filename} has no column names" not in n.template]
    return replace(
        table, frame=frame, notes=[said, *kept, *more], found=replace(table.found, header=True)
    )
