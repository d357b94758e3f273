"""Stand-ins for quotation marks that are letters: put in before a text is read, taken out after."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.schema import N_, Message
from recsys.sources.tables import numbered
from recsys.sources.text.blocks import Lines
from recsys.sources.text.dialects import Dialect
from recsys.sources.text.stray_quotes import STAND_INS, RowLikeness, find_strays

#: Rows that are looked at to distinguish a row from a line of text within a cell.
_SAMPLE_ROWS = 300


def without_strays(
    text: bytes, dialect: Dialect, filename: str, taken: Mapping[bytes, str]
) -> tuple[bytes, bytes | None, list[Message]]:
    """The text with a stand-in for each mark that is a letter; which one, b"" where there is none.

    None in its place: there are so many that no mark can be trusted. `taken` stand for others.
    """
    mark = dialect.quote.encode()
    if mark not in text:
        return text, b"", []
    lines = Lines(text[:500_000], dialect.separator, "")
    plain = csv.reader(
        lines, delimiter=dialect.separator, quotechar=dialect.quote, quoting=csv.QUOTE_MINIMAL
    )
    sample = _sample_rows(plain)
    is_row = RowLikeness(sample[1 if dialect.header else 0 :], dialect.separator, dialect.quote)
    strays = find_strays(text, dialect.separator, dialect.quote, is_row)
    unused = (letter for letter in STAND_INS if letter not in text)
    free = next((letter for letter in unused if letter not in taken), None)
    if strays is None or (len(strays) and free is None):
        note = N_("Quotation marks in {filename} do not pair up; they were read as plain letters.")
        return text, None, [Message(note, {"filename": filename})]
    if not len(strays) or free is None:
        return text, b"", []
    letters = np.frombuffer(text, np.uint8).copy()
    letters[strays] = free[0]
    rows = [_line_number(text, int(place)) + dialect.skip for place in strays[:6]]
    note = N_(
        "{filename}: quotation marks that close no cell of their row were read as letters, so that "
        "no rows are lost: {count} (line {rows})."
    )
    said = numbered(note, filename, rows)
    said = replace(said, params={**said.params, "count": len(strays)})
    return letters.tobytes(), free, [said]


def _sample_rows(rows: Iterator[list[str]]) -> list[list[str]]:
    sample: list[list[str]] = []
    try:
        for row in itertools.islice(rows, _SAMPLE_ROWS):
            sample.append(row)
    except csv.Error:
        pass
    return sample[:-1] if len(sample) > 2 else sample


def _line_number(text: bytes, place: int) -> int:
    return 1 + len(re.findall(rb"\r\n|\r|\n", text[:place]))


def with_letters(
    frame: pd.DataFrame, header: list[str], stand_in: bytes, meant: str
) -> tuple[pd.DataFrame, list[str]]:
    """The letters that are meant back in place of their stand-in."""
    letter = stand_in.decode()
    columns = {
        place: pd.array(
            pc.replace_substring(pa.array(frame[place], pa.large_string()), letter, meant),
            dtype="str",
        )
        for place in frame.columns
    }
    return pd.DataFrame(columns, index=frame.index), [n.replace(letter, meant) for n in header]
