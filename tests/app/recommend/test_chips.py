"""What was understood stands on chips: a click corrects it, and the list moves at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.recommend import suggest, wish_settings
from recsys.wishes.control.corrections import Corrections, Mark
from tests.app.made_runs import made
from tests.app.support import Open, html_of, in_language, link, words

WISH = "a drama, no comedy"
#: Of ten films u03 met seven; of the three that are left one is a comedy.
WHO = "u03"


def chips(app: AppTest) -> list[tuple[str, str]]:
    return [(chip.label, str(chip.proto.icon).split("/")[-1][:-1]) for chip in app.menu_button]


def kinds(app: AppTest, *, place: int = 0) -> list[str]:
    """What kind each film of a list on the page is, best first; a drama is a war film, too."""
    bodies = [body for body in html_of(app) if "pr-rank" in body]
    lists = [body for body in bodies if body.count("pr-rank") > 1] or ["".join(bodies)]
    return re.findall(r"pr-about.{0,9}?(Comedy|Drama)", lists[place])


def mark(app: AppTest, place: int, mark: Mark) -> AppTest:
    app.menu_button(key=f"wish-chip-{place}").click(mark).run()
    assert not app.exception and not app.error
    return app


def test_a_chip_is_turned_round_and_taken_back(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_app("recommend", lang="en", user=WHO, wish=WISH)
    assert chips(app) == [("Drama", "check"), ("not Comedy", "block")]
    assert "wish-undo" not in {button.key for button in app.button}
    before = kinds(app)
    assert before == ["Drama", "Drama", "Comedy"]

    mark(mark(app, 0, Mark.AVOID), 1, Mark.WANT)
    assert chips(app) == [("not Drama", "block"), ("Comedy", "check")]
    assert kinds(app)[0] == "Comedy" and link(app, "marks") == "Drama=avoid&Comedy=want"
    again = open_app("recommend", lang="en", user=WHO, wish=WISH, marks=link(app, "marks"))
    assert chips(again) == chips(app) and kinds(again) == kinds(app)

    app.button(key="wish-undo").click().run()
    assert kinds(app) == before and "marks" not in app.query_params
    assert chips(app) == [("Drama", "check"), ("not Comedy", "block")]


def test_every_mark_is_offered_and_said(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, name="one")
    app = open_app("recommend", lang="en", user=WHO, wish="a drama")
    assert [re.sub(":.*: ", "", words) for words in app.menu_button[0].options] == [
        "A must",
        "At most as a taste",
        "Avoid",
        "Not meant",
    ]
    for mark_, label in ((Mark.MUST, "a must: Drama"), (Mark.TASTE, "a little: Drama")):
        assert chips(mark(app, 0, mark_))[0][0] == label
    assert chips(mark(app, 0, Mark.WANT)) == [("Drama", "check")]
    assert "marks" not in app.query_params  # as it was understood
    mark(app, 0, Mark.REMOVED)
    assert not app.menu_button and "Nothing of it is meant." in words(app)
    assert "0 of 3 are new because of the wish" in words(app)
    app.button(key="wish-undo").click().run()
    in_language(mark(app, 0, Mark.MUST), "zh")
    assert chips(app)[0][0].startswith("必须：")


def test_values_that_were_not_understood_are_added(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, name="one")
    app = open_app("recommend", lang="en", user=WHO, wish="hello there")
    assert "Nothing particular was understood" in words(app) and not app.menu_button
    assert app.selectbox(key="wish-add").options == ["Comedy", "Drama", "War"]
    app.selectbox(key="wish-add").set_value("Comedy").run()
    assert chips(app) == [("Comedy", "check")] and kinds(app)[0] == "Comedy"
    assert app.selectbox(key="wish-add").options == ["Drama", "War"]
    assert app.selectbox(key="wish-add").value is None
    mark(app, 0, Mark.AVOID)
    assert chips(app) == [("not Comedy", "block")] and kinds(app)[-1] == "Comedy"
    mark(app, 0, Mark.REMOVED)
    assert not app.menu_button


def test_corrections_belong_to_their_words(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, name="one")
    app = open_app("recommend", lang="en", user=WHO, wish="a drama", marks="Drama=avoid")
    assert chips(app) == [("not Drama", "block")]
    app.text_input(key="wish").set_value("some drama").run()
    assert chips(app) == [("Drama", "check")] and "marks" not in app.query_params
    app.text_input(key="wish").set_value("a drama").run()
    assert chips(app) == [("not Drama", "block")] and link(app, "marks") == "Drama=avoid"


@pytest.mark.parametrize(
    "written",
    ["", "Opera=must", "Drama=never", "=want", "Drama", "%ff=avoid", "&&&", "a=want&" * 100],
)
def test_a_link_with_anything_in_it_opens(open_app: Open, runs_dir: Path, written: str) -> None:
    made(runs_dir, name="one")
    app = open_app("recommend", lang="en", user=WHO, wish="a drama", marks=written, strict="x")
    assert not app.exception and not app.error and chips(app) == [("Drama", "check")]


def test_from_nothing_to_a_rule(open_app: Open, runs_dir: Path) -> None:
    run = made(runs_dir, "prompt-fusion", name="one")
    app = open_app("recommend", lang="en", user=WHO, wish="a comedy")
    lists = {}
    for strength in (0.0, 0.5, 1.0):
        app.select_slider(key="wish-strength").set_value(strength).run()
        assert not app.exception
        lists[strength] = kinds(app)
        assert ("From here on" in " ".join(html_of(app))) is (strength == 1)
        assert ("strict" in app.query_params) is (strength < 1)
    assert lists[1.0][0] == "Comedy"
    app.select_slider(key="wish-strength").set_value(0.0).run()
    again = open_app("recommend", lang="en", user=WHO, wish="a comedy", strict=link(app, "strict"))
    assert again.select_slider(key="wish-strength").value == 0 and kinds(again) == lists[0.0]
    data = run.dataset()
    found = suggest.suggest(
        run.model(),
        data,
        data.users.position(WHO),
        k=10,
        template=None,
        intent="a comedy",
        allowed=None,
        corrections=Corrections("a comedy"),
        strength=0.0,
    )
    assert found.items.tolist() == found.plain.tolist()


def test_both_lists_of_a_comparison_are_corrected(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="one")
    app = open_app(
        "recommend",
        lang="en",
        user=WHO,
        wish="a drama",
        beside="prompt:profile",
        marks="Drama=avoid",
    )
    assert not app.exception
    for place in (0, 1):
        assert kinds(app, place=place)[0] == "Comedy"


def test_an_answer_is_corrected(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_app("recommend", lang="en", user=WHO, view="ask")
    app.chat_input(key="question").set_value("Is there a good comedy?").run()
    assert chips(app) == [("Comedy", "check")] and kinds(app)[0] == "Comedy"
    app.menu_button(key="answer-1-chip-0").click(Mark.AVOID).run()
    assert not app.exception and len(app.chat_message) == 2
    assert "Understood: not Comedy" in app.chat_message[1].markdown[0].value
    assert chips(app) == [("not Comedy", "block")] and kinds(app)[0] == "Drama"
    app.chat_input(key="question").set_value("And a war film?").run()
    assert len(app.chat_message) == 4
    told = app.chat_message[3].markdown[0].value
    assert "War" in told and "not Comedy" in told
    assert [chip.key.split("-")[1] for chip in app.menu_button] == ["2", "2"]  # the last answer's
    app.menu_button(key="answer-2-chip-0").click(Mark.REMOVED).run()
    app.button(key="answer-2-undo").click().run()
    assert sorted(chips(app)) == [("Comedy", "check"), ("War", "check")]


def test_strengths_have_words() -> None:
    told = [wish_settings.strength_words(strength) for strength in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert told == ["not at all", "a hint", "a nudge", "strongly", "a rule"]
