"""What a workbook will take once it is built, counted in its parts as they are unpacked.

The reader of workbooks makes a full rectangle around the cells of a sheet, and a copy of a shared
string for every cell that refers to it. Both are counted here from the XML, which is read as a
stream and never held whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

_CHUNK_BYTES = 1 << 20
_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})\Z")
#: Elements beside the cells (values, formulas, rows) for each cell that may be there.
_ELEMENTS_PER_CELL = 4


class Malformed(ValueError):
    """The XML of a workbook is not what one holds."""


class Enough(Exception):
    """What was asked for is known before the end."""


@dataclass
class Extent:
    """Where the cells of a sheet lie, counting from 1, and how many there are.

    Attributes:
        shared: how many cells refer to a shared string.
        text: the bytes of text in them, where they were counted.
    """

    cells: int = 0
    first_row: int = 0
    last_row: int = 0
    first_column: int = 0
    last_column: int = 0
    shared: int = 0
    text: int = 0

    @property
    def height(self) -> int:
        return self.last_row - self.first_row + 1 if self.cells else 0

    @property
    def width(self) -> int:
        return self.last_column - self.first_column + 1 if self.cells else 0

    @property
    def area(self) -> int:
        """Cells of the rectangle around everything."""
        return self.height * self.width

    def add(self, row: int, column: int) -> None:
        if not self.cells:
            self.first_row = row
            self.first_column = column
        self.cells += 1
        self.first_row = min(self.first_row, row)
        self.last_row = max(self.last_row, row)
        self.first_column = min(self.first_column, column)
        self.last_column = max(self.last_column, column)


def parse(
    stream: IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    letters: Callable[[str], None] | None = None,
) -> None:
    """Go through the elements of an XML part, by their names without a prefix.

    Raises:
        Malformed: it is no XML, or it declares a document type, which could define entities that
            unfold without end and which no workbook has.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_declaration: object) -> None:
        raise Malformed("document type")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, found: start(name.rpartition(":")[2], found)
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    if letters is not None:
        parser.CharacterDataHandler = letters
    try:
        while chunk := stream.read(_CHUNK_BYTES):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except Enough:
        return
    except expat.ExpatError as error:
        raise Malformed(str(error)) from error


def sheet_parts(stream: IO[bytes], targets: dict[str, str]) -> dict[str, str]:
    """Sheet name → the part that holds it, "" where none does, in the order of the workbook."""
    parts: dict[str, str] = {}

    def start(element: str, found: dict[str, str]) -> None:
        if element == "sheet":
            number = next((v for k, v in found.items() if k.rpartition(":")[2] == "id"), "")
            parts[found.get("name", "")] = targets.get(number, "")

    parse(stream, start)
    return parts


def extent_of(stream: IO[bytes], limit: int, *, any_cell: bool = False) -> Extent:
    """Where the cells of a sheet's XML lie; counting ends at more than `limit` of them.

    Args:
        any_cell: end at the first cell with a value: is there anything at all?
    """
    extent = Extent()
    row, column, elements = 0, 0, 0
    shared = waiting = False

    def start(name: str, found: dict[str, str]) -> None:
        nonlocal row, column, elements, shared, waiting
        elements += 1
        if name == "row":
            number = found.get("r", "")
            row = int(number) if number.isdecimal() and len(number) < 9 else row + 1
            column = 0
        elif name == "c":
            place = _REFERENCE.match(found.get("r", ""))
            column = _column_number(place[1]) if place else column + 1
            row = int(place[2]) if place else row
            shared, waiting = found.get("t") == "s", True
        elif waiting and name in ("v", "is"):  # a cell that only has a format is none
            waiting = False
            extent.add(row, column)
            extent.shared += shared
            if any_cell:
                raise Enough
        if extent.cells > limit or elements > limit * _ELEMENTS_PER_CELL:
            extent.cells = max(extent.cells, limit + 1)
            raise Enough

    parse(stream, start)
    return extent


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def shared_lengths(stream: IO[bytes]) -> list[int]:
    """The length of each shared string, in letters."""
    lengths: list[int] = []

    def start(name: str, _found: dict[str, str]) -> None:
        if name == "si":
            lengths.append(0)

    def letters(text: str) -> None:
        if lengths:
            lengths[-1] += len(text)

    parse(stream, start, letters=letters)
    return lengths


def shared_text(stream: IO[bytes], lengths: list[int], limit: int) -> int:
    """The letters of all shared strings that cells of a sheet refer to, up to `limit`."""
    total = 0
    content = ""
    inside = False
    refers = False

    def start(name: str, found: dict[str, str]) -> None:
        nonlocal content, inside, refers
        if name == "c":
            refers = found.get("t") == "s"
        inside = refers and name == "v"
        content = ""

    def letters(text: str) -> None:
        nonlocal content
        if inside:
            content += text[:20]

    def end(name: str) -> None:
        nonlocal total, inside
        if inside and name == "v":
            number = content.strip()
            place = int(number) if number.isdecimal() and len(number) < 10 else -1
            total += lengths[place] if 0 <= place < len(lengths) else 0
            if total > limit:
                raise Enough
        inside = False

    parse(stream, start, end, letters)
    return total
