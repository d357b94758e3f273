"""What is sent to a service: kept for all of its processes, once, and no more than is bounded."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest

from recsys.serving import posted as kept
from recsys.serving.errors import RefusedRequest
from recsys.serving.posted import Posted, PostedEvent, PostedItem


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "posted.sqlite"


def test_another_process_sees_what_was_sent_and_so_does_the_next(file: Path) -> None:
    one, other = Posted(file), Posted(file)
    events = [PostedEvent("u", "a", 4.5, 10), PostedEvent("u", "b"), PostedEvent("v", "a")]
    assert one.add_events(events) == 3
    assert other.events_of(["u", "nobody"]) == {"u": events[:2]}
    one.close()
    other.close()
    assert Posted(file).events_of(["u", "v"]) == {"u": events[:2], "v": events[2:]}


def test_the_same_event_again_changes_nothing(file: Path) -> None:
    posted = Posted(file)
    first, second = PostedEvent("u", "a", 4.0), PostedEvent("u", "b", 5.0)
    assert posted.add_events([first, second]) == 2
    assert posted.add_events([first, first]) == 0
    assert posted.events_of(["u"]) == {"u": [first, second]}


def test_another_rating_replaces_the_first_and_stands_last(file: Path) -> None:
    posted = Posted(file)
    posted.add_events([PostedEvent("u", "a", 4.0), PostedEvent("u", "b", 5.0)])
    assert posted.add_events([PostedEvent("u", "a", 1.0)]) == 0
    expected = [PostedEvent("u", "b", 5.0), PostedEvent("u", "a", 1.0)]
    assert posted.events_of(["u"]) == {"u": expected}


def test_the_oldest_go_where_there_are_too_many(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MAX_EVENTS_OF_ONE", 3)
    monkeypatch.setattr(kept, "MAX_EVENTS_KEPT", 5)
    posted = Posted(file)
    for user in "uvw":
        posted.add_events([PostedEvent(user, item) for item in "abcd"])
    found = {user: "".join(e.item_id for e in of) for user, of in posted.events_of("uvw").items()}
    assert found == {"v": "cd", "w": "bcd"}


def test_items_are_replaced_and_bounded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MAX_ITEMS", 2)
    posted = Posted(file)
    item = PostedItem("n", "New", {"year": 1999.0, "genres": ["Comedy"]})
    posted.add_item(item)
    version = posted.items_version()
    posted.add_item(item)
    assert posted.items_version() == version
    assert posted.items() == [item]
    posted.add_item(PostedItem("n", "Newer", {}))
    assert posted.items_version() != version
    posted.add_item(PostedItem("m", "More", {}))
    with pytest.raises(RefusedRequest, match="There are 2 new items already"):
        posted.add_item(PostedItem("o", "Over", {}))
    assert [one.title for one in posted.items()] == ["Newer", "More"]


def test_a_file_of_another_version_is_begun_anew(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = Posted(file)
    posted.add_events([PostedEvent("u", "a")])
    posted.close()
    monkeypatch.setattr(kept, "_VERSION", 99)
    assert Posted(file).events_of(["u"]) == {}


def test_many_write_at_once(file: Path) -> None:
    def write(posted: Posted, user: str) -> None:
        for item in range(50):
            posted.add_events([PostedEvent(user, str(item))])

    threads = [Thread(target=write, args=(Posted(file), str(n))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = Posted(file).events_of(list("0123"))
    assert [len(found[user]) for user in "0123"] == [50] * 4
