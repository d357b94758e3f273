"""Every sentence that a person can see has its Chinese words, with the same named places."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest

from assets.locale.update import KEYWORDS, ROOT, sentences, strays, translations, update, updated
from pages._ui.common.i18n import LOCALE_FOLDER

FOLDER = LOCALE_FOLDER / "zh_CN" / "LC_MESSAGES"
CATALOGUE = FOLDER / "messages.po"

Sentences = dict[str, tuple[str, tuple[str, ...]]]


@pytest.fixture(scope="module")
def said() -> Sentences:
    """By its first form: the place and the forms of each sentence in the code."""
    return {forms[0]: (place, forms) for place, forms in sentences()}


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    return translations(CATALOGUE)


def test_extraction_finds_what_pages_say(said: Sentences) -> None:
    assert {"Nothing to improve.", "{count} user"} <= set(said)


def test_every_sentence_is_translated(said: Sentences, chinese: dict[str, str]) -> None:
    missing = [f"{place}: {key!r}" for key, (place, _) in said.items() if not chinese.get(key)]
    assert not missing, "without Chinese words:\n" + "\n".join(missing)


def test_no_translation_of_a_sentence_that_is_gone(
    said: Sentences, chinese: dict[str, str]
) -> None:
    stale = [repr(key) for key in chinese if key not in said]
    assert not stale, "not in the code (python -m assets.locale.update):\n" + "\n".join(stale)


def test_places_are_the_same_in_both_languages(said: Sentences, chinese: dict[str, str]) -> None:
    for key, (place, forms) in said.items():
        wanted = set().union(*(places(form) for form in forms))
        assert places(chinese.get(key, key)) <= wanted, place
        # A plural's {count} may be left out in a language; any other place must be used.
        assert wanted - {"count"} <= places(chinese.get(key, key)), place


def test_the_catalogue_is_as_the_command_writes_it() -> None:
    """Sorted, each sentence once, nothing stale, and no entries in other files beside it."""
    told = "python -m assets.locale.update"
    assert not strays(FOLDER), told
    assert updated(FOLDER, "zh_CN") == CATALOGUE.read_bytes(), told


def test_no_sentence_stands_inside_an_f_string() -> None:
    """Babel does not read those on Python 3.11: the sentence would never be translated."""
    for file in (*ROOT.glob("pages/**/*.py"), *ROOT.glob("recsys/**/*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                hidden = [ast.unparse(call) for call in ast.walk(node) if names_a_sentence(call)]
                assert not hidden, f"{file}:{node.lineno}"


def test_the_command_finds_nothing_to_do_the_second_time(tmp_path: Path) -> None:
    shutil.copy(CATALOGUE, tmp_path)
    update(tmp_path, "zh_CN")
    once = (tmp_path / "messages.po").read_bytes()
    update(tmp_path, "zh_CN")
    assert (tmp_path / "messages.po").read_bytes() == once
    assert [path.name for path in tmp_path.iterdir()] == ["messages.po"]


def test_the_command_takes_over_what_a_further_file_says(tmp_path: Path) -> None:
    (tmp_path / "new_words.po").write_text(
        'msgid "Nothing to improve."\nmsgstr "挺好"\n\nmsgid "Nobody says this."\nmsgstr "x"\n'
    )
    update(tmp_path, "zh_CN")
    words = translations(tmp_path / "messages.po")
    assert words["Nothing to improve."] == "挺好"
    assert words["{count} user"] == ""
    assert "Nobody says this." not in words
    assert not (tmp_path / "new_words.po").exists()


def places(text: str) -> set[str]:
    """Names in braces; doubled braces are braces."""
    single = text.replace("{{", "").replace("}}", "")
    return set(re.findall(r"{(\w+)", single))


def names_a_sentence(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in KEYWORDS
        and any(isinstance(argument, ast.Constant) for argument in node.args)
    )
