"""What cleaning says of events: what changes order, identity or ratings is grave."""

from __future__ import annotations

import time

import pandas as pd
import pytest

from recsys.cleaning import CleaningReport, clean
from recsys.dataset import Dataset
from recsys.models.user_item import check_rated
from recsys.schema import DataError
from recsys.sources import RawFrames, ReadOptions, raw_frames


def made(read: ReadOptions | None = None, **columns: list[str]) -> tuple[Dataset, CleaningReport]:
    """Twenty-four events of four users and seven items; the cells given come again and again."""
    cells = {
        "user_id": [f"u{i // 6}" for i in range(24)],
        "item_id": [f"i{i % 7}" for i in range(24)],
        "title": [f"Film number {i % 7}" for i in range(24)],
        **{name: [of[i % len(of)] for i in range(24)] for name, of in columns.items()},
    }
    return clean(raw_frames(pd.DataFrame(cells, dtype="str"), read=read), name="made")


def grave(report: CleaningReport) -> str:
    notes = [str(note) for note in report.notes if note.grave]
    return " | ".join([*notes, *(str(s.reason) for s in report.steps if s.reason.grave)])


def every(report: CleaningReport) -> str:
    return " | ".join([*map(str, report.notes), *(str(step.reason) for step in report.steps)])


DAYS = [f"2022-03-{1 + i:02}" for i in range(24)]


def test_plain_events_have_nothing_grave() -> None:
    _, report = made(rating=["1", "3", "5", "2"], timestamp=DAYS)
    assert grave(report) == ""
    assert every(report) == ""


@pytest.mark.parametrize(
    ("ratings", "said"),
    [
        (["-1", "7", "3"], "33% of the ratings are -1, which may mean “not rated”"),
        (["0", "7", "3", "10"], "25% of the ratings are 0, which may mean “not rated”"),
        (["99", "-7.5", "3"], "33% of the ratings are 99, which may mean “not rated”"),
        (["5"], "All ratings are 5"),
        (["0", "1"], "Ratings are only 0 (50%) and 1"),
        (["good enough", "x"], "“rating” is called like a rating, but cells such as “good enough”"),
        (["4/5", "8/10", "3/5"], "on different scales"),
        (["A", "B", "C"], "A as 4"),
    ],
)
def test_doubtful_ratings(ratings: list[str], said: str) -> None:
    data, report = made(rating=ratings, timestamp=DAYS)
    assert said in grave(report)
    assert data.n_events == 24


@pytest.mark.parametrize("ratings", [["1", "5"], ["-3", "2", "0"], ["0", "0.5", "4.5"], ["1", "3"]])
def test_scales_that_are_not_doubted(ratings: list[str]) -> None:
    data, report = made(rating=ratings, timestamp=DAYS)
    assert grave(report) == ""
    assert data.rating is not None
    assert sorted(set(data.rating.tolist())) == sorted({float(r) for r in ratings})


def test_dislikes_do_not_count_as_liked() -> None:
    data, report = made(rating=["like", "dislike"], timestamp=DAYS)
    assert (data.liked_from, data.liked.mean()) == (1.0, 0.5)
    assert "1 (12 rows) and 0 (12 rows)" in grave(report)


def test_the_decimal_mark_that_is_given_is_used() -> None:
    data, _ = made(ReadOptions(decimal=","), rating=["3,125", "4,250"], timestamp=DAYS)
    assert data.rating is not None
    assert (data.rating.min(), data.rating.max()) == (3.125, 4.25)


def test_ratings_that_are_all_the_same_cannot_be_learned() -> None:
    data, _ = made(rating=["5"], timestamp=DAYS)
    with pytest.raises(DataError, match="All ratings of made are 5"):
        check_rated(data)


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (["0", *(str(1640995200 + i) for i in range(11))], "before 1990, on 1970-01-01"),
        ([str(int(time.time()) + 10**6), "2022-01-01"], "lies in the future, on "),
        ([str(i) for i in range(24)], "Most times lie before 1980"),
        (["2022-01-01"], "All times are the same"),
        (["3/4/2022", "1/2/2022", "5/4/2022"], "the month was taken to come first"),
        (["3.4.2022", "1.2.2022", "5.4.2022"], "the day was taken to come first"),
        (["soon", "later"], "“timestamp” is called like a time, but cells such as “soon”, “later”"),
        (["2022-01-01", "soon", "2022-01-02"], "took that of the row before"),
    ],
)
def test_doubtful_times(times: list[str], said: str) -> None:
    data, report = made(timestamp=times)
    assert said in grave(report)
    assert data.n_events > 0


