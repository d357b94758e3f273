"""Whole rows in single cells are taken apart; lists in a single column stay lists."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from benchmarks import hostile_files as hostile
from recsys.sources.base import Table
from recsys.sources.files import read_cells
from recsys.sources.options import ReadOptions
from recsys.sources.uploads import read_file

SEPARATORS = [",", ";", "\t", "|"]
HEADER = ["Kunde", "Artikel", "Titel", "Bewertung", "Datum"]


def rows(separator: str, titles: str = "Film{} Nr {}") -> list[list[str]]:
    return [
        [f"k{n % 5}", f"A-{n % 9}", titles.format(separator, n), str(n % 5 + 1), f"2023-01-{n:02}"]
        for n in range(1, 20)
    ]


def line(row: list[str], separator: str) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=separator, lineterminator="").writerow(row)
    return written.getvalue()


def quoted(lines: list[str], behind: str = "") -> str:
    return "".join('"' + text.replace('"', '""') + f'"{behind}\n' for text in lines)


def workbook(lines: list[str], above: int = 0) -> bytes:
    book = openpyxl.Workbook()
    for number, text in enumerate(lines, 1 + above):
        book.active.cell(number, 1, text)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def read(data: str | bytes, **options: object) -> Table:
    told = data.encode() if isinstance(data, str) else data
    return read_cells(told, "f", ReadOptions(**options))  # type: ignore[arg-type]


def said(table: Table) -> str:
    return " ".join(map(str, table.notes))


@pytest.mark.parametrize("separator", SEPARATORS)
def test_each_line_is_one_quoted_cell(separator: str) -> None:
    told = rows(separator)
    table = read(quoted([line(row, separator) for row in [HEADER, *told]]))
    assert table.frame.columns.tolist() == HEADER
    assert table.frame.to_numpy().tolist() == told
    assert table.frame.index.tolist() == list(range(2, 21))
    assert table.found.separator == separator
    assert "whole row" in said(table)
    assert "column names" not in said(table)


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("above", [0, 3])
def test_pasted_into_column_a(separator: str, above: int) -> None:
    told = rows(separator)
    table = read(workbook([line(row, separator) for row in [HEADER, *told]], above))
    assert table.frame.columns.tolist() == HEADER
    assert table.frame.to_numpy().tolist() == told
    assert table.frame.index[0] == 2 + above


def test_in_an_open_document() -> None:
    lines = [line(row, ";") for row in [HEADER, *rows(";", "Film Nr {1}")]]
    assert (
        read(hostile.opendocument("".join(map(hostile.ods_row, lines)))).frame.columns.tolist()
        == HEADER
    )


def test_no_names_but_times() -> None:
    told = [[str(n % 4), str(n % 7), str(n % 5 + 1), str(1_600_000_000 + n)] for n in range(30)]
    table = read(quoted([line(row, ",") for row in told]))
    assert table.frame.to_numpy().tolist() == told
    assert table.found.header is False


def test_names_in_cells_of_their_own_and_separators_behind() -> None:
    told = rows(",")
    lines = quoted([line(row, ",") for row in told])
    assert read(",".join(HEADER) + "\n" + lines).frame.to_numpy().tolist() == told
    behind = quoted([line(row, ",") for row in [HEADER, *told]], ",,")
    assert read(behind).frame.to_numpy().tolist() == told


@pytest.mark.parametrize("separator", SEPARATORS)
def test_lists_in_one_column_stay_whole(separator: str) -> None:
    words = ["drama", "comedy", "action", "horror", "music", "war", "crime"]
    lists = [separator.join(words[(n * k) % 7] for k in (1, 2, 3)) for n in range(1, 40)]
    for first in (["tags"], ["items"], []):
        for data in (quoted(first + lists), workbook(first + lists)):
            table = read(data)
            assert table.frame.iloc[-1, 0] == lists[-1]
            assert "whole row" not in said(table)


def test_pairs_of_a_title_and_a_year_stay_titles() -> None:
    titles = [f"Der Film {chr(97 + n)}, {1960 + n}" for n in range(25)]
    for first in (["title"], []):
        assert read(quoted(first + titles)).frame.iloc[-1, 0] == titles[-1]


def test_lists_of_a_user_in_a_line_are_no_wrapped_rows() -> None:
    lines = [",".join(f"{(n * k) % 11 + 100}" for k in (3, 4, 5, 6)) for n in range(1, 40)]
    assert read(quoted(["basket", *lines])).frame["basket"].tolist() == lines


def test_a_shape_that_is_given() -> None:
    lines = [line(row, ",") for row in [HEADER, *rows(",")]]
    table = read(quoted(lines), shape="lists")
    assert table.frame.shape[1] == 1


def test_events_of_wrapped_rows() -> None:
    lines = ["uid;film;stars;ts", *(f"u{n % 6};m{n % 11};{n % 5 + 1};17{n:08}" for n in range(60))]
    for data in (quoted(lines).encode(), workbook(lines)):
        frame = read_file(data, "interactions", "f").frame
        assert frame.shape == (60, 4)
        assert frame["film"].iloc[12] == "m1"
