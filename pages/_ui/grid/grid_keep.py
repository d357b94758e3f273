"""Grid page: a grid as a file, and deleting it, which can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui.common import state, undo
from pages._ui.common.i18n import _
from recsys.lab.grid import Grid, Row
from recsys.lab.grid_job import GridJob
from recsys.lab.grid_store import delete_grid, restore_grid
from recsys.runs import runs_folder
from recsys.sources.export import to_csv_bytes


def download(job: GridJob, grid: Grid, rows: Sequence[Row]) -> None:
    """The button that saves the numbers, once there are any."""
    if not any(row.ndcg is not None for row in rows):
        return
    st.download_button(
        _("Download as CSV"),
        lambda: to_csv_bytes(as_frame(grid, rows)),
        file_name=f"grid-{job.name}.csv",
        mime="text/csv",
        icon=":material/download:",
        key="download-grid",
        on_click="ignore",
    )


def delete(job: GridJob, *, active: bool) -> None:
    """The button that deletes a grid and says what stays; one at work cannot be deleted."""
    st.button(
        _("Delete"),
        key="delete-grid",
        icon=":material/delete:",
        disabled=active,
        help=_("Stop it first, then delete it.")
        if active
        else _("Its runs stay: they are ordinary runs, listed on the Train page."),
        on_click=_delete,
        args=(job,),
    )


def offer_undo() -> None:
    """After a deletion: say what is gone and what is not, and offer the way back."""
    undo.offer("grid", _deleted, _restore)


def as_frame(grid: Grid, rows: Sequence[Row]) -> pd.DataFrame:
    """Every number of the grid, for a file: a row a run, columns as the command line names them."""
    lines = []
    for row in rows:
        cells = row.to_dict()
        line: dict[str, Any] = {
            key: cells[key] for key in ("prompt", "model", "language_model", "run", "state")
        }
        line |= {f"ndcg@10 {k}": v for k, v in cells["metrics"].get("ndcg@10", {}).items()}
        for name, control in cells["controls"].items():
            line |= {f"{name} {key}": value for key, value in control.items()}
        line |= {"no_better_than": cells["no_better_than"], "seconds": cells["seconds"]}
        lines.append({**line, "seed": grid.seed, "minutes": grid.minutes, "data": grid.data})
    return pd.DataFrame(lines)


def _delete(job: GridJob) -> None:
    if undo.delete("grid", lambda: delete_grid(job)):
        state.link("grid", None)


def _deleted(token: str) -> str:
    return _("The grid was deleted. Its runs stay: they are listed on the Train page.")


def _restore(token: str) -> None:
    state.link("grid", restore_grid(runs_folder(), token).name)
