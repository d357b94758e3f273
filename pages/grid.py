"""Grid: prompts × models × language models in one go, each run beside its controls."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import runs, state
from pages._ui.common.i18n import _
from pages._ui.common.widgets import page_header, show_error
from pages._ui.grid import grid_form, grid_keep, grid_view
from recsys.lab.grid_job import GridJob
from recsys.lab.grid_store import list_grids, open_grid
from recsys.runs import runs_folder
from recsys.schema import RecsysError


def main() -> None:
    grid_keep.offer_undo()
    jobs = list_grids(runs_folder())
    if not jobs:
        grid_form.draw_first()
    with st.spinner(_("Getting the models ready…")):  # PyTorch takes seconds, once
        runs.models()
    with st.expander(_("A new grid"), icon=":material/add:", expanded=not jobs):
        grid_form.draw(first=not jobs)
    job = shown(jobs)
    if job is not None:
        grid_view.draw(job, jobs)


def shown(jobs: list[GridJob]) -> GridJob | None:
    """The grid that the link names, else the latest; None where there is none."""
    name = state.linked("grid")
    if name is None:
        return next(iter(jobs), None)
    try:
        return open_grid(runs_folder(), name)
    except RecsysError as error:
        show_error(error)
        state.link("grid", None)
        return next(iter(jobs), None)


page_header("grid")
main()
