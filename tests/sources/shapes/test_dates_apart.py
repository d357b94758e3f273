"""Dates whose parts stand in several columns."""

from __future__ import annotations

import pandas as pd
import pytest

from recsys.sources.columns.choosing import choose_events
from recsys.sources.shapes.dates_apart import with_whole_dates
from tests.sources.columns.test_columns import events
from tests.sources.shapes.test_shapes import read, said

DAYS = [f"{1 + i % 28:02}/03/2022" for i in range(30)]
CLOCKS = [f"{i % 24:02}.15" for i in range(30)]


@pytest.mark.parametrize("between", [":", "."])
@pytest.mark.parametrize("first", ["fecha", "hora"])
def test_a_time_of_day_beside_a_date_is_added(between: str, first: str) -> None:
    apart = {"fecha": DAYS, "hora": [c.replace(".", between) for c in CLOCKS]}
    second = "hora" if first == "fecha" else "fecha"
    frame = events(user="users", item="items", **{c: apart[c] for c in (first, second)})
    named, notes = choose_events(frame)
    expected = [f"01/03/2022 00{between}15", f"02/03/2022 01{between}15"]
    assert named["timestamp"].tolist()[:2] == expected
    assert "hora" not in named
    assert "“hora”" in str(notes[0])


def test_prices_are_no_times_of_day() -> None:
    frame = events(user="users", item="items", fecha=DAYS, x=CLOCKS)
    assert choose_events(frame)[0]["timestamp"].tolist()[0] == "01/03/2022"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("date_day date_month date_year date_hour date_minute date_second", "2008-03-07 21:05:09"),
        ("Tag Monat Jahr", "2008-03-07"),
        ("día mes año hora minuto", "2008-03-07 21:05:00"),
        ("日 月 年 时", "2008-03-07 21:00:00"),
    ],
)
def test_parts_of_a_date_are_put_together(names: str, expected: str) -> None:
    parts = ["7", "3", "2008", "21", "5", "9"]
    columns = names.split()
    lines = [",".join(["user", "item", *columns])]
    lines += [",".join([f"u{i // 3}", f"i{i % 5}", *parts[: len(columns)]]) for i in range(15)]
    table = read("\n".join(lines) + "\n")
    assert table.frame.columns.tolist() == ["user", "item", "date"]
    assert table.frame["date"].iloc[0] == expected
    assert "put together" in said(table)


def test_parts_beside_a_time_are_attributes() -> None:
    row = {"user": "u1", "item": "a", "year": "2008", "month": "3", "day": "7"}
    frame = pd.DataFrame([{**row, "when": f"2008-03-0{i + 1} 10:00"} for i in range(5)])
    assert with_whole_dates(frame, "f")[0].equals(frame)
    no_months = pd.DataFrame([{**row, "month": str(20 + i)} for i in range(5)])
    assert with_whole_dates(no_months, "f")[0].equals(no_months)
