"""Data page: what cleaning repaired and dropped, and the rows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages._ui.common import state
from pages._ui.common.i18n import _, ngettext, say
from pages._ui.common.widgets import plain, section, show_note
from recsys.schema import N_
from recsys.sources.export import to_csv_bytes

if TYPE_CHECKING:
    from recsys.cleaning import CleaningReport, CleaningStep


def draw() -> None:
    """The report in sentences; the rows in expanders; everything as a file."""
    report = state.cleaning_report()
    section(_("What cleaning did"), _summary(report))
    _draw_grave(report)
    for note in report.notes:
        if not note.grave:
            show_note(note)
    if not report.steps:
        st.text(_("Nothing had to be repaired or left out."))
        return
    for place, step in enumerate(report.steps):
        if not step.reason.grave:
            draw_step(step, str(place))
    st.download_button(
        _("Download the report"),
        lambda: to_csv_bytes(_as_table(report)),
        file_name="cleaning-report.csv",
        mime="text/csv",
        icon=":material/download:",
        key="download-report",
    )


def _draw_grave(report: CleaningReport) -> None:
    """What changes order, identity or ratings, in one box, each with the first rows of its kind."""
    if not report.grave:
        return
    with st.container(border=True, key="report-grave"):
        st.warning(_("Look at this first: it changes what is learned."), icon=":material/warning:")
        for note in report.notes:
            if note.grave:
                st.markdown(f":material/priority_high: {plain(say(note))}")
        for place, step in enumerate(report.steps):
            if step.reason.grave:
                st.markdown(f":material/priority_high: {_label(step)}")
                st.dataframe(step.rows.head(_EXAMPLES), hide_index=True, key=f"grave-{place}")
                if step.count > _EXAMPLES:
                    draw_step(step, f"grave-{place}", label=_("All of these rows"))


def _summary(report: CleaningReport) -> str:
    share = report.rows_out / report.rows_in if report.rows_in else 1.0
    return _(
        "{kept} of {all} rows were kept ({share}).",
        kept=f"{report.rows_out:,}",
        all=f"{report.rows_in:,}",
        share=f"{share:.1%}",
    )


#: Rows that are shown of what is said first.
_EXAMPLES = 3
_TABLES = {
    "interactions": N_("events"),
    "items": N_("items"),
    "users": N_("users"),
    "knowledge": N_("facts"),
}


def _label(step: CleaningStep) -> str:
    """What was wrong, and with how many rows."""
    count = ngettext("{count} row", "{count} rows", step.count)
    where = "" if step.table == "interactions" else f"{_(_TABLES[step.table])}: "
    return where + plain(say(step.reason)) + (f" · **{count}**" if step.count else "")


def draw_step(step: CleaningStep, key: str, *, label: str | None = None) -> None:
    """One thing that was wrong with some rows, and the rows behind a click."""
    icon = ":material/build:" if step.repaired else ":material/filter_alt_off:"
    label = label or _label(step)
    if step.rows.empty:
        st.markdown(f"{icon} {label}")
        return
    with st.expander(label, icon=icon):
        if len(step.rows) < step.count:
            st.caption(_("The first {count} of them:", count=f"{len(step.rows):,}"))
        st.dataframe(step.rows, hide_index=True, key=f"report-rows-{key}")


def _as_table(report: CleaningReport) -> pd.DataFrame:
    """All listed rows under each other, each with what happened to it."""
    parts = []
    for step in report.steps:
        rows = step.rows if not step.rows.empty else pd.DataFrame([{}])
        done = _("repaired") if step.repaired else _("left out")
        table = pd.DataFrame(
            {_("what"): done, _("why"): say(step.reason), _("rows"): step.count}, index=rows.index
        )
        parts.append(pd.concat([table, rows], axis=1))
    return pd.concat(parts, ignore_index=True)
