"""The few lines in the sidebar that say what one is working on."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import reach, state
from pages._ui.common.i18n import _, ngettext
from pages._ui.common.widgets import plain


def draw() -> None:
    """Current data and prompt, on every page."""
    data = state.dataset()
    with st.container(border=True, gap="xsmall"):
        st.caption(_("Data"))
        st.markdown(f"**{plain(state.data_title())}**")
        users = ngettext("{count} user", "{count} users", data.n_users)
        items = ngettext("{count} item", "{count} items", data.n_items)
        st.caption(f"{users} · {items}")
    if reach.open_to_others():
        st.caption(
            _(
                "This app is open to others: whoever can reach it can use, stop and delete what "
                "is here."
            )
        )
