"""Items and users join by the column that holds the events' ids; what does not join is said."""

from __future__ import annotations

import pandas as pd
import pytest

from recsys.cleaning import CleaningReport, clean
from recsys.dataset import Dataset
from recsys.schema import DataError
from recsys.sources import raw_frames
from recsys.sources.columns.keys import looks_like


def table(text: str) -> pd.DataFrame:
    """A literal table: names in the first line, cells between bars."""
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in text.split("\n") if line]
    return pd.DataFrame(rows, columns=head, dtype="str")


EVENTS = table("user|movie|rating\n" + "\n".join(
    f"u{u}|{i}|{(u + i) % 5 + 1}" for u in range(4) for i in range(1, 7) if (u + i) % 3
))  # fmt: skip


def prepared(
    items: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    events: pd.DataFrame = EVENTS,
    **chosen: dict[str, str],
) -> tuple[Dataset, CleaningReport]:
    return clean(raw_frames(events, items, users, **chosen), name="x")  # type: ignore[arg-type]


def grave(report: CleaningReport) -> str:
    """What is said at the top, but for the order: the ids of these events ascend."""
    said = [str(note) for note in report.notes if note.grave]
    return " ".join(note for note in said if "highest id" not in note)


NUMBERED = table("number|title|id\n" + "\n".join(f"{n}|Title {n}|99{n}7" for n in range(1, 9)))


def test_the_column_that_joins_is_the_key_whatever_it_is_called() -> None:
    data, report = prepared(NUMBERED)
    assert set(data.titles[data.item]) == {f"Title {n}" for n in range(1, 7)}
    assert '"number" of the items was taken for their id: it holds 6 of the 6' in " ".join(
        map(str, report.notes)
    )


def test_a_chosen_key_stays_and_is_said_to_join_nothing() -> None:
    data, report = prepared(NUMBERED, item_columns={"item_id": "id"})
    assert "Title 1" not in set(data.titles[data.item])
    told = grave(report)
    assert "Only 0 of the 6 items" in told
    assert '"9917"' in told
    assert '"1"' in told


def test_a_named_key_that_joins_most_stays_where_a_count_would_join_all() -> None:
    items = table("item_id|title|place\n" + "\n".join(f"{n + 2}|T{n + 2}|{n}" for n in range(1, 7)))
    data, _ = prepared(items)
    assert data.titles[data.items.position("5")] == "T5"


def test_users_join_by_what_joins() -> None:
    users = table("id|nick|age\n" + "\n".join(f"{n + 70}|u{n}|{n + 20}" for n in range(4)))
    data, _ = prepared(users=users)
    assert data.user_frame["age"].tolist() == [20, 21, 22, 23]


def test_items_named_by_their_title_in_the_events() -> None:
    events = EVENTS.assign(movie="Title " + EVENTS["movie"])
    items = NUMBERED.assign(genre=["Drama", "War"] * 4)
    data, report = prepared(items, events=events)
    assert data.titles[data.item[0]] == data.items.ids[data.item[0]]
    assert data.item_frame["genre"].notna().all()
    assert not grave(report)


@pytest.mark.parametrize(("ours", "theirs"), [("ab{}", "AB{}"), ("{}", "00{}")])
def test_ids_that_are_written_alike_join_where_nothing_else_does(ours: str, theirs: str) -> None:
    events = EVENTS.assign(movie=EVENTS["movie"].map(ours.format))
    items = table("movie|title\n" + "\n".join(f"{theirs.format(n)}|Title {n}" for n in range(1, 7)))
    data, report = prepared(items, events=events)
    assert set(data.titles) == {f"Title {n}" for n in range(1, 7)}
    assert any("joined whatever" in str(note) for note in report.notes)


def test_half_without_a_title_is_reported() -> None:
    _, report = prepared(NUMBERED.head(4))
    assert "Items without a row among the items: 2 of 6" in " ".join(map(str, report.notes))
    assert not grave(report)


def test_titles_that_are_ids_are_warned_of() -> None:
    items = table("movie|title\n" + "\n".join(f"{n}|{n}" for n in range(1, 7)))
    assert "titles of the items are their ids" in grave(prepared(items)[1])
    assert "no titles" in grave(prepared()[1])
    named = EVENTS.assign(movie="Amber " + EVENTS["movie"].map(lambda n: "abcdefg"[int(n)]))
    assert not grave(prepared(events=named)[1])


def test_entities_in_titles_are_letters() -> None:
    items = table("movie|title\n1|Tea &amp; jam\n2|&lt;b&gt;\n3|AT&T\n4|&#39;t\n5|a &b; c\n6|x")
    data, _ = prepared(items)
    assert data.titles.tolist() == ["Tea & jam", "<b>", "AT&T", "'t", "a &b; c", "x"]


ITEMS = table("item_id|title|genre\n" + "\n".join(f"i{n}|T{n}|g" for n in range(9)))
USERS = table("user_id|age|city\n" + "\n".join(f"u{n}|3{n}|Rome" for n in range(9)))
PLAIN = table("id|title|year\n" + "\n".join(f"{n}|T{n}|199{n}" for n in range(9)))


def test_a_table_that_is_given_as_another_one_is_recognised() -> None:
    assert looks_like(ITEMS, "interactions") == "items"
    assert looks_like(PLAIN, "interactions") == "items"
    assert looks_like(USERS, "interactions") == "users"
    assert looks_like(EVENTS, "items") == "interactions"
    assert looks_like(EVENTS, "users") == "interactions"
    assert looks_like(USERS, "items") == "users"
    assert looks_like(ITEMS, "users") == "items"


def test_a_table_that_is_what_it_is_given_as_stays() -> None:
    for frame, kind in ((EVENTS, "interactions"), (ITEMS, "items"), (USERS, "users")):
        assert looks_like(frame, kind) is None  # type: ignore[arg-type]
    once = table("user_id|item_id\n" + "\n".join(f"u{n}|i{n}" for n in range(9)))
    assert looks_like(once, "interactions") is None
    assert looks_like(table("name|age\nann|3\nbob|4\ncyd|5"), "users") is None


def test_items_given_as_events_are_refused_for_that_reason() -> None:
    with pytest.raises(DataError, match="looks like a list of items: each of its 9 rows"):
        raw_frames(ITEMS)
    assert raw_frames(ITEMS, columns={"user_id": "genre", "item_id": "item_id"})


def test_events_given_as_items_are_reported() -> None:
    assert "given as items looks like events" in grave(prepared(EVENTS)[1])
