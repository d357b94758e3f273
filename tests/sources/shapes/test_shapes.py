"""Tables that are not one row an event are turned into events, and said so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.schema import DataError
from recsys.sources import ReadOptions, limits
from recsys.sources.base import Table
from recsys.sources.options import Shape
from recsys.sources.shapes.reshaping import reshaped
from recsys.sources.uploads import read_file

Event = tuple[str, ...]


def read(text: str, shape: Shape | None = None, name: str = "log.csv") -> Table:
    return read_file(text.encode(), "interactions", name, ReadOptions(shape=shape))


def events(table: Table, *columns: str) -> list[Event]:
    chosen = table.frame[list(columns or table.frame.columns)]
    return list(chosen.itertuples(index=False, name=None))


def said(table: Table) -> str:
    return " ".join(map(str, table.notes))


MATRIX = """user_id,i1,i2,i3,i4,i5
u1,5,,3,,1
u2,,4,,2,
u3,3,3,,,5
"""


def test_a_matrix_is_melted_by_user_and_then_by_column() -> None:
    table = read(MATRIX)
    assert list(table.frame.columns) == ["user_id", "item_id", "rating"]
    assert events(table) == [
        ("u1", "i1", "5"), ("u1", "i3", "3"), ("u1", "i5", "1"),
        ("u2", "i2", "4"), ("u2", "i4", "2"),
        ("u3", "i1", "3"), ("u3", "i2", "3"), ("u3", "i5", "5"),
    ]  # fmt: skip
    assert table.frame.index.tolist() == [2, 2, 2, 3, 3, 4, 4, 4]
    assert "a matrix of 3 users and 5 items: it was read as 8 events" in said(table)
    assert table.notes[-1].grave
    assert table.found.shape == "matrix"


def test_shape_events_undoes_it() -> None:
    table = read(MATRIX, "events")
    assert list(table.frame.columns) == ["user_id", "i1", "i2", "i3", "i4", "i5"]
    assert len(table.frame) == 3


def test_a_dense_survey_with_titles() -> None:
    table = read("Name,Amber,Harbour,Quiet,Copper\nAnn,1,3,5,2\nBob,4,1,3,5\nCyd,2,4,1,3\n")
    assert len(table.frame) == 12
    assert events(table)[1] == ("Ann", "Harbour", "3")


@pytest.mark.parametrize("nothing", ["", "NaN", "NA", "-", "—", "null", "?"])
def test_what_says_nothing_is_no_event(nothing: str) -> None:
    assert len(read(MATRIX.replace(",,", f",{nothing},").replace(",,", f",{nothing},")).frame) == 8


def test_zeros_of_a_mostly_empty_matrix_are_no_events() -> None:
    table = read("user,a,b,c,d,e\n1,0,0,5,0,0\n2,4,0,0,0,0\n3,0,2,0,0,1\n")
    assert events(table) == [("1", "c", "5"), ("2", "a", "4"), ("3", "b", "2"), ("3", "e", "1")]


def test_zeros_among_ratings_stay() -> None:
    table = read("user,a,b,c,d,e\n1,0,3,5,4,1\n2,4,2,3,0,5\n3,1,2,,3,1\n")
    assert ("1", "a", "0") in events(table)


@pytest.mark.parametrize(
    ("yes", "no"),
    [("1", "0"), ("1", ""), ("x", ""), ("True", "False"), ("yes", "no"), ("是", "否")],
)
def test_marks_say_who_met_what_and_are_no_ratings(yes: str, no: str) -> None:
    rows = ["1,10010", "2,01001", "3,11100", "4,00011"]
    lines = [f"{r[0]}," + ",".join(yes if c == "1" else no for c in r[2:]) for r in rows]
    table = read("\n".join(["customer,milk,bread,tea,jam,oil", *lines]) + "\n")
    assert list(table.frame.columns) == ["user_id", "item_id"]
    assert events(table)[:3] == [("1", "milk"), ("1", "jam"), ("2", "bread")]
    assert len(table.frame) == 9


def test_likes_dislikes_and_blanks_are_ratings() -> None:
    table = read("user,a,b,c,d,e\n1,1,,0,,\n2,,0,1,,1\n3,0,,,1,\n")
    assert ("1", "c", "0") in events(table)


def test_rows_are_items_where_the_first_name_says_so() -> None:
    table = read("movie,ann,bob,cyd,dan\nAmber,5,,3,1\nQuiet,,4,,2\nRiver,2,3,,\n")
    assert events(table)[:2] == [("ann", "Amber", "5"), ("cyd", "Amber", "3")]
    assert "4 users and 3 items" in said(table)


def test_titles_beside_the_items_of_the_rows_are_kept() -> None:
    table = read("item_id,title,1,2,3,4\n7,Amber,5,,3,1\n8,Quiet,,4,,2\n")
    assert events(table, "user_id", "item_id", "title", "rating")[0] == ("1", "7", "Amber", "5")


def test_rows_without_ids_are_counted() -> None:
    table = read("milk,bread,tea,jam,oil\n1,0,0,1,0\n0,1,0,0,1\n1,1,1,0,0\n")
    assert events(table)[:2] == [("1", "milk"), ("1", "jam")]
    assert "called by the number of the row" in said(table)


def test_a_row_number_before_the_users_is_no_item() -> None:
    lines = [f"{n},u{n},{n % 5 + 1},,{(n + 2) % 5 + 1},,3" for n in range(12)]
    table = read("\n".join([",user,a,b,c,d,e", *lines]) + "\n")
    assert set(table.frame["item_id"]) == {"a", "c", "e"}


def test_what_says_something_of_the_user_is_left_out_and_reported() -> None:
    table = read("user,age,city,a,b,c,d,total\nu1,30,Rome,5,,3,1,9\nu2,41,Bonn,,4,,2,6\n")
    assert set(table.frame["item_id"]) == {"a", "b", "c", "d"}
    assert "age, city, total" in said(table)


def test_a_form_with_a_time_and_questions() -> None:
    text = (
        "Timestamp,Name,Rate it [Amber],Rate it [Quiet],Rate it [River],Rate it [Copper]\n"
        "2024/05/01 10:00:00,Ann,5,3,,1\n2024/05/02 11:00:00,Bob,,4,2,5\n"
    )
    table = read(text)
    assert events(table, "user_id", "item_id", "rating", "timestamp")[0] == (
        "Ann", "Amber", "5", "2024/05/01 10:00:00",
    )  # fmt: skip


def test_ratings_of_ten_with_99_for_none() -> None:
    rng = np.random.default_rng(0)
    cells = np.where(rng.random((30, 12)) < 0.3, 99, rng.uniform(-10, 10, (30, 12)).round(2))
    lines = [",".join(map(str, [f"u{n}", *row])) for n, row in enumerate(cells)]
    table = read("\n".join(["user," + ",".join(f"j{n}" for n in range(12)), *lines]) + "\n")
    assert len(table.frame) == (cells != 99).sum()


def test_counts_of_a_sparse_matrix() -> None:
    table = read("user,a,b,c,d,e,f\nu1,150,,,2,,\nu2,,37,,,,4\nu3,,,1200,,3,\n")
    assert ("u3", "c", "1200") in events(table)


NO_MATRIX = {
    "events": "user_id,item_id,rating,helpful,votes\n1,2,3,1,2\n1,3,4,1,1\n2,2,5,0,1\n",
    "events without known names": "who,what,how,much,when\na,x,3,1,2\na,y,4,1,1\nb,x,5,0,1\n",
    "items with genres": "item_id,title,Action,Comedy,Drama,War\n1,A,1,0,0,1\n2,B,0,1,0,0\n",
    "users": "user_id,age,gender,income,children\n1,30,m,1000,2\n2,31,f,2000,0\n",
    "different scales": "user_id,visits,spent,points,level\n1,300,15.5,9000,2\n2,31,820.1,42,1\n",
    "numbers only": "1,2,3,1640995200\n1,3,4,1641995200\n2,2,5,1642995200\n",
}


@pytest.mark.parametrize("kind", NO_MATRIX)
def test_what_is_no_matrix_stays(kind: str) -> None:
    table = read(NO_MATRIX[kind])
    assert table.found.shape == "events"
    assert len(table.frame) in (2, 3)


def test_picks_in_columns_are_events_in_order() -> None:
    text = (
        "user,item_1,item_2,item_3\nu1,Amber,Quiet,River\nu2,River,Amber,\nu3,Copper,River,Quiet\n"
        "u4,Quiet,Copper,Amber\n"
    )
    table = read(text)
    assert events(table)[:3] == [("u1", "Amber", "0"), ("u1", "Quiet", "1"), ("u1", "River", "2")]
    assert len(table.frame) == 11
    assert "in the order of the columns" in said(table)


def test_picks_by_number() -> None:
    rng = np.random.default_rng(1)
    rows = [rng.choice(60, 6, replace=False) + 1 for _ in range(20)]
    lines = [",".join(map(str, [n, *row])) for n, row in enumerate(rows)]
    head = "user," + ",".join(f"item_{n}" for n in range(1, 7))
    table = read("\n".join([head, *lines]) + "\n")
    assert "rating" not in table.frame
    assert table.frame["item_id"].tolist() == [str(v) for row in rows for v in row]


def test_events_are_counted_before_they_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.sources.shapes.melting.MAX_RESHAPED_EVENTS", 5)
    with pytest.raises(DataError, match="more than"):
        read(MATRIX)
    assert limits.MAX_RESHAPED_EVENTS == 20_000_000


def test_a_matrix_may_be_wider_than_a_table() -> None:
    names = [f"i{n}" for n in range(1_500)]
    rows = [[f"u{u}", *("5" if (u + n) % 50 == 0 else "" for n in range(1_500))] for u in range(9)]
    text = "\n".join(map(",".join, [["user", *names], *rows])) + "\n"
    assert len(read(text).frame) == 270
    with pytest.raises(DataError, match="1,501 columns; at most 1,000"):
        read(text, "events")


def test_a_shape_that_it_has_not_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be read as lists"):
        read("user_id,item_id\n1,a\n2,b\n", "lists")


def test_items_stay_as_they_are() -> None:
    table = read_file(MATRIX.encode(), "items", "items.csv")
    assert len(table.frame) == 3


def test_numbers_as_names_of_items_are_names() -> None:
    data = [["userId", "11", "12", "13", "14"], ["1", "5", "", "3", "1"], ["2", "", "4", "", "2"]]
    frame = pd.DataFrame(data, columns=[f"column_{n}" for n in range(1, 6)], dtype="str")
    frame.index = pd.RangeIndex(1, 4, name="row")
    table = Table(frame, found=ReadOptions(header=False))
    read = reshaped(table, "interactions", ReadOptions(), "m.csv")
    assert events(read)[:2] == [("1", "11", "5"), ("1", "13", "3")]
    assert read.found.header is True


_IDS = st.text("abcdefgh", min_size=1, max_size=3)


@settings(deadline=None, max_examples=50)
@given(
    st.dictionaries(
        st.tuples(_IDS, st.sampled_from([f"item {n}" for n in range(8)])),
        st.sampled_from("2345"), min_size=12, max_size=60,
    )
)  # fmt: skip
def test_a_pivoted_table_melts_back(ratings: dict[tuple[str, str], str]) -> None:
    rows = pd.DataFrame([(u, i, r) for (u, i), r in ratings.items()], columns=["u", "i", "r"])
    wide = rows.pivot(index="u", columns="i", values="r").fillna("").reset_index().astype("str")
    wide = wide.rename(columns={"u": "user_id"})
    wide.index = pd.RangeIndex(2, len(wide) + 2, name="row")
    table = reshaped(Table(wide), "interactions", ReadOptions(shape="matrix"), "m.csv")
    assert {(u, i): r for u, i, r in events(table)} == ratings
