"""The Prompts page: choosing, editing, reading, checking, saving."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.common import store
from pages._ui.prompts import prompt_files
from pages._ui.prompts.prompt_preview import spans
from recsys.prompts import Template
from recsys.schema import ConfigError
from tests.app.support import Open, html_of, link, words


def write(app: AppTest, source: str) -> AppTest:
    return app.text_area(key="prompt-editor").set_value(source).run()


def shown(app: AppTest) -> str:
    return next(body for body in html_of(app) if "pr-prompt" in body)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_opens_on_a_prompt_in_the_language(open_app: Open, lang: str) -> None:
    app = open_app("prompts", lang=lang)
    assert ("Films that the user" in shown(app)) if lang == "en" else ("电影" in shown(app))
    assert not app.error
    assert "254" in words(app)  # tokens the language model reads


def test_an_edit_is_rendered_kept_and_linked(open_app: Open) -> None:
    app = write(open_app("prompts", lang="en"), "Hello {{ history|last(1) }}!")
    assert "Hello " in shown(app) and "<mark" in shown(app)
    key = link(app, "prompt")
    assert key.startswith("~")
    app.switch_page("pages/data.py").run()
    app.switch_page("pages/prompts.py").run()
    assert app.text_area(key="prompt-editor").value == "Hello {{ history|last(1) }}!"
    again = open_app("prompts", lang="en", prompt=key)
    assert again.text_area(key="prompt-editor").value == "Hello {{ history|last(1) }}!"


def test_an_intent_is_part_of_the_prompt(open_app: Open) -> None:
    app = open_app("prompts", lang="en")
    app.text_input(key="prompt-intent").set_value("<b>something funny</b>").run()
    assert "&lt;b&gt;something funny" in shown(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_refused_syntax_is_named_with_its_place(open_app: Open, lang: str) -> None:
    app = write(open_app("prompts", lang=lang), "a\n{{ ''.__class__ }}")
    assert not app.exception and len(app.error) == 1
    assert "2" in app.error[0].value
    assert app.button(key="next-from-prompts").disabled


def test_a_misspelt_variable_is_found(open_app: Open) -> None:
    app = write(open_app("prompts", lang="en"), "{{ histroy }}")
    assert len(app.error) == 1 and "history" in app.error[0].value


def test_a_long_prompt_is_cut_where_the_model_stops(open_app: Open) -> None:
    app = write(open_app("prompts", lang="en"), "word " * 400)
    assert "pr-cut" in shown(app) and "pr-over" in words(app)


def test_saving_under_a_name(open_app: Open) -> None:
    app = write(open_app("prompts", lang="en"), "Mine: {{ history }}")
    app.text_input(key="prompt-new-name").set_value("我的 prompt").run()
    app.button(key="prompt-save-as").click().run()
    assert prompt_files.saved() == {"我的 prompt": "Mine: {{ history }}"}
    assert link(app, "prompt") == "我的 prompt"
    assert app.selectbox(key="prompt-choice").value == "我的 prompt"


@pytest.mark.parametrize(
    "name", ["../../x", "/etc/x", "a/b", "a\\b", "", ".", "con", "x" * 61, "a\0"]
)
def test_names_stay_in_the_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_PROMPTS", str(tmp_path / "prompts"))
    with pytest.raises(ConfigError):
        prompt_files.save(name, "x", taken=set())
    assert list(tmp_path.iterdir()) == []


def test_taken_names_are_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_PROMPTS", str(tmp_path))
    with pytest.raises(ConfigError):
        prompt_files.save("Profile", "x", taken={"profile"})


@pytest.mark.parametrize("key", ["/etc/hostname", "../app.py", "~../../x", "~" + "0" * 16, "nope"])
def test_links_open_no_other_file(open_app: Open, key: str) -> None:
    app = open_app("prompts", lang="en", prompt=key)
    assert app.text_area(key="prompt-editor").value.startswith("{{ soft(8) }}")


def test_spans_are_split_where_reading_stops() -> None:
    rendered = Template.parse("{{ soft(2) }}ab {{ x }} cd").render({"x": "XYZ"})
    cut = spans(rendered, rendered.text.index("Y"))
    assert [(s.text, s.variable, s.kept) for s in cut if not s.soft] == [
        ("ab ", None, True),
        ("X", "x", True),
        ("YZ", "x", False),
        (" cd", None, False),
    ]
    assert "".join(s.text for s in cut if not s.soft) == rendered.text


def test_the_oldest_unsaved_edits_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path))
    monkeypatch.setattr(prompt_files, "_MOST_DRAFTS", 2)
    first, second = (prompt_files.keep_draft("mine", text) for text in ("a", "b"))
    for age, key in enumerate((first, second)):
        os.utime(store.folder() / "drafts" / f"{key}.json", (age, age))
    assert prompt_files.keep_draft("mine", "a") == first  # looked at again, so no longer the oldest
    third = prompt_files.keep_draft("mine", "c")
    assert prompt_files.read_draft(second) is None
    assert prompt_files.read_draft(first) == ("mine", "a")
    assert prompt_files.read_draft(third) == ("mine", "c")
