"""Prompts page: the prompt tuned by gradient on a frozen backbone, live."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import backbones, job_view, runs, state, undo
from pages._ui.common.i18n import _
from pages._ui.common.state import Prompt
from pages._ui.common.widgets import plain, section, show_error
from pages._ui.prompts import prompt_files
from pages._ui.train import run_curves, run_live, run_progress
from pages._ui.words import gain_words
from recsys.defaults import DEFAULT_BACKBONE, TUNED_MODEL
from recsys.lab.version import tuned_note
from recsys.prompts import LIBRARY, Template
from recsys.runs import Run, Status, create_run, runs_folder, start
from recsys.runs.curves import Curves
from recsys.schema import RecsysError

#: A choice beside the runs that there are: train the backbone first.
_NEW = ""


def draw(prompt: Prompt) -> None:
    """What to tune on, the button, and the tuning of this prompt that was asked for last."""
    section(
        _("Tune this prompt"),
        _("A trained backbone stays as it is; only the prompt learns: its trained vectors, "
          "and how its words are read. What it gains is kept as a new version."),
    )  # fmt: skip
    there = {run.name: run for run in backbones.trained()}
    titles = {name: runs.run_label(run) for name, run in there.items()}
    titles[_NEW] = _("{model}: train it first", model=runs.model_title(DEFAULT_BACKBONE))
    tuned = _latest(prompt)
    active = tuned is not None and tuned.status().active
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            _("Backbone"),
            list(titles),
            format_func=titles.__getitem__,
            key="tune-backbone",
        )
        pressed = st.button(
            _("Tune the prompt"),
            key="tune-start",
            type="primary",
            icon=":material/tune:",
            disabled=active,
        )
    if pressed:
        try:
            tuned = _start(prompt, there.get(name))
        except RecsysError as error:
            show_error(error)
            return
    if tuned is not None:
        job_view.watch(tuned, run_live.now(tuned.name, _view))


def _latest(prompt: Prompt) -> Run | None:
    """The tuning of this very text on the current data that was asked for last."""
    data = state.dataset().content_hash
    return next(
        (
            run
            for run in runs.all_runs()
            if run.config.model == TUNED_MODEL
            and run.config.final is None
            and run.config.data_hash == data
            and run.config.prompt_source == prompt.source
        ),
        None,
    )


def kept_as(prompt: Prompt) -> str:
    """The name under which a tuned prompt is kept; the library's own stay as they are."""
    return f"{prompt.name} tuned" if prompt.name in LIBRARY else prompt.name


def _start(prompt: Prompt, backbone: Run | None) -> Run:
    """Make the run, and let a process of its own tune it and keep the version."""
    run = create_run(
        runs_folder(),
        state.dataset(),
        model=TUNED_MODEL,
        backbone=backbone,
        template=Template.parse(prompt.source, prompt.name),
        save_as=kept_as(prompt),
        source={"origin": state.origin()} if backbone is None else backbone.config.source,
    )
    start(run)
    return run


def _view(run: Run, status: Status, curves: Curves) -> None:
    if status.state == "unresponsive":
        job_view.draw_unresponsive(run)
    elif status.active:
        st.progress(curves.share, text=run_progress.doing(run, status, curves))
        asked = run.stop_requested()
        with st.container(horizontal=True):
            st.button(
                _("Stop, keep the best"),
                key="tune-stop",
                icon=":material/stop_circle:",
                disabled=asked,
                on_click=undo.press,
                args=(run.request_stop,),
            )
            if not asked:
                job_view.draw_pause(run, status)
    else:
        job_view.draw_message(status)
        job_view.draw_log(run, status)
    run_curves.draw_curves(run, curves, active=status.active)
    if status.has_model and not status.active:
        _result(run)


def _result(run: Run) -> None:
    """The gain, and the version that was kept."""
    try:
        results = run.evaluation()
    except RecsysError as error:
        show_error(error)
        return
    if "gain" in results:
        st.markdown(gain_words.sentence(results["gain"]))
    prompts = prompt_files.kept()
    note = tuned_note(run.name)
    kept = next(
        (
            version
            for name in prompts.names()
            for version in prompts.versions(name)
            if version.note == note
        ),
        None,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if kept is not None:
            st.caption(
                _(
                    "Kept as version {number} of “{name}”.",
                    number=kept.number,
                    name=plain(kept.name),
                )
            )
            st.button(
                _("Open this version"),
                key="tune-open",
                icon=":material/history:",
                on_click=state.link,
                args=("prompt", kept.name),
            )
