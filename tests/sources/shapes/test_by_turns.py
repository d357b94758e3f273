"""Rows of items and times by turns."""

from __future__ import annotations

from tests.sources.shapes.test_shapes import events, read, said


def test_items_and_times_by_turns() -> None:
    lines = [
        f"p{user};"
        + ";".join(f"s{(user + n) % 7};2021-05-{10 + n}T12:00:0{user}" for n in range(3 + user))
        for user in range(5)
    ]
    table = read("\n".join(lines) + "\n", name="plays.txt")
    found = events(table, "user_id", "item_id", "timestamp")
    assert len(found) == 3 + 4 + 5 + 6 + 7
    assert found[:2] == [
        ("p0", "s0", "2021-05-10T12:00:00"),
        ("p0", "s1", "2021-05-11T12:00:00"),
    ]
    assert "items and times by turns" in said(table)


def test_a_table_with_one_time_stays() -> None:
    rows = [f"u{n % 4},i{n % 5},162000000{n % 10},x{n % 3},y{n % 3}" for n in range(30)]
    table = read("\n".join(rows) + "\n")
    assert len(table.frame) == 30 and "by turns" not in said(table)
