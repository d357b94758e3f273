"""Registering the pages with Streamlit."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import journey
from pages._ui.common.i18n import _

_RAN = "shell_ran"


def navigation() -> st.Page:
    """Register the journey's pages and return the one to run; called by `app.py`."""
    st.session_state[_RAN] = True
    return _register()


def ensure() -> None:
    """Bring `app.py` around a page that Streamlit started on its own.

    Streamlit takes any folder called `pages` for its older kind of multipage app until
    `st.navigation` is first called. So the first request to a fresh server, when it asks for a
    page by its URL, runs the page's script bare; registering the pages and running again mends it.
    """
    if not st.session_state.get(_RAN):
        _register()
        st.rerun()


def _register() -> st.Page:
    first = journey.HOME
    home = st.Page(
        first.script, title=_(first.title), icon=first.icon, url_path="start", default=True
    )

    def to_home() -> None:
        st.switch_page(home)

    # The default page answers at "/" only; without an alias "/home" would be "Page not found".
    alias = st.Page(to_home, url_path=first.key, visibility="hidden")
    rest = [
        st.Page(step.script, title=_(step.title), icon=step.icon, url_path=step.key)
        for step in (*journey.STEPS, *journey.ASIDE)
    ]
    return st.navigation([home, *rest, alias])
