"""Records with a line for each cell, as programs print them for reading → a row for each.

psql does so in its expanded display (https://www.postgresql.org/docs/current/app-psql.html), mysql
below "\\G", sqlite3 in the mode "line", PowerShell in Format-List.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from recsys.schema import N_, Message
from recsys.sources.text.laid_out import check_size, first_lines, in_places, laid_out, lines_of
from recsys.sources.text.layouts import Layout

_BARS = "|│║┃"
_HEADS = {
    "psql": re.compile(r"[^\w\s]{0,2}\[ \D{1,30} (\d+) \][^\w\s]*\s*"),
    "mysql": re.compile(r"\*{3,} *(\d+)\. \S{1,20} \*{3,}\s*"),
}
_FIELDS = {
    "psql": re.compile(rf"[{_BARS}]?([^{_BARS}]*)[{_BARS}] ?(.*)"),
    "mysql": re.compile(r"(\S[^:]*): ?(.*)"),
    "blank": re.compile(r"([^\W\d][\w .\-/]{0,60}?)\s+[=:](?: (.*))?"),
}
_MOST = 0.9
#: What stands below records, and no cell: the count of the rows.
_FOOT = re.compile(r"\(?\d[\d,.]* [^\W\d]+(?: [^\W\d]+){0,3}(?: \([^()]*\))?\)?;?\s*")

_Record = list[tuple[int, str]]  # lines, with their places in the file


@dataclass(frozen=True)
class _Records:
    style: str
    records: list[_Record]
    left: int = 0


def client_records(text: bytes, filename: str) -> Layout | None:
    """The records of a text, each in the place of its first line; None where it holds none.

    A line that is no cell goes on with the one above it.

    Raises:
        DataError: there are too many cells.
    """
    style = _style(first_lines(text))
    if style is None:
        return None
    found = _records(lines_of(text), style)
    names = _names(found)
    if len(names) < 2:
        return None
    check_size(filename, len(found.records), len(names))
    rows = [(record[0][0], _cells(record, names, style)) for record in found.records]
    note = N_(
        "{filename}: records with a line for each cell were read as rows, with the columns: "
        "{names}."
    )
    notes = [Message(note, {"filename": filename, "names": ", ".join(names[:12])})]
    if found.left:
        note = N_(
            "{filename} holds several results one after another; the longest was read. Records of "
            "the others, left out: {count}."
        )
        notes.append(Message(note, {"filename": filename, "count": found.left}, grave=True))
    return laid_out(in_places(rows), names, notes)


def _style(lines: Sequence[str]) -> str | None:
    for style, head in _HEADS.items():
        if any(map(head.fullmatch, lines)):
            return style
    filled = [line for line in lines if line.strip()]
    blocks = sum(bool(a.strip()) and not b.strip() for a, b in pairwise(lines))
    fit = sum(_field(line, "blank") is not None for line in filled)
    return "blank" if blocks > 1 and fit >= _MOST * len(filled) else None


def _records(lines: Sequence[str], style: str) -> _Records:
    """The records; where they are counted from 1 again, those of the longest result."""
    head = _HEADS.get(style)
    results: list[list[_Record]] = [[]]
    begun = style == "blank"
    for place, line in enumerate(lines):
        match = head.fullmatch(line) if head else None
        if match:
            begun = True
            if int(match[1]) == 1 and results[-1]:
                results.append([])
        if match or (head is None and not line.strip()):
            results[-1].append([])
        elif begun and line.strip():
            if not results[-1]:
                results[-1].append([])
            results[-1][-1].append((place, line))
    filled = [[record for record in result if record] for result in results]
    best = max(filled, key=len)
    return _Records(style, best, sum(map(len, filled)) - len(best))


def _names(found: _Records) -> list[str]:
    """The keys that nearly all records have, in the order of the first."""
    of_each = [
        dict.fromkeys(f[0] for _, line in record if (f := _field(line, found.style)) and f[0])
        for record in found.records
    ]
    counts = Counter(key for keys in of_each for key in keys)
    common = [key for key in counts if counts[key] >= _MOST * len(of_each)]
    if found.style == "blank":
        same = sum(list(keys) == common for keys in of_each)
        return common if len(of_each) > 1 and same >= _MOST * len(of_each) else []
    return common


def _cells(record: _Record, names: Sequence[str], style: str) -> list[str]:
    cells: dict[str, str] = {}
    last = ""
    for _, line in record:
        field_match = _field(line, style)
        if field_match and field_match[0] in names and field_match[0] not in cells:
            last, cells[field_match[0]] = field_match
        elif last and not _FOOT.fullmatch(line[:200]):
            more = field_match[1] if field_match and style == "psql" else line.strip()
            before = cells[last].removesuffix("+") if style == "psql" else cells[last]
            cells[last] = f"{before.rstrip()} {more}"
    return [cells.get(name, "") for name in names]


def _field(line: str, style: str) -> tuple[str, str] | None:
    """The key and the value of a line, without the frame that some records have around them."""
    # In psql a line without a key begins with blanks, and a frame with the line.
    bare = line.rstrip() if style == "psql" else line.strip()
    match = _FIELDS[style].fullmatch(bare)
    if match is None:
        return None
    value = (match[2] or "").strip()
    if style == "psql" and bare[0] in _BARS and value and value[-1] in _BARS:
        value = value[:-1].strip()
    return match[1].strip(), value
