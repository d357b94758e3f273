"""Grid page: the table of runs, each beside its controls, and one of them in detail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages._ui.common import journey, runs, state
from pages._ui.common.i18n import _, punctuation, say
from pages._ui.common.widgets import plain, section
from pages._ui.html.table_markup import Cell, draw_table
from pages._ui.words.metric_words import icon, signed
from recsys.defaults import FLOOR
from recsys.lab.controls import CONTROLS
from recsys.lab.grid import Row
from recsys.lab.grid_job import GridJob
from recsys.runs import open_run
from recsys.schema import N_, RecsysError

_STATES = {
    "waiting": N_("waiting"),
    "running": N_("at work"),
    "stopped": N_("stopped early"),
    "failed": N_("failed"),
}
#: What the table can be sorted by.
_ORDERS = {
    "result": N_("Result"),
    "lead": N_("Lead"),
    "model": N_("Model"),
    "prompt": N_("Prompt"),
    "time": N_("Time"),
}


def names(row: Row) -> tuple[str, str]:
    """What the model of a row is called, and what it read: its prompt and language model."""
    cell = row.cell
    if cell.prompt is None or cell.language_model is None:
        return runs.model_title(cell.model), ""
    read = (
        f"{runs.template_title(cell.prompt[0])} · {runs.language_model_title(cell.language_model)}"
    )
    return runs.model_title(cell.model), read


def draw(job: GridJob, rows: Sequence[Row]) -> None:
    """The table, and the run chosen below it."""
    section(_("All runs"), _("Each beside the control that comes closest to it."))
    by = st.segmented_control(
        _("Sort by"),
        list(_ORDERS),
        default="result",
        format_func=lambda key: _(_ORDERS[key]),
        required=True,
        key="grid-order",
    )
    first = best(rows)
    heads = [
        ("NDCG@10", _("with its 95% interval, from resampling users")),
        (_("Beside its controls"), _("Its lead over the control that comes closest to it.")),
    ]
    lines = [
        (_title(row), _cells(row, best=row is first and FLOOR not in row.unbeaten))
        for row in ordered(rows, str(by))
    ]
    draw_table(_("Run"), heads, lines)
    if first is not None:
        _choose(job, rows, rows.index(first))


def verdict(row: Row) -> str:
    """What is to be thought of a row; plain text."""
    if row.ndcg is None:
        reason = "" if row.message is None else say(row.message)
        words = _(_STATES[row.state])
        return words + punctuation(": ") + reason if reason else words
    verdicts = []
    if len(row.unbeaten) > 1:
        titles = punctuation(", ").join(_(CONTROLS[name].title) for name in row.unbeaten)
        verdicts = [_("no better than {controls}", controls=titles)]
    elif row.unbeaten:
        verdicts = [_(CONTROLS[row.unbeaten[0]].failed)]
    elif row.controls:
        verdicts = [_("better than its controls")]
    if row.state != "finished":
        verdicts.append(_(_STATES[row.state]))
    return punctuation("; ").join(verdicts)


def ordered(rows: Sequence[Row], by: str) -> list[Row]:
    """The rows sorted by a key of `_ORDERS`, the best, first or quickest in front.

    What is not known yet comes last.
    """
    return sorted(rows, key=_KEYS[by])


def _down(value: float | None) -> float:
    """A key that puts large numbers in front."""
    return float("inf") if value is None else -value


def _ndcg(row: Row) -> float:
    return _down(None if row.ndcg is None else row.ndcg.value)


def _lead(row: Row) -> float:
    return _down(None if row.nearest is None else row.controls[row.nearest].difference.delta)


_KEYS: dict[str, Callable[[Row], Any]] = {
    "result": _ndcg,
    "lead": _lead,
    "model": lambda row: (names(row)[0], _ndcg(row)),
    "prompt": lambda row: (not names(row)[1], names(row)[1], _ndcg(row)),
    "time": lambda row: float("inf") if row.seconds is None else row.seconds,
}


def best(rows: Sequence[Row]) -> Row | None:
    """The best result: of those that beat popularity, where any does."""
    measured = [row for row in rows if row.ndcg is not None]
    return min(measured, key=lambda row: (FLOOR in row.unbeaten, _ndcg(row)), default=None)


def _title(row: Row) -> Cell:
    model, read = names(row)
    return Cell(model, " · ".join(filter(None, (read, _time(row.seconds)))))


def _time(seconds: float | None) -> str:
    """How long it took; of what is quick also the tenths, or much would take nothing."""
    if seconds is None:
        return ""
    return _("{seconds} s", seconds=f"{seconds:.1f}") if seconds < 10 else runs.duration(seconds)


def _cells(row: Row, *, best: bool) -> list[Cell]:
    if row.ndcg is None:
        return [Cell("–", ""), Cell(verdict(row), "", words=True)]
    lead = ""
    if row.nearest is not None:
        control = row.controls[row.nearest]
        lead = _(
            "{delta} against {control}",
            delta=signed(control.difference.delta),
            control=_(CONTROLS[row.nearest].title),
        )
    beats = bool(row.controls) and not row.unbeaten
    interval = f"{row.ndcg.low:.4f} – {row.ndcg.high:.4f}"
    return [
        Cell(f"{row.ndcg.value:.4f}", interval, best),
        Cell(verdict(row), lead, beats, words=True),
    ]


def _choose(job: GridJob, rows: Sequence[Row], best: int) -> None:
    """One run in detail: the best, until another one is chosen."""
    place = st.selectbox(
        _("A run in detail"),
        range(len(rows)),
        index=best,
        format_func=lambda place: " · ".join(filter(None, names(rows[place]))),
        key=f"grid-run-{job.name}-{best}",
    )
    with st.container(border=True, gap="small"):
        _detail(job, rows[place])


def _detail(job: GridJob, row: Row) -> None:
    """One run: its controls in numbers and words, and the pages that open it."""
    if row.ndcg is None:
        st.caption(plain(verdict(row)))
        return
    lines = [
        (
            Cell(_(CONTROLS[name].title), _(CONTROLS[name].what)),
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
        st.markdown(f"{mark} **{_(failed)}**{punctuation(': ')}{_(meaning)}")
    _open(job, row)


def _open(job: GridJob, row: Row) -> None:
    try:
        run = open_run(job.runs_dir, row.run or "")
    except RecsysError:
        st.caption(_("Its run was deleted; the numbers stay."))
        return
    if row.taken_over:
        st.caption(_("This run was there before; its time is what it took then."))
    with st.container(horizontal=True):
        for key, words in (
            ("evaluate", _("See how good they are")),
            ("recommend", _("See recommendations")),
        ):
            step = journey.BY_KEY[key]
            if st.button(words, key=f"grid-to-{key}", icon=step.icon):
                state.link("run", run.name)
                st.switch_page(step.script)
