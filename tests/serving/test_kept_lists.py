"""Lists that are kept: the same as those made anew, and no more than are bounded."""

from __future__ import annotations

import pytest

from recsys.serving import kept_lists
from recsys.serving.kept_lists import KeptLists, ListKey
from recsys.serving.people import Event, Person


def key(user: int, *events: Event, wish: str = "") -> ListKey:
    return ListKey(Person(user, events), wish, None, ())


def items(*ids: str) -> list[dict[str, str]]:
    return [{"item_id": one} for one in ids]


def test_shorter_lists_are_parts_of_longer_ones() -> None:
    kept = KeptLists()
    kept.put(key(1), 3, items("a", "b", "c"))
    assert kept.get(key(1), 2) == items("a", "b")
    assert kept.get(key(1), 4) is None
    kept.put(key(1), 5, items("a", "b", "c", "d"))  # no more are left
    assert kept.get(key(1), 5) == items("a", "b", "c", "d")


def test_what_changes_a_list_makes_another_key() -> None:
    kept = KeptLists()
    kept.put(key(1), 1, items("a"))
    for other in (key(2), key(1, Event(3)), key(1, wish="funny")):
        assert kept.get(other, 1) is None
    assert kept.get(key(1, *()), 1) == items("a")


def test_those_not_asked_for_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_lists, "_MOST_ITEMS", 5)
    kept = KeptLists()
    for user in (1, 2):
        kept.put(key(user), 2, items("a", "b"))
    assert kept.get(key(1), 1) is not None
    kept.put(key(3), 2, items("a", "b"))
    assert kept.get(key(2), 1) is None
    assert kept.get(key(1), 1) is not None
    for _again in range(9):  # the same list takes no more room
        kept.put(key(3), 2, items("a", "b"))
    assert kept.get(key(1), 1) is not None
