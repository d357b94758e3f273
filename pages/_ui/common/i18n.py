"""Two languages: which one is shown, and the words in it.

A catalogue is one `messages.po` a language, read directly (nothing to compile, nothing to forget to
compile); `python -m assets.locale.update` brings it in line with the code. The language is chosen
in the sidebar and kept in the URL, so that a link opens in the language in which it was sent.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import streamlit as st
from babel.messages.pofile import read_po

from recsys.bundle import ASSETS
from recsys.schema import Message, fill

LANGUAGES: dict[str, str] = {"en": "English", "zh": "简体中文"}
LOCALE_FOLDER = ASSETS / "locale"
_LOCALES = {"zh": "zh_CN"}
#: Between the parts of an enumeration, before what explains, between clauses, between sentences.
_CHINESE_MARKS = {", ": "、", ": ": "：", "; ": "；", " ": ""}
_KEY = "language"
_WIDGET = "lang"


def language() -> str:
    """The language shown, a key of `LANGUAGES`."""
    if st.session_state.get(_KEY) not in LANGUAGES:
        st.session_state[_KEY] = _first_language()
    return str(st.session_state[_KEY])


def choose_language() -> None:
    """Draw the switch.

    Its value is copied to a key of its own, because Streamlit forgets widgets in `st.switch_page`.
    """
    st.session_state[_WIDGET] = language()
    st.segmented_control(
        "Language · 语言",
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key=_WIDGET,
        on_change=_chosen,
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )


def _(template: str, **places: Any) -> str:
    """`template` in the current language, with its `{named}` places filled."""
    return fill(catalogue(language()).get(template, template), places)


def ngettext(one: str, many: str, count: int, **places: Any) -> str:
    """`one` or `many`, whichever `count` asks for, in the current language."""
    source = one if count == 1 else many
    template = catalogue(language()).get(one, source)
    return fill(template, {"count": f"{count:,}", **places})


def punctuation(latin: str) -> str:
    """What stands between words (", ", ": ", "; ", " "), as the current language writes it."""
    return _CHINESE_MARKS[latin] if language() == "zh" else latin


def say(message: Message | str) -> str:
    """A message of `recsys` in the current language; messages among its values too."""
    if isinstance(message, str):
        return _(message)
    values = {k: say(v) if isinstance(v, Message) else v for k, v in message.params.items()}
    return fill(catalogue(language()).get(message.template, message.template), values)


@lru_cache
def catalogue(lang: str) -> dict[str, str]:
    """English template → words of `lang`; of a plural, the singular is the key.

    Chinese has one plural form, which is why one string an entry is enough.
    """
    words: dict[str, str] = {}
    if lang not in _LOCALES:
        return words
    with (LOCALE_FOLDER / _LOCALES[lang] / "LC_MESSAGES" / "messages.po").open("rb") as file:
        for entry in read_po(file, locale=_LOCALES[lang]):
            key = entry.id if isinstance(entry.id, str) else entry.id[0]
            word = entry.string if isinstance(entry.string, str) else (entry.string or ("",))[0]
            if key and word:
                words[key] = word
    return words


def _chosen() -> None:
    st.session_state[_KEY] = st.session_state[_WIDGET]


def _first_language() -> str:
    """The URL's language, else the browser's, else English."""
    asked = st.query_params.get("lang", "")
    if asked in LANGUAGES:
        return asked
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"
