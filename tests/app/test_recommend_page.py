"""The Recommend page: lists, wishes, filters, links, downloads, and titles that are only words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pages._ui import store, suggest
from pages._ui.suggest import Suggestions
from pages._ui.wishes import understood_words
from recsys.cleaning import CleaningReport
from recsys.models.base import Understood
from recsys.models.popularity import Popularity
from tests.app.made_runs import IMAGE, at_work, made, tiny
from tests.app.support import Open, html_of, link, words


def ranked(bodies: list[str]) -> str:
    return next(body for body in bodies if '<ol class="pr-list"' in body)


@pytest.mark.parametrize(
    ("lang", "words_"), [("en", "Train your first model"), ("zh", "训练第一个模型")]
)
def test_without_a_model_there_is_a_way_to_the_first(
    open_app: Open, lang: str, words_: str
) -> None:
    app = open_app("recommend", lang=lang)
    assert app.button(key="first-model-recommend").label == words_
    app.button(key="first-model-recommend").click().run()
    assert "train-start" in {button.key for button in app.button}


def test_history_beside_list_with_bars(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, name="one")
    app = open_app("recommend", lang="en", user="u03")
    assert not app.exception and not app.error
    assert "What user u03 met" in words(app).replace("\u2060", "")
    history = next(body for body in html_of(app) if "pr-history" in body)
    assert history.count("<li>") == 7 and "★" in history and "2001-09-09" in history
    assert ranked(html_of(app)).count("<li>") == 3  # ten items, seven met
    assert link(app, "user") == "u03"


def test_titles_are_words_and_nothing_else(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, name="one")
    app = open_app("recommend", lang="en", user="u00")
    for body in html_of(app):
        page = body.split("<style>")[0]
        assert "<img" not in page and "<script" not in page and "<a " not in page
    assert any("&lt;img src=x" in body for body in html_of(app))


def test_a_wish_means_nothing_to_a_model_that_reads_no_words(
    open_app: Open, runs_dir: Path
) -> None:
    made(runs_dir, name="one")
    app = open_app("recommend", lang="en")
    assert app.text_input(key="wish").disabled
    assert "EASE reads no words" in words(app)


@pytest.mark.parametrize(
    ("read", "told"),
    [
        (Understood(), "Nothing particular was understood: the list is as without a wish."),
        (
            Understood(("Western",), ("Horror",), ((1990, 1999), (None, 1960), (2000, None))),
            "Understood: Western · 1990–1999 · until 1960 · from 2000 on · not Horror",
        ),
        (Understood((), (), (), ((1995, 1995),)), "Understood: not 1995"),
        (Understood(("*a*",)), "Understood: &#42;a&#42;"),
    ],
)
def test_what_was_understood_is_told_in_words(read: Understood, told: str) -> None:
    assert understood_words(read) == told


def test_a_filter_keeps_only_what_fits(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, name="one")
    app = open_app("recommend", lang="en", user="u03")
    assert app.multiselect(key="filter-values-genres").options == ["Comedy", "Drama", "War"]
    app.multiselect(key="filter-values-genres").set_value(["Comedy"]).run()
    listed = ranked(html_of(app))
    assert "Comedy" in listed and "Drama" not in listed


def test_a_filter_that_leaves_nothing_says_so(open_app: Open, runs_dir: Path) -> None:
    data = tiny()
    met = data.history(data.users.position("u03"))
    data.item_frame["colour"] = ["red" if item in met else "blue" for item in range(10)]
    made(runs_dir, name="one", data=data)
    app = open_app("recommend", lang="en", user="u03")
    app.selectbox(key="filter-attribute").set_value("colour").run()
    app.multiselect(key="filter-values-colour").set_value(["red"]).run()
    assert len(app.info) == 1 and not app.error


def test_a_wish_and_another_prompt_change_the_list(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_app("recommend", lang="en", user="u03")
    assert app.pills(key="wish-example").options == ["Comedy", "War", "Drama"]
    app.pills(key="wish-example").set_value("Drama").run()
    assert app.text_input(key="wish").value == "Drama"
    assert "are new because of the wish" in words(app)
    assert "Understood: Drama" in words(app)
    app.selectbox(key="recommend-prompt").set_value("profile").run()
    assert not app.error and not app.exception
    assert "Close to" in ranked(html_of(app))
    prompt = next(body for body in html_of(app) if "pr-prompt" in body)
    assert "Drama" in prompt or "Comedy" in prompt


def test_a_run_at_work_is_not_silently_replaced(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, name="old")
    at_work(runs_dir, name="live")
    app = open_app("recommend", lang="en", run="live")
    assert len(app.info) == 1 and "live" in app.info[0].value
    assert app.selectbox(key="recommend-run").value == "old"
    assert link(app, "run") == "live"


def test_a_damaged_model_is_one_sentence(open_app: Open, runs_dir: Path) -> None:
    run = made(runs_dir, name="one")
    (run.folder / "model" / "model.safetensors").write_bytes(b"junk")
    app = open_app("recommend", lang="en")
    assert len(app.error) == 1


def test_marks_tell_new_from_moved() -> None:
    data = tiny()
    model = Popularity()
    model.fit(data)
    found = Suggestions(np.array([4, 5, 6]), np.array([3.0, 2.0, 1.0]), np.array([5, 6, 7]), 1.0)
    listed = suggest.entries(data, model, 0, found)
    assert [entry.mark for entry in listed] == ["NEW", "▼ 1", "▼ 1"]
    assert [entry.up for entry in listed] == [True, False, False]
    assert [entry.share for entry in listed] == [1.0, 0.625, 0.25]
    assert suggest.changes(found) == 1


def test_equal_scores_have_equal_bars() -> None:
    data = tiny()
    found = Suggestions(np.array([4, 5]), np.array([1.0, 1.0]), np.array([4, 5]), 1.0)
    assert [e.share for e in suggest.entries(data, Popularity(), 0, found)] == [1.0, 1.0]


def test_history_is_newest_first_with_stars() -> None:
    data = tiny()
    past = suggest.history(data, 0)
    assert [event.stars for event in past][:3] == ["★★", "★", "★★★★★"]
    assert past[-1].title == IMAGE
    assert [event.liked for event in past[:3]] == [False, False, True]


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        (None, ["", "", ""]),  # a model that does not tell what it understood
        (Understood(), ["", "", ""]),
        (Understood(wanted=("Drama",)), ["", "", "From here on, not all of what was asked for:"]),
        (
            Understood(wanted=("War",), avoided=("Drama",)),
            ["Nothing new has all of it. These come nearest:", "", ""],
        ),
    ],
)
def test_a_line_tells_where_what_was_asked_for_ends(
    asked: Understood | None, lines: list[str]
) -> None:
    found = Suggestions(np.array([4, 6, 5]), np.array([3.0, 2.0, 1.0]), np.array([4, 6, 5]), 1.0)
    listed = suggest.entries(tiny(), Popularity(), 0, found, asked)
    assert [entry.above for entry in listed] == lines


def test_a_number_that_says_nothing_alone_has_its_column_before_it() -> None:
    data = tiny()
    data.item_frame["hours"], data.item_frame["year"] = 12, 1999
    assert suggest.about(data, 3) == "Comedy · hours 12 · 1999"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_model_of_other_data_is_not_taken_for_one_of_these(
    open_app: Open, runs_dir: Path, lang: str
) -> None:
    made(runs_dir, name="one")
    app = open_app("recommend", lang=lang)  # on MovieLens
    assert "MovieLens" in words(app) and "train-on-this" in {b.key for b in app.button}
    store.save(tiny(), CleaningReport((), 84, 84), "upload")
    made(runs_dir, data=tiny("other", shift=1), name="later")
    app = open_app("recommend", lang=lang, data=tiny().content_hash)
    assert app.selectbox(key="recommend-run").value == "one"  # not the latest of all
    assert "train-on-this" not in {b.key for b in app.button}
