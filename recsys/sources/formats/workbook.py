"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods) → a frame of strings; nothing in them is executed."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import math
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from recsys.schema import N_, DataError, Message
from recsys.sources import limits
from recsys.sources.base import Table
from recsys.sources.columns.choosing import Kind
from recsys.sources.formats import binary_sheets, open_document, packages, sheets
from recsys.sources.likeness import Likeness, likeness, no_such_part, said_of_sheets
from recsys.sources.options import ReadOptions
from recsys.sources.progress import report_share
from recsys.sources.tables import empty_table, header_names, said_of_top
from recsys.sources.text.edges import trimmed
from recsys.sources.text.headers import find_top

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Cells that are held as Python objects at a time.
_CHUNK_CELLS = 200_000
#: Rows that are looked at to find the names of the columns.
_SAMPLE_ROWS = 200
#: Sheets that are built to see which one is the table.
_MOST_LOOKED_AT = 20
#: Parts that a zip has where it is a workbook, or another document of an office.
_DOCUMENT_PARTS = frozenset(["[content_types].xml", "_rels/.rels", "content.xml", "mimetype"])


def is_workbook(data: bytes) -> bool:
    """Whether a file begins as workbooks do, and, where that is a zip, is built like a document."""
    if data.startswith(OLE):
        return True
    if not data.startswith(ZIP):
        return False
    try:
        names = {name.lower() for name in zipfile.ZipFile(io.BytesIO(data)).namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError):
        return True  # damaged: which of the two is unclear
    return not names.isdisjoint(_DOCUMENT_PARTS)


def read_workbook(
    data: bytes, filename: str, options: ReadOptions | None = None, kind: Kind = "interactions"
) -> Table:
    """The sheet that is given, or else looks most like a table of `kind`; the first among equals.

    Cells are counted before they are built.

    Raises:
        DataError: it is damaged, no workbook, locked by a password, empty, or over a limit, or it
            has no sheet of the name given.
    """
    options = options or ReadOptions()
    try:
        contents = _Contents(data, filename) if data.startswith(ZIP) else None
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet, others, built = _chosen(book, contents, filename, options, kind)
    except PasswordError as error:
        raise DataError(
            N_("{filename} is locked by a password. Save it without one, or as CSV."),
            filename=filename,
        ) from error
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        raise limits.unreadable(filename, "Excel") from error
    except (NotImplementedError, RuntimeError, zipfile.LargeZipFile) as error:
        raise limits.unreadable(filename, "Excel") from error  # packed or locked in a rare way
    except BaseException as error:
        # The reader is written in Rust, whose panics arrive as a kind of their own.
        if type(error).__name__ != "PanicException":
            raise
        raise limits.unreadable(filename, "Excel") from error
    table = _table(sheet, filename, options)
    if options.sheet is None and (more := _parts_of(table, sheet, built, filename, options)):
        order = [one.name for one in built if one.name == sheet.name or one.name in more]
        frames = [table.frame if name == sheet.name else more[name] for name in order]
        left = tuple(name for name in others if name not in order)
        return replace(_joined(table, frames, order, others, filename), others=left, sheets=True)
    if options.sheet is None and others:
        table.notes.insert(0, said_of_sheets(filename, sheet.name, others))
    return replace(table, others=tuple(others), sheets=True)


def _parts_of(
    table: Table,
    sheet: CalamineSheet,
    built: list[CalamineSheet],
    filename: str,
    options: ReadOptions,
) -> dict[str, pd.DataFrame]:
    """The other sheets with the same named columns, as one for each month, as far as limits go."""
    if not table.found.header or len(table.frame.columns) < 2:
        return {}
    found: dict[str, pd.DataFrame] = {}
    cells = sheet.height * sheet.width
    for other in built:
        cells += other.height * other.width
        if other.name == sheet.name or cells > limits.MAX_SHEET_CELLS:
            continue
        first = [
            [cell_text(c) for c in row] for row in itertools.islice(_rows(other), _SAMPLE_ROWS)
        ]
        top = find_top(first, header=options.header)
        names = [name.strip() for name in first[top.skip]] if top.header and first else []
        if set(map(str, table.frame.columns)) <= set(names):
            other_frame = _table(other, filename, options).frame
            seen = [table.frame, *found.values()]
            same = set(other_frame.columns) >= set(table.frame.columns)
            if same and not any(_is_copy(other_frame, one) for one in seen):
                found[other.name] = other_frame[list(table.frame.columns)]
    return found


