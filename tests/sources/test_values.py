"""Cells → values."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.sources.times import parse_times
from recsys.sources.values import parse_numbers, tidy_attribute, tidy_text

JAN_5 = int(datetime(2024, 1, 5, tzinfo=UTC).timestamp())


def times(*cells: str) -> list[float]:
    return parse_times(pd.Series(cells, dtype="str"))[0].tolist()


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("2024-01-05", 0),
        ("2024-01-05T10:30:00Z", 37800),
        ("2024-01-05 10:30:00+08:00", 9000),
        ("2024/1/5", 0),
        ("2024/1/5 10:30", 37800),
        ("2024.1.5 10:30:15", 37815),
        ("2024年1月5日", 0),
        ("2024年1月5日 10时30分", 37800),
        ("5-1-2024", 0),
        ("5.1.2024 10:30", 37800),
        ("1/5/2024 2:00 PM", 50400),
        ("Jan 5, 2024", 0),
        ("Fri, 05 Jan 2024 10:30:00 GMT", 37800),
        ("20240105", 0),
        ("20240105103000", 37800),
        (str(JAN_5), 0),
        (str(JAN_5 * 1000), 0),
        (f"{JAN_5}.9", 0),
        (str(JAN_5 * 10**6), 0),
        (str(JAN_5 * 10**9), 0),
    ],
)
def test_time_formats(cell: str, seconds: int) -> None:
    assert times(cell) == [JAN_5 + seconds]


def test_mixed_formats_and_nonsense() -> None:
    cells = ["2024-01-05", str(JAN_5), "2024/1/5", "soon", "", "may", "12:30", "32/1/2024", "1e300"]
    expected = [JAN_5] * 3 + [np.nan] * 6
    np.testing.assert_array_equal(times(*cells), expected)


def test_order_of_day_and_month() -> None:
    assert times("13/1/2024", "5/1/2024")[1] == JAN_5
    assert times("1/13/2024", "1/5/2024")[1] == JAN_5
    assert parse_times(pd.Series(["1/5/2024"], dtype="str"))[1] == "month"
    assert parse_times(pd.Series(["5-1-2024"], dtype="str"))[1] == "day"
    assert parse_times(pd.Series(["2024-1-5"], dtype="str"))[1] is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_any_text_is_a_time_or_none(cells: list[str]) -> None:
    assert len(times(*cells)) == len(cells)


@settings(max_examples=60, deadline=None)
@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 1, 1)))
def test_iso_round_trip(moment: datetime) -> None:
    expected = int(moment.replace(tzinfo=UTC, microsecond=0).timestamp())
    assert times(moment.isoformat(), moment.strftime("%Y/%m/%d %H:%M:%S")) == [expected] * 2


def test_numbers() -> None:
    cells = pd.Series(["4", " 3.5", "3,5", "-2", "NaN", "inf", "", "abc", "1e2", "0x1F", "1_0"])
    expected = [4, 3.5, 3.5, -2, np.nan, np.nan, np.nan, np.nan, 100, np.nan, np.nan]
    np.testing.assert_array_equal(parse_numbers(cells.astype("str")), expected)


def test_text_is_tidied_but_kept_as_data() -> None:
    cells = ["  a \t b\x00\n", "<img src=x onerror=alert(1)>", "=HYPERLINK(1)", "{{x}}", "👩‍👩‍👧"]
    tidied = tidy_text(pd.Series(cells, dtype="str")).tolist()
    assert tidied == ["a b", *cells[1:]]


def attribute(*cells: str) -> list[object]:
    return tidy_attribute(pd.Series(cells, dtype="str")).tolist()


def test_attributes() -> None:
    assert attribute("Comedy|Drama", "Comedy", "") == [["Comedy", "Drama"], ["Comedy"], []]
    assert attribute("历史、建筑", "历史、美食", "历史、建筑") == [
        ["历史", "建筑"],
        ["历史", "美食"],
        ["历史", "建筑"],
    ]
    assert attribute("a; b", "b; a", "a") == [["a", "b"], ["b", "a"], ["a"]]
    assert attribute("1995", "2001") == [1995, 2001]
    assert attribute("007", "12") == ["007", "12"]
    prose = "Long, winding sentences, which no list would ever hold"
    assert attribute(prose, "And another one, which differs from it")[0] == prose
    assert pd.isna(attribute("a", "")[1])
