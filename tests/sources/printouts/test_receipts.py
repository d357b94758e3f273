"""Receipts of a till, one below the other."""

import time

import pytest

from recsys.schema import DataError
from recsys.sources.files import read_cells
from recsys.sources.options import ReadOptions

_BOUGHT = [
    (f"22004{n % 4}", [(f"Jus {(n + k) % 5}", 111 + k) for k in range(n % 3 + 1)])
    for n in range(12)
]


def _money(cents: int, mark: str) -> str:
    return f"{cents // 100}{mark}{cents % 100:02d}"


def _receipts(
    card: str = "Carte fidélité : ", total: str = "TOTAL", rule: str = "-" * 36, mark: str = ","
) -> str:
    lines: list[str] = []
    for n, (user, bought) in enumerate(_BOUGHT):
        lines += ["      ÉPICERIE DU MARCHÉ", f"Ticket n° {n + 10}     0{n % 9 + 1}/01/2024 10:12"]
        lines += [f"{card}{user}"] if card else []
        lines += [f"  {item:24}{_money(cents, mark):>8}" for item, cents in bought]
        paid = _money(sum(cents for _, cents in bought), mark)
        lines += [f"  {total:24}{paid:>8}", f"  CB{paid:>30}", rule]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        _receipts(),
        _receipts("Kundenkarte: ", "SUMME EUR", ""),
        _receipts("Loyalty card #", "Total", "=" * 30, "."),
        _receipts("Tessera n. ", "TOTALE EURO"),
        _receipts("Карта: ", "ИТОГ"),
        _receipts("Cliente: ", "TOTAL A PAGAR"),
    ],
)
def test_lines_with_prices_are_rows_of_the_card(text: str) -> None:
    table = read_cells(text.encode(), "x.txt", ReadOptions())
    rows = [[user, item] for user, bought in _BOUGHT for item, _ in bought]
    assert table.frame[["user_id", "item_id"]].to_numpy().tolist() == rows
    assert table.frame["timestamp"].iloc[0] == "01/01/2024 10:12"
    assert table.frame.index[0] == 4
    assert table.notes[-1].grave


def test_quantities_and_discounts_are_no_products() -> None:
    lines: list[str] = []
    for n in range(6):
        lines += [f"SHOP {n}", f"Customer: c{n % 2}", "Bread", "  2 x 1.50      3.00"]
        lines += ["3 x Milk   3.00", "Tea x2        2.00", "Discount     -1.00", "Total    7.00"]
    table = read_cells("\n".join(lines).encode(), "x.txt", ReadOptions())
    assert table.frame["item_id"].tolist()[:3] == ["Bread", "Milk", "Tea x2"]
    assert len(table.frame) == 18


@pytest.mark.parametrize("text", [_receipts(card=""), _receipts().replace("1,11", "1,12")])
def test_receipts_of_nobody_or_with_other_totals_are_refused_by_name(text: str) -> None:
    with pytest.raises(DataError, match="receipts of a till"):
        read_cells(text.encode(), "x.txt", ReadOptions())


def test_a_table_with_a_total_is_none() -> None:
    rows = "\n".join(f"u{n % 3}  i{n % 4}  {n}.50" for n in range(12))
    table = read_cells(
        f"user  item  price\n{rows}\nTotal  12.00\n".encode(), "x.txt", ReadOptions()
    )
    assert list(table.frame.columns) == ["user", "item", "price"]


@pytest.mark.parametrize(
    "line",
    [
        "a = " + " " * 60_000 + "x",
        "|" + " " * 60_000,
        " " * 60_000 + ":",
        "user=" + "a" * 60_000 + '"',
        "-[ " + "x" * 60_000,
        "1:" * 30_000,
        "TOTAL" + " ." * 30_000,
    ],
)
def test_long_lines_are_reported_fast(line: str) -> None:
    begin = time.process_time()
    try:
        read_cells("\n".join([line] * 4).encode(), "x.txt", ReadOptions())
    except DataError:
        pass
    assert time.process_time() - begin < 20
