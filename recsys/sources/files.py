"""One uploaded table → a frame of strings, whatever its format; nothing in it is ever executed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from recsys.schema import N_, DataError, Message
from recsys.sources.base import Table
from recsys.sources.columns.choosing import Kind
from recsys.sources.foreign import declared_encoding, refuse_foreign
from recsys.sources.formats.dumps import is_dump, read_dump
from recsys.sources.formats.elements import read_elements
from recsys.sources.formats.parquet import PARQUET, read_parquet
from recsys.sources.formats.records import is_json, read_json
from recsys.sources.formats.sheets import Malformed
from recsys.sources.formats.spreadsheet_xml import is_spreadsheet_xml, read_spreadsheet_xml
from recsys.sources.formats.web_tables import is_web_page, read_web_page
from recsys.sources.formats.workbook import is_workbook, read_workbook
from recsys.sources.limits import check_columns, unreadable
from recsys.sources.options import ReadOptions
from recsys.sources.parts import joined, names_no_user, persons_of, with_folders, with_names
from recsys.sources.printouts.reading import read_printout
from recsys.sources.text.decoding import Decoded, decode
from recsys.sources.text.delimited import read_delimited
from recsys.sources.text.sequences import sequences
from recsys.sources.text.wrapped import unwrapped
from recsys.sources.unpacking import Unpacked, unpack

#: The largest file that is read, in bytes.
MAX_BYTES = 210 * 1000**2


def read_table(
    source: Path | bytes, filename: str = "", *, encoding: str | None = None
) -> tuple[pd.DataFrame, list[Message]]:
    """The frame and the notes of `read_cells`, where nothing but the encoding is given."""
    table = read_cells(source, filename, ReadOptions(encoding=encoding))
    check_columns(table.frame, filename)
    return table.frame, table.notes


def read_cells(
    source: Path | bytes,
    filename: str = "",
    options: ReadOptions | None = None,
    kind: Kind = "interactions",
) -> Table:
    """Read a table; the content decides the format, not the name.

    Args:
        source: a path, or the bytes of an upload.
        filename: what to call the file in messages; the path's name where it is left out.
        options: what is known of the file; the rest is found out.
        kind: which sheet of a workbook, or file of an archive, is wanted.

    Returns:
        The table. The header is row 1; in Parquet, which has none, rows count from 1. Cells are
        strings exactly as written and "" where there is nothing; only list columns hold lists.

    Raises:
        DataError: the file cannot be read, is too large, or holds no rows.
    """
    options = options or ReadOptions()
    filename = filename or (source.name if isinstance(source, Path) else "file")
    data = source if isinstance(source, bytes) else _read_bytes(source, filename)
    if len(data) > MAX_BYTES:
        raise _too_large(filename)
    try:
        unpacked = unpack(data, filename, options, kind, MAX_BYTES)
        del data
        inner = options
        if unpacked.member is not None and options.sheet in _names_of(unpacked.member):
            inner = replace(options, sheet=None)  # it named the file, and no sheet in it
        table = _table(unpacked, filename, inner, kind)
        return replace(table, others=unpacked.others) if unpacked.others else table
    except MemoryError as error:
        raise DataError(
            N_(
                "{filename} needs more memory than there is. Upload a part of it, or fewer columns."
            ),
            filename=filename,
        ) from error


def _table(unpacked: Unpacked, filename: str, options: ReadOptions, kind: Kind) -> Table:
    """The table of what was unpacked, with the parts of it that lie in other files."""
    data = unpacked.data
    first = options
    if unpacked.names is not None and options.header is None:
        source, names = unpacked.names
        first = replace(options, header=False)
    table = unwrapped(_read(data, filename, first, kind), first, filename)
    if unpacked.names is not None and options.header is None:
        table = with_names(table, names, source, filename)
        if not table.found.header:  # it holds those of another table
            table = unwrapped(_read(data, filename, options, kind), options, filename)
    if unpacked.member is not None and table.found.sheet is None:
        table = replace(table, found=replace(table.found, sheet=unpacked.member))
    if unpacked.member is not None and unpacked.parts:
        table = with_folders(table, unpacked.member)
    files, persons = unpacked.parts, False
    if kind == "interactions" and names_no_user(table) and unpacked.member is not None:
        files = files or unpacked.like
        persons = persons_of([unpacked.member, *(name for name, _ in files)]) is not None
    beside = replace(table, notes=unpacked.notes + table.notes)
    if not files or unpacked.member is None or not (persons or unpacked.parts):
        return beside
    said = table.found
    given = replace(options, separator=said.separator, header=said.header)
    parts, unread = [(unpacked.member, table)], []
    for name, content in files:
        try:
            part = unwrapped(_read(content, name, given, kind), given, name)
            parts.append((name, with_folders(part, name) if unpacked.parts else part))
        except DataError:  # it holds no rows, or no table
            unread.append(name)
    if len(parts) == 1:
        return beside
    whole = joined(parts, unread, filename, persons=persons)
    all_read = persons and files is unpacked.like
    return whole if all_read else replace(whole, notes=unpacked.notes + whole.notes)


def _names_of(member: str) -> tuple[str, str]:
    return member, member.rsplit("/", 1)[-1]


def _read(data: bytes, filename: str, options: ReadOptions, kind: Kind) -> Table:
    if data.startswith(PARQUET):
        return Table(*read_parquet(data, filename), options)
    if is_workbook(data):
        return read_workbook(data, filename, options, kind)
    refuse_foreign(data, filename)
    decoded = _decoded(data, filename, options)
    if is_web_page(decoded.text):
        table = read_web_page(decoded.text, filename, options, kind)
    elif is_spreadsheet_xml(decoded.text):
        table = _spreadsheet(decoded.text, filename, options, kind)
    elif (elements := read_elements(decoded.text, filename, options, kind)) is not None:
        table = elements
    elif is_dump(decoded.text):
        table = read_dump(decoded.text, filename, options, kind)
    elif is_json(decoded.text):
        table = read_json(decoded.text, filename, options)
    elif (printed := read_printout(decoded.text, filename, options)) is not None:
        table = printed
    elif (listed := sequences(decoded.text, options, filename)) is not None:
        table = listed
    else:
        table = read_delimited(decoded.text, filename, options)
    found = replace(table.found, encoding=decoded.encoding)
    return replace(table, notes=decoded.notes + table.notes, found=found)


def _decoded(data: bytes, filename: str, options: ReadOptions) -> Decoded:
    """The text, in the encoding that it names itself where nothing else tells."""
    decoded = decode(data, filename, options.encoding)
    declared = declared_encoding(data)
    if options.encoding is None and decoded.encoding != "utf-8" and declared is not None:
        try:
            return decode(data, filename, declared)
        except DataError:  # it is none of Python's, or does not fit
            return decoded
    return decoded


def _spreadsheet(text: bytes, filename: str, options: ReadOptions, kind: Kind) -> Table:
    try:
        return read_spreadsheet_xml(text, filename, options, kind)
    except Malformed as error:
        raise unreadable(filename, "Excel") from error


def _read_bytes(path: Path, filename: str) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(filename)
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            N_("{path} cannot be read. Check that the file is there and may be opened."),
            path=str(path),
        ) from error


def _too_large(filename: str) -> DataError:
    return DataError(
        N_("{filename} is larger than {limit} MB. Upload a part of it, or save it as Parquet."),
        filename=filename,
        limit=MAX_BYTES // 1000**2,
    )