def _is_copy(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    columns = list(other.columns)
    return len(one) == len(other) and bool((one[columns].to_numpy() == other.to_numpy()).all())


def _joined(
    table: Table,
    frames: list[pd.DataFrame],
    order: list[str],
    others: list[str],
    filename: str,
) -> Table:
    """One table of all sheets with the same columns, whose names are in the `order` of the book."""
    note = N_(
        "{filename} has several sheets with the same columns, which were read one after the other: "
        "{names}; rows are counted in each. Left out: {others}. To read one alone, choose its name."
    )
    left = [name for name in others if name not in order]
    params = {"filename": filename, "names": ", ".join(order), "others": ", ".join(left) or "–"}
    notes = [Message(note, params), *table.notes]
    found = replace(table.found, sheet=None)  # no one of them
    return replace(table, frame=pd.concat(frames), notes=notes, found=found)


def _chosen(
    book: CalamineWorkbook,
    contents: _Contents | None,
    filename: str,
    options: ReadOptions,
    kind: Kind,
) -> tuple[CalamineSheet, list[str], list[CalamineSheet]]:
    """The sheet to read, the names of the others that hold anything, and all that were built."""
    worksheets = [s for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
    names = [sheet.name for sheet in worksheets]
    hidden = {sheet.name for sheet in worksheets if sheet.visible != SheetVisibleEnum.Visible}
    if len(names) > limits.MAX_SHEETS:
        raise DataError(
            N_("{filename} has {count} sheets; at most {limit} are looked at. Remove the others."),
            filename=filename,
            count=f"{len(names):,}",
            limit=f"{limits.MAX_SHEETS:,}",
        )
    filled = [name for name in names if contents is None or contents.holds_anything(name)]
    if options.sheet is not None:
        if options.sheet not in names:
            raise no_such_part(filename, options.sheet, names)
        filled = [options.sheet]
    best: tuple[Likeness, CalamineSheet] | None = None
    others: list[str] = []
    built: list[CalamineSheet] = []
    for name in filled:
        if contents is not None:
            if best is None or (len(built) < _MOST_LOOKED_AT and contents.is_within(name)):
                contents.check(name)
            else:
                others.append(name)
                continue
        sheet = book.get_sheet_by_name(name)
        built.append(sheet)
        if not sheet.height:
            continue
        first = [[cell_text(cell) for cell in row] for row in itertools.islice(_rows(sheet), 100)]
        found = likeness(first, name, kind, rows_in_all=sheet.height, hidden=name in hidden)
        if best is None or found > best[0]:
            others += [] if best is None else [best[1].name]
            best = found, sheet
        else:
            others.append(name)
    if best is None:
        raise empty_table(filename)
    if options.sheet is not None:
        others = [name for name in names if name != options.sheet]
    return best[1], sorted(others, key=names.index), built


class _Contents:
    """The parts of a packed workbook, looked through before the reader builds anything.

    Raises:
        DataError: it is no workbook, or over a limit.
        zipfile.BadZipFile, sheets.Malformed: it is damaged.
    """

    def __init__(self, data: bytes, filename: str) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._filename = filename
        self._names = {name.lower(): name for name in self._archive.namelist()}
        if sum(part.file_size for part in self._archive.infolist()) > limits.MAX_UNPACKED_BYTES:
            raise limits.unpacks_too_far(filename)
        self._parts: dict[str, str] | None = None
        self._lengths: list[int] | None = None
        self._package = packages.package_of(self._archive)
        if self._package is not None:
            part = self._package.workbook
            self._count = binary_sheets if part.lower().endswith(".bin") else sheets
            with self._archive.open(part) as stream:
                self._parts = self._count.sheet_parts(stream, self._package.targets)
        elif "content.xml" in self._names:
            self._check_tables()
        else:
            raise DataError(
                N_("{filename} is a document, but no workbook. Save its table as CSV."),
                filename=filename,
            )

    def holds_anything(self, sheet: str) -> bool:
        """Whether a sheet has a cell with a value; True where only reading tells."""
        if self._parts is None:
            return True
        part = self._parts.get(sheet, "")
        if not part:
            return False
        return self._extent(part, any_cell=True).cells > 0

    def is_within(self, sheet: str) -> bool:
        """Whether a sheet may be built."""
        try:
            self.check(sheet)
        except DataError:
            return False
        return True

    def check(self, sheet: str) -> None:
        """Raise `DataError` where a sheet is over a limit."""
        if self._parts is None:
            return
        part = self._parts[sheet]
        extent = self._extent(part)
        if extent.cells > limits.MAX_SHEET_CELLS:
            raise limits.too_many_cells(self._filename, limits.MAX_SHEET_CELLS)
        if extent.area > limits.MAX_SHEET_CELLS:
            raise limits.too_wide_a_sheet(self._filename, sheet, extent.height, extent.width)
        if extent.shared and self._text(part, extent) > limits.MAX_TEXT_BYTES:
            raise limits.too_much_text(self._filename)

    def _extent(self, part: str, *, any_cell: bool = False) -> sheets.Extent:
        with self._archive.open(part) as stream:
            return self._count.extent_of(stream, limits.MAX_SHEET_CELLS, any_cell=any_cell)

    def _text(self, part: str, extent: sheets.Extent) -> int:
        """Letters of the shared strings that a sheet refers to, or a number they are below."""
        lengths = self._shared_lengths()
        most = extent.shared * max(lengths, default=0)
        if most <= limits.MAX_TEXT_BYTES:
            return most
        with self._archive.open(part) as stream:
            return self._count.shared_text(stream, lengths, limits.MAX_TEXT_BYTES)

    def _shared_lengths(self) -> list[int]:
        if self._lengths is None:
            self._lengths = []
            for part in self._package.shared if self._package else ():
                with self._archive.open(part) as stream:
                    more = self._count.shared_lengths(stream)
                pairs = itertools.zip_longest(self._lengths, more, fillvalue=0)
                self._lengths = list(map(max, pairs))
        return self._lengths

    def _check_tables(self) -> None:
        """All tables of an .ods are built when it is opened, so all are counted."""
        with self._archive.open(self._names["content.xml"]) as stream:
            total = open_document.total_of(stream, limits.MAX_SHEET_CELLS, limits.MAX_TEXT_BYTES)
        if total.cells > limits.MAX_SHEET_CELLS:
            raise limits.too_many_cells(self._filename, limits.MAX_SHEET_CELLS)
        if total.text > limits.MAX_TEXT_BYTES:
            raise limits.too_much_text(self._filename)


def _table(sheet: CalamineSheet, filename: str, options: ReadOptions) -> Table:
    """The rows of a sheet as columns of text; the cells of few rows are held at a time."""
    begin = (sheet.start[0] if sheet.start else 0) + 1  # the number of the first row
    skip = None if options.skip is None else max(options.skip - begin + 1, 0)
    sample = [[cell_text(c) for c in row] for row in itertools.islice(_rows(sheet), _SAMPLE_ROWS)]
    top = find_top(sample, header=options.header, skip=skip)
    rows = itertools.islice(_rows(sheet), top.skip, None)
    first = begin + top.skip
    header = [""] * sheet.width
    if top.header:
        header = [cell_text(cell) for cell in next(rows, [])]
        first += 1
    if not header:
        raise empty_table(filename)
    frame = _frame(sheet, rows, len(header), first, filename)
    frame, cut = trimmed(frame, header if top.header else None, filename)
    frame, named = header_names(header, frame, filename)
    skipped = begin - 1 + top.skip
    found = replace(options, header=top.header, skip=skipped, sheet=sheet.name)
    notes = said_of_top(filename, options, top, skipped, skipped if top.skip else 0)
    return Table(frame, [*notes, *cut, *named], found)


def _frame(
    sheet: CalamineSheet, rows: Iterator[list[Any]], width: int, first: int, filename: str
) -> pd.DataFrame:
    """The rows, the first of which has the number `first`, with columns numbered from 0."""
    columns: list[list[pa.Array]] = [[] for _ in range(width)]
    numbers: list[int] = []
    seen = first - 1
    size = max(1, _CHUNK_CELLS // width)
    text = 0
    while chunk := list(itertools.islice(rows, size)):
        texts = [[cell_text(cell) for cell in row] for row in chunk]
        kept = [(seen + place, row) for place, row in enumerate(texts, 1) if any(row)]
        seen += len(chunk)
        if kept:
            numbers += [number for number, _ in kept]
            for column, cells in zip(columns, zip(*(r for _, r in kept), strict=True), strict=True):
                array = pa.array(cells, pa.large_string())
                text += array.nbytes
                column.append(array)
        if text > 2 * limits.MAX_TEXT_BYTES + 8 * limits.MAX_SHEET_CELLS:
            raise limits.too_much_text(filename)
        report_share((seen - first) / max(sheet.height, 1))
    if not numbers:
        raise empty_table(filename)
    data = {
        place: pd.array(pa.chunked_array(arrays, pa.large_string()), dtype="str")
        for place, arrays in enumerate(columns)
    }
    return pd.DataFrame(data, index=pd.Index(numbers, name="row"))


def _rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """The rows of the rectangle around all cells, one after the other."""
    if not sheet.start:
        return iter(sheet.to_python())
    # Row by row begins at the top of the sheet, with columns from the first one that is used.
    return itertools.islice(sheet.iter_rows(), sheet.start[0], None)


def cell_text(cell: Any) -> str:
    """A typed cell as people see it: 7.0 is "7", and a date is written year first."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        if math.isnan(cell):
            return ""
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, (dt.datetime, dt.date, dt.time)):
        return cell.isoformat()
    return "" if cell is None else str(cell)
