"""What a page shows while there is nothing for it to show."""

from __future__ import annotations

import streamlit as st

from pages._ui import journey
from pages._ui.i18n import _


def no_model(*, key: str) -> None:
    """No trained model yet: one sentence and the way to the first."""
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.subheader(_("There is no trained model yet"), anchor=False, text_alignment="center")
        st.caption(
            _("Training the default model takes under five minutes; a baseline takes seconds."),
            text_alignment="center",
        )
        if st.button(
            _("Train your first model"),
            key=f"first-model-{key}",
            type="primary",
            icon=":material/play_arrow:",
        ):
            st.switch_page(journey.BY_KEY["train"].script)
        st.space("small")
