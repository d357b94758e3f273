"""Items that stand in the same file as the events give them their titles, in form and command."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from recsys.cleaning import prepare
from recsys.reading.tasks import from_tables, look
from recsys.sources.uploads import load_files
from tests.sources.test_unpacking import zipped

RATINGS = "".join(
    f"{u}::{m}::{(u * m) % 5 + 1}::{978300000 + u * m}\n" for u in range(1, 9) for m in range(1, 9)
)
MOVIES = "".join(f"{m}::Film Number {m} (1995)::Drama|Comedy\n" for m in range(1, 12))
MOVIELENS = zipped({"ml-1m/ratings.dat": RATINGS, "ml-1m/movies.dat": MOVIES, "ml-1m/README": "x"})
EVENTS = [
    ["user_id", "product_id", "rating"],
    *([f"u{n % 5}", f"p{n % 7}", n % 5] for n in range(40)),
]
ITEMS = [["id", "title"], *([f"p{n}", f"Product {n}"] for n in range(7))]


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


DUMP = (
    "INSERT INTO `books` (`id`,`title`) VALUES (1,'One'),(2,'Two'),(3,'Three');\n"
    "INSERT INTO `ratings` (`user_id`,`book_id`) VALUES "
    + ",".join(f"({n % 4},{n % 3 + 1})" for n in range(12))
    + ";\n"
)
FILES = {
    "ml-1m.zip": (MOVIELENS, "Film Number 1 (1995)"),
    "shop.xlsx": (workbook(Events=EVENTS, Items=ITEMS), "Product 0"),
    "sheets.xlsx": (workbook(Sheet1=EVENTS, Sheet2=ITEMS), "Product 0"),
    "dump.sql": (DUMP.encode(), "One"),
}


@pytest.mark.parametrize("name", FILES)
def test_titles_come_from_the_same_file(name: str, tmp_path: Path) -> None:
    data, title = FILES[name]
    path = tmp_path / name
    path.write_bytes(data)
    found, _ = prepare(path)
    assert title in found.titles.tolist()
    raw = load_files(path)
    assert any("where no file of items is given" in note.template for note in raw.notes)


def test_the_form_reads_them_too(tmp_path: Path) -> None:
    path = tmp_path / "up"
    path.write_bytes(MOVIELENS)
    told = look(tmp_path, path=str(path), filename="ml.zip", kind="interactions", options={})
    assert any("where no file of items is given" in note[0] for note in told["notes"])
    table = {**told, "folder": str(tmp_path), "columns": told["guessed"]}
    out = tmp_path / "out"
    out.mkdir()
    from_tables(out, tables={"interactions": table}, cleaning={}, name="n", origin="files")
    assert any(
        "Film Number 1" in p.read_bytes().decode(errors="ignore")
        for p in out.rglob("*")
        if p.is_file()
    )


@pytest.mark.parametrize(
    "sheets",
    [
        {
            "Events": EVENTS,
            "Items": [["id", "title"], ["x1", "One"], ["x2", "Two"], ["x3", "Three"]],
        },
        {"Events": EVENTS, "Customers": [["user_id", "age"], ["u1", 20], ["u2", 30]]},
        {"Events": EVENTS, "Prices": [["product_id", "price"], *([f"p{n}", n] for n in range(7))]},
        {
            "Events": [[*EVENTS[0], "title"], *([*row, f"Product {row[1]}"] for row in EVENTS[1:])],
            "Items": ITEMS,
        },
    ],
)
def test_what_does_not_join_or_has_no_titles_is_left(sheets: Any, tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    path.write_bytes(workbook(**sheets))
    assert load_files(path).items is None
