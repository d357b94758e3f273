"""The two curves of a training."""

from __future__ import annotations

import plotly.graph_objects as go

from pages._ui import charts
from pages._ui.i18n import _
from pages._ui.theme import tokens
from recsys.runs.curves import Curves

HEIGHT = 290


def draw_loss(curves: Curves, key: str) -> None:
    """Training loss, step by step: as measured, faint, and its moving mean."""
    steps = [step for step, _loss in curves.loss]
    losses = [loss for _step, loss in curves.loss]
    hover = _("step %{x:,.0f}<br>loss %{y:.3f}") + "<extra></extra>"
    figure = charts.line(
        steps, _moving_mean(losses), x_title=_("Step"), y_title=_("Loss"), hover=hover
    )
    figure.add_scatter(
        x=steps,
        y=losses,
        mode="lines",
        line={"color": tokens().accent, "width": 1},
        opacity=0.3,
        hoverinfo="skip",
    )
    figure.update_layout(showlegend=False, uirevision=key)
    figure.update_xaxes(rangemode="tozero")
    alt = _("Training loss, lower is better; now {loss}.", loss=_number(losses))
    charts.show(figure, key=f"loss-{key}", height=HEIGHT, alt=alt)


def _moving_mean(values: list[float], keep: float = 0.85) -> list[float]:
    """An exponential moving mean without the pull of its start (as in Adam)."""
    mean, weight, smooth = 0.0, 0.0, []
    for value in values:
        mean, weight = keep * mean + (1 - keep) * value, keep * weight + (1 - keep)
        smooth.append(mean / weight)
    return smooth


def draw_ndcg(curves: Curves, popularity: float | None, key: str) -> None:
    """Validation NDCG@10 by epoch, its best marked, popularity as a line to beat."""
    colours = tokens()
    epochs = [epoch for epoch, _ndcg in curves.ndcg]
    values = [ndcg for _epoch, ndcg in curves.ndcg]
    figure = charts.line(epochs, values, x_title=_("Epoch"), y_title="NDCG@10")
    hover = _("epoch %{x}<br>NDCG@10 %{y:.4f}") + "<extra></extra>"
    figure.update_traces(mode="lines+markers", marker={"size": 5}, hovertemplate=hover)
    figure.update_layout(showlegend=False, uirevision=key)
    figure.update_yaxes(rangemode="tozero", tickformat=".3~f", nticks=6)
    figure.update_xaxes(tickformat="d", range=[min([1, *epochs]) - 0.5, max([5, *epochs]) + 0.7])
    if popularity is not None:
        figure.add_hline(
            popularity,
            line={"color": colours.muted, "width": 1, "dash": "dash"},
            annotation={
                "text": _("popularity {value}", value=f"{popularity:.3f}"),
                "font": {"color": colours.muted, "size": 12},
            },
            annotation_position="bottom right",
        )
    if curves.best is not None:
        figure.add_trace(_best_mark(curves.best))
    alt = _("Validation NDCG@10, higher is better; now {ndcg}.", ndcg=_number(values))
    charts.show(figure, key=f"ndcg-{key}", height=HEIGHT, alt=alt)


def _best_mark(best: tuple[float, float]) -> go.Scatter:
    epoch, value = best
    colours = tokens()
    return go.Scatter(
        x=[epoch],
        y=[value],
        mode="markers+text",
        text=[f"{value:.3f}"],
        textposition="top center",
        textfont={"color": colours.accent, "size": 13},
        marker={"size": 11, "color": colours.accent, "line": {"color": colours.soft, "width": 6}},
        cliponaxis=False,
        hovertemplate=_("best: epoch %{x}, NDCG@10 %{y:.4f}") + "<extra></extra>",
    )


def _number(values: list[float]) -> str:
    return f"{values[-1]:.4f}" if values else "–"
