"""Delimited text is read block by block just as row by row; work grows with the text alone."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from recsys.schema import DataError, Message
from recsys.sources import progress, read_table
from recsys.sources.options import ReadOptions
from recsys.sources.text import blocks, delimited, dialects, edges, rows, stray_quotes
from tests.hostile import TIMES, out_of_proportion

#: Blocks of a few rows, so that small texts have many.
SMALL = 40


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_BLOCK_BYTES", SMALL)
    monkeypatch.setattr(blocks, "_MAX_BLOCK_BYTES", 4 * SMALL)


def read_delimited(
    text: bytes, filename: str, options: ReadOptions | None = None
) -> tuple[pd.DataFrame, list[Message]]:
    table = delimited.read_delimited(text, filename, options)
    return table.frame, table.notes


def row_by_row(text: str, delimiter: str) -> tuple[list[list[str]], list[int], list[int]]:
    """What the `csv` module reads: rows as wide as the header, their numbers, and the dropped."""

    marked = text.encode()
    is_row = stray_quotes.RowLikeness([], delimiter, '"')
    for place in stray_quotes.find_strays(marked, delimiter, '"', is_row):
        marked = marked[:place] + b"\x1d" + marked[place + 1 :]

    def read(**dialect: Any) -> list[list[str]]:
        source = io.StringIO(marked.decode(), newline="")
        rows = csv.reader(source, delimiter=delimiter, **dialect)
        return [[cell.replace("\x1d", '"') for cell in row] for row in rows]

    try:
        rows = read(strict=True)
    except csv.Error as error:
        rows = read(quoting=csv.QUOTE_NONE) if "unexpected end" in str(error) else read()
    at, header = next((n, row) for n, row in enumerate(rows, 1) if row)
    width = len(header)
    body = [(n, row) for n, row in enumerate(rows[at:], at + 1) if row]
    if body and {len(row) for _, row in body} == {width + 1} and any(row[-1] for _, row in body):
        width += 1
    kept = [(n, row) for n, row in body if not any(row[width:])]
    cells = [(row + [""] * width)[:width] for _, row in kept]
    return cells, [n for n, _ in kept], [n for n, row in body if any(row[width:])]


PIECES = st.sampled_from(
    [
        "a",
        "1",
        '"',
        '""',
        ",",
        ",",
        ";",
        "\n",
        "\n",
        "\r\n",
        "\r",
        " ",
        "é😀",
        "\ufeff",
        "x" * 30,
        "::",
    ]
)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pieces=st.lists(PIECES, max_size=60), delimiter=st.sampled_from([",", ";"]))
@example(pieces=["a", ",", "b", "\n"] * 30, delimiter=",")
@example(pieces=['"', "a", "\n", '"', ",", '"', '""', '"', "\r\n"] * 20, delimiter=",")
@example(pieces=["a", ",", '"', "b", "\n", "\n", '"', "\n"] * 20, delimiter=",")
@example(pieces=["a", ",", "b", "\r"] * 30, delimiter=",")
@example(pieces=["a", ",", "b", "\r", "\n"] * 30, delimiter=",")
@example(pieces=["a", ",", "b", '"', "\n"] * 30, delimiter=",")
@example(pieces=["a", ",", '"', "b", '"', "1", "\n"] * 30, delimiter=",")
@example(pieces=[*["a", ",", "b", "\n"] * 30, "\n", *["a", ",", "b", "\n"] * 30], delimiter=",")
@example(pieces=[*["a", ",", "b", "\n"] * 30, "a", ",", '"'], delimiter=",")
def test_blocks_are_read_as_rows_are(
    pieces: list[str], delimiter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edges, "trimmed", lambda frame, header, filename: (frame, []))
    monkeypatch.setattr(stray_quotes.RowLikeness, "__call__", lambda self, line: False)
    monkeypatch.setattr(delimited, "_with_marks_at_edges", lambda text: text)
    given = ReadOptions(separator=delimiter, header=True, skip=0)
    text = f"user{delimiter}item\n" + "".join(pieces).replace(",", delimiter)
    cells, numbers, dropped = row_by_row(text, delimiter)
    if not cells and not dropped:
        with pytest.raises(DataError, match="no rows"):
            read_delimited(text.encode(), "f", given)
    elif len(dropped) > len(cells):
        with pytest.raises(DataError, match="Most rows"):
            read_delimited(text.encode(), "f", given)
    else:
        frame, notes = read_delimited(text.encode(), "f", given)
        assert frame.index.tolist() == numbers
        named = frame.reset_index(drop=True)
        expected = pd.DataFrame(cells, dtype="str")
        if len(named.columns) < len(expected.columns):  # row names that are all empty
            expected = expected.iloc[:, 1:]
        assert named.to_numpy().tolist() == expected.to_numpy().tolist()
        assert f"dropped: {len(dropped)} " in " ".join(map(str, notes)) or not dropped


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "::", "\x01", "¦"])
def test_every_delimiter_and_end_of_line(delimiter: str, end: str) -> None:
    rows = [[f"u{n}", f"i{n % 7}", f"say {n}"] for n in range(100)]
    text = end.join(delimiter.join(row) for row in [["user", "item", "note"], *rows]) + end
    frame, notes = read_delimited(text.encode(), "f")
    assert frame.to_numpy().tolist() == rows
    assert frame.index.tolist() == list(range(2, 102))
    assert notes == []


@pytest.mark.parametrize(
    "row", ["u,a\n", '"u","a ""b"", c\n\nd"\n', 'u,5" disk\n', "u,a,,\n", '"u","a",,""\r\n']
)
def test_plain_blocks_never_go_row_by_row(row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slow: list[int] = []
    add = rows._Rows.add
    monkeypatch.setattr(
        rows._Rows, "add", lambda self, chunk: (slow.append(len(chunk)), add(self, chunk))[1]
    )
    assert len(read_delimited(("user,item\n" + row * 500).encode(), "f")[0]) == 500
    assert sum(slow) == 1  # the row that settles the width


def test_progress_is_reported() -> None:
    told: list[float] = []
    with progress.listening(told.append):
        read_delimited(b"user,item\n" + b"u,i\n" * 100, "f")
    assert told == sorted(told)
    assert len(told) > 5
    assert told[-1] == 1


def test_encodings_with_letters_across_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.sources.text.decoding._PIECE_BYTES", 3)
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"):
        text = "用户,景点\n" + "小明,故宫😀\n" * 20
        frame, _ = read_table(text.encode(encoding), "f.csv")
        assert frame["景点"].tolist() == ["故宫😀"] * 20
    with pytest.raises(DataError, match="not written in utf-32"):
        read_table(b"user,item\n1,2\n" * 9, "f.csv", encoding="utf-32")
    with pytest.raises(DataError, match="not written in unicode_escape"):
        read_table(b"user,item\n\\ud800,2\n", "f.csv", encoding="unicode_escape")


def test_short_rows_under_a_wide_header_are_counted_before_they_are_filled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rows, "_MAX_CELLS", 10_000)
    header = ",".join(f"c{n}" for n in range(500))
    with pytest.raises(DataError, match="more than 10,000 cells"):
        read_delimited((header + "\n" + "u\n" * 10_000).encode(), "f")
    with pytest.raises(DataError, match="columns; at most"):
        read_delimited(b"user,item" + b"," * 50_000 + b"x\n" + b"u,i\n", "f")


def read_or_refused(text: bytes) -> None:
    try:
        read_delimited(text, "f")
    except DataError:
        pass


@pytest.mark.parametrize(
    "unit",
    [
        "u,i\n",
        '"u","i, ""x"""\r\n',
        'u,"i"x\n',
        "u,i,\n",
        "u\n",
        "\n",
        "\r",
        '"',
        '"\n',
        '""\n',
        '"\n""\n',
        ",",
        "x",
        " ",
        "u,i\n\n",
        "\ufeff",
        "é",
        "::",
        "€",
    ],
)
def test_eight_times_the_text_takes_about_eight_times_the_time(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "_BLOCK_BYTES", 2_000)
    monkeypatch.setattr(blocks, "_MAX_BLOCK_BYTES", 8_000)
    few, many = (
        f"user,item\n{unit * (size // len(unit))}".encode() for size in (20_000, TIMES * 20_000)
    )
    told = out_of_proportion(
        lambda: read_or_refused(few), lambda: read_or_refused(many), time.process_time
    )
    assert told is None


