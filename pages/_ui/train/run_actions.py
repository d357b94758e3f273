"""What can be done with a run: stop, pause, look at what it learned, train again."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages._ui.common import capsules, job_view, journey, runs, shipped, state, undo
from pages._ui.common.i18n import _
from pages._ui.common.widgets import show_error
from pages._ui.words import final_words
from recsys.runs import Run, RunSettings, Status, runs_folder, start
from recsys.runs.final import create_final, final_of
from recsys.schema import RecsysError

#: Key of a button that is there whenever a run is shown.
DRAWN = "train-another"


def draw_actions(run: Run, status: Status) -> None:
    with st.container(horizontal=True):
        if status.active and status.state != "unresponsive":
            asked = run.stop_requested()
            queued = status.state == "waiting" and status.message is not None
            stop = _stop_word(run, queued=queued)
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
            _draw_measured(run)
            capsules.draw_export(run)
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


def _stop_word(run: Run, *, queued: bool) -> str:
    if queued:
        return _("Stop waiting")
    return _("Stop, keep the best") if run.config.final is None else _("Stop, keep nothing")


def _draw_measured(run: Run) -> None:
    """The way to the figures of a run, and to a model of its settings that knows all events."""
    if run.config.final is not None:
        other = final_words.measured(run)
        if other is not None and other.name != shipped.NAME:
            st.button(
                _("Open the run that was evaluated"),
                icon=":material/straighten:",
                key=f"measured-{run.name}",
                on_click=runs.open_on_train_page,
                args=(other.name,),
            )
        return
    if st.button(_("See how good they are"), key=f"measure-{run.name}"):
        st.switch_page(journey.BY_KEY["evaluate"].script)
    if not run.has_results():
        return
    whole = final_of(run, runs.all_runs())
    if whole is not None:
        st.button(
            _("Open the run on all events"),
            icon=":material/all_inclusive:",
            key=f"final-{run.name}",
            on_click=runs.open_on_train_page,
            args=(whole.name,),
        )
    elif st.button(
        _("Train on everything"),
        icon=":material/all_inclusive:",
        key=f"final-{run.name}",
        help=_(
            "Fits the same settings on all events, those held out too, for as long as this run was "
            "trained until its best. That model is the one to use; its figure is that of this run."
        ),
    ):
        _start(lambda: create_final(run, runs_folder()))


def _again(run: Run) -> None:
    """Start a new run with the settings of one that did not get to its end."""
    _start(lambda: RunSettings.of(run).create(runs_folder(), run.dataset()))


def _start(make: Callable[[], Run]) -> None:
    """Make a run, start it, and show it."""
    try:
        new = make()
        start(new)
    except RecsysError as error:
        show_error(error)
        return
    runs.open_on_train_page(new.name)
    st.rerun()
