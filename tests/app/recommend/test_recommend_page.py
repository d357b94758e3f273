"""The Recommend page: lists, wishes, filters, links, downloads, and titles that are only words."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.common import store
from pages._ui.recommend import suggest
from pages._ui.recommend.chips import asked_words
from pages._ui.recommend.suggest import Suggestions
from pages._ui.recommend.wishes import not_understood_words
from recsys.cleaning import CleaningReport
from recsys.models.popularity import Popularity
from recsys.wishes.intent import Intent
from tests.app.made_runs import IMAGE, at_work, made, tiny
from tests.app.support import Open, html_of, link, words
from tests.intents import intent_of


def chips(app: AppTest) -> list[str]:
    return [chip.label for chip in app.menu_button]


def ranked(bodies: list[str]) -> str:
    return "".join(body for body in bodies if '<ol class="pr-list"' in body)


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


def test_history_beside_list_without_bare_scores(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, name="one")
    app = open_app("recommend", lang="en", user="u03")
    assert not app.exception and not app.error
    assert "What user u03 met" in words(app).replace("\u2060", "")
    history = next(body for body in html_of(app) if '<ul class="pr-history"' in body)
    assert history.count("<li>") == 7 and "★" in history and "2001-09-09" in history
    listed = ranked(html_of(app))
    assert listed.count("<li>") == 3  # ten items, seven met
    assert not re.search(r"\d\.\d", listed.split("<style>")[0])
    assert link(app, "user") == "u03"


def test_titles_are_words_and_nothing_else(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, name="one")
    app = open_app("recommend", lang="en", user="u00")
    for body in html_of(app):
        page = body.split("<style>")[0]
        assert "<img" not in page and "<script" not in page and "<a " not in page
    assert any("&lt;img src=x" in body for body in html_of(app))


def test_a_model_that_reads_no_prompts_follows_a_wish(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, name="one")
    app = open_app("recommend", lang="en", user="u03")
    app.text_input(key="wish").set_value("I want a comedy.").run()
    assert not app.exception and not app.error
    assert chips(app) == ["Comedy"]


@pytest.mark.parametrize(
    ("read", "told"),
    [
        (intent_of(), ""),
        (
            intent_of(("Western",), ("Horror",), ((1990, 1999), (None, 1960), (2000, None))),
            "Western · 1990–1999 · until 1960 · from 2000 on · not Horror",
        ),
        (intent_of((), (), (), ((1995, 1995),)), "not 1995"),
        (intent_of(("*a*",)), "&#42;a&#42;"),
    ],
)
def test_what_was_understood_is_reported_in_words(read: Intent, told: str) -> None:
    assert asked_words(read) == told


def test_what_is_not_in_the_data_is_said() -> None:
    nothing = "Nothing particular was understood: the list is as without a wish."
    assert not_understood_words(intent_of()) == nothing
    assert not_understood_words(intent_of(("War",))) == ""
    missing = replace(intent_of(("War",)), missing=("*opera*",))
    assert not_understood_words(missing) == "Not in this data: &#42;opera&#42;"
    alone = replace(intent_of(), missing=("opera",))
    assert not_understood_words(alone) == "Not in this data: opera. The list is as without a wish."


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
    assert chips(app) == ["Drama"]
    app.text_input(key="wish").set_value("I had a long day.").run()
    assert "as without a wish" in words(app) and "because of the wish" not in words(app)
    app.text_input(key="wish").set_value("Drama").run()
    app.selectbox(key="recommend-prompt").set_value("profile").run()
    assert not app.error and not app.exception
    assert "Liked “" in " ".join(html_of(app))
    prompt = next(body for body in html_of(app) if "pr-prompt" in body)
    assert "Drama" in prompt or "Comedy" in prompt


def test_from_the_prompt_alone_to_all_it_knows(open_app: Open, runs_dir: Path) -> None:
    """The list is that of the model read so, and the page says what it goes by."""
    run = made(runs_dir, "prompt-fusion", name="one")
    data, user = run.dataset(), run.dataset().users.position("u05")
    app = open_app("recommend", lang="en", user="u05")
    assert "By the prompt alone" not in words(app)
    for weight, told in ((0.0, "By the prompt alone"), (0.25, "By 25% of the history")):
        app.select_slider(key="recommend-weight").set_value(weight).run()
        assert not app.exception and not app.error
        assert told in words(app)
        found = suggest.suggest(
            run.model(),
            data,
            user,
            k=10,
            template=None,
            intent="",
            allowed=None,
            history_weight=weight,
        )
        listed = ranked(html_of(app))
        places = [listed.index(escape(str(data.titles[item]))) for item in found.items]
        assert len(places) == 3 and places == sorted(places)


def test_without_a_wish_the_list_is_that_of_the_same_reading(runs_dir: Path) -> None:
    run = made(runs_dir, "prompt-fusion", name="one")
    model, data = run.model(), run.dataset()
    for weight in (1.0, 0.0, 1.0):
        asked = {"k": 3, "template": None, "allowed": None, "history_weight": weight}
        wished = suggest.suggest(model, data, 4, intent="a comedy", **asked)
        plain = suggest.suggest(model, data, 4, intent="", **asked)
        assert wished.plain.tolist() == plain.items.tolist()


def test_a_model_of_one_reading_has_no_slider_for_it(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "ease", name="one")
    app = open_app("recommend", lang="en", user="u05")
    assert "recommend-weight" not in {slider.key for slider in app.select_slider}


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
    found = Suggestions(np.array([4, 5, 6]), np.array([3.0, 2.0, 1.0]), np.array([5, 6, 7]))
    listed = suggest.entries(data, model, 0, found)
    assert [entry.mark for entry in listed] == ["NEW", "▼ 1", "▼ 1"]
    assert [entry.up for entry in listed] == [True, False, False]
    assert [entry.rating for entry in listed] == ["", "", ""]  # its scores are no ratings
    assert suggest.changes(found) == 1


def test_a_predicted_rating_is_said_to_be_one(runs_dir: Path) -> None:
    run = made(runs_dir, "mf", name="rated", model_config={"objective": "ratings"})
    data, model = run.dataset(), run.model()
    found = suggest.suggest(model, data, 3, k=3, template=None, intent="", allowed=None)
    listed = suggest.entries(data, model, 3, found)
    assert [e.rating for e in listed] == [f"expected {score:.1f}" for score in found.scores]


def test_reasons_are_what_was_liked_and_what_was_wished(runs_dir: Path) -> None:
    run = made(runs_dir, "prompt-fusion", name="fusion")
    data, model = run.dataset(), run.model()
    read = intent_of(wanted=("Drama",))
    for user in range(data.n_users):
        found = suggest.suggest(model, data, user, k=3, template=None, intent="", allowed=None)
        events = data.events_of(user)
        unliked = data.titles[data.item[events][~data.liked[events]]]
        for entry, item in zip(
            suggest.entries(data, model, user, found, read), found.items, strict=True
        ):
            assert not any(f"“{title}”" in entry.why for title in unliked)
            assert ("As wished: Drama" in entry.why) == (item % 2 == 0)
            assert "Close to" not in entry.why  # liked is more than met


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
        (intent_of(), ["", "", ""]),
        (intent_of(wanted=("Drama",)), ["", "", "From here on, not all of what was asked for:"]),
        (
            intent_of(wanted=("War",), avoided=("Drama",)),
            ["Nothing new has all of it. These come nearest:", "", ""],
        ),
    ],
)
def test_a_line_tells_where_what_was_asked_for_ends(asked: Intent | None, lines: list[str]) -> None:
    found = Suggestions(np.array([4, 6, 5]), np.array([3.0, 2.0, 1.0]), np.array([4, 6, 5]))
    listed = suggest.entries(tiny(), Popularity(), 0, found, asked)
    assert [entry.above for entry in listed] == lines


def test_a_number_that_says_nothing_alone_has_its_column_before_it() -> None:
    data = tiny()
    data.item_frame["hours"], data.item_frame["year"] = 12, 1999
    assert suggest.about(data, 3) == "Comedy · hours 12 · 1999"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_lists_of_other_data_are_not_shown(open_app: Open, runs_dir: Path, lang: str) -> None:
    made(runs_dir, name="one")
    app = open_app("recommend", lang=lang, data=store.sample("movielens"), run="one")
    assert "MovieLens" in words(app) and "train-on-this" in {b.key for b in app.button}
    assert not any("pr-list" in body for body in html_of(app))
    app.button(key="switch-data").click().run()
    assert not app.exception and link(app, "data") == tiny().content_hash
    assert app.selectbox(key="recommend-run").value == "one" and ranked(html_of(app))


def test_of_several_runs_only_those_of_the_chosen_data_are_offered(
    open_app: Open, runs_dir: Path
) -> None:
    made(runs_dir, name="one")
    made(runs_dir, data=tiny("other", shift=1), name="later")
    store.save(tiny(), CleaningReport((), 84, 84), "upload")
    app = open_app("recommend", lang="en", data=tiny().content_hash)
    assert len(app.selectbox(key="recommend-run").options) == 1
    assert "switch-data" not in {b.key for b in app.button}
    app = open_app("recommend", lang="en", data=tiny().content_hash, run="later")
    assert app.selectbox(key="recommend-run").value == "one"
    assert "switch-data" in {b.key for b in app.button}  # the run of the link is of other data


def test_a_wish_is_kept_in_the_link(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_app("recommend", lang="en", user="u03", wish="a drama")
    assert app.text_input(key="wish").value == "a drama" and chips(app) == ["Drama"]
    app.text_input(key="wish").set_value("x" * 300).run()
    assert "wish" not in app.query_params  # too long for a link


def said(app: AppTest) -> list[str]:
    return [str(b.key) for b in app.button if str(b.key).startswith("say-")]


def test_seen_liked_and_disliked_change_the_list_at_once(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_app("recommend", lang="en", user="u03")
    items = list(dict.fromkeys(key.split("-")[1] for key in said(app)))
    assert len(items) == 3 and len(said(app)) == 9  # three buttons a row
    for stars, left in ((0, 2), (5, 1), (1, 0)):
        item = said(app)[0].split("-")[1]
        app.button(key=f"say-{item}-{stars}").click().run()
        assert not app.exception and f"{item}.{stars}" in link(app, "said")
        assert len(said(app)) == 3 * left
    history = next(body for body in html_of(app) if '<ul class="pr-history"' in body)
    assert history.count("<li>") == 9  # seven met, one liked, one disliked; what was seen is not
    app.button(key="said-undo").click().run()
    assert len(said(app)) == 3
    app.button(key="said-forget").click().run()
    assert len(said(app)) == 9 and "said" not in app.query_params


def test_be_the_user(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_app("recommend", lang="en", user="u03")
    app.button(key="be-you").click().run()
    assert link(app, "who") == "you" and not app.exception
    assert len(said(app)) == 30  # all ten items are new
    app.text_input(key="title-search").set_value("FILM 4").run()
    assert [f.key for f in app.feedback] == ["rate-4"]
    app.feedback(key="rate-4").set_value(4).run()
    assert link(app, "said") == "4.5" and len(said(app)) == 27
    app.text_input(key="wish").set_value("a drama").run()
    assert chips(app) == ["Drama"]
    app.text_input(key="title-search").set_value("<img").run()
    assert [f.key for f in app.feedback] == ["rate-0", "rate-4"]  # found, and rated before
    assert not app.exception
    again = open_app("recommend", lang="zh", who="you", said="4.5-999.1-junk")
    assert len(said(again)) == 27


def test_without_ratings_there_are_thumbs(open_app: Open, runs_dir: Path) -> None:
    data = replace(tiny(), rating=None, liked_from=None)
    made(runs_dir, "ease", data=data, name="one")
    app = open_app("recommend", lang="en", who="you")
    item = str(app.feedback[0].key).removeprefix("rate-")
    app.feedback[0].set_value(0).run()
    assert link(app, "said") == f"{item}.1" and f"say-{item}-5" not in said(app)
    assert not app.exception


def test_a_model_that_reads_no_new_events_says_so(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "mf", name="mf")
    made(runs_dir, "ease", name="ease")
    told = "Matrix factorisation reads no new events"
    assert told not in words(open_app("recommend", lang="en", run="mf", user="u03", said="4.1"))
    assert told in words(open_app("recommend", lang="en", run="mf", user="u03", said="4.5"))
    assert "reads no new events" not in words(
        open_app("recommend", lang="en", run="ease", user="u03", said="4.5")
    )
