"""Cleaning: what is dropped, what is repaired, and that the report says so."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.large_csv import SHAPES, make
from recsys.cleaning import CleaningConfig, CleaningReport, CleaningStep, clean, prepare
from recsys.dataset import Dataset
from recsys.schema import ConfigError, DataError
from recsys.sources import RawFrames, raw_frames, read_table
from tests.conftest import EVENTS, ITEMS

Rows = Sequence[tuple[str, ...]]


def frame(columns: str, rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split(), dtype="str")


def cleaned(
    columns: str, rows: Rows, items: pd.DataFrame | None = None, **config: object
) -> tuple[Dataset, CleaningReport]:
    raw = RawFrames(frame(columns, rows), items)
    return clean(raw, CleaningConfig(**config), name="test")  # type: ignore[arg-type]


def step(report: CleaningReport, words: str) -> CleaningStep:
    return next(s for s in report.steps if words in str(s.reason))


def test_missing_ids() -> None:
    rows = [("u1", "a"), ("", "a"), ("u2", " "), ("u2", "b")]
    data, report = cleaned("user_id item_id", rows)
    assert (report.rows_in, report.rows_out, report.dropped) == (4, 2, 2)
    found = step(report, "No user id")
    assert found.rows["row"].tolist() == [2, 3]
    assert not found.repaired
    assert data.n_events == 2


def test_ids_stay_as_uploaded() -> None:
    ids = ["007", "7", "NA", "1e18", "😀", "שלום", "x" * 10_000, "X"]
    data, _ = cleaned("user_id item_id", [(i, f"{i}!") for i in ids])
    assert data.users.ids.tolist() == ids
    assert data.items.ids.tolist() == [f"{i}!" for i in ids]


def test_spaces_around_ids_do_not_count() -> None:
    rows = [("u", "a"), (" u", "b\u00a0"), ("v\ufeff", "a"), ("V", "b")]
    data, report = cleaned("user_id item_id", rows)
    assert data.users.ids.tolist() == ["u", "v", "V"]
    assert data.items.ids.tolist() == ["a", "b"]
    assert "such as “ u” for “u”" in str(report.notes[0])
    assert len([n for n in report.notes if "several ways" in str(n)]) == 2


def test_numeric_ids() -> None:
    raw = RawFrames(pd.DataFrame({"user_id": [1, 2, 3], "item_id": [1.0, 2.0, math.nan]}))
    data, report = clean(raw, name="numbers")
    assert data.users.ids.tolist() == ["1", "2"]
    assert data.items.ids.tolist() == ["1", "2"]
    assert report.dropped == 1


def test_ratings() -> None:
    rows = [
        ("u", "a", "5"),
        ("v", "b", "NaN"),
        ("v", "a", "-3"),
        ("u", "c", "bad"),
        ("u", "d", "1"),
    ]
    data, report = cleaned("user_id item_id rating", rows, liked_from=4.0)
    assert data.rating is not None
    np.testing.assert_array_equal(data.rating, [5, 1, np.nan, -3])
    assert data.liked.tolist() == [True, False, False, False]
    assert step(report, "is no number").count == 1
    unrated = step(report, "missing")
    assert unrated.repaired and unrated.count == 1
    negative = step(report, "negative")
    assert negative.repaired
    assert "from -3 to 5" in str(negative.reason)


def test_mostly_missing_ratings_are_left_out() -> None:
    rows = [("u", "a", ""), ("v", "b", "x"), ("v", "a", "3")]
    data, report = cleaned("user_id item_id rating", rows, liked_from=4.0, only_liked=True)
    assert data.rating is None
    assert data.liked_from is None
    assert data.n_events == 3
    assert step(report, "Most ratings").repaired
    assert "every event counts as liked" in " ".join(map(str, report.notes))


def test_order_comes_from_time_in_mixed_formats() -> None:
    rows = [
        ("u", "c", "2024/1/7"),
        ("u", "a", "2024-01-05"),
        ("u", "b", "1704499200"),  # 2024-01-06
        ("v", "a", "1704499200000"),
        ("v", "b", "2024年1月8日"),
    ]
    data, report = cleaned("user_id item_id timestamp", rows)
    assert data.items.ids[data.history(data.users.position("u"))].tolist() == ["a", "b", "c"]
    assert report.steps == ()


def test_missing_times_take_the_neighbour() -> None:
    rows = [
        ("u", "a", "100"),
        ("v", "a", "900"),
        ("u", "b", "soon"),
        ("u", "c", "300"),
        ("v", "b", ""),
    ]
    data, report = cleaned("user_id item_id timestamp", rows)
    assert data.timestamp is not None
    assert data.timestamp.tolist() == [100, 100, 300, 900, 900]
    assert step(report, "took that of the row before").count == 2
    assert report.dropped == 0


def test_unusable_times_fall_back_to_position_then_file() -> None:
    rows = [("u", "a", "x", "2"), ("u", "b", "y", "1"), ("v", "a", "", "1")]
    data, report = cleaned("user_id item_id timestamp position", rows)
    assert data.timestamp is None
    assert data.items.ids[data.history(0)].tolist() == ["b", "a"]
    assert step(report, "left out").count == 3
    data, report = cleaned("user_id item_id", [("u", "b"), ("u", "a"), ("v", "a")])
    assert data.items.ids[data.history(0)].tolist() == ["b", "a"]
    assert "order of the rows" in str(report.notes[0])


def test_duplicates() -> None:
    rows = [("u", "a", "1"), ("u", "a", "1"), ("u", "a", "2"), ("v", "b", "1")]
    data, report = cleaned("user_id item_id timestamp", rows)
    assert data.n_events == 3
    assert step(report, "occurred before").rows["row"].tolist() == [2]


def test_rows_alike_without_times_are_repeats_but_for_what_was_rated() -> None:
    rows = [("u", "a", "1"), ("u", "a", "1"), ("u", "a", "2"), ("v", "b", "1")]
    data, report = cleaned("user_id item_id basket", rows)
    assert data.n_events == 4
    kept = step(report, "as a thing done again")
    assert (kept.count, kept.repaired, kept.reason.grave) == (1, True, True)
    data, report = cleaned("user_id item_id rating", rows)
    assert data.n_events == 3
    assert not step(report, "occurred before").repaired


def test_thresholds_apply_once() -> None:
    rows = [("u", "a"), ("v", "a"), ("u", "b"), ("v", "b"), ("w", "c"), ("w", "a")]
    items = frame("item_id title", [("a", "A"), ("b", "B"), ("c", "C"), ("z", "Z")])
    data, report = cleaned("user_id item_id", rows, items, min_item_events=2, min_user_events=2)
    assert data.users.ids.tolist() == ["u", "v"]
    assert data.titles.tolist() == ["A", "B"]
    assert [s.count for s in report.steps] == [1, 1]
    data, _ = cleaned("user_id item_id", rows, items)
    assert data.titles.tolist() == ["A", "B", "C", "Z"]


def test_what_nobody_rated_is_kept_and_comes_back_from_disk(tmp_path: Path) -> None:
    rows = [("u", "a", "5"), ("u", "b", r"\N"), ("v", "b", "NULL"), ("v", "a", "unrated"),
            ("v", "c", "2"), ("u", "c", "4")]  # fmt: skip
    data, report = cleaned("user_id item_id rating", rows, liked_from=4.0)
    assert data.n_events == 6 and report.dropped == 0
    assert step(report, "as an event that nobody rated").count == 3
    assert data.liked.sum() == 2  # nobody knows whether the others were
    data.save(tmp_path)
    again = Dataset.load(tmp_path)
    assert again.content_hash == data.content_hash
    assert data.rating is not None and again.rating is not None
    np.testing.assert_array_equal(again.rating, data.rating)


def test_only_liked() -> None:
    rows = [("u", "a", "5"), ("v", "b", "4"), ("v", "a", "3"), ("u", "b", "")]
    data, report = cleaned("user_id item_id rating", rows, liked_from=4.0, only_liked=True)
    assert data.n_events == 2
    assert step(report, "Not rated 4 or higher").count == 2
    with pytest.raises(ConfigError):
        cleaned("user_id item_id rating", rows, only_liked=True)
    with pytest.raises(ConfigError):
        cleaned("user_id item_id rating", rows, min_item_events=0)


def test_too_little_is_left() -> None:
    with pytest.raises(DataError, match="only one user"):
        cleaned("user_id item_id", [("u", "a"), ("u", "b")])
    with pytest.raises(DataError, match="only one item"):
        cleaned("user_id item_id", [("u", "a"), ("v", "a")])
    with pytest.raises(DataError, match="None of the 2 rows"):
        cleaned("user_id item_id", [("", "a"), ("v", "")])
    with pytest.raises(DataError, match="have no item_id"):
        cleaned("user_id", [("u",)])


def test_items() -> None:
    hard = "<img src=x onerror=alert(1)>"
    items = frame(
        "item_id title genre 2nd_name",
        [
            ("a", f" {hard}\n", "x|y", "p"),
            ("a", "again", "z", "q"),
            ("b", "", "x", ""),
            ("", "c", "", ""),
        ],
    )
    data, report = cleaned("user_id item_id", [("u", "a"), ("v", "b"), ("v", "d")], items)
    assert data.titles.tolist() == [hard, "b", "d"]
    assert data.attribute_values("genre") == [("x", "y"), ("x",), ()]
    assert data.item_attributes == ["genre", "column_2nd_name"]
    assert step(report, "The id occurred before").table == "items"
    assert step(report, "No id").count == 1
    assert report.dropped == 0
    assert "1 of 3" in " ".join(map(str, report.notes))


def test_users_and_titles_beside_events() -> None:
    raw = RawFrames(
        frame("user_id item_id title", [("u", "a", "Alpha"), ("v", "b", ""), ("v", "a", "Other")]),
        users=frame("user_id age", [("u", "30"), ("x", "1")]),
    )
    data, _ = clean(raw, name="t")
    assert data.titles.tolist() == ["Alpha", "b"]
    assert data.user_frame["age"].iloc[0] == 30


def test_row_numbers_are_those_of_the_file() -> None:
    table, notes = read_table(b"user,item\nu1,a\n\n,b\nu2,b\n", "f.csv")
    _, report = clean(raw_frames(table, notes=notes), name="f")
    assert report.steps[0].rows["row"].tolist() == [4]


def test_data_survives_saving(tmp_path_factory: pytest.TempPathFactory) -> None:
    items = frame("item_id title genre year", [("a", "A", "x|y", "1990"), ("b", "B", "", "")])
    data, _ = cleaned("user_id item_id rating", [("u", "a", "1"), ("v", "b", "2")], items)
    folder = tmp_path_factory.mktemp("data")
    data.save(folder)
    again = Dataset.load(folder)
    assert again.attribute_values("genre") == data.attribute_values("genre")
    assert again.attribute_values("year") == [("1990",), ()]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["u", "v", "w", "", " "]),
            st.sampled_from(["a", "b", "c", ""]),
            st.sampled_from(["1", "5", "-2", "x", "", "NaN"]),
            st.sampled_from(["1", "2024-01-05", "soon", "", "1704499200000", "1/2/2024"]),
        ),
        min_size=1,
        max_size=25,
    ),
    only_liked=st.booleans(),
    least=st.integers(1, 3),
)
def test_every_row_is_accounted_for(rows: Rows, only_liked: bool, least: int) -> None:
    try:
        data, report = cleaned(
            "user_id item_id rating timestamp",
            rows,
            liked_from=3.0,
            only_liked=only_liked,
            min_item_events=least,
            min_user_events=least,
        )
    except DataError:
        return
    assert report.rows_in == len(rows) == report.rows_out + report.dropped
    assert report.rows_out == data.n_events
    assert data.n_users >= 2
    for one in report.steps:
        assert one.count == len(one.rows) > 0
        assert str(one.reason)


def test_ids_kept_once_make_the_same_dataset() -> None:
    ids = {"user_id": "category", "item_id": "category"}
    coded = pd.concat([EVENTS, EVENTS.assign(item_id="never")]).astype(ids).iloc[: len(EVENTS)]
    made = Dataset.from_frames(coded, ITEMS, name="small")
    assert made.content_hash == Dataset.from_frames(EVENTS, ITEMS, name="small").content_hash
    assert "never" not in made.items


@pytest.mark.parametrize("shape", SHAPES)
def test_large_files_as_measured_lose_nothing(shape: str, tmp_path: Path) -> None:
    path = tmp_path / f"{shape}.csv"
    make(shape, path, 40_000)
    delimiter = SHAPES[shape][1]
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=delimiter))
    data, report = prepare(path)
    assert report.steps == ()
    assert data.n_events == len(rows)
    assert data.rating is not None
    assert data.timestamp is not None
    column = next(name for name in rows[0] if name.lower() in ("rating", "overall"))
    given = sorted(float(row[column].replace(",", ".")) for row in rows)
    np.testing.assert_allclose(np.sort(data.rating), given, atol=1e-6)
    assert (data.timestamp > 7e8).all()
    assert (data.timestamp < 1.7e9).all()
