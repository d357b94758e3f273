"""Letters that a backslash stands before, as MySQL, Spark and Hive write what is no end of a cell.

A backslash may as well be a letter itself, as in "C:\\films\\". So a text is read both ways, and a
backslash is taken for an escape only where that leaves fewer rows and cells that do not fit.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field, replace

from recsys.sources.options import DOUBLED, ReadOptions
from recsys.sources.text.dialects import SPACES, broken_marks, find_dialect
from recsys.sources.text.headers import typical_width
from recsys.sources.text.stray_quotes import STAND_INS

_REGION_BYTES = 200_000
#: What may follow a backslash that a writer does double where it is a letter.
_LONE = re.compile(rb"""\\[^\\"'nrtbfuxzZN0/%_]""")
_PAIR = b"\\\\"


@dataclass(frozen=True)
class Unescaped:
    """A text without escapes.

    Attributes:
        text: each escaped letter is a stand-in, which the text did not hold before.
        stand_ins: which letter each of them stands for.
    """

    text: bytes
    stand_ins: dict[bytes, str] = field(default_factory=dict)


def without_escapes(text: bytes, options: ReadOptions) -> Unescaped:
    """A stand-in for each mark, separator or end of a line that is escaped, if any is.

    Args:
        options: what is given of the text.
    """
    free = [letter for letter in STAND_INS if letter not in text]
    if b"\\" not in text or len(free) < len(STAND_INS):
        return Unescaped(text)
    spare = free.pop()  # for pairs of backslashes, meanwhile
    found: dict[bytes, str] = {}
    for mark in ('"', "'"):
        if not found and _is_escaped(text, mark, free[0], spare, options):
            text, found = _replaced(text, mark, free[0], spare), {free.pop(0): mark}
    separator = find_dialect(text, options).separator if b"\\" in text else SPACES
    for letter in (separator, "\n"):
        if len(letter) > 1:
            continue
        escaped = letter == "\n" and bool(found)
        if escaped or _is_escaped(text, letter, free[0], spare, options):
            text = _replaced(text, letter, free[0], spare)
            found[free.pop(0)] = letter
    if found and _PAIR in text and not _LONE.search(text.replace(_PAIR, b"")):
        text = text.replace(_PAIR, b"\\")
    return Unescaped(text, found)


def _is_escaped(
    text: bytes, letter: str, stand_in: bytes, spare: bytes, options: ReadOptions
) -> bool:
    """Whether a text fits better where a backslash takes from a letter what it means."""
    first = text.find(b"\\" + letter.encode())
    if letter == "\n" and first < 0:
        first = text.find(b"\\\r\n")
    if first < 0:
        return False
    begin = 0 if first < _REGION_BYTES // 2 else text.rfind(b"\n", 0, first) + 1
    region = text[begin : begin + _REGION_BYTES]
    region = region[: region.rfind(b"\n") + 1] or region
    if begin:
        separator = options.separator or find_dialect(text, options).separator
        options = replace(options, separator=separator, skip=0, header=False)
    return _faults(_replaced(region, letter, stand_in, spare), options) < _faults(region, options)


def _replaced(text: bytes, letter: str, stand_in: bytes, spare: bytes) -> bytes:
    text = text.replace(_PAIR, spare).replace(b"\\" + letter.encode(), stand_in)
    if letter == "\n":
        text = text.replace(b"\\\r\n", stand_in)
    return text.replace(spare, _PAIR)


def _faults(region: bytes, options: ReadOptions) -> int:
    """How many rows are not as wide as most, and marks that close a cell without its end."""
    dialect = find_dialect(region, options)
    separator = " " if dialect.separator == SPACES else dialect.separator
    decoded = region.decode(errors="replace")
    if separator in DOUBLED:  # the reader takes one letter
        decoded, separator = decoded.replace(separator, "\x1f"), "\x1f"
    lines = re.split(r"\r\n|\r|\n", decoded)[options.skip or 0 :]
    reader = csv.reader(
        (line + "\n" for line in lines), delimiter=separator, quotechar=dialect.quote
    )
    try:
        rows = [row for row in reader if row]
    except csv.Error:
        return len(lines)
    width = typical_width(rows)
    broken = broken_marks("\n".join(lines), separator, dialect.quote)
    return broken + (sum(len(row) != width for row in rows) if width > 1 else len(rows))
