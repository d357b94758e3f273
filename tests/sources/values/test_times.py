"""Times: fractions, spreadsheets, words of many languages, day or month first."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from recsys.sources.values.times import Times, parse_times


def times(*cells: str, dates: str | None = None) -> Times:
    return parse_times(pd.Series(cells, dtype="str"), dates)  # type: ignore[arg-type]


def seconds(*moment: int) -> float:
    return datetime(*moment, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    "cell",
    [
        "2022-03-16 19:26:24 UTC",
        "2022-03-16T19:26:24Z",
        "2022-03-16 19:26:24 +0000 UTC",
        "Wed Mar 16 19:26:24 +0000 2022",
        "Wed Mar 16 2022 20:26:24 GMT+0100 (Central European Standard Time)",
        "16/Mar/2022:19:26:24 +0000",
        "16/03/2022, 19:26:24",
        "16.03.22 19:26:24",
        "16/03/2022 07:26:24 p.m.",
        "16 de marzo de 2022 19:26:24",
        "le 16 mars 2022 à 19:26:24",
        "16. März 2022, 19:26:24 Uhr",
        "16 марта 2022 г., 19:26:24",
        "16 de março de 2022, 19:26:24",
        "2022年3月16日 下午7:26:24",
        "2022/03/16(水) 19:26:24",
        "2022년 3월 16일 오후 7:26:24",
        "20220316 19:26:24",
        "16/03/2022 às 19:26:24",
        "16.03.2022 um 19.26.24",
        "16.3.2022 klo 19.26.24",
        "2022/03/16 8:26:24 PM GMT+1",
        "3/16/2022 19:26:24 GMT+0",
        "2022-03-16 14:26:24 UTC-5",
        "2022-03-17 00:56:24 UTC+5:30",
        "16-MAR-22 07.26.24.000000 PM",
        "٢٠٢٢/٠٣/١٦ ١٩:٢٦:٢٤",
        "令和4年3月16日 19:26:24",
        "民國111年3月16日 下午7:26:24",
        "1647458784",
        "1647458784000",
    ],
)
def test_one_moment_in_many_layouts(cell: str) -> None:
    assert times(cell).seconds.tolist() == [seconds(2022, 3, 16, 19, 26, 24)]


@pytest.mark.parametrize(
    "cell",
    [
        "16-Mar-22",
        "16 mar 2022",
        "March 16th, 2022",
        "16 août 2021",
        "1er janvier 2021",
        "令和元年5月5日",
        "平成31年4月17日",
    ],
)
def test_days_in_words(cell: str) -> None:
    day = {"16 août 2021": (2021, 8, 16), "1er janvier 2021": (2021, 1, 1)}
    day |= {"令和元年5月5日": (2019, 5, 5), "平成31年4月17日": (2019, 4, 17)}
    assert times(cell).seconds.tolist() == [seconds(*day.get(cell, (2022, 3, 16)))]


@pytest.mark.parametrize(
    "cell",
    [
        "1647458784581",
        "1647458784.581",
        "2022-03-16 19:26:24.581",
        "2022-03-16T19:26:24,581Z",
        "2022-03-16T20:26:24.581+01:00",
        "16/03/2022 19:26:24.581",
        "16-MAR-22 07.26.24.581 PM",
    ],
)
def test_fractions_of_a_second_are_kept(cell: str) -> None:
    expected = [seconds(2022, 3, 16, 19, 26, 24) + 0.581]
    np.testing.assert_allclose(times(cell).seconds, expected, rtol=0, atol=2e-6)


def test_hours_as_click_logs_write_them() -> None:
    read = times("14102100", "14102123", "14103005")
    expected = [seconds(2014, 10, 21), seconds(2014, 10, 21, 23), seconds(2014, 10, 30, 5)]
    np.testing.assert_array_equal(read.seconds, expected)
    assert times("14102100", "14102199").seconds.tolist() == [14102100, 14102199]


def test_days_of_a_spreadsheet() -> None:
    read = times("44562.5", "44563", "")
    expected = [seconds(2022, 1, 1, 12), seconds(2022, 1, 2), np.nan]
    np.testing.assert_array_equal(read.seconds, expected)
    assert read.serial
    assert not times("44562.5", "1640995200").serial  # it is decided for the whole column


def test_day_or_month_first() -> None:
    assert times("3/4/2022").seconds.tolist() == [seconds(2022, 3, 4)]
    assert times("3/4/2022").assumed == "month"
    assert times("3/4/2022", dates="day").seconds.tolist() == [seconds(2022, 4, 3)]
    assert times("3.4.2022", dates="month").seconds.tolist() == [seconds(2022, 3, 4)]
    assert times("3/4/2022", dates="day").assumed is None
    assert np.isnan(times("13/4/2022", dates="month").seconds).all()


def test_a_file_in_order_tells_which_comes_first() -> None:
    read = times("1/1/2022", "5/1/2022", "9/1/2022", "3/2/2022", "1/3/2022")
    assert read.seconds.tolist()[1] == seconds(2022, 1, 5)
    assert read.assumed == "day"  # and is said all the same
