"""Cells → values."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.sources.values.cells import parse_numbers, tidy_attribute, tidy_text
from recsys.sources.values.times import parse_times

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
        ("2024-W01-5", 0),
        ("2024W015", 0),
        ("20240105", 0),
        ("20240105103000", 37800),
        (str(JAN_5), 0),
        (str(JAN_5 * 1000), 0),
        (f"{JAN_5}.9", 0.9),
        (str(JAN_5 * 10**6), 0),
        (str(JAN_5 * 10**9), 0),
    ],
)
def test_time_formats(cell: str, seconds: float) -> None:
    assert times(cell) == [JAN_5 + seconds]


def test_a_week_alone_is_its_monday_and_no_year_has_sixty() -> None:
    assert times("2024-W02")[0] == JAN_5 + 3 * 86_400
    assert np.isnan(times("2024-W60-1")[0])


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
    exact = moment.replace(tzinfo=UTC).timestamp()
    read = times(moment.isoformat(), moment.strftime("%Y/%m/%d %H:%M:%S"))
    np.testing.assert_allclose(read, [exact, int(exact)], rtol=0, atol=2e-6)


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


FORMS = [
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%d.%m.%Y %H:%M:%S",
]
FORMS += [
    "%m/%d/%Y %I:%M:%S %p",
    "%Y年%m月%d日 %H时%M分",
    "%b %d, %Y %H:%M:%S",
    "%a, %d %b %Y %H:%M:%S GMT",
]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)), min_size=1, max_size=9),
    st.sampled_from(FORMS),
)
def test_a_column_of_any_layout_in_pieces(
    monkeypatch: pytest.MonkeyPatch, moments: list[datetime], form: str
) -> None:
    monkeypatch.setattr("recsys.sources.values.cells.PIECE_CELLS", 4)
    monkeypatch.setattr("recsys.sources.values.times.PIECE_CELLS", 4)
    certain = datetime(2024, 12, 31, 23, 59, 58)  # its day cannot be a month
    cells = [moment.strftime(form) for moment in [certain, *moments, certain]]
    read = [datetime.strptime(cell, form).replace(tzinfo=UTC).timestamp() for cell in cells]
    assert times(*cells) == read
    nonsense = times(*[f"{cell}?" for cell in cells])
    assert np.isnan(nonsense).all() or form.startswith(("%b", "%a"))


def test_dates_that_do_not_exist() -> None:
    cells = [
        "2023-02-29",
        "2023-02-29 10:00:00",
        "29.2.2023 10:00",
        "2024-01-05 24:00:00",
        "0/0/2024",
    ]
    cells += ["2024-13-01T00:00:00Z", "2024-00-10", "2024-01-05 10:60:00"]
    assert np.isnan(times(*cells[:3], *cells[4:7])).all()
    assert times("2024-02-29", "29.2.2024") == [JAN_5 + 55 * 86_400] * 2


def test_digits_of_other_scripts() -> None:
    assert times("２０２４/1/5", "2024/１/5") == [JAN_5] * 2


def test_numbers_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.sources.values.cells.PIECE_CELLS", 3)
    cells = ["1", "2.5", "3", " 4", "5,5", "x", "", "7e0", "8", "123456789012345678"]
    expected = [1, 2.5, 3, 4, 5.5, np.nan, np.nan, 7, 8, 123456789012345678]
    np.testing.assert_array_equal(parse_numbers(pd.Series(cells, dtype="str")), expected)
    missing = pd.Series(["1", None, "2"], dtype="str", index=[5, 5, 7])
    np.testing.assert_array_equal(parse_numbers(missing), [1, np.nan, 2])
    mixed = pd.Series([1, "2", None, 3.5], dtype=object)
    np.testing.assert_array_equal(parse_numbers(mixed), [1, 2, np.nan, 3.5])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1e9).map(lambda x: f"{x:.5f}") | st.integers(0, 10**15).map(str)))
def test_numbers_are_read_to_the_last_bit(cells: list[str]) -> None:
    assert parse_numbers(pd.Series(cells, dtype="str")).tolist() == [float(c) for c in cells]


def test_lists_of_equal_length_and_of_many_cells() -> None:
    assert attribute("a|b", "b|a", "a|b") == [["a", "b"], ["b", "a"], ["a", "b"]]
    assert attribute("a|b", "a|b") == [["a", "b"]] * 2


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("1,234", "984"), [1234, 984]),
        (("3,5", "4", "1,125"), [3.5, 4, 1.125]),
        (("1.234,5", "2,5", "984"), [1234.5, 2.5, 984]),
        (("1,234.5", "2"), [1234.5, 2]),
        (("1.234", "984", "2.500", "3.100"), [1234, 984, 2500, 3100]),
        (("4.125", "3.5", "984"), [4.125, 3.5, 984]),
        (("4.125", "3.875", "2.250", "4"), [4.125, 3.875, 2.25, 4]),
        (("1 234", "984", "1\u00a0234 567"), [1234, 984, 1234567]),
        (("1'234.5", "2"), [1234.5, 2]),
        (("0,125", "0,250"), [0.125, 0.25]),
        (("−3", "2"), [-3, 2]),
    ],
)
def test_one_mark_before_decimals_serves_a_column(
    cells: tuple[str, ...], values: list[float]
) -> None:
    assert parse_numbers(pd.Series(cells, dtype="str")).tolist() == values


def test_a_mark_that_is_given_is_used() -> None:
    cells = pd.Series(["1,234", "2,500"], dtype="str")
    assert parse_numbers(cells).tolist() == [1234, 2500]
    assert parse_numbers(cells, ",").tolist() == [1.234, 2.5]
    points = pd.Series(["1.234", "984", "2.500", "3.100"], dtype="str")
    assert parse_numbers(points, ".").tolist() == [1.234, 984, 2.5, 3.1]
