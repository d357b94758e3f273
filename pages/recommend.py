"""Recommend: pick a user, say what they wish for or ask, and see what they would be shown."""

from __future__ import annotations

import time
from contextlib import suppress

import numpy as np
import streamlit as st

from pages._ui.common import empty, journey, runs, state
from pages._ui.common.i18n import _
from pages._ui.common.widgets import next_step, page_header, plain, show_error, show_note
from pages._ui.recommend import asking, compare_lists, person, suggest, suggest_view, wishes
from pages._ui.words import final_words
from recsys.cleaning import CleaningReport
from recsys.recommend import reader_of
from recsys.runs import Run
from recsys.schema import LanguageModelError, RecsysError

_VIEW = "recommend-view"


def main() -> None:
    with st.spinner(_("Getting the models ready…"), show_time=True):  # PyTorch takes seconds, once
        usable = runs.usable_runs()
        runs.models()
    _still_training(usable)
    if not usable:
        empty.no_model(key="recommend")
        return
    # What is shown is of the data that the sidebar names, and of no other.
    current = state.dataset().content_hash
    own = [run for run in usable if run.config.data_hash == current]
    linked = state.linked("run")
    other = next((run for run in usable if run not in own and run.name == linked), None)
    if not own:
        _nothing_on_this_data(other or usable[0])
        return
    if other is not None:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                _(
                    "The run {name} was trained on {trained}.",
                    name=plain(other.name),
                    trained=plain(runs.data_title(other.config)),
                )
            )
            _switch_button(other)
    _recommend(own)
    next_step("recommend")


def _recommend(own: list[Run]) -> None:
    """One row that says of whom, how and with what, and under it the list or the questions."""
    with st.container(horizontal=True, vertical_alignment="center", key="recommend-controls"):
        whose = st.container(width=190)
        options = st.popover(_("Options"), icon=":material/tune:")
        how = st.container(width="content")
        beside = st.popover(_("Side by side"), icon=":material/compare:")
    with options:
        run = runs.loaded(runs.choose(own, key="recommend-run"))
        if run.config.final is not None:
            st.caption(final_words.inherited(run))
    try:
        with st.spinner(_("Loading the model …"), show_time=True):
            runs.read(run)
            model, data = run.model(), run.dataset()
            categories = suggest.categories(run, data.content_hash)
    except RecsysError as error:
        show_error(error)
        return
    with whose:
        who = person.choose(data)
    with how:
        view = _view()
    if view == state.ASKING and who is not None:
        st.fragment(asking.draw)(run, who)
    elif who is not None:
        with options:
            chosen = wishes.options(run, model, categories)
        with beside:
            st.caption(_("Two prompts, or two models, for the same person and the same wish."))
            sides = compare_lists.choose(run, chosen.template, own)
        st.fragment(suggest_view.draw)(run, who, chosen, sides)
    # At the very end, with the list already on the screen: the first wish then need not wait
    # until the language model is loaded.
    _warm_up(run, data.content_hash)


def _view() -> str:
    """Whether the list is looked at, or questions are asked; the link knows."""
    words = {"list": _("The list"), state.ASKING: _("Questions and answers")}
    icons = {"list": ":material/format_list_numbered:", state.ASKING: ":material/forum:"}
    st.session_state[_VIEW] = state.ASKING if state.linked("view") == state.ASKING else "list"

    def changed() -> None:
        state.link("view", state.ASKING if st.session_state[_VIEW] == state.ASKING else None)

    chosen = st.segmented_control(
        _("View"),
        list(words),
        format_func=lambda key: f"{icons[key]} {words[key]}",
        key=_VIEW,
        required=True,
        on_change=changed,
        label_visibility="collapsed",
    )
    return str(chosen)


@st.cache_resource(max_entries=8, show_spinner=False)
def _warm_up(_run: Run, data_hash: str) -> None:
    from recsys.models import Queries
    from recsys.wishes.probe_cache import are_meanings_cached
    from recsys.wishes.reader_cache import is_quick

    model, data = _run.model(), _run.dataset()
    # Words that were never read: those that were are on disk, and nothing would be loaded.
    words = f"… {time.time_ns()}"
    with suppress(LanguageModelError):  # it is said where somebody wishes for something
        if model.reads_prompts and are_meanings_cached(data):
            model.score(Queries(data, np.zeros(1, dtype=np.int64), intent=words))
        if is_quick(data):
            reader_of(model, data).read(words)


def _nothing_on_this_data(other: Run) -> None:
    """No model was trained on the data chosen: offer to train one, or that of another run."""
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.subheader(
            _("No model was trained on {data} yet", data=plain(state.data_title())),
            anchor=False,
            text_alignment="center",
        )
        st.caption(
            _("Training the default model takes under five minutes; a baseline takes seconds."),
            text_alignment="center",
        )
        with st.container(horizontal=True, horizontal_alignment="center"):
            if st.button(
                _("Train a model"),
                icon=":material/play_arrow:",
                key="train-on-this",
                type="primary",
            ):
                st.switch_page(journey.BY_KEY["train"].script)
            _switch_button(other)
        st.space("small")


def _switch_button(run: Run) -> None:
    """Make the data of a run current, and show the run."""
    label = _("Switch to {data}", data=plain(runs.data_title(run.config)))
    if not st.button(label, icon=":material/swap_horiz:", key="switch-data"):
        return
    try:
        data = run.dataset()
        report = CleaningReport((), data.n_events, data.n_events)
        # A run keeps a copy of its data; what is kept of the data itself is left as it is.
        state.keep(data, report, origin=runs.sample_of(run.config) or "upload")
    except RecsysError as error:
        show_error(error)
        return
    state.link("run", run.name)
    st.rerun()


def _still_training(usable: list[Run]) -> None:
    """A run that is linked but not over is named, so that nobody takes another for it."""
    run = runs.linked()
    if run is not None and run.name not in {other.name for other in usable}:
        status = run.status()
        show_note(
            _(
                "The run {name} has no model to recommend with: {state}.",
                name=run.name,
                state=runs.state_word(status),
            )
        )


page_header("recommend", lede=False)
main()
