"""Train: choose a model and a prompt, start a process, and watch it learn."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import runs, shipped, state
from pages._ui.common.i18n import _
from pages._ui.common.widgets import next_step, page_header
from pages._ui.train import run_actions, run_list, run_live, train_form
from recsys.runs import Run


def shown() -> Run | None:
    """The run to show: the linked one while it is at work, or where somebody asked for it.

    Who comes back from another page to train again finds the form, not the run of before; its
    button being in the session shows that the run was on the page a moment ago.
    """
    run = runs.linked()
    if run is not None and run.name == shipped.NAME:
        return None  # nothing to watch, and nothing that could be done with it
    first_visit = not st.session_state.get("train_visited")
    st.session_state["train_visited"] = True
    asked = state.take("run_opened") or first_visit or run_actions.DRAWN in st.session_state
    return run if run is not None and (asked or run.status().active) else None


page_header("train")
run = shown()
if run is None:
    train_form.draw()
else:
    run_live.draw(run)
st.space("small")
run_list.draw(runs.all_runs())
if run is None or not run.status().has_model:
    usable = bool(runs.usable_runs())
    next_step("train", disabled=not usable, note=None if usable else _("Train a model first."))
