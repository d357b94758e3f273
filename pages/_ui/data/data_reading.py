"""Data page: how an uploaded file is read, found out or chosen; another choice reads it anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages._ui.common.i18n import _
from pages._ui.common.widgets import plain
from recsys.schema import N_
from recsys.sources import ReadOptions

if TYPE_CHECKING:
    from recsys.sources.columns.choosing import Kind

_SEPARATORS = {
    ",": N_("Comma ,"),
    ";": N_("Semicolon ;"),
    "\t": N_("Tab"),
    "|": N_("Bar |"),
    "::": N_("Two colons ::"),
    "||": N_("Two bars ||"),
    "spaces": N_("Spaces"),
}
_ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252 · Latin-1",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "koi8-r": "KOI8-R",
    "gb18030": "GB18030 · GBK",
    "big5": "Big5",
    "shift_jis": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "euc_kr": "EUC-KR",
}
_HEADERS = {True: N_("Column names"), False: N_("Data already")}
_DECIMALS = {".": N_("Point: 3.5"), ",": N_("Comma: 3,5")}
_DATES = {"day": N_("Day first"), "month": N_("Month first")}
_SHAPES = {
    "events": N_("An event"),
    "matrix": N_("A user, with a column for each item"),
    "lists": N_("A user, with lists of items in cells"),
    "sequences": N_("A user, followed by items"),
}


def options_of(kind: Kind, file_id: str) -> dict[str, Any]:
    """What a person has chosen so far for a file, as the fields of `ReadOptions`."""
    chosen = {
        name: st.session_state.get(_key(kind, name, file_id))
        for name in asdict(ReadOptions())
        if st.session_state.get(_key(kind, name, file_id)) not in (None, "")
    }
    return asdict(ReadOptions(**chosen))


def draw(kind: Kind, file_id: str, found: Mapping[str, Any]) -> None:
    """The choices, each with what was found out as its first; `found` as `ReadOptions` has it."""
    given = any(value is not None for value in options_of(kind, file_id).values())
    with st.expander(_("How the file is read"), icon=":material/tune:", expanded=given):
        left, middle, right = st.columns(3)
        with left:
            _choice(kind, "separator", file_id, _("Between cells stands"), _SEPARATORS, found)
            _choice(kind, "encoding", file_id, _("Letters are written in"), _ENCODINGS, found)
        with middle:
            _choice(kind, "header", file_id, _("The first row holds"), _HEADERS, found)
            st.number_input(
                _("Rows above it to leave out"),
                min_value=0,
                max_value=10_000,
                value=None,
                placeholder=_("Find out"),
                key=_key(kind, "skip", file_id),
            )
            _say(kind, "skip", file_id, found.get("skip"))
        with right:
            _choice(kind, "decimal", file_id, _("Before decimals stands"), _DECIMALS, found)
            _choice(kind, "dates", file_id, _("In dates such as 5/1/2024"), _DATES, found)
        with left:
            if found.get("sheet") or options_of(kind, file_id)["sheet"]:
                label = _("Sheet, or file in the archive")
                key = _key(kind, "sheet", file_id)
                st.text_input(label, placeholder=_("Find out"), key=key)
                _say(kind, "sheet", file_id, found.get("sheet"))
        if kind == "interactions":
            _choice(kind, "shape", file_id, _("Each row is"), _SHAPES, found)


def _choice(
    kind: Kind,
    name: str,
    file_id: str,
    label: str,
    choices: Mapping[Any, str],
    found: Mapping[str, Any],
) -> None:
    """One choice; None is that it is found out, under which stands what was.

    The words of the options stay the same, or the browser would forget what was chosen.
    """
    words = {known: _(words_of) for known, words_of in choices.items()}
    first = _("Find out")
    st.selectbox(
        label,
        [None, *choices],
        format_func=lambda choice: first if choice is None else words[choice],
        key=_key(kind, name, file_id),
    )
    value = found.get(name)
    _say(kind, name, file_id, words.get(value, value))


def _say(kind: Kind, name: str, file_id: str, value: object) -> None:
    """What was found out, where nobody chose it."""
    if value is not None and options_of(kind, file_id)[name] is None:
        st.caption(_("found out: {what}", what=plain(value)))


def _key(kind: str, name: str, file_id: str) -> str:
    return f"read-{kind}-{name}-{file_id}"
