"""Grid page: a grid as it fills: what is at work, the picture, the table, one run in detail."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import streamlit as st

from pages._ui.charts import grid_chart
from pages._ui.common import job_view, runs, state, undo
from pages._ui.common.i18n import _, ngettext, punctuation, say
from pages._ui.common.widgets import plain, section
from pages._ui.grid import grid_keep, grid_table
from pages._ui.train import run_progress
from recsys.defaults import FLOOR
from recsys.lab.controls import CONTROLS
from recsys.lab.grid import Grid, Row
from recsys.lab.grid_job import GridJob
from recsys.lab.grid_store import open_grid
from recsys.runs import Status, open_run, runs_folder
from recsys.runs.curves import follow
from recsys.schema import RecsysError
from recsys.sources import SOURCES


def draw(job: GridJob, jobs: list[GridJob]) -> None:
    """Choose among the grids there are, and show the one chosen; while it is at work, anew."""
    active = job.status().active
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _choose(job, jobs)
        grid_keep.delete(job, active=active)
    job_view.watch(job, partial(_view, job.name))


def _choose(job: GridJob, jobs: list[GridJob]) -> None:
    by_name = {each.name: each for each in jobs}
    name = st.selectbox(
        _("Grids"),
        list(by_name),
        index=list(by_name).index(job.name),
        format_func=lambda name: _label(by_name[name]),
        key=f"grid-choice-{len(jobs)}-{job.name}",
    )
    if name != job.name:
        state.link("grid", name)
        st.rerun()


def _label(job: GridJob) -> str:
    """One line that distinguishes a grid from others; plain text."""
    try:
        grid = job.grid()
    except RecsysError as error:
        return say(error.message)
    try:
        when = runs.moment((job.folder / "grid.json").stat().st_mtime)
    except OSError:  # deleted just now
        when = "–"
    return f"{_data_title(grid)} · {_size(grid)} · {when}"


def _size(grid: Grid) -> str:
    parts = [ngettext("{count} model", "{count} models", len(grid.models))]
    if grid.prompts:
        parts.insert(0, ngettext("{count} prompt", "{count} prompts", len(grid.prompts)))
        parts.append(punctuation(", ").join(map(runs.language_model_title, grid.language_models)))
    return " × ".join(parts)


def _data_title(grid: Grid) -> str:
    name = str(grid.source.get("origin", grid.source.get("data", "")))
    return _(SOURCES[name].title) if name in SOURCES else grid.data


def _view(name: str) -> None:
    job = open_grid(runs_folder(), name)
    grid, status, rows = job.grid(), job.status(), job.rows()
    st.space("small")
    facts = [_("seed {seed}", seed=grid.seed)]
    if grid.minutes is not None:
        facts.append(_("at most {time} of training a run", time=runs.limit(grid.minutes)))
    facts += _protocols(rows)
    section(_size(grid), " · ".join(map(plain, [_data_title(grid), *facts])))
    _progress(job, status, rows)
    measured = [row for row in rows if row.ndcg is not None]
    if measured:
        _verdict(measured)
        grid_chart.draw([(*grid_table.names(row), row) for row in measured])
        st.caption(
            _(
                "Bars are 95% intervals over test users. Hollow marks are the controls: what is "
                "left of a result without a part of what it used."
            )
        )
    grid_table.draw(job, rows)
    grid_keep.download(job, grid, rows)


def _protocols(rows: Sequence[Row]) -> list[str]:
    """How the runs there are were tested: the same for all of them."""
    found = []
    for row in rows:
        with suppress(RecsysError):  # a run that was deleted
            if row.run is not None:
                found.append(runs.protocol_title(open_run(runs_folder(), row.run).config))
    return list(dict.fromkeys(found))


def _progress(job: GridJob, status: Status, rows: Sequence[Row]) -> None:
    """How far it is while at work; how it ended, and how to go on."""
    done = sum(row.state in ("finished", "stopped", "failed") for row in rows)
    if status.state == "unresponsive":
        job_view.draw_unresponsive(job)
        return
    if status.active:
        share, words = _doing(job, status, rows)
        st.progress(min((done + share) / len(rows), 1.0), text=words)
        _buttons(job, status)
        return
    failed = sum(row.state == "failed" for row in rows)
    if status.message is not None:
        job_view.draw_message(status)
    elif failed and done == len(rows):
        st.warning(
            ngettext(
                "{count} run failed; the table says why. Going on tries it again.",
                "{count} runs failed; the table says why. Going on tries them again.",
                failed,
            ),
            icon=":material/error:",
        )
    elif done < len(rows) or any(row.state == "stopped" for row in rows):
        st.warning(
            _("It was stopped. What is there stays; go on with what is missing.")
            if status.state == "stopped"
            else _("The process is gone. What is there stays; go on with what is missing."),
            icon=":material/power_off:",
        )
    else:
        return
    job_view.draw_log(job, status)
    if st.button(_("Go on"), key="grid-go-on", type="primary", icon=":material/play_arrow:"):
        if undo.attempt(job.wait) and undo.attempt(job.start):
            st.rerun()


def _doing(job: GridJob, status: Status, rows: Sequence[Row]) -> tuple[float, str]:
    """How much of the current run is done, 0 to 1, and what is going on in a sentence."""
    place = next((at for at, row in enumerate(rows) if row.state == "running"), None)
    run = job.current()
    if status.state == "waiting":
        # Named at once, a process takes seconds to start; only then does it ask for its turn.
        waits = _("Waiting for another grid to end …") if status.started else _("Starting …")
        return 0.0, waits
    paused = status.state == "paused"
    if place is None or run is None:
        return 0.0, job_view.paused_words() if paused else _("Preparing …")
    model, read = grid_table.names(rows[place])
    of = _("Run {number} of {count}", number=place + 1, count=len(rows))
    head = " · ".join(plain(part) for part in (of, model, read) if part)
    head += punctuation(": ")
    ran = run.status()
    if ran.active:
        curves = follow(run.folder)
        return 0.9 * curves.share, head + run_progress.doing(run, ran, curves)
    if paused:
        return 0.9, head + job_view.paused_words()
    scored = job.scoring()
    if scored is None or scored["cell"] != place:
        return 0.9, head + _("Measuring its controls …")
    control = CONTROLS[scored["what"]].title
    words = _(
        "Measuring its controls: {control}, {done} of {total} users",
        control=_(control),
        done=f"{scored['done']:,}",
        total=f"{scored['total']:,}",
    )
    return 0.95, head + words


def _buttons(job: GridJob, status: Status) -> None:
    asked = job.stop_requested()
    with st.container(horizontal=True):
        st.button(
            _("Stopping …") if asked else _("Stop after this run"),
            key="grid-stop",
            icon=":material/stop:",
            disabled=asked,
            on_click=undo.press,
            args=(job.request_stop_later,),
        )
        st.button(
            _("Stop now, keep the best"),
            key="grid-stop-now",
            icon=":material/stop_circle:",
            on_click=undo.press,
            args=(job.request_stop,),
        )
        if not asked:
            job_view.draw_pause(job, status)


def _verdict(measured: Sequence[Row]) -> None:
    """The best result in a sentence, and how many say nothing; what loses to popularity is none."""
    best = grid_table.best(measured)
    if best is None or best.ndcg is None:
        return
    name = " · ".join(filter(None, grid_table.names(best)))
    sentence = _(
        "Best: {what} with NDCG@10 {value} (95% interval {low} to {high}).",
        what=f"**{plain(name)}**",
        value=f"**{best.ndcg.value:.4f}**",
        low=f"{best.ndcg.low:.4f}",
        high=f"{best.ndcg.high:.4f}",
    )
    marked = sum(bool(row.unbeaten) for row in measured)
    if marked:
        marks = ngettext(
            "{count} run of {all} is no better than one of its controls.",
            "{count} runs of {all} are no better than one of their controls.",
            marked,
            all=len(measured),
        )
    else:
        marks = _("Every result is better than its controls by more than chance.")
    if FLOOR in best.unbeaten:
        sentence = _(
            "No run is better than popularity: all that was trained adds nothing yet. Give it more "
            "minutes, or another model. The highest is {what} with NDCG@10 {value}.",
            what=f"**{plain(name)}**",
            value=f"**{best.ndcg.value:.4f}**",
        )
        st.markdown(f":material/info: {sentence}")
        return
    st.markdown(f":material/trophy: {sentence}{punctuation(' ')}{marks}")
