"""The Prompts page: versions of a saved prompt, and prompts as files."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.prompts import prompt_files
from tests.app.made_runs import IMAGE
from tests.app.support import Open, html_of, link, words


@pytest.fixture
def opened(open_app: Open) -> AppTest:
    """The page on a prompt with two versions."""
    prompts = prompt_files.kept()
    prompts.save("Mine", f"The user likes {IMAGE} {{{{ liked }}}}.")
    prompts.save("Mine", "The user loves {{ liked }}.", parent=1)
    return open_app("prompts", lang="en", prompt="Mine")


def difference(app: AppTest) -> str:
    return next(body for body in html_of(app) if "pr-diff" in body)


def write(app: AppTest, source: str) -> AppTest:
    return app.text_area(key="prompt-editor").set_value(source).run()


def press(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def test_saving_again_is_a_version_of_its_own(opened: AppTest) -> None:
    write(opened, "Third: {{ liked }}")
    opened.button(key="prompt-save").click().run()
    assert any("Saved: version" in toast.value for toast in opened.toast)
    assert [version.number for version in prompt_files.kept().versions("Mine")] == [3, 2, 1]
    assert prompt_files.kept().latest("Mine").parent == 2
    assert link(opened, "prompt") == "Mine"


def test_an_older_version_beside_the_text_and_back(opened: AppTest) -> None:
    assert opened.button(key="version-restore").disabled  # the latest is what stands above
    opened.selectbox(key="version-of-Mine").set_value(1).run()
    told = difference(opened)
    assert "<del>" in told and "<ins>loves</ins>" in told
    assert "<img" not in told  # uploaded words are words
    press(opened, "version-restore")
    assert opened.text_area(key="prompt-editor").value.startswith("The user likes")
    assert not opened.exception


def test_a_version_has_a_link(open_app: Open) -> None:
    prompts = prompt_files.kept()
    prompts.save("Mine", "First.")
    prompts.save("Mine", "Second.")
    for number, text in ((1, "First."), (2, "Second.")):
        app = open_app("prompts", lang="en", prompt=f"Mine@{number}")
        assert app.text_area(key="prompt-editor").value == text
        assert app.selectbox(key="version-of-Mine").value == number
    for gone in ("Mine@9", "Mine@", "Nobody@1", "../Mine@1", "Mine@99999999999999999999"):
        app = open_app("prompts", lang="en", prompt=gone)
        assert app.text_area(key="prompt-editor").value.startswith("{{ soft(8) }}")


def test_one_version_is_in_use(opened: AppTest) -> None:
    opened.selectbox(key="version-of-Mine").set_value(1).run()
    press(opened, "version-label")
    assert prompt_files.kept().labels("Mine") == {"production": 1}
    assert opened.button(key="version-label").label == "No longer in use"
    press(opened, "version-label")
    assert prompt_files.kept().labels("Mine") == {}


def test_deleting_and_undo(opened: AppTest) -> None:
    press(opened, "prompt-delete")
    assert prompt_files.saved() == {}
    assert opened.selectbox(key="prompt-choice").value == "films"
    press(opened, "undo-prompt")
    assert prompt_files.saved() == {"Mine": "The user loves {{ liked }}."}
    assert opened.selectbox(key="prompt-choice").value == "Mine"


def test_a_prompt_of_the_library_has_no_versions(open_app: Open) -> None:
    app = open_app("prompts", lang="zh")
    assert "prompt-delete" not in {button.key for button in app.button}


def test_a_file_is_taken_in(open_app: Open) -> None:
    app = open_app("prompts", lang="en")
    app.file_uploader(key="prompt-upload").upload(
        "evening.j2", b"An evening with {{ liked }}.", "text/plain"
    ).run()
    assert prompt_files.saved() == {"evening": "An evening with {{ liked }}."}
    assert link(app, "prompt") == "evening"
    assert "1 version" in [box.label for box in app.expander]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("../x.j2", b"x", "cannot be called"),
        ("x.j2", b"\xff\xfe", "not text in UTF-8"),
        ("x.j2", b"y" * 400_000, "too"),
    ],
)
def test_files_that_are_no_prompts(open_app: Open, name: str, content: bytes, told: str) -> None:
    app = open_app("prompts", lang="en")
    app.file_uploader(key="prompt-upload").upload(name, content, "text/plain").run()
    assert not app.exception
    assert told in words(app)
    assert prompt_files.saved() == {}
