"""Recommend page: what was understood of a wish, part by part, for a person to correct."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._ui.common.i18n import _, punctuation
from pages._ui.common.widgets import MAX_LISTED, plain
from pages._ui.words.value_words import value_words
from recsys.wishes.control.corrections import Corrections, Mark, Part, Shown, parts
from recsys.wishes.intent import Compared, Intent
from recsys.wishes.years import Span

_ICONS = {
    Mark.MUST: ":material/priority_high:",
    Mark.WANT: ":material/check:",
    Mark.TASTE: ":material/water_drop:",
    Mark.AVOID: ":material/block:",
    Mark.REMOVED: ":material/close:",
}

#: Called with the corrections as they are from then on.
Changed = Callable[[Corrections], None]


def draw(read: Intent, said: Corrections, changed: Changed, key: str) -> None:
    """A chip a part, each with a menu; a box to add values, and the way back to what was read.

    Args:
        read: the wish as it was understood, without corrections.
        said: the corrections that belong to it.
        key: begins the keys of the widgets.
    """
    marks = said.of(said.text)
    shown = parts(read, marks)
    if marks and not shown:
        st.caption(_("Nothing of it is meant."), width="content")
    for place, part in enumerate(shown):
        _chip(part, said, changed, f"{key}-chip-{place}")
    _add(read, shown, said, changed, f"{key}-add")
    if marks:
        st.button(
            _("As understood"),
            icon=":material/undo:",
            key=f"{key}-undo",
            type="tertiary",
            help=_("Take all corrections back."),
            on_click=changed,
            args=(Corrections(said.text),),
        )


def row(key: str) -> DeltaGenerator:
    """Where chips stand, and what else belongs to a wish."""
    return st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", key=f"{key}-chips"
    )


def _chip(part: Part, said: Corrections, changed: Changed, key: str) -> None:
    def marked() -> None:
        mark = st.session_state[key]
        changed(said.marked(part.name, None if mark == part.read else mark))

    with st.container(width="content", key=f"{key}-is-{part.mark}"):  # for its colour
        st.menu_button(
            part_words(part),
            [mark for mark in Mark if mark != part.mark],
            format_func=lambda mark: f"{_ICONS[mark]} {_mark_words(mark)}",
            icon=_ICONS[part.mark],
            key=key,
            on_click=marked,
        )


def _add(
    read: Intent, shown: Sequence[Part], said: Corrections, changed: Changed, key: str
) -> None:
    """A box to add a value of the data that was not understood."""
    there = {part.name for part in shown}
    values = [value for value in dict.fromkeys(map(str, read.values)) if value not in there]
    if not 0 < len(values) <= MAX_LISTED:
        return

    def added() -> None:
        value = st.session_state[key]
        st.session_state[key] = None
        if value is not None:
            understood = {part.name: part.read for part in parts(read, {})}
            changed(said.marked(value, None if understood.get(value) == Mark.WANT else Mark.WANT))

    st.selectbox(
        _("Add to the wish"),
        sorted(values, key=str.casefold),
        index=None,
        format_func=value_words,
        placeholder=_("Add …"),
        key=key,
        width=120,
        label_visibility="collapsed",
        on_change=added,
    )


def asked_words(read: Intent) -> str:
    """What is asked for, part by part, in Markdown; "" for nothing."""
    return " · ".join(map(part_words, parts(read, {})))


def part_words(part: Part) -> str:
    """A part of a wish and what it is to the person, in Markdown."""
    words = _shown_words(part.shown)
    if part.mark == Mark.AVOID:
        return _turned(part.shown)
    if part.mark == Mark.MUST:
        return _("a must: {value}", value=words)
    return _("a little: {value}", value=words) if part.mark == Mark.TASTE else words


def _shown_words(shown: Shown) -> str:
    if isinstance(shown, Span):
        return _span(shown)
    if isinstance(shown, Compared):
        return _compared(shown.word, more=shown.more)
    if isinstance(shown, tuple):
        return _("like {title}", title=_titles(shown))
    return plain(value_words(shown))


def _turned(shown: Shown) -> str:
    """A part that is to be avoided."""
    if isinstance(shown, Compared):
        return _compared(shown.word, more=not shown.more)
    if isinstance(shown, tuple):
        return _("not like {title}", title=_titles(shown))
    return _("not {value}", value=_shown_words(shown))


def _compared(word: str, *, more: bool) -> str:
    quality = plain(word)
    if more:
        return _("more “{quality}”", quality=quality)
    return _("less “{quality}”", quality=quality)


def _titles(titles: Sequence[str]) -> str:
    """The first few titles of a mention, which can be those of a whole series."""
    return punctuation(", ").join(map(plain, titles[:3]))


def _span(span: Span) -> str:
    first, last = span.first, span.last
    if first is None:
        return _("until {year}", year=last)
    if last is None:
        return _("from {year} on", year=first)
    return str(first) if first == last else f"{first}–{last}"


def _mark_words(mark: Mark) -> str:
    return {
        Mark.MUST: _("A must"),
        Mark.WANT: _("Wanted"),
        Mark.TASTE: _("At most as a taste"),
        Mark.AVOID: _("Avoid"),
        Mark.REMOVED: _("Not meant"),
    }[mark]