def test_many_odd_marks_in_the_first_line_are_not_all_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[str] = []
    fitness = dialects._fitness
    monkeypatch.setattr(
        dialects,
        "_fitness",
        lambda lines, mark, quote: (tried.append(mark), fitness(lines, mark, quote))[1],
    )
    marks = "".join(chr(0x2190 + n) for n in range(900))
    read_delimited(f"user¦item{marks}\n".encode() + "u¦i\n".encode() * 9, "f")
    assert len(tried) < 50


def test_a_long_file_is_the_same_in_large_blocks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = [[f"u{n % 97}", f"i{n % 53}", 'a "b", c\nd' if n % 9 else "é", ""] for n in range(1_000)]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["user", "item", "title", "note"], *rows, ["short"]])
    small, _ = read_delimited(out.getvalue().encode(), "f")
    monkeypatch.setattr(blocks, "_BLOCK_BYTES", 1_000_000)
    large, _ = read_delimited(out.getvalue().encode(), "f")
    pd.testing.assert_frame_equal(small, large)
    assert large.iloc[:-1].to_numpy().tolist() == rows


def test_remarks_between_rows_are_counted_together_whatever_their_width() -> None:
    text = "# from the shop\nuser,item,stars\n" + "".join(
        f"u{n},i{n % 7},{n % 5}\n" for n in range(40)
    )
    frame, notes = read_delimited(
        (text + "# a line\n# with, more, commas\nu9,i1,3\n").encode(), "a.csv"
    )
    assert len(frame) == 41
    between = [note.params["count"] for note in notes if "between the rows" in note.template]
    assert between == [2]
