"""Texts that hold a table in another layout → delimited text: ARFF, blocks of rows, "key: value".

RecBole's files are plain ones whose names say a type, see `without_types`.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.schema import ITEM_ID, N_, DataError, Message
from recsys.sources import limits
from recsys.sources.columns.choosing import known_names
from recsys.sources.text.dialects import find_separator

_HEAD_BYTES = 200_000
_ATTRIBUTE = re.compile(
    r"""@attribute\s+(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(\S+))\s+(.+)""", re.IGNORECASE
)
_ARFF = re.compile(rb"(?:%[^\r\n]*+|\s++)*+@relation\b", re.IGNORECASE)
_ARFF_DATA = re.compile(rb"^[ \t]*@data\b[^\r\n]*(?:\r\n|\r|\n)", re.IGNORECASE | re.MULTILINE)
_DOUBLE_QUOTED = re.compile(rb"""(^|,)[ \t]*"([^"'\r\n]*+)"(?=[ \t]*(?:,|\r|$))""", re.MULTILINE)
_LABEL = re.compile(rb"^([^\s:,;|\t]{1,60}):[ \t]*\r?$", re.MULTILINE)
_NAMED_LABEL = re.compile(
    r"""([^\W\d_][^\r\n:=;,|\t"]{0,40}?) *[:=][ \t]*([^\s:;,|"][^\r\n;,|\t"]{0,80})[;,|\s]*"""
)
_FIELD = re.compile(r"([A-Za-z][\w/.\- ]{0,40}):(?:\s(.*)|$)")
_TYPED_NAME = re.compile(r"(.+):(token|token_seq|float|float_seq)", re.DOTALL)


@dataclass(frozen=True)
class Layout:
    """A text in another layout, as a delimited one.

    Attributes:
        text: rows alone, without a header.
        separator: what stands between their cells.
        names: of the columns; None where the layout has none.
        skip: lines of the file above the rows, as far as that is known.
        quote: the mark around cells.
        missing: what stands for nothing.
    """

    text: bytes
    separator: str
    names: list[str] | None
    skip: int = 0
    quote: str = '"'
    missing: str = ""
    notes: list[Message] = field(default_factory=list)


def find_layout(text: bytes, filename: str) -> Layout | None:
    """The text in one of the layouts; None where it is in none. Raises `DataError`."""
    head = text[:_HEAD_BYTES]
    if _ARFF.match(head):
        return _arff(text, filename)
    lines = head.decode(errors="ignore").splitlines()[:200]
    if _are_blocks(lines):
        return _blocks(text, filename)
    if (header := _header_of_blocks(lines)) is not None:
        return _headed_blocks(text, header, filename)
    return None


def _arff(text: bytes, filename: str) -> Layout:
    begin = _ARFF_DATA.search(text)
    if begin is None:
        raise limits.unreadable(filename, "ARFF")
    above = text[: begin.end()].decode()
    attributes = [m for line in above.splitlines() if (m := _ATTRIBUTE.match(line.strip()))]
    names = [re.sub(r"\\(.)", r"\1", m[1] or m[2] or m[3] or "") for m in attributes]
    body = re.sub(rb"(?m)^[ \t]*%[^\r\n]*", b"", text[begin.end() :])
    if re.match(rb"\s*\{", body):
        raise DataError(
            N_("{filename} is a sparse ARFF file. Save it as a dense one, or as CSV."),
            filename=filename,
        )
    single = re.search(rb"(?m)(?:^|,)[ \t]*'", body[:_HEAD_BYTES]) is not None
    if single:
        body = _DOUBLE_QUOTED.sub(rb"\1'\2'", body.replace(rb"\'", b"''"))
    body = re.sub(rb",[ \t]+", b",", body) if b", " in body[:2_000] else body
    skip = len(re.findall(r"\r\n|\r|\n", above))
    return Layout(body, ",", names, skip, "'" if single else '"', "?")


