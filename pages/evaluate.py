"""Evaluate: how good the recommendations are, beside baselines, and how sure we can be."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import empty, journey, runs, state
from pages._ui.common.i18n import _
from pages._ui.common.widgets import next_step, page_header, plain, section, show_error
from pages._ui.evaluate import compare, compare_view
from pages._ui.words import gain_words, rating_words
from recsys.defaults import SEQUENTIAL_BASELINE
from recsys.evaluation import METRICS
from recsys.runs import Run, create_run, runs_folder, start
from recsys.schema import RecsysError


def main() -> None:
    measured = runs.measured_runs()
    runs.say_unreadable_results(measured)
    if not measured:
        empty.no_model(key="evaluate")
        return
    linked = state.linked("run")
    anchor = next((run for run in measured if run.name == linked), measured[0])
    same = compare.comparable(anchor, measured)
    try:
        found = compare.results(_choose(anchor, same), anchor)
        _report(found)
    except RecsysError as error:
        show_error(error)
    _sequential_baseline(anchor, same)
    _others(measured, same)
    next_step("evaluate")


def _choose(anchor: Run, same: list[Run]) -> list[Run]:
    """The runs to compare; at first the one that was looked at, beside the best SASRec."""
    names = {run.name: run for run in runs.grouped(same)}
    first = dict.fromkeys([anchor.name])
    sequential = compare.best_sequential(same)
    if sequential is not None:
        first[sequential.name] = None
    chosen = st.multiselect(
        _("Trained models to compare"),
        list(names),
        default=list(first),
        format_func=lambda name: runs.run_label(names[name]),
        key=f"compare-{anchor.name}-{len(same)}",
        placeholder=_("only the baselines"),
    )
    return [names[name] for name in chosen]


def _report(found: list[compare.Result]) -> None:
    left, right, _rest = st.columns([1, 1, 1], vertical_alignment="bottom")
    with left:
        k = st.segmented_control(
            _("Length of the list"),
            list(compare.KS),
            default=10,
            required=True,
            key="evaluate-k",
        )
    names = compare.names_at(found, k)
    if not names:
        st.warning(
            _("Not all of these models were measured on lists of this length. Choose another one."),
            icon=":material/error:",
        )
        return
    with right:
        name = st.selectbox(
            _("Metric of the charts"),
            names,
            format_func=lambda name: _(METRICS[name].title),
            key="evaluate-metric",
        )
    metric = f"{name}@{k}"
    compare_view.draw_numbers(found, k)
    gain_words.draw(found)
    rating_words.draw(found)
    st.space("small")
    section(f"{_(METRICS[name].title)}@{k}", _(METRICS[name].description))
    compare_view.draw_bars(found, metric)
    if compare_view.is_ranking(metric):
        compare_view.draw_comparisons(found, metric)
    compare_view.draw_groups(found, metric)
    st.space("small")
    compare_view.draw_protocol(found)
    compare_view.draw_downloads(found)


def _sequential_baseline(anchor: Run, same: list[Run]) -> None:
    """Where no SASRec was tested like this one: say so, and offer to train it."""
    if compare.best_sequential(same) is not None:
        return
    at_work = [
        run
        for run in compare.comparable(anchor, runs.all_runs())
        if run.config.model == SEQUENTIAL_BASELINE
        and run.config.final is None
        and run.status().active
    ]
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if at_work:
            st.markdown(_("The SASRec baseline for this data is being trained."))
            if st.button(_("Watch it"), key="watch-sasrec"):
                _go_and_watch(at_work[0])
            return
        st.markdown(
            _(
                "The runs of **SASRec**, a strong sequential model that reads no words, were "
                "stopped before half of their epochs. Anything beats those; train one to its end."
            )
            if any(run.config.model == SEQUENTIAL_BASELINE for run in same)
            else _(
                "A strong sequential model that reads no words, **SASRec**, has not been trained "
                "on this data yet. Without it, it is hard to say what the words add."
            )
        )
        if st.button(
            _("Train the SASRec baseline"), icon=":material/play_arrow:", key="train-sasrec"
        ):
            _train_sequential(anchor)


def _train_sequential(anchor: Run) -> None:
    config = anchor.config
    try:
        run = create_run(
            runs_folder(),
            anchor.dataset(),
            model=SEQUENTIAL_BASELINE,
            protocol=config.protocol,
            seed=config.seed,
            minutes=config.minutes or 5.0,
            source=config.source,
        )
        start(run)
    except RecsysError as error:
        show_error(error)
        return
    _go_and_watch(run)


def _go_and_watch(run: Run) -> None:
    runs.open_on_train_page(run.name)
    st.switch_page(journey.BY_KEY["train"].script)


def _others(measured: list[Run], same: list[Run]) -> None:
    """Runs that cannot stand in the same table, and why."""
    names = {run.name for run in same}
    others = [run for run in measured if run.name not in names]
    if not others:
        return
    with st.expander(_("Runs that were tested differently"), icon=":material/rule:"):
        st.caption(
            _(
                "Numbers can only be compared on the same data and the same test. "
                "Open one of these to see it beside its own kind."
            )
        )
        for run in others:
            st.button(
                plain(f"{runs.run_label(run)} · {runs.protocol_title(run.config)}"),
                key=f"open-{run.name}",
                type="tertiary",
                icon=":material/open_in_full:",
                on_click=state.link,
                args=("run", run.name),
            )


page_header("evaluate")
main()
