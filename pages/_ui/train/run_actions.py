"""What can be done with a run: stop, pause, look at what it learned, train again."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import job_view, journey, runs, state, undo
from pages._ui.common.i18n import _
from pages._ui.common.widgets import show_error
from recsys.runs import Run, RunSettings, Status, runs_folder, start
from recsys.schema import RecsysError

#: Key of a button that is there whenever a run is shown.
DRAWN = "train-another"


def draw_actions(run: Run, status: Status) -> None:
    with st.container(horizontal=True):
        if status.active and status.state != "unresponsive":
            asked = run.stop_requested()
            queued = status.state == "waiting" and status.message is not None
            stop = _("Stop waiting") if queued else _("Stop, keep the best")
            st.button(
                _("Stopping …") if asked else stop,
                icon=":material/stop_circle:",
                key=f"stop-{run.name}",
                disabled=asked or status.state == "evaluating",
                on_click=undo.press,
                args=(run.request_stop,),
            )
            if not asked:
                job_view.draw_pause(run, status)
        if status.has_model:
            if st.button(
                _("See recommendations"),
                type="primary",
                icon=":material/arrow_forward:",
                icon_position="right",
                key=f"see-{run.name}",
            ):
                st.switch_page(journey.BY_KEY["recommend"].script)
            if st.button(_("See how good they are"), key=f"measure-{run.name}"):
                st.switch_page(journey.BY_KEY["evaluate"].script)
        if status.state in ("failed", "interrupted"):
            if st.button(
                _("Train again with the same settings"),
                icon=":material/replay:",
                key=f"again-{run.name}",
            ):
                _again(run)
        if st.button(_("Train another model"), icon=":material/add:", key=DRAWN):
            state.link("run", None)
            st.rerun()
    job_view.draw_log(run, status)


def _again(run: Run) -> None:
    """Start a new run with the settings of one that did not get to its end."""
    try:
        new = RunSettings.of(run).create(runs_folder(), run.dataset())
        start(new)
    except RecsysError as error:
        show_error(error)
        return
    runs.open_on_train_page(new.name)
    st.rerun()
