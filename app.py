"""PromptRec Studio: the entry of the app. Routes, theme, language, status; nothing else."""

from __future__ import annotations

import streamlit as st

from pages._ui import shell, state, status, theme
from pages._ui.i18n import choose_language, language

st.set_page_config(
    page_title="PromptRec Studio",
    page_icon=str(theme.ASSETS / "icon.svg"),
    layout="wide",
    initial_sidebar_state="auto",
)
state.begin()
language()
theme.apply()

page = shell.navigation()
with st.sidebar:
    status.draw()
    choose_language()
state.finish()
page.run()
