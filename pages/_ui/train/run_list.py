"""Past runs: a table from which each can be opened, deleted, and brought back."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages._ui.common import runs, state, undo
from pages._ui.common.i18n import _, ngettext
from pages._ui.common.widgets import plain, section
from recsys.runs import Run, Status, delete_run, restore_run, runs_folder, unreadable_runs
from recsys.storage.trash import name_of

_HEIGHT = 320


def draw(past: list[Run]) -> None:
    """The table, what can be done with the chosen row, and the way back from a deletion.

    Runs of grids are in a table of their own, so that they do not hide the others.
    """
    undo.offer("run", _deleted, _restore)
    odd = unreadable_runs(runs_folder())
    of_grids = [run for run in past if run.config.grid is not None]
    alone = [run for run in past if run.config.grid is None]
    if alone or odd:
        section(_("Past runs"), _("Choose a row to open it again."))
        _draw(alone, odd, "runs")
    if of_grids:
        count = len(of_grids)
        words = ngettext("{count} run of a grid", "{count} runs of grids", count)
        with st.expander(words, icon=":material/grid_on:", expanded=not alone):
            _draw(of_grids, [], "grid-runs")


def _draw(past: list[Run], odd: list[Run], key: str) -> None:
    listed = [*past, *odd]
    # A new key when the rows change, so that a choice never points at another run.
    rows = st.dataframe(
        _table(past, odd),
        hide_index=True,
        placeholder="–",
        height="content" if len(listed) < 8 else _HEIGHT,
        on_select="rerun",
        selection_mode="single-row",
        key=f"{key}-" + str(hash(tuple(run.name for run in listed))),
        column_config={
            "ndcg": st.column_config.NumberColumn(
                "NDCG@10", format="%.3f", help=_("On the test users, protocol as in the run.")
            ),
            **{key: st.column_config.TextColumn(title) for key, title in _titles().items()},
        },
    ).selection.rows
    if odd:
        st.caption(
            ":material/error: "
            + _(
                "What these folders say of their run cannot be read: {names}. They can only be "
                "deleted.",
                names=runs.listed([_shown(run) for run in odd]),
            )
        )
    if rows and rows[0] < len(listed):
        _choices(listed[rows[0]], key, readable=rows[0] < len(past))


def _titles() -> dict[str, str]:
    return {
        "model": _("Model"),
        "prompt": _("Prompt"),
        "data": _("Data"),
        "state": _("State"),
        "name": _("Run"),
    }


def _table(past: list[Run], odd: list[Run]) -> pd.DataFrame:
    """What people know a run by comes first, so that a narrow screen shows it."""
    rows = []
    for run in past:
        config, status = run.config, run.status()
        rows.append(
            {
                "model": runs.model_title(config.model),
                "ndcg": _ndcg(run, status),
                "prompt": runs.prompt_title(config),
                "data": _data(run),
                "state": _state(run, status),
                "name": run.name,
            }
        )
    unknown = dict.fromkeys(("model", "prompt", "data"), "–")
    for run in odd:
        rows.append({**unknown, "ndcg": None, "state": _("cannot be read"), "name": _shown(run)})
    frame = pd.DataFrame(rows)
    return frame.astype({"ndcg": "float64"})


def _ndcg(run: Run, status: Status) -> float | None:
    """Measured on test users; a model that learned from all events knows what they did."""
    if run.config.final is not None or status.test_ndcg is None:
        return None
    return status.test_ndcg["value"]


def _state(run: Run, status: Status) -> str:
    final = None if run.config.final is None else _("on all events")
    return " · ".join(filter(None, (runs.state_word(status), final)))


def _data(run: Run) -> str:
    """What a run learned from, and how it was tested where that is not the usual way."""
    title = runs.data_title(run.config)
    if run.config.protocol == "leave-last-out":
        return title
    return f"{title} · {runs.protocol_title(run.config)}"


def _shown(run: Run) -> str:
    """The name of a folder, which may hold bytes that are no text."""
    return run.name.encode("utf-8", "replace").decode()


def _choices(run: Run, table: str, *, readable: bool) -> None:
    status = run.status()
    with st.container(horizontal=True):
        if readable:
            st.button(
                _("Open {name}", name=plain(run.name)),
                key=f"open-{table}",
                icon=":material/open_in_full:",
                on_click=runs.open_on_train_page,
                args=(run.name,),
            )
        if status.state == "unresponsive":
            st.button(
                _("Force it to stop"),
                key=f"force-{table}",
                icon=":material/dangerous:",
                help=_("Ends its process at once. What it had kept by then stays."),
                on_click=undo.press,
                args=(run.force_stop,),
            )
        st.button(
            _("Delete"),
            key=f"delete-{table}",
            icon=":material/delete:",
            disabled=status.active,
            help=_("Stop it first, then delete it.") if status.active else None,
            on_click=_delete,
            args=(run,),
        )


def _delete(run: Run) -> None:
    if undo.delete("run", lambda: delete_run(run)) and state.linked("run") == run.name:
        state.link("run", None)


def _deleted(token: str) -> str:
    return _("The run {name} was deleted.", name=f"**{plain(name_of(token))}**")


def _restore(token: str) -> None:
    runs.open_on_train_page(restore_run(runs_folder(), token).name)
