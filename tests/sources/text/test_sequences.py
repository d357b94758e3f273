"""Lines of a user and items, or of items alone, are events; tables and prose are not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.schema import DataError
from recsys.sources import ReadOptions
from recsys.sources.text.sequences import sequences
from tests.sources.shapes.test_shapes import events, read, said


@pytest.mark.parametrize("separator", [" ", "\t", ",", ";"])
def test_a_line_is_a_user_and_items(separator: str) -> None:
    text = "1 4 5 6\n2 5 4\n3 6 5 4 7\n4 7 6\n5 4 7 6 5 8 4\n".replace(" ", separator)
    table = read(text, name="sequential_data.txt")
    assert events(table)[:3] == [("1", "4", "0"), ("1", "5", "1"), ("1", "6", "2")]
    assert len(table.frame) == 17
    assert "17 events of 5 lines" in said(table)
    assert table.found.shape == "sequences"


def test_a_colon_behind_the_user_is_left_off_whatever_stands_between_the_items() -> None:
    text = "ann: a1, b1, c1\nbob: b1, a1\ncyd: c1, a1, b1, d1\ndan: d1, c1\neve: a1, d1, b1, a1\n"
    found = events(read(text), "user_id", "item_id")
    assert found[:4] == [("ann", "a1"), ("ann", "b1"), ("ann", "c1"), ("bob", "b1")]


@pytest.mark.parametrize("begin", ["{}\t", "{},SE,", "id,country,items|{};NO;"])
def test_lists_in_a_cell_of_a_table_are_no_lines_of_items(begin: str) -> None:
    header, _, begin = begin.rpartition("|")
    listed = ["p4|p5|p6", "p5|p4", "p6|p5|p4|p7", "p7|p6", "p4|p7|p6|p5|p8|p4", "p8|p4|p5"]
    between = "," if "\t" in begin else "|"
    lines = [begin.format(f"anna{n}") + one for n, one in enumerate(listed)]
    text = "\n".join([*([header.replace(",", ";")] if header else []), *lines])
    table = read(text.replace("|", between) + "\n")
    assert events(table, "user_id", "item_id")[2:5] == [
        ("anna0", "p6"),
        ("anna1", "p5"),
        ("anna1", "p4"),
    ]
    assert "column" in said(table) and "holds lists" in said(table)


def test_a_matrix_with_decimal_commas_is_no_lines_of_items() -> None:
    rows = [";;5,5;4,0;10,0", ";4,0;7,5;;9,0", "2,5;7,5;1,0;10,0;1,0", ";;9,0;;10,0", "4,0;;;1,0;"]
    lines = ["Person;Amber river;Salty parade;Humble mirror;Yellow engine;Copper meadow"]
    lines += [f"P{n};{row}" for n, row in enumerate(rows * 3)]
    table = read("\n".join(lines) + "\n")
    assert table.found.shape == "matrix"
    found = events(table, "user_id", "item_id", "rating")
    assert found[:2] == [("P0", "Humble mirror", "5,5"), ("P0", "Yellow engine", "4,0")]


def test_users_with_a_colon_and_items_in_words() -> None:
    text = "ann: a1 b1 c1\nbob: b1 a1\ncyd: c1 a1 b1 d1\ndan: d1 c1\neve: a1 d1 b1 c1 b1 a1\n"
    assert events(read(text), "user_id", "item_id")[:2] == [("ann", "a1"), ("ann", "b1")]


def test_lines_of_items_alone_are_sessions() -> None:
    text = "citrus fruit,milk\nmilk,bread,tea\nbread\ntea,milk,citrus fruit,bread\n"
    text += "milk,tea,bread\nmilk\n"
    table = read(text)
    assert events(table, "user_id", "item_id")[:3] == [
        ("1", "citrus fruit"),
        ("1", "milk"),
        ("2", "milk"),
    ]
    assert any(note.grave and "no users" in str(note) for note in table.notes)


def test_a_user_with_several_lines() -> None:
    text = "u1 i1 i2\nu1 i3\nu2 i2 i1 i3\nu2 i3 i1\nu3 i1 i2 i3 i2 i1\n"
    assert set(read(text).frame["user_id"]) == {"u1", "u2", "u3"}


NO_SEQUENCES = {
    "table": "user,item\n1,a\n1,b\n2,a\n",
    "table without header": "1 2 3\n1 3 4\n2 2 5\n3 1 1\n",
    "one row too short": "1 2 3\n1 3 4\n2 2\n3 1 1\n4 1 1\n4 2 2\n",
    "prose": "This is a text.\nIt has lines, of words.\nThis is not a table\nof a text\nwords\n",
    "titles in a table": "1 7 Amber meadow\n1 8 Quiet\n2 7 Amber meadow\n2 9 A very long river\n",
}


@pytest.mark.parametrize("kind", NO_SEQUENCES)
def test_tables_and_prose_are_no_sequences(kind: str) -> None:
    assert sequences(NO_SEQUENCES[kind].encode(), ReadOptions(), "x.txt") is None


def test_the_shape_can_be_given() -> None:
    text = "1 4 5\n2 5 4\n3 6 5\n"
    assert sequences(text.encode(), ReadOptions(), "x.txt") is None
    assert len(read(text, "sequences").frame) == 6
    with pytest.raises(DataError, match="cannot be read as sequences"):
        read("a\nb\n", "sequences")


def test_items_are_counted_before_they_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.sources.text.sequences.MAX_RESHAPED_EVENTS", 5)
    with pytest.raises(DataError, match="Upload a part"):
        read("1 4 5 6\n2 5 4\n3 6 5 4 7\n", "sequences")


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=9), min_size=3, max_size=20))
def test_written_lines_read_back(histories: list[list[int]]) -> None:
    text = "".join(f"u{n} {' '.join(map(str, items))}\n" for n, items in enumerate(histories))
    found = read(text, "sequences").frame.groupby("user_id")["item_id"].agg(list)
    assert {u: list(map(int, items)) for u, items in found.items()} == {
        f"u{n}": items for n, items in enumerate(histories)
    }
