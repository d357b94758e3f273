"""Grid page: every result with its interval, and its controls as hollow marks."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from pages._ui.charts import charts
from pages._ui.common.i18n import _
from pages._ui.common.theme import tokens
from recsys.defaults import FLOOR
from recsys.lab.controls import CONTROLS
from recsys.lab.grid import Row

#: A shape for each control.
_SYMBOLS = {
    FLOOR: "circle-open",
    "shuffled-histories": "square-open",
    "backbone": "triangle-up-open",
    "empty-prompt": "diamond-open",
}


def draw(rows: Sequence[tuple[str, str, Row]]) -> None:
    """A line for every run that has a result: (model, what it read, row)."""
    names = [_name(model, read) for model, read, _row in rows]
    figure = go.Figure()
    for words, beats in ((_("better than its controls"), True), (_("no better than one"), False)):
        chosen = [
            (name, row) for name, (_m, _r, row) in zip(names, rows, strict=True)
            if bool(row.unbeaten) is not beats
        ]  # fmt: skip
        if chosen:
            figure.add_trace(_results(chosen, words, beats=beats))
    for control, symbol in _SYMBOLS.items():
        reached = [
            (name, row.controls[control].value)
            for name, (_m, _r, row) in zip(names, rows, strict=True)
            if control in row.controls
        ]
        if reached:
            figure.add_trace(_controls(reached, _(CONTROLS[control].title), symbol))
    figure.update_yaxes(
        autorange="reversed", showgrid=True, categoryorder="array", categoryarray=names
    )
    # A little room on the left, or marks at zero would be cut.
    ends = [row.ndcg.high for _m, _r, row in rows if row.ndcg is not None]
    ends += [control.value for _m, _r, row in rows for control in row.controls.values()]
    room = max(ends) or 1.0
    figure.update_xaxes(showgrid=True, title_text="NDCG@10", range=[-0.03 * room, 1.04 * room])
    labels = [f"{m}, {read}: {r.ndcg.value:.4f}" for m, read, r in rows if r.ndcg is not None]
    charts.show(figure, key="grid-chart", height=130 + 46 * len(rows), alt="; ".join(labels))


def _results(chosen: Sequence[tuple[str, Row]], words: str, *, beats: bool) -> go.Scatter:
    colours = tokens()
    values = [row.ndcg for _name, row in chosen if row.ndcg is not None]
    colour = colours.accent if beats else colours.muted
    return go.Scatter(
        x=[value.value for value in values],
        y=[name for name, _row in chosen],
        mode="markers",
        name=words,
        marker={"size": 11, "color": colour},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [value.high - value.value for value in values],
            "arrayminus": [value.value - value.low for value in values],
            "color": colour,
            "thickness": 1.5,
            "width": 4,
        },
        customdata=[(value.low, value.high) for value in values],
        hovertemplate="%{y}<br>%{x:.4f} (%{customdata[0]:.4f} – %{customdata[1]:.4f})"
        "<extra></extra>",
    )


def _controls(reached: Sequence[tuple[str, float]], title: str, symbol: str) -> go.Scatter:
    return go.Scatter(
        x=[value for _name, value in reached],
        y=[name for name, _value in reached],
        mode="markers",
        name=title,
        marker={"size": 10, "symbol": symbol, "color": tokens().text, "line": {"width": 1.5}},
        hovertemplate=f"{charts.label(title)}: %{{x:.4f}}<extra></extra>",
    )


def _name(model: str, read: str) -> str:
    """On two lines, so that there is room for the picture on a narrow screen."""
    first = charts.label(model, 30)
    return f"{first}<br>{charts.label(read, 34)}" if read else first
