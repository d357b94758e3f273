"""Rows within a report that add up others, and titles of its pages."""

import numpy as np
import pytest

from recsys.sources.files import read_cells
from recsys.sources.options import ReadOptions
from recsys.sources.text.totals import is_called_total

_HEADER = "member,book,day,fee"


def _rows(user: str, count: int = 4) -> list[str]:
    return [f"{user},Book {n},2024-01-0{n + 1},{n}.50" for n in range(count)]


def _read(lines: list[str]) -> tuple[list[list[str]], str]:
    table = read_cells("\n".join(lines).encode(), "x.csv", ReadOptions())
    said = " ".join(note.template.format(**note.params) for note in table.notes)
    return [row for row in table.frame.to_numpy().tolist() if any(row)], said


@pytest.mark.parametrize(
    "total",
    [
        "Total for {},8 loans,,2.80",
        "{} Total,,,2.80",
        "Summe {},,,2.80",
        "Итого по {},4 шт.,,2.80",
        "Totale {},,,2.80",
        "{} 小计,,,2.80",
        "小计：{},,,2.80",
        ",Subtotal,,2.80",
        "{},Subtotal,,2.80",
        ",Zwischensumme:,,2.80",
        ",,Σύνολο,2.80",
        "Ara toplam,,,2.80",
    ],
)
def test_sums_within_a_report_are_no_rows(total: str) -> None:
    lines = [_HEADER]
    for user in ("M-1", "M-2", "M-3"):
        lines += [*_rows(user), total.format(user), ",,,"]
    rows, said = _read([*lines, "Grand total,12 loans,,8.40"])
    assert [row[0] for row in rows] == ["M-1"] * 4 + ["M-2"] * 4 + ["M-3"] * 4
    assert "rows that add up others, dropped" in said


@pytest.mark.parametrize(
    "row",
    [
        "M-1,Total Recall,,4.50",  # a film without a day
        "M-1,Total Recall,,",
        "Total,Book 9,,4.50",  # somebody who is called so
        "M-9,Total,2024-01-09,4.50",
    ],
)
def test_other_rows_with_such_words_stay(row: str) -> None:
    rows, _ = _read([_HEADER, *_rows("M-1"), row, *_rows("M-2")])
    assert len(rows) == 9


def test_films_that_are_called_so_stay_though_a_rating_lacks() -> None:
    films = ["Total Recall", "Total Eclipse", "Total War", "Amélie", "Alien"]
    lines = [f"{n % 30},{films[n % 5]},{'' if n % 4 == 0 else n % 5 + 1}" for n in range(200)]
    rows, _ = _read(["user,film,rating", *lines])
    assert len(rows) == 200


@pytest.mark.parametrize("foot", [[], ["Page 1 of 2,,,"]])
def test_titles_of_pages_are_no_rows(foot: list[str]) -> None:
    page = ["Loans by member,,,page 2", "Printed by admin,,,", _HEADER]
    lines = ["Loans by member,,,page 1", "Printed by admin,,,", _HEADER]
    rows, said = _read([*lines, *_rows("M-1"), *foot, *page, *_rows("M-2")])
    assert len(rows) == 8
    assert "titles of pages within the table, dropped" in said


def test_a_long_table_without_sums_at_its_beginning_is_not_gone_through() -> None:
    many = [f"M-{n},Book {n % 50},2024-01-01,1.50" for n in range(25_000)]
    rows, _ = _read([_HEADER, *many, "Total for M-7,,,2.80", *_rows("M-2")])
    assert len(rows) == 25_005


@pytest.mark.parametrize(
    "cell",
    ["Total", "TOTAL:", "Grand total", "Итого", "ΣΎΝΟΛΟ", "合计：", "** Summe **", "Genel Toplam"],
)
def test_words_for_sums(cell: str) -> None:
    assert is_called_total(cell)


@pytest.mark.parametrize("cell", ["Total Recall", "", "of the", "Summer", "12"])
def test_other_words(cell: str) -> None:
    assert not is_called_total(cell)


def test_many_sums_take_no_time_that_grows_with_their_square() -> None:
    lines = [_HEADER]
    for user in range(4_000):
        lines += [*_rows(f"M-{user}", 3), f"Total for M-{user},,,2.80"]
    rows, _ = _read(lines)
    assert len(rows) == 12_000
    assert np.all([row[2] for row in rows])
