"""PromptRec Studio: the entry of the app. Routes, theme, language, status; nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st


def main() -> None:
    """Draw the frame and the page asked for; what Streamlit runs for every visitor."""
    from pages._ui.common import shell, state, status, theme
    from pages._ui.common.i18n import choose_language, language
    from recsys.bundle import ASSETS

    st.set_page_config(
        page_title="PromptRec Studio",
        page_icon=str(ASSETS / "icon.svg"),
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


@asynccontextmanager
async def ready(server: st.App) -> AsyncIterator[None]:
    """Import and read what the first page needs before anybody asks for it."""
    from pages._ui.common import shipped, store
    from pages._ui.common.state import DEFAULT_SAMPLE

    store.load(store.sample(DEFAULT_SAMPLE))
    shipped.unpack_ahead()
    yield


if __name__ == "__main__":
    main()
else:  # `streamlit run app.py` imports this to serve it
    from pages._ui.common import reach

    app = st.App(__file__, lifespan=ready, middleware=reach.guards())