def test_the_order_of_day_and_month_that_is_given_is_used() -> None:
    data, report = made(ReadOptions(dates="day"), timestamp=["3/4/2022", "1/2/2022", "5/4/2022"])
    assert data.timestamp is not None
    assert pd.Timestamp(data.timestamp.max(), unit="s").month == 4
    assert grave(report) == ""


def test_unreadable_times_given_by_a_person_are_said_with_examples() -> None:
    raw = pd.DataFrame({"user_id": ["u", "v"], "item_id": ["a", "b"], "timestamp": ["soon", "x"]})
    _, report = clean(RawFrames(raw.astype("str")), name="x")
    assert "such as “soon”, “x”" in grave(report)


def test_order_within_a_second_is_kept() -> None:
    rows = [("u", "c", "1640995200.9"), ("u", "a", "1640995200.1"), ("u", "b", "1640995200.5")]
    rows += [("v", "a", "2022-01-01 00:00:00.2"), ("v", "b", "2022-01-01 00:00:00.1")]
    raw = RawFrames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"], dtype="str"))
    data, report = clean(raw, name="x")
    assert [data.items.ids[i] for i in data.history(0)] == ["a", "b", "c"]
    assert [data.items.ids[i] for i in data.history(1)] == ["b", "a"]
    assert data.timestamp is not None and data.timestamp.dtype.kind == "i"
    assert report.dropped == 0


@pytest.mark.parametrize(
    ("column", "cells", "said"),
    [
        (
            "event_type",
            ["view", "cart", "purchase"],
            "(view 8, cart 8, purchase 8): all rows count",
        ),
        ("tipo", ["vista", "compra"], "(vista 12, compra 12)"),
        ("quantity", ["1", "0", "-2"], "In 16 rows they are zero or less"),
        ("click", ["1", "0"], "“click” is 0 in 50% of the rows"),
    ],
)
def test_columns_that_are_not_used(column: str, cells: list[str], said: str) -> None:
    data, report = made(**{column: cells}, timestamp=DAYS)
    assert said in grave(report)
    assert (data.n_events, data.rating) == (24, None)


def test_counts_without_returns_are_said_quietly() -> None:
    _, report = made(hours=["0.3", "98.2", "7"], timestamp=DAYS)
    assert grave(report) == ""
    assert "The numbers in “hours” (0.3 to 98.2) are not used" in every(report)
    _, report = made(genre=["Drama", "Comedy"], gender=["0", "1"], timestamp=DAYS)
    assert every(report) == ""


def test_ids_that_may_be_somebody_else() -> None:
    rounded = [f"1.2345{i}E+12" for i in range(5)]
    _, report = made(item_id=rounded, timestamp=DAYS)
    assert "5 ids such as “1.23450E+12”" in grave(report)
    _, report = made(user_id=["NULL", "u1", "u2"], timestamp=DAYS)
    assert "“NULL” may stand for nobody known; its rows (33%)" in grave(report)


def test_numbers_with_a_point_are_the_same_ids_in_both_tables() -> None:
    events = pd.DataFrame({"user_id": ["1.0", "2.0"], "item_id": ["10.0", "11.0"]}, dtype="str")
    items = pd.DataFrame({"item_id": ["10", "11"], "title": ["A", "B"]}, dtype="str")
    data, _ = clean(raw_frames(events, items), name="x")
    assert data.titles.tolist() == ["A", "B"]
    assert data.users.ids.tolist() == ["1", "2"]


def test_a_row_that_adds_up_is_no_event() -> None:
    rows = [("u", "a"), ("v", "b"), ("v", "a"), ("Total", "3")]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id"], dtype="str")
    data, report = clean(raw_frames(frame), name="x")
    assert data.users.ids.tolist() == ["u", "v"]
    assert "adds up" in every(report)


def test_thousands_are_said_and_doubted_where_nothing_is_smaller() -> None:
    data, report = made(rating=["1,234", "984"], timestamp=DAYS)
    assert data.rating is not None and data.rating.max() == 1234
    assert grave(report) == ""
    assert "“1,234” thousands were read: the first is 1,234" in every(report)
    _, report = made(rating=["1,234", "2,984"], timestamp=DAYS)
    assert "thousands were read" in grave(report)
