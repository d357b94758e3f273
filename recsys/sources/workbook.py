"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods) → a frame of strings; nothing in them is executed."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import math
import zipfile
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
)

from recsys.schema import N_, DataError, Message
from recsys.sources import binary_sheets, limits, open_document, packages, sheets
from recsys.sources.progress import tell_share
from recsys.sources.tables import empty_table, header_names

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Cells that are held as Python objects at a time.
_CHUNK_CELLS = 200_000


def read_workbook(data: bytes, filename: str) -> tuple[pd.DataFrame, list[Message]]:
    """The first sheet that holds anything; cells are counted before they are built.

    Raises:
        DataError: it is damaged, no workbook, locked by a password, empty, or over a limit.
    """
    try:
        contents = _Contents(data, filename) if data.startswith(ZIP) else None
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        found = _first_filled(book, contents, filename)
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
    if found is None:
        raise empty_table(filename)
    sheet, several = found
    frame, notes = _frame(sheet, filename)
    if several:
        note = N_('{filename} has several sheets; only the first one, "{sheet}", was read.')
        notes.insert(0, Message(note, {"filename": filename, "sheet": sheet.name}))
    return frame, notes


def _first_filled(
    book: CalamineWorkbook, contents: _Contents | None, filename: str
) -> tuple[CalamineSheet, bool] | None:
    """The first sheet with a cell, and whether another one has any."""
    names = [s.name for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
    if len(names) > limits.MAX_SHEETS:
        raise DataError(
            N_("{filename} has {count} sheets; at most {limit} are looked at. Remove the others."),
            filename=filename,
            count=f"{len(names):,}",
            limit=f"{limits.MAX_SHEETS:,}",
        )
    first = None
    for name in names:
        if contents is not None and not contents.holds_anything(name):
            continue
        if first is not None and contents is not None:
            return first, True
        if contents is not None:
            contents.check(name)
        sheet = book.get_sheet_by_name(name)
        if not sheet.height:
            continue
        if first is not None:
            return first, True
        first = sheet
    return None if first is None else (first, False)


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
                N_("{filename} is packed, but is no workbook. Unpack it and upload the table."),
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


def _frame(sheet: CalamineSheet, filename: str) -> tuple[pd.DataFrame, list[Message]]:
    """The rows of a sheet as columns of text; the cells of few rows are held at a time."""
    rows = _rows(sheet)
    header = [cell_text(cell) for cell in next(rows)]
    first = (sheet.start[0] if sheet.start else 0) + 1
    columns: list[list[pa.Array]] = [[] for _ in header]
    numbers: list[int] = []
    seen = first
    size = max(1, _CHUNK_CELLS // len(header))
    text = 0
    while chunk := list(itertools.islice(rows, size)):
        told = [[cell_text(cell) for cell in row] for row in chunk]
        kept = [(seen + place, row) for place, row in enumerate(told, 1) if any(row)]
        seen += len(chunk)
        if kept:
            numbers += [number for number, _ in kept]
            for column, cells in zip(columns, zip(*(r for _, r in kept), strict=True), strict=True):
                array = pa.array(cells, pa.large_string())
                text += array.nbytes
                column.append(array)
        if text > 2 * limits.MAX_TEXT_BYTES + 8 * limits.MAX_SHEET_CELLS:
            raise limits.too_much_text(filename)
        tell_share((seen - first) / max(sheet.height, 1))
    if not numbers:
        raise empty_table(filename)
    data = {
        place: pd.array(pa.chunked_array(arrays, pa.large_string()), dtype="str")
        for place, arrays in enumerate(columns)
    }
    index = pd.Index(numbers, name="row")
    return header_names(header, pd.DataFrame(data, index=index), filename)


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
