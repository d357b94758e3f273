"""Data sources: the samples that come with the product, and the files of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from recsys.schema import N_, ConfigError, DataError
from recsys.sources import groceries, made_up, movielens
from recsys.sources.base import CleaningConfig, RawFrames, Source
from recsys.sources.columns.choosing import guess_columns, parse_mapping, rename
from recsys.sources.files import MAX_BYTES, read_table
from recsys.sources.options import ReadOptions, parse_read
from recsys.sources.uploads import find_in_folder, load_files, raw_frames

__all__ = [
    "MAX_BYTES",
    "SOURCES",
    "CleaningConfig",
    "RawFrames",
    "ReadOptions",
    "Source",
    "guess_columns",
    "load_source",
    "parse_mapping",
    "parse_read",
    "raw_frames",
    "read_table",
    "rename",
]

#: To add a sample, write one file and one line here.
SOURCES: dict[str, Source] = {
    "movielens": movielens.SOURCE,
    "groceries": groceries.SOURCE,
    **made_up.MADE_UP,
}


def load_source(
    spec: str | Path,
    *,
    items: str | Path | None = None,
    users: str | Path | None = None,
    knowledge: str | Path | None = None,
    encoding: str | None = None,
    read: ReadOptions | None = None,
    item_read: ReadOptions | None = None,
    user_read: ReadOptions | None = None,
    columns: Mapping[str, str] | None = None,
    item_columns: Mapping[str, str] | None = None,
    user_columns: Mapping[str, str] | None = None,
) -> RawFrames:
    """Load a sample by name, a file, or a folder with ``interactions.*`` and maybe others.

    Args:
        spec: a key of `SOURCES` or a path.
        items, users: files of their own; they take the place of those in a folder.
        knowledge: a file of facts, likewise; a sample takes one, too.
        encoding: of text files; None looks at the bytes.
        read, item_read, user_read: how each file is to be read; what is left open is found out.
        columns, item_columns, user_columns: canonical name → column; the rest is guessed.

    Raises:
        DataError: nothing is there, or it cannot be used.
        ConfigError: a sample was given files or columns, or a mapping makes no sense.
    """
    if str(spec) in SOURCES:
        for_facts = encoding is not None and knowledge is not None
        given = (items, users, read, item_read, user_read, columns, item_columns, user_columns)
        if any((*given, encoding and not for_facts)):
            raise ConfigError(
                N_('The sample "{name}" brings its own items, users and columns; give none.'),
                name=str(spec),
            )
        return _with_knowledge(SOURCES[str(spec)].load(), knowledge, encoding)
    path = Path(spec)
    if not path.exists():
        raise DataError(
            N_('There is no sample, file or folder called "{spec}". The samples are: {samples}.'),
            spec=str(spec),
            samples=", ".join(SOURCES),
        )
    found = find_in_folder(path) if path.is_dir() else {"interactions": path}
    found |= {name: Path(file) for name, file in (("items", items), ("users", users)) if file}
    for name, mapping in (("items", item_columns), ("users", user_columns)):
        if mapping and name not in found:
            raise ConfigError(
                N_("Columns of {name} were given, but no file of {name}. Add the file, too."),
                name=name,
            )
    raw = load_files(
        found["interactions"],
        items=found.get("items"),
        users=found.get("users"),
        read=_encoded(read, encoding),
        item_read=_encoded(item_read, encoding),
        user_read=_encoded(user_read, encoding),
        columns=columns,
        item_columns=item_columns,
        user_columns=user_columns,
    )
    return _with_knowledge(raw, knowledge or found.get("knowledge"), encoding)


def _encoded(read: ReadOptions | None, encoding: str | None) -> ReadOptions:
    """The options with the encoding that is given for all files, where they say none."""
    read = read or ReadOptions()
    return replace(read, encoding=read.encoding or encoding)


def _with_knowledge(raw: RawFrames, path: str | Path | None, encoding: str | None) -> RawFrames:
    if path is None:
        return raw
    table, notes = read_table(Path(path), encoding=encoding)
    return replace(raw, knowledge=table, notes=[*raw.notes, *notes])
