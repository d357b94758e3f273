"""Prompts page: for whom an edit does what: a picture of groups, and user by user."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages._ui.charts import charts
from pages._ui.common.i18n import _, ngettext, say
from pages._ui.common.theme import tokens
from pages._ui.common.widgets import plain, section
from pages._ui.html.list_markup import Entry, draw_ranked
from pages._ui.recommend import suggest
from pages._ui.words.metric_words import metric_title, signed
from recsys.evaluation import Comparison
from recsys.lab.effect import Effect
from recsys.runs import Run

#: Groups that are drawn: those by history length, and the largest others.
_GROUPS = 14
#: Users listed of those who gain, and of those who lose.
_LISTED = 50


def draw_people(run: Run, effect: Effect) -> None:
    """The difference by group, and user by user."""
    if effect.is_none:
        st.caption(_("Nobody's list changes, so that there is nothing to show for whom."))
        return
    _groups(effect)
    _people(run, effect)


def _groups(effect: Effect) -> None:
    """The difference in every group of users, with intervals."""
    metric = next(iter(effect.metrics))
    slices = dict(list(effect.slices.items())[:_GROUPS])
    if len(slices) < 2:
        return
    section(
        _("For whom: {metric}", metric=metric_title(metric)),
        _(
            "Right of the line a group gains. Coloured where that is more than chance, with all "
            "groups looked at together."
        ),
    )
    changes = effect.among(list(slices.values()))
    names = [
        f"{charts.label(_(part.title), 28)} ({int(part.mask.sum())})" for part in slices.values()
    ]
    charts.show(
        differences(names, changes, [say(part.description) for part in slices.values()]),
        key="effect-groups",
        height=90 + 26 * len(names),
        alt=", ".join(
            f"{name} {signed(change.delta)}" for name, change in zip(names, changes, strict=True)
        ),
    )


def differences(names: list[str], of: Sequence[Comparison], labels: list[str]) -> go.Figure:
    """A row for every difference with its interval; `labels` stand in the tooltips."""
    colours = tokens()
    shown = [colours.accent if c.distinguishable else colours.muted for c in of]
    figure = go.Figure()
    for place, (name, c) in enumerate(zip(names, of, strict=True)):
        figure.add_scatter(
            x=[c.low, c.high],
            y=[name, name],
            mode="lines",
            line={"color": shown[place], "width": 2},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[c.delta for c in of],
        y=names,
        mode="markers",
        marker={"color": shown, "size": 9},
        customdata=[
            (charts.label(words, 120), f"{signed(c.low)} – {signed(c.high)}")
            for words, c in zip(labels, of, strict=True)
        ],
        hovertemplate="%{customdata[0]}: %{x:+.4f} (%{customdata[1]})<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": colours.text, "width": 1})
    figure.update_layout(showlegend=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    ends = [c.low for c in of] + [c.high for c in of] + [0.0]
    margin = 0.04 * (max(ends) - min(ends)) or 0.001
    figure.update_xaxes(showgrid=True, range=[min(ends) - margin, max(ends) + margin])
    return figure


def _people(run: Run, effect: Effect) -> None:
    """Who gains and who loses; a click opens the two lists of one of them."""
    gained, lost = effect.gained(_LISTED), effect.lost(_LISTED)
    if not len(gained) and not len(lost):
        return
    st.space("small")
    winners = ngettext("{count} user gains", "{count} users gain", int((effect.gains > 0).sum()))
    losers = ngettext("{count} loses", "{count} lose", int((effect.gains < 0).sum()))
    section(
        _("Who gains and who loses"),
        _("{winners}, {losers}. Choose a row to see the list before and after.", winners=winners,
          losers=losers),
    )  # fmt: skip
    places = np.concatenate([gained, lost])
    left, right = st.columns([4, 8], gap="large")
    with left:
        chosen = _table(effect, places)
    with right:
        _lists(run, effect, chosen)


def _table(effect: Effect, places: np.ndarray) -> int:
    """The users of some places; returns the place of the chosen one, the first at the start."""
    history = effect.holdout.history
    frame = pd.DataFrame(
        {
            _("User"): history.users.ids[effect.holdout.users[places]].astype(str),
            "NDCG": effect.gains[places],
            _("New items"): effect.moved()[places],
        }
    )
    event = st.dataframe(
        frame,
        hide_index=True,
        height=420,
        key="effect-people",
        on_select="rerun",
        selection_mode="single-row",
        column_config={"NDCG": st.column_config.NumberColumn(format="%+.3f")},
    )
    rows = event["selection"]["rows"]
    row = rows[0] if rows and rows[0] < len(places) else 0
    return int(places[row])


def _lists(run: Run, effect: Effect, place: int) -> None:
    data = effect.holdout.history
    user = int(effect.holdout.users[place])
    targets = set(effect.holdout.targets[place].indices.tolist())
    sought = ", ".join(plain(data.titles[item]) for item in sorted(targets))
    met_next = _("User {user} next met: {titles}", user=plain(data.users.ids[user]), titles=sought)
    st.markdown(f"**{met_next}**")
    before, after = st.columns(2, gap="medium")
    lists = {
        _("Before"): (before, effect.b.lists[place], effect.a.lists[place]),
        _("With this prompt"): (after, effect.a.lists[place], effect.b.lists[place]),
    }
    for heading, (column, items, others) in lists.items():
        with column:
            st.caption(heading)
            draw_ranked(_entries(run, items, set(others.tolist()), targets))


def _entries(run: Run, items: np.ndarray, others: set[int], targets: set[int]) -> list[Entry]:
    data = run.dataset()
    entries = []
    for rank, item in enumerate(items[items >= 0].tolist(), start=1):
        mark = "" if item in others else _("only here")
        if item in targets:
            mark = _("met next")
        entries.append(
            Entry(
                rank=rank,
                title=str(data.titles[item]),
                about=suggest.about(data, item),
                why="",
                mark=mark,
                up=item in targets,
            )
        )
    return entries
