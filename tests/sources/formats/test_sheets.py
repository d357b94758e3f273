"""The sheet that looks like what is wanted is read; titles above its table are passed over."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from recsys.schema import DataError
from recsys.sources.base import Table
from recsys.sources.columns.choosing import Kind
from recsys.sources.files import read_cells
from recsys.sources.options import ReadOptions

EVENTS = [["user_id", "item_id", "rating"], *([f"u{n % 5}", n % 7, n % 5] for n in range(40))]
ITEMS = [["item_id", "title"], *([n, f"Film {n}"] for n in range(7))]
COVER = [["Export of bookings"], ["Made by the BI team, see sheet 2"]]


def book(**sheets: list[list[Any]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def read(data: bytes, kind: Kind = "interactions", **options: Any) -> Table:
    return read_cells(data, "f.xlsx", ReadOptions(**options), kind)


def test_a_cover_before_the_table() -> None:
    table = read(book(ReadMe=COVER, data=EVENTS))
    assert len(table.frame) == 40
    assert table.found.sheet == "data"
    assert '"data" was read. The others are: ReadMe' in str(table.notes[0])


def test_sheets_with_the_same_columns_are_one_table() -> None:
    head, *rows = EVENTS
    data = book(Enero=[head, *rows[:20]], Febrero=[head[::-1], *(row[::-1] for row in rows[20:])],
                Notas=COVER, Copia=[head, *rows[:20]])  # fmt: skip
    table = read(data)
    alone = read(book(Todo=EVENTS)).frame
    assert table.frame.to_numpy().tolist() == alone[list(table.frame.columns)].to_numpy().tolist()
    told = str(table.notes[0])
    assert "one after the other: Enero, Febrero;" in told and "Notas, Copia" in told
    assert len(read(data, sheet="Febrero").frame) == 20


def test_each_kind_finds_its_sheet() -> None:
    data = book(Cover=COVER, Films=ITEMS, Ratings=EVENTS)
    assert read(data).found.sheet == "Ratings"
    assert read(data, "items").found.sheet == "Films"


def test_a_sheet_may_be_chosen() -> None:
    data = book(Cover=COVER, Films=ITEMS, Ratings=EVENTS)
    table = read(data, sheet="Films")
    assert table.frame.columns.tolist() == ["item_id", "title"]
    assert table.notes == []
    with pytest.raises(DataError, match=r'nothing called "x"\. It holds: Cover, Films, Rat'):
        read(data, sheet="x")


def test_a_title_above_the_table() -> None:
    table = read(book(log=[["Visitor log 2022", None, None], [], *EVENTS]))
    assert table.frame.columns.tolist() == ["user_id", "item_id", "rating"]
    assert table.frame.index[0] == 4
    assert table.found.skip == 2
    again = read(book(log=[["Visitor log 2022", None, None], [], *EVENTS]), skip=2, header=True)
    assert again.frame.equals(table.frame)


def test_a_sheet_without_names_and_with_a_sum() -> None:
    table = read(book(log=[*EVENTS[1:], ["Total", None, 100]]))
    assert table.found.header is False
    assert len(table.frame) == 40
    assert table.frame.index[0] == 1
