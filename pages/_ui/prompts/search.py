"""Prompts page: a search for a better prompt, in a process of its own."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from pages._ui.charts import charts
from pages._ui.common import job_view, state, undo
from pages._ui.common.i18n import _, punctuation, say
from pages._ui.common.state import Prompt
from pages._ui.common.theme import tokens
from pages._ui.common.widgets import plain, section, show_error
from pages._ui.html import markup
from pages._ui.prompts import search_account
from pages._ui.words.metric_words import icon
from recsys.evaluation import Comparison
from recsys.lab.account import DONE, beside_history, headline, outcome
from recsys.lab.readings import WHOLE, WHY_THEY_DIFFER, WORDS, ReadingKey, modes_of
from recsys.lab.search_job import SearchJob, SearchRequest, WrittenResult, WrittenRound
from recsys.prompts.diff import word_diff
from recsys.runs import Run
from recsys.schema import N_, RecsysError

#: Lists that may be made: about half a minute, two and ten on the MovieLens sample.
BUDGETS = {20_000: N_("short"), 80_000: N_("longer"), 400_000: N_("long")}
#: The height of the chart of gains at least, in NDCG@10.
_LEAST_SHOWN = 0.01
_REASONS = {
    "budget": N_("The budget is spent."),
    "target": N_("The target is reached."),
    "stopped": N_("You stopped it."),
    "patience": N_("Nothing better came any more."),
}


def draw(run: Run, prompt: Prompt) -> None:
    """The form, and the search of this run that was asked for last."""
    section(
        _("Look for a better prompt"),
        _("Words are exchanged for others with the same meaning, lines left out, moved, exchanged "
          "and added, lists made longer and shorter; what ranks better on some users is tried on "
          "more. A third of the users is kept out of it, to see whether the winner holds."),
    )  # fmt: skip
    job = SearchJob.latest(run)
    active = job is not None and job.status().active
    with st.container(horizontal=True, vertical_alignment="bottom"):
        budget = st.selectbox(
            _("How long"),
            list(BUDGETS),
            format_func=lambda lists: _("{word}: {lists} lists", word=_(BUDGETS[lists]),
                                        lists=f"{lists:,}"),
            key="search-budget",
            width=240,
        )  # fmt: skip
        reading = _reading(run)
        if st.button(
            _("Start the search"), key="search-start", icon=":material/search:", disabled=active
        ):
            try:
                job = SearchJob.create(
                    run, SearchRequest(prompt.name, prompt.source, budget, reading=reading)
                )
                job.start()
            except RecsysError as error:
                show_error(error)
                return
    if job is not None:
        job_view.watch(job, partial(_view, job))


def _reading(run: Run) -> ReadingKey:
    """How the model is to be read; asked only where there is a choice."""
    modes = {mode.key: mode for mode in modes_of(run.model())}
    if len(modes) == 1:
        return WHOLE.key
    return st.selectbox(
        _("Scored by"),
        list(modes),
        format_func=lambda key: _(modes[key].title),
        key="search-reading",
        help=_(WHY_THEY_DIFFER),
        width=240,
    )


def _view(job: SearchJob) -> None:
    request, status = job.request(), job.status()
    rounds, found = job.progress()
    if status.state == "unresponsive":
        job_view.draw_unresponsive(job)
    elif status.active:
        spent = min(rounds[-1]["spent"], request.budget) if rounds else 0
        words = _doing(rounds, request.budget)
        if status.state == "paused":
            words = job_view.paused_words()
        st.progress(spent / request.budget, text=words)
        with st.container(horizontal=True):
            st.button(
                _("Stop"),
                key="search-stop",
                icon=":material/stop:",
                on_click=undo.press,
                args=(job.request_stop,),
            )
            job_view.draw_pause(job, status)
    elif status.state == "interrupted" and status.message is None:
        st.warning(_("The search was interrupted. Start it again: it goes on where it was."))
    if not status.active:
        job_view.draw_message(status)
        job_view.draw_log(job, status)
    if found is not None:
        _found(found, request)
    _gains(rounds)


def _doing(rounds: list[WrittenRound], budget: int) -> str:
    if not rounds:
        return _("Trying the first variants …")
    last = rounds[-1]
    return _(
        "Generation {generation}: {candidates} variants left on {users} users; {spent} of {budget} "
        "lists made",
        generation=last["generation"],
        candidates=last["candidates"],
        users=last["users"],
        spent=f"{last['spent']:,}",
        budget=f"{budget:,}",
    )


def _gains(rounds: list[WrittenRound]) -> None:
    """What the leader of every round gains over the prompt that it was made from."""
    if not rounds:
        return
    section(_("Round by round"))
    figure = go.Figure(
        go.Scatter(
            x=[each["spent"] for each in rounds],
            y=[each["gain"] for each in rounds],
            mode="lines+markers",
            line={"color": tokens().accent, "width": 2},
            customdata=[
                (each["generation"], each["users"], _(DONE.get(each["done"], each["done"])))
                for each in rounds
            ],
            hovertemplate="%{customdata[0]} · %{customdata[1]} · %{customdata[2]}: %{y:+.4f}"
            "<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=_("lists made"))
    figure.update_yaxes(title_text=_("gain in NDCG@10"), zeroline=True, tickformat="+.3f")
    highest = max(abs(each["gain"]) for each in rounds)
    if highest < _LEAST_SHOWN:  # of nothing but zeros, plotly would show from -1 to 1
        figure.update_yaxes(range=[-_LEAST_SHOWN, _LEAST_SHOWN])
    best = f"{max(each['gain'] for each in rounds):+.4f}"
    charts.show(figure, key="search-gains", height=220, alt=best)
    st.caption(
        _("Every point is the best variant of a round, beside the prompt that it was made from. "
          "First rounds ask few users: the highest of many points is mostly luck, and no gain yet.")
    )  # fmt: skip


def _found(found: WrittenResult, request: SearchRequest) -> None:
    """The outcome, the way into the editor for a winner that holds, and what was found out."""
    change = found["confirmed"]["metrics"]["ndcg@10"]
    holds, users = found["holds"], found["confirmed"]["users"]
    # Earlier versions named what led at the end as the source, whether it holds or not.
    leader = found.get("leader", found["source"])
    same = leader.strip() == request.source.strip()
    st.subheader(say(headline(holds=holds)), anchor=False)
    sentence = say(outcome(holds, same, users, Comparison(**change)))
    mark = icon(change["delta"], distinguishable=holds)
    mode = next(mode for mode in (WORDS, WHOLE) if mode.key == request.reading)
    began = _("It began with “{name}”, scored by: {reading}.", name=plain(request.name),
              reading=_(mode.title))  # fmt: skip
    why = _REASONS[found["reason"]]
    st.markdown(f"{mark} {punctuation(' ').join([sentence, _(why), began])}")
    if holds and (whole := found.get("whole")) is not None:
        st.markdown(say(beside_history(Comparison(**whole["metrics"]["ndcg@10"]))))
    if holds:
        markup.draw(markup.diff_html(word_diff(request.source, found["source"])))
        st.button(
            _("Take it into the editor"),
            key="search-take",
            icon=":material/edit:",
            on_click=state.edit_prompt,
            args=(request.name, found["source"]),
        )
    if (explanation := found.get("explanation")) is not None:
        search_account.draw(explanation, holds=holds)
