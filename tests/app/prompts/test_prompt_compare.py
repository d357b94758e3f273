"""The Prompts page: any two versions side by side, and versions found by words."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.prompts import prompt_files
from tests.app.made_runs import IMAGE
from tests.app.support import Open, html_of, link, words


@pytest.fixture
def kept(open_app: Open) -> Open:
    """The app, with two prompts of which one has two versions."""
    prompts = prompt_files.kept()
    prompts.save("Mine", f"The user likes {IMAGE} {{{{ liked }}}}.", note="a *first* one")
    prompts.save("Mine", "The user loves {{ liked }}.", parent=1)
    prompts.save("夜晚", "用户喜欢安静的电影。", note="给周末")
    return open_app


def sides(app: AppTest) -> list[str]:
    """The two texts, left and right, as they are drawn."""
    bodies = [body for body in html_of(app) if "pr-diff" in body]
    return bodies[-2:]


def find(app: AppTest, sought: str) -> list[str]:
    app.text_input(key="prompt-lookup").set_value(sought).run()
    assert not app.exception
    keys = [str(button.key) for button in app.button]
    return [key.removeprefix("prompt-found-") for key in keys if key.startswith("prompt-found-")]


def test_the_last_two_versions_are_beside_each_other(kept: Open) -> None:
    app = kept("prompts", lang="en", prompt="Mine")
    assert "compare" not in app.query_params
    left, right = sides(app)
    assert "<del>likes" in left and "<ins>" not in left and "loves" not in left
    assert "<ins>loves</ins>" in right and "<del>" not in right and "likes" not in right
    assert "<img" not in left


def test_two_prompts_are_compared_by_a_link_that_opens_again(kept: Open) -> None:
    app = kept("prompts", lang="en", prompt="Mine")
    app.selectbox(key="compare-left").set_value("夜晚@1").run()
    app.selectbox(key="compare-right").set_value("profile").run()
    assert link(app, "compare") == "夜晚@1..profile"
    app.switch_page("pages/data.py").run()
    app.switch_page("pages/prompts.py").run()
    again = kept("prompts", lang="zh", prompt="Mine", compare="夜晚@1..profile")
    for opened in (app, again):
        assert opened.selectbox(key="compare-left").value == "夜晚@1"
        assert opened.selectbox(key="compare-right").value == "profile"
        assert "安静" in sides(opened)[0] and "安静" not in sides(opened)[1]
    app.button(key="compare-close").click().run()
    assert "compare" not in app.query_params
    assert app.selectbox(key="compare-right").value == "Mine@2"


def test_an_edit_is_compared_with_what_it_began_as(kept: Open) -> None:
    app = kept("prompts", lang="en", prompt="Mine")
    app.text_area(key="prompt-editor").set_value("The user adores {{ liked }}.").run()
    edit = link(app, "prompt")
    assert app.selectbox(key="compare-left").value == "Mine@2"
    assert app.selectbox(key="compare-right").value == edit
    assert "<ins>adores</ins>" in sides(app)[1]
    # The link of the comparison holds although another prompt is worked on.
    again = kept("prompts", lang="en", prompt="profile", compare=f"Mine@1..{edit}")
    assert "<ins>adores</ins>" in sides(again)[1]


@pytest.mark.parametrize("gone", ["Mine@1..Mine@9", "Mine@1", "..", "~" + "0" * 16 + "..Mine@1"])
def test_a_link_to_what_is_gone_says_so(kept: Open, gone: str) -> None:
    app = kept("prompts", lang="en", prompt="Mine", compare=gone)
    assert "no longer there" in app.warning[0].value
    assert app.selectbox(key="compare-left").value == "Mine@1"


def test_words_find_a_version_and_open_it(kept: Open) -> None:
    app = kept("prompts", lang="en")
    assert find(app, "USER likes mine") == ["Mine@1"]
    assert "<img" not in words(app) and "a *first* one" not in words(app)  # words are words
    assert find(app, "周末 安静") == ["夜晚@1"]
    assert find(app, "nobody wrote this") == []
    assert "No prompt has all of these words." in words(app)
    find(app, "likes mine")
    app.button(key="prompt-found-Mine@1").click().run()
    assert link(app, "prompt") == "Mine@1"
    assert app.text_area(key="prompt-editor").value.startswith("The user likes")
    assert app.selectbox(key="version-of-Mine").value == 1
    assert find(app, "which other rate highest") == ["rating-question"]


def test_a_note_and_what_lint_said_stay_with_a_version(kept: Open) -> None:
    app = kept("prompts", lang="en", prompt="Mine")
    app.text_area(key="prompt-editor").set_value("Now {{ histroy }}.").run()
    app.text_input(key="prompt-note").set_value("a try").run()
    app.button(key="prompt-save").click().run()
    version = prompt_files.kept().latest("Mine")
    assert (version.number, version.note, version.parent) == (3, "a try", 2)
    remarks = prompt_files.kept().remarks(version)
    assert remarks is not None and remarks.findings[0].severity == "error"
    assert app.selectbox(key="version-of-Mine").value == 3
    assert "Checked when it was saved, on the data" in words(app)
    assert words(app).count("Did you mean “history”") >= 1
    assert not any(element.key == "prompt-note" for element in app.text_input)
    app.text_area(key="prompt-editor").set_value("Other {{ history }}.").run()
    assert app.text_input(key="prompt-note").value == ""
    app.text_input(key="prompt-new-name").set_value("Third").run()
    app.text_input(key="prompt-new-note-Mine").set_value("by another name").run()
    app.button(key="prompt-save-as").click().run()
    assert prompt_files.kept().latest("Third").note == "by another name"
    assert app.text_input(key="prompt-new-note-Third").value == ""
