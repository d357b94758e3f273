"""Every sentence that a person can see has its Chinese words, with the same named places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from pages._ui.common.i18n import LOCALE_FOLDER

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted((LOCALE_FOLDER / "zh_CN" / "LC_MESSAGES").glob("*.po"))
KEYWORDS = {
    "_": None,
    "N_": None,
    "translate": None,
    "ngettext": (1, 2),
}


def sentences() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Where each msgid stands, and its forms."""
    for folder in ("pages", "recsys"):
        for file, line, message, *_rest in extract_from_dir(
            ROOT / folder,
            method_map=[("**.py", "python")],
            keywords=KEYWORDS,
            directory_filter=lambda _path: True,  # the default leaves out `_ui`
        ):
            forms = (message,) if isinstance(message, str) else tuple(message)
            yield f"{folder}/{file}:{line}", forms


SENTENCES = {forms[0]: (place, forms) for place, forms in sentences()}


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    words: dict[str, str] = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            for entry in read_po(file, locale="zh_CN"):
                key = entry.id if isinstance(entry.id, str) else entry.id[0]
                words[key] = entry.string if isinstance(entry.string, str) else entry.string[0]
    return words


def test_extraction_finds_what_pages_say() -> None:
    assert len(SENTENCES) > 100


def test_every_sentence_is_translated(chinese: dict[str, str]) -> None:
    missing = [f"{place}: {key!r}" for key, (place, _) in SENTENCES.items() if not chinese.get(key)]
    assert not missing, "without Chinese words:\n" + "\n".join(missing)


def test_places_are_the_same_in_both_languages(chinese: dict[str, str]) -> None:
    for key, (place, forms) in SENTENCES.items():
        wanted = set().union(*(places(form) for form in forms))
        assert places(chinese.get(key, key)) <= wanted, place
        # A plural's {count} may be left out in a language; any other place must be used.
        assert wanted - {"count"} <= places(chinese.get(key, key)), place


def test_no_sentence_is_translated_twice_in_two_ways() -> None:
    seen: dict[str, str] = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            for entry in read_po(file, locale="zh_CN"):
                key = str(entry.id)
                if key:
                    assert seen.setdefault(key, str(entry.string)) == str(entry.string), key


def places(text: str) -> set[str]:
    """Names in braces; doubled braces are braces."""
    single = text.replace("{{", "").replace("}}", "")
    return set(re.findall(r"{(\w+)", single))