def _are_blocks(lines: Sequence[str]) -> bool:
    """Whether lines such as "1:" stand above rows that they belong to."""
    filled = [line for line in lines if line.strip()]
    if len(filled) < 2:
        return False
    labels = [bool(_LABEL.match(line.encode())) for line in filled]
    rows = [line for line, label in zip(filled, labels, strict=True) if not label]
    if not labels[0] or not rows or any(_FIELD.fullmatch(row) for row in rows[:5]):
        return False
    separator = find_separator(rows)
    widths = Counter(len(row.split(separator)) for row in rows)
    return widths.most_common(1)[0][1] >= 0.95 * len(rows)


def _header_of_blocks(lines: Sequence[str]) -> str | None:
    """The header that comes again in each block, below a line such as "Customer: C-101".

    None where anything else stands between: another line, or a sum at the end of each block.
    """
    filled = [line.strip() for line in lines if line.strip()]
    if len(filled) < 6 or _NAMED_LABEL.fullmatch(filled[0]) is None:
        return None
    header = filled[1]
    if _FIELD.fullmatch(header):  # a record with a line for each cell
        return None
    begins = [place for place, line in enumerate(filled) if line == header]
    labels = [_NAMED_LABEL.fullmatch(filled[place - 1]) for place in begins]
    if len(begins) < 2 or len({m[1] if m else "" for m in labels}) != 1 or None in labels:
        return None
    of_blocks = {*begins, *(place - 1 for place in begins)}
    rows = [line for place, line in enumerate(filled) if place not in of_blocks]
    separator = find_separator([header, *rows])
    width = header.count(separator)
    if not rows or not width or any(row.count(separator) != width for row in rows):
        return None
    ends = {filled[place - 2].split(separator)[0] for place in begins[1:]}
    return header if len(ends) > 1 or len(begins) < 4 else None


def _headed_blocks(text: bytes, header: str, filename: str) -> Layout | None:
    """Each row with what the line above its block says before it; lines keep their numbers."""
    lines = re.split(r"\r\n|\r|\n", text.decode())
    rows = [line for line in lines[:200] if line.strip() and not _NAMED_LABEL.fullmatch(line)]
    separator = find_separator(rows)
    names = next(csv.reader([header], delimiter=separator))
    label = first = ("", "")
    added = 0
    for place, line in enumerate(lines):
        if not line.strip() or line.strip() == header:
            lines[place] = ""
        elif (match := _NAMED_LABEL.fullmatch(line.strip())) and match[1] == (label[0] or match[1]):
            label, lines[place] = (match[1], match[2].strip()), ""
            first = first if first[0] else label
        else:
            added += len(label[1])
            if added > limits.MAX_TEXT_BYTES:
                raise limits.too_much_text(filename)
            lines[place] = label[1] + separator + line
    if label[0] in names:
        return None
    note = N_(
        "{filename}: the rows stand in blocks below lines such as “{label}”, which was put before "
        "each of them as “{name}”."
    )
    said = {"filename": filename, "label": ": ".join(first), "name": first[0]}
    notes = [Message(note, said, grave=True)]
    return Layout("\n".join(lines).encode(), separator, [label[0], *names], notes=notes)


def _blocks(text: bytes, filename: str) -> Layout:
    """Each row with the label that it stands under before it."""
    text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    rows = [line for line in text[:_HEAD_BYTES].decode(errors="ignore").split("\n")[:200] if line]
    separator = find_separator([line for line in rows if not _LABEL.match(line.encode())])
    separator = "\t" if separator == "spaces" else separator
    parts: list[bytes] = []
    label, end = b"", 0
    for found in [*_LABEL.finditer(text), None]:
        body = text[end : found.start() if found else len(text)].strip(b"\n")
        if body and label:
            before = label + separator.encode()
            parts.append(before + body.replace(b"\n", b"\n" + before))
        if found:
            label, end = found[1], found.end()
    width = len(parts[0].split(b"\n", 1)[0].decode().split(separator)) if parts else 0
    note = N_(
        "{filename}: lines such as “{label}” were taken for the item of the rows below them. If "
        "they are users, choose the columns so."
    )
    first = _LABEL.search(text)
    shown = first[0].decode().strip() if first else ""
    names = [ITEM_ID, *(f"column_{place}" for place in range(2, width + 1))]
    said = Message(note, {"filename": filename, "label": shown})
    return Layout(b"\n".join(parts), separator, names, notes=[said])


