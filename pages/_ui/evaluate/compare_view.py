"""Evaluate page: the table, the chart, the sentences and the card about how it was measured."""

from __future__ import annotations

import json

import plotly.graph_objects as go
import streamlit as st

from pages._ui.charts import charts
from pages._ui.common import runs
from pages._ui.common.i18n import _, ngettext, punctuation, say
from pages._ui.common.theme import tokens
from pages._ui.common.widgets import plain, section
from pages._ui.evaluate import compare
from pages._ui.evaluate.compare import Result
from pages._ui.html.table_markup import Cell, draw_table
from pages._ui.words.metric_words import icon, metric_title, signed
from recsys.evaluation import METRICS
from recsys.sources.export import to_csv_bytes

_HIGHER_IS_BETTER = ("ndcg", "recall", "mrr", "hit_rate")


def draw_numbers(found: list[Result], k: int) -> None:
    """All metrics at one list length, the best of each column marked."""
    names = compare.names_at(found, k)
    best = {m: max(result.metrics[f"{m}@{k}"].value for result in found) for m in names}
    rows = []
    for result in found:
        cells = []
        for name in names:
            value = result.metrics[f"{name}@{k}"]
            bounds = f"{_short(value.low)} – {_short(value.high)}"
            cells.append(Cell(_short(value.value), bounds, value.value == best[name]))
        rows.append((result.title, cells))
    heads = [(f"{_(METRICS[name].title)}@{k}", _(METRICS[name].description)) for name in names]
    draw_table(_("Model"), heads, rows)


def draw_bars(found: list[Result], metric: str) -> None:
    """One metric of all models with 95% intervals; the first, which is compared, in colour."""
    colours = tokens()
    values = [result.metrics[metric] for result in found]
    shown = [colours.accent if place == 0 else colours.muted for place in range(len(found))]
    figure = go.Figure(
        go.Bar(
            x=[value.value for value in values],
            # On two lines, so that there is room for the bars on a narrow screen.
            y=[charts.label(result.title, 44).replace(" · ", "<br>") for result in found],
            orientation="h",
            marker={"color": shown, "opacity": [1.0] + [0.45] * (len(found) - 1)},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [value.high - value.value for value in values],
                "arrayminus": [value.value - value.low for value in values],
                "color": colours.text,
                "thickness": 1.25,
                "width": 4,
            },
            customdata=[(value.low, value.high) for value in values],
            hovertemplate="%{y}: %{x:.4f} (%{customdata[0]:.4f} – %{customdata[1]:.4f})"
            "<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=6)
    figure.update_xaxes(rangemode="tozero", showgrid=True, title_text=metric_title(metric))
    summary = ", ".join(f"{result.title} {result.metrics[metric].value:.3f}" for result in found)
    charts.show(figure, key="metric-bars", height=70 + 44 * len(found), alt=summary)


def draw_comparisons(found: list[Result], metric: str) -> None:
    """The first model against each other one, user by user."""
    first, *others = found
    for other in others:
        difference = compare.difference(first, other, metric)
        if difference is None:
            continue
        low, high = difference.low, difference.high
        numbers = {
            "first": f"**{plain(first.title)}**",
            "second": f"**{plain(other.title)}**",
            "metric": metric_title(metric),
            "delta": f"{abs(difference.delta):.3f}",
        }
        if not difference.distinguishable:
            sentence = _(
                "{first} and {second} cannot be told apart in {metric}: the difference of "
                "{delta} may be chance (95% interval {low} to {high}).",
                **numbers, low=signed(low, 3), high=signed(high, 3),
            )  # fmt: skip
        elif difference.delta > 0:
            sentence = _(
                "{first} is better than {second} in {metric} by {delta} "
                "(95% interval {low} to {high}): more than chance.",
                **numbers, low=f"{low:.3f}", high=f"{high:.3f}",
            )  # fmt: skip
        else:
            sentence = _(
                "{first} is worse than {second} in {metric} by {delta} "
                "(95% interval {low} to {high}): more than chance.",
                **numbers, low=f"{-high:.3f}", high=f"{-low:.3f}",
            )  # fmt: skip
        mark = icon(difference.delta, distinguishable=difference.distinguishable)
        st.markdown(f"{mark} {sentence}")


def is_ranking(metric: str) -> bool:
    """Whether more of a metric is better without doubt."""
    return metric.split("@")[0] in _HIGHER_IS_BETTER


def draw_groups(found: list[Result], metric: str) -> None:
    """The metric for new, light and heavy users."""
    parts = compare.groups(found, metric)
    if len(parts) < 2:
        return
    st.space("small")
    section(
        _("For whom it works: {metric}", metric=metric_title(metric)),
        _("Users with short, middle and long histories; a mean can hide one of them."),
    )
    figure = go.Figure()
    titles = [_(part.title) for part in parts]
    for place, result in enumerate(found):
        values = [part.values[place] for part in parts]
        figure.add_bar(
            x=titles,
            y=[value.value for value in values],
            name=charts.label(result.title),
            marker={"color": tokens().series[place % len(tokens().series)]},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [value.high - value.value for value in values],
                "arrayminus": [value.value - value.low for value in values],
                "color": tokens().text,
                "thickness": 1,
                "width": 3,
            },
            hovertemplate="%{y:.4f}",
        )
    figure.update_layout(barmode="group", bargap=0.25)
    figure.update_yaxes(rangemode="tozero", title_text=metric_title(metric))
    charts.show(figure, key="group-bars", height=230 + 24 * len(found))
    colon = punctuation(": ")
    summaries = [
        title + colon + say(part.description) for title, part in zip(titles, parts, strict=True)
    ]
    st.caption(" · ".join(summaries))


def draw_protocol(found: list[Result]) -> None:
    """How all of this was measured, in words."""
    run = runs.loaded(found[0].run)
    about = run.evaluation()
    with st.container(border=True, gap="xsmall"):
        title = _("How this was measured")
        st.markdown(f"**{title}**")
        st.caption(f"{runs.protocol_title(run.config)} · {plain(runs.data_title(run.config))}")
        st.markdown(say(run.split().protocol.description))
        st.markdown(
            _(
                "Every list is ranked from the full catalogue of {items}, without sampling, for "
                "{users}. Brackets hold 95% intervals from resampling users; two models are "
                "compared user by user. No wish is given, and the prompt is the one of training.",
                items=ngettext("{count} item", "{count} items", about["items"]),
                users=ngettext("{count} test user", "{count} test users", about["users"]),
            )
        )
        everybody = len(run.split().test.users)
        if min(result.run.evaluation()["users"] for result in found) < everybody:
            st.markdown(
                _(
                    "A language model that takes seconds to minutes for each user is measured on "
                    "some of the {count} test users, drawn at random; the intervals show how "
                    "little that says.",
                    count=f"{everybody:,}",
                )
            )


def draw_downloads(found: list[Result]) -> None:
    """The numbers as files."""
    with st.container(horizontal=True):
        st.download_button(
            _("Download as CSV"),
            lambda: to_csv_bytes(compare.long_table(found)),
            file_name="evaluation.csv",
            mime="text/csv",
            icon=":material/download:",
            key="download-evaluation-csv",
            on_click="ignore",
        )
        st.download_button(
            _("Download as JSON"),
            lambda: json.dumps(compare.as_json(found), indent=2, ensure_ascii=False).encode(),
            file_name="evaluation.json",
            mime="application/json",
            icon=":material/download:",
            key="download-evaluation-json",
            on_click="ignore",
        )


def _short(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
