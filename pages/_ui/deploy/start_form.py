"""Deploy page: which run is to answer, and where."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from pages._ui.common import runs, undo
from pages._ui.common.i18n import _
from recsys.runs import Run
from recsys.serving.service import Service
from recsys.serving.settings import DEFAULT_PORT, ServiceSettings

_WORKERS = (1, 2, 4)


def draw(usable: list[Run], taken: Collection[str]) -> None:
    """The choices and the button.

    Args:
        usable: the runs to choose from, the best first.
        taken: ports at which services are at work.
    """
    run = runs.choose(usable, key="deploy-run")
    free = next(port for port in range(DEFAULT_PORT, 65_536) if str(port) not in taken)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        port = st.number_input(_("Port"), 1024, 65_535, free, key=f"deploy-port-{free}", width=160)
        workers = st.selectbox(
            _("Processes"),
            _WORKERS,
            key="deploy-workers",
            help=_("Each has the model in its own memory; together they answer more requests."),
            width=160,
        )
        if st.button(
            _("Start"), type="primary", icon=":material/play_arrow:", key="deploy-start"
        ) and undo.attempt(lambda: _start(run, int(port), workers)):
            st.rerun()
    st.caption(
        _(
            "It listens at 127.0.0.1: only programs of the machine that the app runs on reach it. "
            "It goes on when this page is closed, until it is stopped here."
        )
    )


def _start(run: Run, port: int, workers: int) -> None:
    settings = ServiceSettings(run.name, port=port, workers=workers)
    if not Service.at(port).status().active:  # else another session was faster
        Service.create(settings).start()
