"""Benchmark page: quality against training time, speed, and a metric over slices."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from pages._ui.charts import charts, label_places
from pages._ui.common.i18n import _
from pages._ui.common.theme import tokens
from recsys.benchmark.summary import Row

Titled = tuple[str, Row]
#: The shortest training time that is drawn, in seconds: a logarithmic axis has no 0.
_LEAST_SECONDS = 0.1


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Positions of the Pareto-optimal (seconds, quality) points, by time."""
    front: list[int] = []
    for place in sorted(range(len(points)), key=lambda p: (points[p][0], -points[p][1])):
        if not front or points[place][1] > points[front[-1]][1]:
            front.append(place)
    return front


def draw_pareto(titled: Sequence[Titled], metric: str, metric_title: str) -> None:
    """A point a model with its interval; the front joined by a line."""
    colours = tokens()
    seconds = [max(row.train_seconds, _LEAST_SECONDS) for _title, row in titled]
    values = [row.metrics[metric] for _title, row in titled]
    front = pareto_front([(x, value[0]) for x, value in zip(seconds, values, strict=True)])
    names = [charts.label(title, 28) for title, _row in titled]
    beside = label_places.places(_shares(seconds, [value[0] for value in values]), names)
    figure = go.Figure()
    figure.add_scatter(
        x=[seconds[place] for place in front],
        y=[values[place][0] for place in front],
        mode="lines",
        name=_("Pareto front"),
        line={"color": colours.accent, "width": 2, "dash": "dot"},
        hoverinfo="skip",
    )
    for name, places in (
        (_("on the front"), front),
        (_("behind it"), [p for p in range(len(titled)) if p not in front]),
    ):
        figure.add_scatter(
            x=[seconds[place] for place in places],
            y=[values[place][0] for place in places],
            mode="markers+text",
            name=name,
            text=[names[place] for place in places],
            textposition=[beside[place] for place in places],
            textfont={"color": colours.text},
            marker={
                "size": 11,
                "color": colours.accent if places is front else colours.muted,
            },
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [values[place][2] - values[place][0] for place in places],
                "arrayminus": [values[place][0] - values[place][1] for place in places],
                "color": colours.quiet,
                "thickness": 1.25,
                "width": 4,
            },
            hovertemplate="%{text}<br>%{x:.1f} s<br>%{y:.4f}<extra></extra>",
        )
    figure.update_xaxes(
        type="log",
        title_text=_("Training, seconds (logarithmic)"),
        dtick=1,
        range=seconds_range(seconds),
    )
    figure.update_yaxes(rangemode="tozero", title_text=metric_title)
    labels = [f"{title}: {row.metrics[metric][0]:.4f}" for title, row in titled]
    charts.show(figure, key="benchmark-pareto", height=420, alt="; ".join(labels))


def draw_speed(titled: Sequence[Titled]) -> None:
    """Bars of positions a second on a logarithmic axis."""
    rates = [row.positions_per_second for _title, row in titled]
    titles = [charts.label(title, 32) for title, _row in titled]
    figure = charts.bars(
        titles,
        rates,
        x_title="",
        y_title=_("Positions a second (logarithmic)"),
        horizontal=True,
        hover="%{x:,.1f}<extra></extra>",
    )
    ends = [math.floor(math.log10(min(rates))), math.ceil(math.log10(max(rates)))]
    figure.update_xaxes(type="log", dtick=1, range=ends)
    figure.update_yaxes(autorange="reversed")
    labels = [f"{title}: {rate:,.0f}" for title, rate in zip(titles, rates, strict=True)]
    charts.show(figure, key="benchmark-speed", height=90 + 40 * len(rates), alt="; ".join(labels))


def draw_slices(
    parts: Sequence[str],
    named: Sequence[tuple[str, Sequence[Row | None]]],
    metric: str,
    metric_title: str,
) -> None:
    """A group of bars a slice, in their order."""
    colours = tokens()
    figure = go.Figure()
    for place, (title, rows) in enumerate(named):
        figure.add_bar(
            x=list(parts),
            y=[None if row is None else row.metrics[metric][0] for row in rows],
            name=charts.label(title, 28),
            marker={"color": colours.series[place % len(colours.series)]},
            hovertemplate="%{y:.4f}",
        )
    figure.update_layout(barmode="group", bargap=0.25)
    figure.update_xaxes(type="category")
    figure.update_yaxes(rangemode="tozero", title_text=metric_title)
    charts.show(figure, key="benchmark-slices", height=360, alt=metric_title)


def seconds_range(seconds: Sequence[float]) -> tuple[float, float]:
    """Both ends of the axis, as powers of ten: a decade at least, so that one is named."""
    first, last = math.log10(min(seconds)), math.log10(max(seconds))
    short = max(1.0 - (last - first), 0.0) / 2
    width = last - first + 2 * short
    return first - short - 0.06 * width, last + short + 0.09 * width


def _shares(seconds: Sequence[float], values: Sequence[float]) -> list[tuple[float, float]]:
    """Where points lie in the drawing, as shares of its width and height."""
    begin, end = seconds_range(seconds)
    highest = max(max(values), 1e-9) * 1.2
    return [
        ((math.log10(x) - begin) / (end - begin), y / highest)
        for x, y in zip(seconds, values, strict=True)
    ]
