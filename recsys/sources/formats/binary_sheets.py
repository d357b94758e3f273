"""What an .xlsb workbook will take once it is built, counted record by record.

A part is a list of records: number, size, content ([MS-XLSB] 2.1.4). Both are written seven bits to
a byte. Of a sheet only rows and the heads of cells are looked at, of strings only their lengths.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

from recsys.sources.formats.sheets import Extent, Malformed

_ROW, _SHARED, _STRING_ITEM, _SHEET = 0, 7, 19, 156
#: Records of cells that hold something, by number: numbers, texts, formulas.
_CELLS = frozenset({2, 3, 4, 5, 6, _SHARED, 8, 9, 10, 11, 62})
_LARGEST_RECORD = 1 << 28
_CHUNK_BYTES = 1 << 20


def records(stream: IO[bytes], most: int = 12) -> Iterator[tuple[int, bytes, int]]:
    """Each record's number, the first `most` bytes of its content, and the content's size."""
    data, at, ended = b"", 0, False
    while True:
        if len(data) - at < 8 + most and not ended:
            fresh = stream.read(_CHUNK_BYTES)
            ended = not fresh
            data, at = data[at:] + fresh, 0
        if at >= len(data):
            return
        number, at = _number(data, at, 2)
        size, at = _number(data, at, 4)
        if size > _LARGEST_RECORD:
            raise Malformed("record")
        yield number, data[at : at + min(size, most)], size
        beyond = at + size - len(data)
        if beyond > 0:  # passed over without being held
            while beyond and (part := stream.read(min(beyond, _CHUNK_BYTES))):
                beyond -= len(part)
            data, at = b"", 0
        else:
            at += size


def _number(data: bytes, at: int, longest: int) -> tuple[int, int]:
    value = 0
    for place in range(longest):
        if at >= len(data):
            raise Malformed("end")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            break
    return value, at


def sheet_parts(stream: IO[bytes], targets: dict[str, str]) -> dict[str, str]:
    """Sheet name → the part that holds it, "" where none does, in the order of the workbook."""
    parts: dict[str, str] = {}
    for number, content, _size in records(stream, most=2000):
        if number == _SHEET:
            relation, at = _wide_string(content, 8)
            name, _ = _wide_string(content, at)
            parts[name] = targets.get(relation, "")
    return parts


def _wide_string(content: bytes, at: int) -> tuple[str, int]:
    if len(content) < at + 4:
        raise Malformed("string")
    (length,) = struct.unpack_from("<I", content, at)
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * length
    return content[at + 4 : end].decode("utf-16-le", "replace"), end


def extent_of(stream: IO[bytes], limit: int, *, any_cell: bool = False) -> Extent:
    """As `recsys.sources.formats.sheets.extent_of`, of a binary sheet."""
    extent = Extent()
    row = 0
    for number, content, _size in records(stream):
        if number == _ROW and len(content) >= 4:
            row = int.from_bytes(content[:4], "little") + 1
        elif number in _CELLS and len(content) >= 4:
            extent.add(row, int.from_bytes(content[:4], "little") + 1)
            extent.shared += number == _SHARED
            if any_cell or extent.cells > limit:
                break
    return extent


def shared_lengths(stream: IO[bytes]) -> list[int]:
    """The length of each shared string, in letters."""
    found = (content for number, content, _ in records(stream) if number == _STRING_ITEM)
    return [int.from_bytes(content[1:5], "little") for content in found]


def shared_text(stream: IO[bytes], lengths: list[int], limit: int) -> int:
    """The letters of all shared strings that cells of a sheet refer to, up to `limit`."""
    total = 0
    for number, content, _size in records(stream):
        if number == _SHARED and len(content) >= 12:
            place = int.from_bytes(content[8:12], "little")
            total += lengths[place] if place < len(lengths) else 0
            if total > limit:
                break
    return total
