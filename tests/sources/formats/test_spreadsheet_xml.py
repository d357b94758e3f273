"""Workbooks in the XML of Excel 2003 are read as sheets are."""

from __future__ import annotations

import pytest

from recsys.schema import DataError
from recsys.sources.base import Table
from recsys.sources.files import read_cells
from recsys.sources.options import ReadOptions

BEGIN = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook '
    'xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles><Style/></Styles>'
)


def cell(text: str, more: str = "") -> str:
    return f'<Cell{more}><Data ss:Type="String">{text}</Data></Cell>'


def sheet(name: str, *rows: str) -> str:
    told = "".join(f"<Row>{row}</Row>" for row in rows)
    return f'<Worksheet ss:Name="{name}"><Table>{told}</Table></Worksheet>'


EVENTS = sheet(
    "Reviews",
    cell("All reviews", ' ss:MergeAcross="2"'),
    cell("user_id") + cell("item_id") + cell("rating"),
    cell("0071") + cell("a &amp; b") + cell("5"),
    cell("0072") + cell("4", ' ss:Index="3"'),
    cell("0073") + "<Cell/>" + cell("3"),
)
FAR = sheet("a", cell("x", ' ss:Index="999999"') * 2)
ITEMS = sheet(
    "Products", cell("id") + cell("title"), cell("a") + cell("One"), cell("b") + cell("Two")
)


def read(text: str, **options: str) -> Table:
    return read_cells(text.encode(), "f.xls", ReadOptions(**options), "interactions")  # type: ignore[arg-type]


def test_the_sheet_of_events() -> None:
    table = read(f"{BEGIN}{ITEMS}{EVENTS}</Workbook>")
    assert list(table.frame.columns) == ["user_id", "item_id", "rating"]
    assert table.frame.to_numpy().tolist() == [
        ["0071", "a & b", "5"],
        ["0072", "", "4"],
        ["0073", "", "3"],
    ]
    assert table.others == ("Products",)
    assert len(read(f"{BEGIN}{ITEMS}{EVENTS}</Workbook>", sheet="Products").frame) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{BEGIN}</Workbook>", "no rows"),
        (f"{BEGIN}{EVENTS}", "damaged"),
        (f"{BEGIN}{FAR}</Workbook>", "columns"),
    ],
)
def test_broken_ones_end_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read(text)


def test_cells_that_stand_far_apart_are_counted_before_they_are_built() -> None:
    rows = [cell("x", ' ss:Index="9999"')] * 2_500
    with pytest.raises(DataError, match="more than 20,000,000 cells"):
        read(f"{BEGIN}{sheet('a', *rows)}</Workbook>")
