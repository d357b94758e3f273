"""The two curves of a training."""

from __future__ import annotations

import math

import plotly.graph_objects as go

from pages._ui.charts import charts
from pages._ui.common.i18n import _
from pages._ui.common.theme import tokens
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


def draw_losses(curves: Curves, key: str) -> None:
    """Training and test loss of a model of ratings, with that of validation beside them."""
    colours = tokens()
    hover = _("step %{x:,.0f}<br>loss %{y:.3f}") + "<extra></extra>"
    figure = charts.line(
        [step for step, _loss in curves.loss],
        _moving_mean([loss for _step, loss in curves.loss]),
        x_title=_("Step"),
        y_title=_("Mean squared error"),
        name=_("Training loss"),
        hover=hover,
    )
    steps = [losses.step for losses in curves.tested]
    figure.add_scatter(
        x=steps,
        y=[losses.test for losses in curves.tested],
        name=_("Test loss"),
        mode="lines+markers",
        line={"color": colours.series[1], "width": 2},
        marker={"size": 5},
        hovertemplate=hover,
    )
    figure.add_scatter(
        x=steps,
        y=[losses.validation for losses in curves.tested],
        name=_("Validation loss"),
        mode="lines",
        line={"color": colours.muted, "width": 1, "dash": "dot"},
        hovertemplate=hover,
    )
    figure.update_layout(showlegend=True, uirevision=key)
    figure.update_xaxes(rangemode="tozero")
    alt = _(
        "Loss, lower is better; training {training}, test {test}.",
        training=_number([loss for _step, loss in curves.loss]),
        test=_number([losses.test for losses in curves.tested]),
    )
    charts.show(figure, key=f"losses-{key}", height=HEIGHT, alt=alt)


def draw_rmse(curves: Curves, means: dict[str, float], key: str) -> None:
    """Test RMSE by epoch, the one that is kept marked, plain means as reference lines."""
    colours = tokens()
    epochs = [losses.epoch for losses in curves.tested]
    values = [math.sqrt(losses.test) for losses in curves.tested]
    figure = charts.line(epochs, values, x_title=_("Epoch"), y_title=_("RMSE"))
    hover = _("epoch %{x}<br>RMSE %{y:.3f}") + "<extra></extra>"
    figure.update_traces(mode="lines+markers", marker={"size": 5}, hovertemplate=hover)
    figure.update_layout(showlegend=False, uirevision=key)
    figure.update_yaxes(tickformat=".3~f", nticks=6)
    figure.update_xaxes(tickformat="d", range=[min([1, *epochs]) - 0.5, max([5, *epochs]) + 0.7])
    for title, value in means.items():
        figure.add_hline(
            value,
            line={"color": colours.muted, "width": 1, "dash": "dash"},
            annotation={
                "text": f"{title} {value:.3f}",
                "font": {"color": colours.muted, "size": 12},
            },
            annotation_position="top right",
        )
    kept = curves.best_tested
    if kept is not None:
        mark = kept.epoch, math.sqrt(kept.test)
        figure.add_trace(_best_mark(mark, _("kept: epoch %{x}, RMSE %{y:.3f}")))
    alt = _("Test RMSE, lower is better; now {rmse}.", rmse=_number(values))
    charts.show(figure, key=f"rmse-{key}", height=HEIGHT, alt=alt)


def _moving_mean(values: list[float], keep: float = 0.85) -> list[float]:
    """An exponential moving mean with the bias correction of Adam."""
    mean, weight, smooth = 0.0, 0.0, []
    for value in values:
        mean, weight = keep * mean + (1 - keep) * value, keep * weight + (1 - keep)
        smooth.append(mean / weight)
    return smooth


def draw_ndcg(curves: Curves, popularity: float | None, key: str) -> None:
    """Validation NDCG@10 by epoch, its best marked, popularity as a reference line.

    Where it builds on a backbone, that is the line.
    """
    colours = tokens()
    epochs = [epoch for epoch, _ndcg in curves.ndcg]
    values = [ndcg for _epoch, ndcg in curves.ndcg]
    figure = charts.line(epochs, values, x_title=_("Epoch"), y_title="NDCG@10")
    hover = _("epoch %{x}<br>NDCG@10 %{y:.4f}") + "<extra></extra>"
    figure.update_traces(mode="lines+markers", marker={"size": 5}, hovertemplate=hover)
    figure.update_layout(showlegend=False, uirevision=key)
    figure.update_yaxes(rangemode="tozero", tickformat=".3~f", nticks=6)
    figure.update_xaxes(tickformat="d", range=[min([1, *epochs]) - 0.5, max([5, *epochs]) + 0.7])
    beaten = popularity if curves.backbone is None else curves.backbone
    if beaten is not None:
        words = _("popularity {value}", value=f"{beaten:.3f}")
        if curves.backbone is not None:
            words = _("backbone {value}", value=f"{beaten:.3f}")
        figure.add_hline(
            beaten,
            line={"color": colours.muted, "width": 1, "dash": "dash"},
            annotation={
                "text": words,
                "font": {"color": colours.muted, "size": 12},
            },
            annotation_position="bottom right",
        )
    if curves.best is not None:
        figure.add_trace(_best_mark(curves.best, _("best: epoch %{x}, NDCG@10 %{y:.4f}")))
    alt = _("Validation NDCG@10, higher is better; now {ndcg}.", ndcg=_number(values))
    charts.show(figure, key=f"ndcg-{key}", height=HEIGHT, alt=alt)


def _best_mark(best: tuple[float, float], hover: str) -> go.Scatter:
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
        hovertemplate=hover + "<extra></extra>",
    )


def _number(values: list[float]) -> str:
    return f"{values[-1]:.4f}" if values else "–"
