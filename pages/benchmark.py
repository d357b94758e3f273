"""Benchmark: saved results of every suite, measured before and read from files."""

from __future__ import annotations

import streamlit as st

from pages._ui.benchmark import benchmark_view
from pages._ui.common import state
from pages._ui.common.i18n import _
from pages._ui.common.widgets import page_header, section, show_error
from recsys.benchmark import SUITES
from recsys.benchmark.saved import Results, load_results, saved_suites
from recsys.benchmark.summary import summarise
from recsys.benchmark.tables import command
from recsys.schema import RecsysError


def main() -> None:
    suite = choose(saved_suites())
    settings = SUITES[suite]
    section(_(settings.title), _(settings.description))
    if suite not in saved_suites():
        benchmark_view.draw_empty(suite)
        return
    try:
        results = load_results(suite)
    except RecsysError as error:
        show_error(error)
        benchmark_view.draw_command(command(suite))
        return
    report(results)


def choose(measured: list[str]) -> str:
    """The suite to show: the one of the link, else the first that was measured."""
    linked = state.linked("suite")
    first = linked if linked in SUITES else next(iter(measured), next(iter(SUITES)))
    titles = {name: _(suite.title) for name, suite in SUITES.items()}
    suite = st.segmented_control(
        _("What was measured"),
        list(SUITES),
        default=first,
        required=True,
        format_func=titles.__getitem__,
        key="benchmark-suite",
        on_change=lambda: state.link("suite", st.session_state["benchmark-suite"]),
    )
    return suite or first


def report(results: Results) -> None:
    """The table, the chart, the paired comparisons, and the command that measures it again."""
    rows = summarise(results.records)
    benchmark_view.draw_conditions(results)
    metric = None
    if any(row.part is not None for row in rows):
        metric = benchmark_view.draw_slices(rows)
    else:
        benchmark_view.draw_models(rows)
        st.space("small")
        benchmark_view.draw_picture(rows)
    benchmark_view.draw_comparisons(results, rows, metric)
    st.space("small")
    benchmark_view.draw_command(command(results.suite))
    benchmark_view.draw_download(results)


page_header("benchmark")
main()
