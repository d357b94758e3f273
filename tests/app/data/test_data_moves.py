"""A file that was given in the wrong place is moved to the right one by a button."""

from __future__ import annotations

from tests.app.support import Open, settle, words

EVENTS = "user_id,item_id,rating\n" + "".join(
    f"u{u},i{i},{(u + i) % 5 + 1}\n" for u in range(4) for i in range(5) if (u + i) % 4
)
ITEMS = "item_id,title,genre\n" + "".join(f"i{i},Title {i},Drama\n" for i in range(5))


def test_items_given_as_events_are_moved(open_app: Open) -> None:
    app = open_app("data", lang="en")
    app.button(key="choose-upload").click().run()
    app.file_uploader(key="file-interactions").upload("films.csv", ITEMS.encode()).run()
    settle(app)
    assert any("looks like a list of items" in warning.value for warning in app.warning)
    app.button(key="move-interactions").click().run()
    settle(app)
    assert "was moved here" in words(app)
    assert not app.warning
    app.file_uploader(key="file-interactions-1").upload("log.csv", EVENTS.encode()).run()
    settle(app)
    app.button(key="prepare").click().run()
    settle(app)
    assert not app.exception and not app.error
    assert "Title 1" in words(app)


def test_files_given_the_wrong_way_round_are_swapped(open_app: Open) -> None:
    app = open_app("data", lang="zh")
    app.button(key="choose-upload").click().run()
    app.file_uploader(key="file-interactions").upload("films.csv", ITEMS.encode()).run()
    app.file_uploader(key="file-items").upload("log.csv", EVENTS.encode()).run()
    settle(app)
    app.button(key="move-items").click().run()
    settle(app)
    assert not app.exception
    assert not any(str(b.key).startswith("move-") for b in app.button)
    app.button(key="remove-moved-items").click().run()
    assert not any(str(b.key) == "remove-moved-items" for b in app.button)
