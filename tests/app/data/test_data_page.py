"""The Data page: samples, uploads, mistakes, the report, and words."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from recsys.scenarios import SCENARIOS
from tests.app.support import Open, html_of, link, settle, words

EVENTS = (
    "Customer,Product,Stars,timestamp\n"
    "007,a,5,1700000000\n007,b,1,1700000100\nNA,a,4,1700000200\nNA,c,4,1700000300\n,a,3,1\n"
)
ITEMS = 'Product;Name\na;<img src=x onerror=alert(1)>\nb;[x](http://y)\nc;"=HYPERLINK(""z"")"\n'


def upload(app: AppTest, events: bytes, items: bytes | None = None) -> AppTest:
    app.button(key="choose-upload").click().run()
    app.file_uploader(key="file-interactions").upload("shop <b>.csv", events).run()
    if items is not None:
        app.file_uploader(key="file-items").upload("items.csv", items).run()
    return settle(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_movielens_is_described(open_app: Open, lang: str) -> None:
    app = open_app("data", lang=lang)
    assert [m.value for m in app.metric][:2] == ["671", "3,496"]
    assert len(app.get("plotly_chart")) == 5
    told = next(body for body in html_of(app) if "pr-sentences" in body)
    assert ("The user likes" in told) if lang == "en" else ("用户喜欢" in told)


def test_attractions_are_reported_in_chinese(open_app: Open) -> None:
    app = open_app("data", lang="zh")
    app.button(key="choose-attractions").click().run()
    assert not app.exception and "虚构" in words(app)
    assert "最近浏览了" in words(app) and "景点" in words(app)
    assert app.button(key="choose-attractions").disabled


@pytest.mark.parametrize(("lang", "suffix"), [("en", ""), ("zh", "-zh")])
def test_a_scenario_sets_data_and_prompt_at_once(open_app: Open, lang: str, suffix: str) -> None:
    app = open_app("data", lang=lang)
    for key in SCENARIOS:  # the app opens on films
        assert app.button(key=f"choose-{key}").disabled == (key == "films")
    app.button(key="choose-music").click().run()
    assert not app.exception and not app.error
    assert link(app, "prompt") == f"music{suffix}"
    assert [m.value for m in app.metric][:2] == ["360", "121"]
    disabled = [b.key for b in app.button if str(b.key).startswith("choose-") and b.disabled]
    assert disabled == ["choose-music"]


def test_another_choice_leaves_the_run_of_the_data_before(open_app: Open) -> None:
    app = open_app("data", lang="en", run="some-run")
    assert link(app, "run") == "some-run"
    app.button(key="choose-music").click().run()
    assert "run" not in app.query_params
    app.button(key="on-from-data").click().run()
    assert app.selectbox(key="prompt-choice").value == "music"


def test_a_link_opens_a_scenario(open_app: Open) -> None:
    app = open_app("data", lang="zh", scenario="courses")
    assert link(app, "prompt") == "courses-zh" and "scenario" not in app.query_params
    assert app.button(key="choose-courses").disabled
    assert "最近学习了" in words(app)
    unknown = open_app("data", lang="en", scenario="../x")
    assert not unknown.exception and [m.value for m in unknown.metric][:1] == ["671"]


def test_english_items_are_spoken_of_in_chinese(open_app: Open) -> None:
    app = open_app("data", lang="en")
    app.button(key="choose-news").click().run()
    again = open_app("data", lang="zh", data=link(app, "data"))
    assert "最近阅读了" in words(again) and "报道" in words(again)
    assert not again.button(key="choose-news").disabled  # its Chinese twin can be chosen


def test_upload_is_mapped_cleaned_and_kept(open_app: Open) -> None:
    app = upload(open_app("data", lang="en"), EVENTS.encode(), ITEMS.encode())
    chosen = [box.value for box in app.selectbox if str(box.key).startswith("column-")]
    assert chosen == ["Customer", "Product", "Stars", "timestamp", "", "Product", "Name"]
    settle(app.button(key="prepare").click().run())
    assert not app.exception and not app.error
    assert [m.value for m in app.metric][:3] == ["2", "3", "4"]
    assert "4 of 5 rows were kept" in words(app)
    assert "&lt;img src=x" in words(app) and "<img" not in words(app)
    again = open_app("data", lang="en", data=link(app, "data"))
    assert [m.value for m in again.metric][:3] == ["2", "3", "4"]
    assert "4 of 5 rows were kept" in words(again)


@pytest.mark.parametrize(
    ("content", "lang"),
    [
        (b"", "en"),
        (b"user_id,item_id\n", "en"),
        (bytes(range(256)) * 20, "zh"),
        (b"a,a\n", "zh"),
        (b"\xff\xfe\x00", "en"),
        (b"only\n1\n", "zh"),
    ],
    ids=["empty", "header", "junk", "names", "cut", "one-column"],
)
def test_a_bad_file_is_one_sentence_and_nothing_is_lost(
    open_app: Open, content: bytes, lang: str
) -> None:
    app = upload(open_app("data", lang=lang), content)
    for button in app.button:
        if button.key == "prepare":
            settle(button.click().run())
    assert not app.exception
    assert len(app.error) == 1
    assert [m.value for m in app.metric][:2] == ["671", "3,496"]


def test_remapping_columns_changes_the_data(open_app: Open) -> None:
    app = upload(open_app("data", lang="en"), EVENTS.encode())
    box = next(b for b in app.selectbox if str(b.key).startswith("column-interactions-rating"))
    box.set_value("").run()
    settle(app.button(key="prepare").click().run())
    assert len(app.get("plotly_chart")) == 3  # no ratings, no chart of them


def test_cleaning_a_sample_again(open_app: Open) -> None:
    app = open_app("data", lang="en")
    app.toggle(key="sample-movielens-only").set_value(True)
    form = next(b for b in app.button if b.label == "Clean again")
    form.click().run()
    assert not app.exception
    assert [m.value for m in app.metric][2] != "90,072"
    assert link(app, "data") != link(open_app("data", lang="en"), "data")


def test_another_user_has_other_words(open_app: Open) -> None:
    app = open_app("data", lang="en")
    box = next(b for b in app.selectbox if str(b.key).startswith("words-user"))
    before = words(app)
    box.set_value("2").run()
    assert words(app) != before
    assert app.session_state["user_id"] == "2"


SLASHES = "usuario,pelicula,c,fecha\n" + "".join(
    f"u{i // 4},Quiet river {i % 5},{1 + i % 5},{1 + i % 9}/{1 + i % 7}/2022\n" for i in range(24)
)


def test_what_told_a_column_and_how_the_file_is_read_can_be_changed(open_app: Open) -> None:
    app = upload(open_app("data", lang="en"), SLASHES.encode())
    told = [c.value for c in app.caption if c.value.startswith(("by its", "a guess"))]
    assert told == ["by its name", "by its name", "by its content", "by its name"]
    dates = next(box for box in app.selectbox if str(box.key).startswith("read-interactions-dates"))
    assert dates.value is None
    assert "found out: Month first" in [c.value for c in app.caption]
    settle(app.button(key="prepare").click().run())
    assert [w.value for w in app.warning] == ["Look at this first: it changes what is learned."]
    assert "the month was taken to come first" in words(app)
    dates = next(box for box in app.selectbox if str(box.key).startswith("read-interactions-dates"))
    settle(dates.set_value("day").run())
    settle(app.button(key="prepare").click().run())
    assert not app.exception and not app.error
    assert not app.warning, words(app)
