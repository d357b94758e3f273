"""The first minute: the first page, the story, and lists by the model that ships with the app."""

from __future__ import annotations

import json
import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.common import store
from pages._ui.story import story, story_steps
from recsys.cleaning import CleaningReport
from recsys.runs import demo
from tests.app.made_runs import tiny
from tests.app.support import ROOT, Open, html_of, link, words

STEPS = {
    "en": ("What somebody did", "In words", "A list", "A wish", "What the words added"),
    "zh": ("一个人做过的事", "变成文字", "一份列表", "一个愿望", "文字带来了什么"),
}
WISHES = {"en": "something funny that makes me laugh", "zh": "想看一部喜剧片"}


def body(app: AppTest, mark: str) -> str:
    return next(iter(bodies(app, mark)), "")


def bodies(app: AppTest, mark: str) -> list[str]:
    """What the page draws with a mark in it, without the style sheets."""
    drawn = [html.split("<style>")[0] for html in html_of(app)]
    return [html for html in drawn if mark in html]


def titles(html: str) -> list[str]:
    return [unescape(title) for title in re.findall(r"<b>(.*?)</b>", html)]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_first_page_has_a_sentence_a_picture_and_one_main_button(
    open_shipped: Open, lang: str
) -> None:
    app = open_shipped("home", lang=lang)
    way = body(app, "pr-way")
    assert way.count("<li") == 5
    assert WISHES[lang] in way
    label = {"en": "See it work", "zh": "看看效果"}[lang]
    assert [one.label for one in app.button if one.proto.type == "primary"] == [label]
    assert not app.exception and not app.error


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_see_it_work_shows_a_list_with_the_wish(open_shipped: Open, lang: str) -> None:
    app = open_shipped("home", lang=lang)
    app.button(key="see-it-work").click().run()
    assert not app.exception and not app.error
    assert link(app, "user") == story_steps.PERSON and link(app, "run") == demo.NAME
    assert app.text_input(key="wish").value == WISHES[lang] == link(app, "wish")
    ranked = unescape("".join(part for part in html_of(app) if '<ol class="pr-list"' in part))
    assert all(film in ranked for film in story_steps.LISTED), (
        "the picture on the first page is old"
    )


def test_the_run_that_ships_is_marked_and_comes_after_ones_own(open_shipped: Open) -> None:
    app = open_shipped("recommend", lang="en")
    box = app.selectbox(key="recommend-run")
    assert box.value == demo.NAME and box.options[-1].endswith("ships with the app")


def test_prompts_and_evaluate_show_it_and_train_does_not(open_shipped: Open) -> None:
    app = open_shipped("prompts", lang="en")
    assert app.selectbox(key="effect-run").value == demo.NAME
    assert not app.exception and not app.error
    app.switch_page("pages/evaluate.py").run()
    assert "ships with the app" in str(app.multiselect[0].options)
    assert "0.105" in words(app)
    app = open_shipped("train", lang="en", run=demo.NAME)
    assert not app.exception and not app.error
    keys = {str(button.key) for button in app.button}
    assert "train-start" in keys and not any(key.startswith("delete-run") for key in keys)


def test_it_is_not_offered_on_other_data(open_shipped: Open) -> None:
    data = tiny()
    store.save(data, CleaningReport((), data.n_events, data.n_events), "upload")
    app = open_shipped("recommend", lang="en", data=data.content_hash)
    assert "first-model-recommend" in {button.key for button in app.button}
    assert not app.error


def test_a_changed_file_is_said_and_nothing_is_shown_with_it(
    open_shipped: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(ROOT / "assets" / "demo", tmp_path / "demo"))
    told = json.loads((folder / "flagship.json").read_text())
    (folder / "flagship.json").write_text(json.dumps({**told, "sha256": "0" * 64}))
    monkeypatch.setattr(demo, "FOLDER", folder)
    for page in ("home", "recommend"):
        app = open_shipped(page, lang="en")
        assert "checksum" in app.error[0].value
    assert "first-model-recommend" in {button.key for button in app.button}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("step", range(5))
def test_a_link_opens_its_step_and_stays(open_shipped: Open, step: int, lang: str) -> None:
    app = open_shipped("home", lang=lang, demo=str(step + 1))
    assert app.title[0].value == STEPS[lang][step]
    assert app.button(key="story-play").label in ("Play", "Play again", "播放", "重新播放")
    assert not app.exception and not app.error


def test_next_back_and_leave(open_shipped: Open) -> None:
    app = open_shipped("home", lang="en", demo="1")
    assert app.button(key="story-back").disabled
    assert "49 films" in words(app) and "The Terminator" in body(app, "pr-history")
    app.button(key="story-next").click().run()
    assert link(app, "demo") == "2" and "The user likes" in body(app, "pr-prompt")
    app.button(key="story-next").click().run()
    before = titles(body(app, "pr-films"))
    app.button(key="story-next").click().run()
    assert WISHES["en"] in body(app, "pr-typed")
    left, right = bodies(app, "pr-films")
    assert titles(left) == before != titles(right)
    assert titles(right)[: len(story_steps.LISTED)] == list(story_steps.LISTED)
    assert right.count("NEW") == len(set(titles(right)) - set(before)) > 0
    app.button(key="story-next").click().run()
    assert "0.201" in body(app, "pr-measured")
    app.button(key="story-back").click().run()
    assert app.title[0].value == "A wish"
    app.button(key="story-leave").click().run()
    assert "pr-way" in body(app, "pr-way") and "demo" not in app.query_params


def test_a_bare_link_plays_until_somebody_stops_it(
    open_shipped: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(story, "STEP_SECONDS", 0.0)
    app = open_shipped("home", lang="en", demo="")  # its clock turns the pages
    assert app.title[0].value == STEPS["en"][-1]
    assert app.button(key="story-play").label == "Play again"
    monkeypatch.setattr(story, "STEP_SECONDS", 1000.0)
    app.button(key="story-play").click().run()
    assert app.title[0].value == STEPS["en"][0]
    assert app.button(key="story-play").label == "Pause"
    app.button(key="story-play").click().run()
    assert app.button(key="story-play").label == "Play"
    app.button(key="story-next").click().run()
    assert app.button(key="story-play").label == "Play"


@pytest.mark.parametrize("odd", ["0", "6", "-1", "x" * 500, "³", "1.5"])
def test_an_odd_step_begins_the_story(open_shipped: Open, odd: str) -> None:
    app = open_shipped("home", lang="en", demo=odd)
    assert app.title[0].value == STEPS["en"][0] and not app.exception


def test_the_link_of_a_scenario_still_opens_the_data_page(open_app: Open) -> None:
    app = open_app("home", lang="en", scenario="courses")
    assert app.title[0].value == "Data"
    app.switch_page("pages/home.py").run()
    assert "pr-way" in body(app, "pr-way")
