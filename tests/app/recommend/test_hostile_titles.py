"""Words of an upload that look like markup, where Streamlit reads labels as Markdown."""

from __future__ import annotations

import re
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.common.widgets import plain
from recsys.request_text import CUT, MAX_WISH
from tests.intents import intent_of

HOSTILE = [
    "**bold**",
    "[x](http://evil)",
    ":material/delete:",
    "$x$",
    "![](http://evil/x.png)",
    "<img src=x onerror=alert(1)>",
    ":red[x]",
    "`code`",
    "http://evil.example",
    "~~gone~~",
    ":smile:",
    "a -> b",
]


def _pills(wishes: list[str]) -> None:
    from pages._ui.recommend.wishes import offer

    offer(wishes)


def test_a_wish_to_click_on_is_shown_as_it_is_and_taken_as_it_is() -> None:
    app = AppTest.from_function(_pills, args=(HOSTILE,)).run()
    assert not app.exception
    (pills,) = app.button_group
    shown = [option.content for option in pills.proto.options]
    for words, label in zip(HOSTILE, shown, strict=True):
        # No character that Markdown knows is left, and a reader sees the words that there are.
        assert not re.search(r"[\\`*_\[\]()<>!|~:$\"'=@/{}]", re.sub(r"&#\d+;", "", label))
        assert unescape(label).replace("\u2060", "") == words
    for words in HOSTILE:
        app.button_group(key="wish-example").set_value(words).run()
        assert app.session_state["wish"] == words


@pytest.mark.parametrize("words", HOSTILE)
def test_what_was_understood_is_no_markup(words: str) -> None:
    from pages._ui.recommend.chips import asked_words

    told = asked_words(intent_of(wanted=(words,), like=(words,), unlike=(words,)))
    assert told.count(plain(words)) == 3


def test_a_wish_that_is_cut_is_said_to_be_cut() -> None:
    from pages._ui.recommend.wishes import not_understood_words

    assert plain(str(CUT)) in not_understood_words(intent_of(("War",), cut=True))
    assert plain(str(CUT)) in not_understood_words(intent_of(cut=True))
    assert str(MAX_WISH) not in not_understood_words(intent_of(("War",)))
