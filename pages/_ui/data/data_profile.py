"""Data page: the data at a glance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages._ui.charts import charts
from pages._ui.common import state
from pages._ui.common.i18n import _
from pages._ui.common.theme import tokens
from pages._ui.common.widgets import section
from recsys.dataset import Dataset
from recsys.describe import Description, activity_bins, describe, occupancy

_LONGEST_LINE = 400
#: Where the top is this many times the middle, only a logarithmic axis shows the tail.
_STEEP = 50


@st.cache_resource(max_entries=8, show_spinner=False)
def _described(_data: Dataset, key: str) -> tuple[Description, np.ndarray]:
    return describe(_data), occupancy(_data)


def draw() -> None:
    """Key numbers, then one chart for each question one would ask."""
    data = state.dataset()
    description, table = _described(data, data.content_hash)
    section(_("At a glance"))
    _numbers(data, description)
    st.space("small")
    panels: list[Callable[[], None]] = [
        lambda: _popularity(description),
        lambda: _activity(description),
    ]
    over_time, ratings = description.over_time, description.ratings
    if over_time is not None and len(over_time) > 1:
        panels.append(lambda: _time(description, over_time))
    if ratings is not None:
        panels.append(lambda: _ratings(ratings, data.liked_from, description.liked_share))
    panels.append(lambda: _table(description, table))
    for start in range(0, len(panels), 2):
        pair = panels[start : start + 2]
        for column, panel in zip(st.columns(len(pair), gap="medium"), pair, strict=True):
            with column.container(border=True, height="stretch", gap="xsmall"):
                panel()


def _numbers(data: Dataset, description: Description) -> None:
    numbers = [
        (_("Users"), f"{data.n_users:,}"),
        (_("Items"), f"{data.n_items:,}"),
        (_("Events"), f"{data.n_events:,}"),
        (_("Pairs that occur"), percent(description.density)),
    ]
    if description.first_day is not None and description.last_day is not None:
        first, last = description.first_day.year, description.last_day.year
        numbers.append((_("Years"), str(first) if first == last else f"{first} – {last}"))
    with st.container(horizontal=True, key="numbers"):
        for label, value in numbers:
            st.metric(label, value, border=True)


def _popularity(description: Description) -> None:
    _heading(
        _("Few items are popular"),
        _(
            "The most popular tenth of the items holds {share} of all events.",
            share=percent(description.share_of_top(0.1)),
        ),
    )
    ranks = np.unique(np.geomspace(1, len(description.per_item), _LONGEST_LINE).round().astype(int))
    figure = charts.line(
        ranks,
        description.per_item[ranks - 1],
        x_title=_("Items, the most popular first"),
        y_title=_("Events"),
        filled=True,
        hover="%{x:,} → %{y:,}<extra></extra>",
    )
    if description.per_item[0] > _STEEP * max(1, np.median(description.per_item)):
        figure.update_yaxes(
            type="log", dtick=1, title_text=_("Events (ten times more from line to line)")
        )
    charts.show(
        figure,
        key="chart-popularity",
        alt=_("Events of each item, falling from the most popular to the least."),
    )


def _activity(description: Description) -> None:
    _heading(
        _("How active users are"),
        _(
            "Half of the users have at most {median} events; the busiest has {most}.",
            median=f"{np.median(description.per_user):,.0f}",
            most=f"{description.per_user.max():,}",
        ),
    )
    bins, held = activity_bins(description.per_user)
    names = [f"{a:,}" if a == b else f"{a:,}–{b:,}" for a, b in bins]
    if bins[-1][0] >= 1000:
        names[-1] = f"{bins[-1][0]:,}+"
    figure = charts.bars(
        names,
        held,
        x_title=_("Events of a user"),
        y_title=_("Users"),
        hover="%{x}: %{y:,}<extra></extra>",
    )
    figure.update_xaxes(type="category", autotickangles=[0, 60, 90])
    charts.show(figure, key="chart-activity", alt=_("How many users have how many events."))


def _time(description: Description, counts: pd.Series) -> None:
    form = {"YS": "%Y", "MS": "%Y-%m"}.get(str(counts.index.freqstr)[:2], "%Y-%m-%d")
    _heading(
        _("When it happened"),
        _(
            "From {first} to {last}; busiest around {busiest}.",
            first=f"{description.first_day:%Y-%m-%d}",
            last=f"{description.last_day:%Y-%m-%d}",
            busiest=counts.idxmax().strftime(form),
        ),
    )
    figure = charts.line(
        counts.index,
        counts.to_numpy(),
        x_title=_("Time"),
        y_title=_("Events"),
        filled=True,
        hover="%{x|%Y-%m-%d}: %{y:,}<extra></extra>",
    )
    years = (counts.index[-1] - counts.index[0]).days / 365
    figure.update_xaxes(tickformat="%Y" if years > 3 else "%Y-%m" if years > 0.3 else "%m-%d")
    charts.show(figure, key="chart-time", alt=_("Events over time."))


def _ratings(counts: pd.Series, liked_from: float | None, liked_share: float) -> None:
    _heading(
        _("How they rated"),
        _("Every event counts as liked.")
        if liked_from is None
        else _(
            "{share} of the events count as liked: rated {threshold} or more.",
            share=percent(liked_share),
            threshold=f"{liked_from:g}",
        ),
    )
    colours = tokens()
    figure = charts.bars(
        [f"{value:g}" for value in counts.index],
        counts.to_numpy(),
        x_title=_("Rating"),
        y_title=_("Events"),
        hover="%{x}: %{y:,}<extra></extra>",
    )
    liked = counts.index >= (liked_from if liked_from is not None else -np.inf)
    figure.update_traces(marker_color=np.where(liked, colours.accent, colours.quiet).tolist())
    figure.update_xaxes(type="category")
    charts.show(figure, key="chart-ratings", alt=_("How often each rating was given."))


def _table(description: Description, table: np.ndarray) -> None:
    _heading(
        _("Mostly blank"),
        _(
            "Of all pairs of a user and an item, {share} are blank. Filling them in is what a "
            "recommender does.",
            share=percent(1 - description.density),
        ),
    )
    colours = tokens()
    figure = go.Figure(
        go.Heatmap(
            z=np.sqrt(table),  # the square root shows faint blocks beside full ones
            customdata=table,
            colorscale=[[0.0, colours.surface], [1.0, colours.accent]],
            showscale=False,
            hovertemplate="%{customdata:.1%}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=_("Items, the most popular first"), showticklabels=False)
    figure.update_yaxes(
        title_text=_("Users, the most active on top"),
        showticklabels=False,
        autorange="reversed",
        showgrid=False,
    )
    charts.show(
        figure,
        key="chart-table",
        height=240,
        alt=_("The table of users and items: dense in one corner, blank nearly everywhere else."),
    )


def _heading(title: str, sentence: str) -> None:
    st.markdown(f"**{title}**")
    st.caption(sentence)


def percent(share: float) -> str:
    """A share in percent, with as many digits as say something: 63%, 1.4%, 0.02%, 99.98%."""
    nearest_end = min(share, 1 - share)
    if nearest_end == 0 or nearest_end >= 0.1:
        return f"{share:.0%}"
    if nearest_end >= 0.01:
        return f"{share:.1%}"
    if nearest_end >= 0.0001:
        return f"{share:.2%}"
    return "< 0.01%" if share < 0.5 else "> 99.99%"
