"""Actions of buttons, whose errors are shown, and undoing a deletion."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages._ui.common.i18n import _
from pages._ui.common.widgets import show_error
from recsys.privacy.retention import TRASH_DAYS
from recsys.schema import RecsysError


def delete(kind: str, put_away: Callable[[], str]) -> bool:
    """Call `put_away`, whose result brings back what it deleted; says so where it cannot.

    Args:
        kind: what it is, such as "run"; the last one of each kind can be brought back.
    """
    try:
        st.session_state[_key(kind)] = put_away()
    except RecsysError as error:
        show_error(error)
        return False
    return True


def attempt(work: Callable[[], object]) -> bool:
    """Run the action of a button, such as stopping a run; shows its error where it fails."""
    try:
        work()
    except RecsysError as error:
        show_error(error)
        return False
    return True


def press(work: Callable[[], object]) -> None:
    """The same as what a button does when it is pressed."""
    attempt(work)


def offer(kind: str, words: Callable[[str], str], restore: Callable[[str], None]) -> None:
    """After a deletion: say so, and offer the way back.

    Args:
        words: the sentence that says it, in Markdown, from what `put_away` returned.
        restore: takes the same and brings it back.
    """
    token = st.session_state.get(_key(kind))
    if token is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(words(token), width="content")
        st.caption(_("It stays in the trash for {days} days.", days=TRASH_DAYS), width="content")
        st.button(
            _("Undo"),
            key=f"undo-{kind}",
            icon=":material/undo:",
            on_click=_undo,
            args=(kind, token, restore),
        )


def _undo(kind: str, token: str, restore: Callable[[str], None]) -> None:
    st.session_state.pop(_key(kind), None)
    try:
        restore(token)
    except RecsysError as error:
        show_error(error)


def _key(kind: str) -> str:
    return f"deleted-{kind}"