def are_fields(text: bytes) -> bool:
    """Whether a text is of records with a line "key: value" for each cell, and blank lines."""
    head = text[:_HEAD_BYTES].decode(errors="ignore")
    lines = re.split(r"\r\n|\r|\n", head)[:400]
    filled = [line for line in lines if line.strip()]
    fields = [m for line in filled if (m := _FIELD.fullmatch(line))]
    if len(fields) < 4 or len(fields) < 0.9 * len(filled):
        return False
    keys = Counter(m[1] for m in fields)
    firsts = [
        m[1]
        for before, line in zip(["", *lines], lines, strict=False)
        if not before.strip() and (m := _FIELD.fullmatch(line))
    ]
    often = sum(count for count in keys.values() if count > 1)
    return 1 < len(keys) <= 60 and len(firsts) > 1 and often >= 0.9 * len(fields)


def read_fields(text: bytes, filename: str) -> tuple[pd.DataFrame, list[str]]:
    """One row for each record, columns numbered from 0, and their names; rows count from 1."""
    lines = pa.array(re.split(r"\r\n|\r|\n", text.decode()), pa.large_string())
    blank = pc.equal(pc.utf8_trim_whitespace(lines), "").to_numpy(zero_copy_only=False)
    filled = np.flatnonzero(~blank)
    record = np.cumsum(np.concatenate([[True], blank[:-1]]) & ~blank) - 1
    cut = pc.extract_regex(
        lines.take(pa.array(filled)), r"^(?P<k>[A-Za-z][\w/.\- ]{0,40}):\s?(?P<v>.*)$"
    )
    keys, values = cut.field("k"), cut.field("v")
    names = [name for name in pc.unique(keys).to_pylist() if name]
    rows = int(record[filled[-1]]) + 1 if len(filled) else 0
    if len(names) > limits.MAX_COLUMNS or len(names) * rows > limits.MAX_CELLS:
        raise limits.too_many_cells(filename, limits.MAX_CELLS)
    data = {}
    for place, name in enumerate(names):
        mine = pc.fill_null(pc.equal(keys, name), False).to_numpy(zero_copy_only=False)
        cells = np.full(rows, "", dtype=object)
        cells[record[filled[mine]]] = values.filter(pa.array(mine)).to_pylist()
        data[place] = pd.array(cells, dtype="str")
    index = pd.RangeIndex(1, rows + 1, name="row")
    frame = pd.DataFrame(data, index=range(rows)).set_axis(index)
    return frame, [_leaf(name, names) for name in names]


def _leaf(name: str, names: Sequence[str]) -> str:
    """A name without what it stands in, "review/userId", where that makes it known."""
    leaf = re.split(r"[/.]", name)[-1]
    alone = sum(re.split(r"[/.]", other)[-1] == leaf for other in names) == 1
    return leaf if alone and known_names([leaf]) else name


def without_types(header: Sequence[str]) -> tuple[list[str], list[int]] | None:
    """The names of RecBole's "user_id:token", and the places of columns that hold lists.

    None where the names are no such names (https://recbole.io/docs/user_guide/data/atomic_files).
    """
    typed = [_TYPED_NAME.fullmatch(name.strip()) for name in header]
    if not typed or not all(typed):
        return None
    names = [m[1] for m in typed if m]
    return names, [p for p, m in enumerate(typed) if m and m[2].endswith("_seq")]


def split_lists(frame: pd.DataFrame, places: Sequence[int], filename: str) -> pd.DataFrame:
    """Columns of values with blanks between them as columns of lists."""
    if not places:
        return frame
    count = sum(
        int(pc.sum(pc.count_substring(pa.array(frame[place], pa.large_string()), " ")).as_py() or 0)
        for place in places
    )
    if count + len(frame) * len(places) > limits.MAX_NESTED_VALUES:
        raise limits.too_many_cells(filename, limits.MAX_NESTED_VALUES)
    lists = {place: frame[place].map(str.split).astype(object) for place in places}
    return pd.DataFrame({p: lists.get(p, frame[p]) for p in frame.columns}, index=frame.index)
