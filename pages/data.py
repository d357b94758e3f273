"""Data: choose it, see what cleaning did, look at it, and read it in words."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import language_model_choice, state
from pages._ui.common.i18n import _
from pages._ui.common.widgets import next_step, page_header, show_error, title_with_way_on
from pages._ui.data import (
    data_choice,
    data_kept,
    data_knowledge,
    data_profile,
    data_report,
    data_upload,
    data_words,
)

page_header("data")
if state.take("data_gone"):
    st.warning(
        _("The data of this link is not on this machine any more; MovieLens is shown instead."),
        icon=":material/link_off:",
    )
if (failed := st.session_state.pop(state.SCENARIO_ERROR, None)) is not None:
    show_error(failed)

data_choice.cards()
if data_choice.uploading():
    data_upload.panel()
else:
    data_choice.sample_settings()
data_knowledge.draw()
data_kept.draw()

st.space("medium")
title_with_way_on(state.data_title(), "data")
language_model_choice.warn_of_first()
data_profile.draw()
st.space("medium")
data_words.draw()
st.space("medium")
data_report.draw()
next_step("data")
