"""A name that stands only in the first row of its block is filled down, and said so."""

from __future__ import annotations

from tests.sources.test_shapes import events, read


def test_users_are_filled_down() -> None:
    table = read("user,item,rating\nann,a,5\n,b,4\n,c,3\nbob,a,1\n,c,2\n")
    assert [u for u, _, _ in events(table)] == ["ann", "ann", "ann", "bob", "bob"]
    note = table.notes[-1]
    assert note.grave
    assert "3 rows" in str(note)


def test_a_date_that_is_merged_with_the_user_is_filled_too() -> None:
    table = read("user,date,item\nann,2024-01-01,a\n,,b\nbob,2024-01-02,a\n,,c\n,,b\n")
    assert [t for _, t, _ in events(table)] == ["2024-01-01"] * 2 + ["2024-01-02"] * 3


def test_items_are_filled_down() -> None:
    table = read("item,user,rating\na,ann,5\n,bob,4\n,cyd,3\nb,ann,1\n,cyd,2\n")
    assert [i for i, _, _ in events(table)] == ["a", "a", "a", "b", "b"]


def test_customers_who_are_sometimes_unknown_are_not() -> None:
    table = read("customer,item,date\nann,a,1\n,b,2\nbob,c,3\nann,b,4\n,c,5\n,a,6\nbob,a,7\n")
    assert [c for c, _, _ in events(table)].count("") == 3


def test_rows_that_lack_everything_are_not_filled() -> None:
    table = read("user,item,note\nann,a,x\n,,y\n,,z\nbob,b,w\n,,v\n")
    assert [u for u, _, _ in events(table)] == ["ann", "", "", "bob", ""]
