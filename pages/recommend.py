"""Recommend: pick a user, say what they wish for or ask, and see what they would be shown."""

from __future__ import annotations

import time

import numpy as np
import streamlit as st

from pages._ui import asking, empty, journey, runs, state, suggest_view
from pages._ui.i18n import _
from pages._ui.widgets import next_step, page_header, pick_user, plain, show_error, show_note
from recsys.dataset import Dataset
from recsys.runs import Run
from recsys.schema import RecsysError

#: Longer ids do not go into the link; servers cut long links.
_LINKABLE = 200
_VIEW = "recommend-view"


def main() -> None:
    usable = runs.usable_runs()
    _still_training(usable)
    if not usable:
        empty.no_model(key="recommend")
        return
    first, second, third = st.columns([3, 1, 1], vertical_alignment="bottom")
    with first:
        run = runs.loaded(runs.choose(usable, key="recommend-run"))
    try:
        with st.spinner(_("Loading the model …"), show_time=True):
            runs.read(run)
            data = run.dataset()
    except RecsysError as error:
        show_error(error)
        return
    _other_data(run, usable)
    with second:
        user = _pick(data)
    view = _view()
    if user is not None and view == state.ASKING:
        st.fragment(asking.draw)(run, user)
    elif user is not None:
        with third:
            k = st.slider(_("How many"), min_value=5, max_value=50, value=10, key="recommend-k")
        st.fragment(suggest_view.draw)(run, user, k)
    next_step("recommend")
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

    model = _run.model()
    if model.reads_prompts:
        # Words that were never read: those that were are on disk, and nothing would be loaded.
        words = f"… {time.time_ns()}"
        model.score(Queries(_run.dataset(), np.zeros(1, dtype=np.int64), intent=words))


def _pick(data: Dataset) -> int | None:
    """The user of the link (`?user=`), else the one looked at before; the link follows."""
    asked = st.query_params.get("user")
    if asked is not None and asked in data.users and "user-linked" not in st.session_state:
        st.session_state["user_id"] = asked
    st.session_state["user-linked"] = True
    user = pick_user(data, key="recommend-user")
    if user is not None and len(data.users.ids[user]) <= _LINKABLE:
        st.query_params["user"] = str(data.users.ids[user])
    return user


def _other_data(run: Run, usable: list[Run]) -> None:
    """Where no model was trained on the data chosen: say so, and offer to train one."""
    current = state.dataset().content_hash
    if any(other.config.data_hash == current for other in usable):
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            _(
                "No model was trained on **{current}** yet. This one was trained on {trained}.",
                current=plain(state.data_title()),
                trained=plain(runs.data_title(run.config)),
            )
        )
        if st.button(_("Train a model"), icon=":material/play_arrow:", key="train-on-this"):
            st.switch_page(journey.BY_KEY["train"].script)


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


page_header("recommend")
main()
