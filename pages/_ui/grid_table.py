"""Grid page: the table of runs, one of them in detail, and the table as a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import journey, runs, state
from pages._ui.i18n import _, language, say
from pages._ui.metric_words import icon, signed
from pages._ui.table_markup import Cell, draw_table
from pages._ui.widgets import plain, section
from recsys.lab.controls import CONTROLS
from recsys.lab.grid import Grid, Row
from recsys.lab.grids import GridJob
from recsys.runs import open_run
from recsys.schema import N_, RecsysError
from recsys.sources.export import to_csv_bytes

_STATES = {
    "waiting": N_("waiting"),
    "running": N_("at work"),
    "stopped": N_("stopped early"),
    "failed": N_("failed"),
}


def names(row: Row) -> tuple[str, str]:
    """What the model of a row is called, and what it read: its prompt and language model."""
    cell = row.cell
    if cell.prompt is None or cell.language_model is None:
        return runs.model_title(cell.model), ""
    read = f"{_prompt(row)} · {runs.language_model_title(cell.language_model)}"
    return runs.model_title(cell.model), read


def draw(job: GridJob, grid: Grid, rows: Sequence[Row]) -> None:
    """The table, the run chosen in it, and the download."""
    section(_("All runs"), _("Click on a heading to sort, on a row to see it in detail."))
    selected = st.dataframe(
        _frame(rows),
        hide_index=True,
        placeholder="–",
        height="content",
        on_select="rerun",
        selection_mode="single-row",
        key=f"grid-rows-{job.name}",
        column_config=_columns(rows),
    ).selection.rows
    place = selected[0] if selected and selected[0] < len(rows) else _best(rows)
    if place is not None:
        _detail(job, rows[place])
    if any(row.ndcg is not None for row in rows):
        st.download_button(
            _("Download as CSV"),
            lambda: to_csv_bytes(as_frame(grid, rows)),
            file_name=f"grid-{job.name}.csv",
            mime="text/csv",
            icon=":material/download:",
            key="download-grid",
            on_click="ignore",
        )


def verdict(row: Row) -> str:
    """What is to be thought of a row; plain text."""
    if row.ndcg is None:
        reason = "" if row.message is None else say(row.message)
        words = _(_STATES[row.state])
        return f"{words}: {reason}" if reason else words
    comma, semicolon = ("、", "；") if language() == "zh" else (", ", "; ")
    told = []
    if len(row.unbeaten) > 1:
        titles = comma.join(_(CONTROLS[name].title) for name in row.unbeaten)
        told = [_("no better than {controls}", controls=titles)]
    elif row.unbeaten:
        told = [_(CONTROLS[row.unbeaten[0]].failed)]
    elif row.controls:
        told = [_("better than its controls")]
    if row.state != "finished":
        told.append(_(_STATES[row.state]))
    return semicolon.join(told)


def as_frame(grid: Grid, rows: Sequence[Row]) -> pd.DataFrame:
    """Every number of the grid, for a file: a row a run, columns as the command line names them."""
    lines = []
    for row in rows:
        told = row.to_dict()
        line: dict[str, Any] = {
            key: told[key] for key in ("prompt", "model", "language_model", "run", "state")
        }
        line |= {f"ndcg@10 {k}": v for k, v in told["metrics"].get("ndcg@10", {}).items()}
        for name, control in told["controls"].items():
            line |= {f"{name} {key}": value for key, value in control.items()}
        line |= {"no_better_than": told["no_better_than"], "seconds": told["seconds"]}
        lines.append({**line, "seed": grid.seed, "minutes": grid.minutes, "data": grid.data})
    return pd.DataFrame(lines)


def _frame(rows: Sequence[Row]) -> pd.DataFrame:
    lines = []
    for row in rows:
        reader = row.cell.language_model
        lines.append(
            {
                "model": runs.model_title(row.cell.model),
                "prompt": None if row.cell.prompt is None else _prompt(row),
                "reader": None if reader is None else runs.language_model_title(reader),
                "ndcg": None if row.ndcg is None else row.ndcg.value,
                "interval": _interval(row),
                "verdict": verdict(row),
                **{name: _delta(row, name) for name in CONTROLS},
                "seconds": row.seconds,
            }
        )
    numbers = dict.fromkeys(["ndcg", *CONTROLS, "seconds"], "float64")
    unused = [name for name in CONTROLS if not any(name in row.controls for row in rows)]
    return pd.DataFrame(lines).astype(numbers).drop(columns=unused)


def _columns(rows: Sequence[Row]) -> dict[str, Any]:
    over = {
        name: st.column_config.NumberColumn(
            _("over {control}", control=_(kind.title)),
            format="%+.4f",
            help=_OVER[name](),
        )
        for name, kind in CONTROLS.items()
    }
    taken = any(row.taken_over for row in rows)
    # Widths where words come later, as a table keeps those that it had when it was first drawn.
    return {
        "model": st.column_config.TextColumn(_("Model")),
        "prompt": st.column_config.TextColumn(_("Prompt")),
        "reader": st.column_config.TextColumn(_("Language model")),
        "ndcg": st.column_config.NumberColumn("NDCG@10", format="%.4f"),
        "interval": st.column_config.TextColumn(_("95% interval"), width=130),
        "verdict": st.column_config.TextColumn(_("Verdict"), width=270),
        **over,
        "seconds": st.column_config.NumberColumn(
            _("Seconds"),
            format="%.0f",
            help=_("Of a run that was there before: what it took then.") if taken else None,
        ),
    }


#: What the difference to each control says.
_OVER = {
    "popularity": lambda: _("How much better than the most popular items for everybody."),
    "shuffled-histories": lambda: _(
        "How much is lost when every user is scored with somebody else's history."
    ),
    "general-model": lambda: _("How much better than the general model that it builds on."),
    "empty-prompt": lambda: _("How much is lost when the prompt says nothing."),
}


def _best(rows: Sequence[Row]) -> int | None:
    measured = [(row.ndcg.value, -at) for at, row in enumerate(rows) if row.ndcg is not None]
    return -max(measured)[1] if measured else None


def _detail(job: GridJob, row: Row) -> None:
    """One run: its controls in numbers and words, and the pages that open it."""
    model, read = names(row)
    with st.container(border=True, gap="small"):
        st.markdown(f"**{plain(f'{model} · {read}' if read else model)}**")
        if row.ndcg is None:
            st.caption(plain(verdict(row)))
            return
        lines = [
            (
                _(CONTROLS[name].title),
                [
                    Cell(f"{control.value:.4f}", ""),
                    Cell(
                        signed(control.difference.delta),
                        f"{signed(control.difference.low)} – {signed(control.difference.high)}",
                        control.beaten,
                    ),
                    Cell(f"{control.difference.p_value:.4f}", ""),
                ],
            )
            for name, control in row.controls.items()
        ]
        heads = [
            ("NDCG@10", ""),
            (_("the run is better by"), _("with its 95% interval, from resampling users")),
            ("p", _("how often chance alone would make as large a difference")),
        ]
        if lines:
            draw_table(_("Control"), heads, lines)
        for name in row.unbeaten:
            difference = row.controls[name].difference
            mark = icon(difference.delta, distinguishable=difference.distinguishable)
            failed, meaning = CONTROLS[name].failed, CONTROLS[name].meaning
            st.markdown(f"{mark} **{_(failed)}**: {_(meaning)}")
        _open(job, row)


def _open(job: GridJob, row: Row) -> None:
    try:
        run = open_run(job.runs_dir, row.run or "")
    except RecsysError:
        st.caption(_("Its run was deleted; the numbers stay."))
        return
    with st.container(horizontal=True):
        for key, words in (
            ("evaluate", _("See how good they are")),
            ("recommend", _("See recommendations")),
        ):
            step = journey.BY_KEY[key]
            if st.button(words, key=f"grid-to-{key}", icon=step.icon):
                state.link("run", run.name)
                st.switch_page(step.script)


def _prompt(row: Row) -> str:
    return "" if row.cell.prompt is None else runs.template_title(row.cell.prompt[0])


def _interval(row: Row) -> str | None:
    return None if row.ndcg is None else f"{row.ndcg.low:.4f} – {row.ndcg.high:.4f}"


def _delta(row: Row, name: str) -> float | None:
    return row.controls[name].difference.delta if name in row.controls else None
