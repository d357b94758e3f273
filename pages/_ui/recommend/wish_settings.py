"""Recommend page: corrections and strength of the wish, in the session and in the link."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import streamlit as st

from pages._ui.common import state
from pages._ui.common.i18n import _
from recsys.wishes.control.corrections import Corrections, Mark
from recsys.wishes.control.strength import NUDGE

_SAID, _MARKS = "wish-corrections", "marks"
_STRICT, _OPENED, _LINK = "wish-strength", "wish-strength-opened", "strict"
#: Letters of the corrections that go into the link, and how many are read from it.
_LINKABLE, _MOST = 600, 60
#: From what a model makes of the words by itself to a rule, see `Queries.strength`.
_STRENGTHS = (0.0, 0.25, NUDGE, 0.75, 1.0)


def corrections(wish: str) -> Corrections:
    """What was said of this wish, in the session or in the link that opened it."""
    if _SAID not in st.session_state:
        st.session_state[_SAID] = Corrections(wish, _read(state.linked(_MARKS) or ""))
    said: Corrections = st.session_state[_SAID]
    if said.text != wish:
        said = Corrections(wish)
    written = urlencode(said.marks)
    state.link(_MARKS, written if 0 < len(written) <= _LINKABLE else None)
    return said


def correct(said: Corrections) -> None:
    """Go by these corrections from now on."""
    st.session_state[_SAID] = said


def _read(written: str) -> tuple[tuple[str, Mark], ...]:
    """The corrections of a link, without what is none."""
    try:
        pairs = parse_qsl(written[:_LINKABLE], max_num_fields=_MOST)
    except ValueError:  # more than anybody makes
        return ()
    return tuple((name, Mark(mark)) for name, mark in pairs if mark in set(Mark))


def strength(*, by_itself: bool) -> float:
    """How much the wish counts: the slider, which the link keeps.

    Args:
        by_itself: whether the model reads the words whatever the strength.
    """

    def words(strength: float) -> str:
        if strength == 0 and by_itself:
            return _("as the model reads it")
        return strength_words(strength)

    # A value put under the key of a widget that is not drawn yet, as in a closed popover, is lost
    # at the next run.
    first = st.session_state.setdefault(_OPENED, _linked_strength())
    with st.popover(
        _("How strictly: {strength}", strength=words(st.session_state.get(_STRICT, first))),
        icon=":material/tune:",
        key="wish-strictness",
    ):
        chosen = st.select_slider(
            _("How strictly the wish is followed"),
            _STRENGTHS,
            value=first,
            format_func=words,
            key=_STRICT,
            help=_(
                "As a rule, whatever has all of the wish comes first. The weaker it is, the more "
                "the list is what suits the person anyway."
            ),
        )
    state.link(_LINK, None if chosen == 1 else f"{chosen:g}")
    return float(chosen)


def _linked_strength() -> float:
    try:
        linked = float(state.linked(_LINK) or 1)
    except ValueError:
        return 1.0
    return min(_STRENGTHS, key=lambda known: abs(known - linked))


def strength_words(strength: float) -> str:
    """How much a wish counts, in words."""
    return {
        0.0: _("not at all"),
        0.25: _("a hint"),
        NUDGE: _("a nudge"),
        0.75: _("strongly"),
        1.0: _("a rule"),
    }[strength]
