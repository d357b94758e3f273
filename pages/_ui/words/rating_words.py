"""What is said about predicted ratings, on the Train and the Evaluate page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages._ui.common.i18n import _, ngettext
from pages._ui.common.widgets import plain, section
from pages._ui.evaluate.compare import Result
from pages._ui.html.table_markup import Cell, draw_table
from recsys.evaluation.ratings import RATING_METRICS
from recsys.schema import N_

_BASELINES = {
    "global-mean": N_("Mean rating"),
    "user-item-mean": N_("User and item mean"),
}


def baseline(name: str) -> str:
    """What a person calls a predictor that knows means only."""
    return _(_BASELINES[name])


def result(ratings: Mapping[str, Any]) -> str:
    """The test result in a sentence, beside that of the means."""
    rmse = ratings["metrics"]["rmse"]
    means = ", ".join(
        f"{baseline(name)} {metrics['rmse']['value']:.3f}"
        for name, metrics in ratings["baselines"].items()
    )
    liked = ratings["metrics"]["liked_accuracy"]["value"]
    return _(
        "On {ratings} it reaches **RMSE {value}** (95% interval {low} to {high}; lower is better); "
        "{means}. It tells liked from not liked in {share} of them.",
        ratings=_count(ratings["ratings"]),
        value=f"{rmse['value']:.3f}",
        low=f"{rmse['low']:.3f}",
        high=f"{rmse['high']:.3f}",
        means=means,
        share=f"{liked:.0%}",
    )


def draw(found: list[Result]) -> None:
    """The table of all chosen runs that predict ratings, and whether they beat the means."""
    rated = [
        (each, each.run.evaluation()["ratings"])
        for each in found
        if each.key == "model" and "ratings" in each.run.evaluation()
    ]
    if not rated:
        return
    st.space("small")
    section(
        _("Predicted ratings"),
        _("How close the predicted ratings of the hidden items come to those that users gave."),
    )
    about = rated[0][1]
    measured = [(each.title, ratings["metrics"]) for each, ratings in rated]
    measured += [(baseline(name), metrics) for name, metrics in about["baselines"].items()]
    draw_table(
        _("Model"),
        [(_(metric.title), _(metric.description)) for metric in RATING_METRICS.values()],
        [(title, _cells(metrics, [m for _t, m in measured])) for title, metrics in measured],
    )
    for each, ratings in rated:
        for name, difference in ratings["against"].items():
            st.markdown(_against(each.title, baseline(name), difference))
    st.caption(
        _(
            "{ratings}, one for each hidden item; a rating counts as liked from {liked}. "
            "Small print is the 95% interval from resampling users.",
            ratings=_count(about["ratings"]),
            liked=f"{about['liked_from']:.3g}",
        )
    )


def _cells(metrics: Mapping[str, Any], all_metrics: list[Mapping[str, Any]]) -> list[Cell]:
    cells = []
    for name, metric in RATING_METRICS.items():
        value = metrics[name]
        choose = min if metric.lower_is_better else max
        best = choose(other[name]["value"] for other in all_metrics)
        below = f"{value['low']:.3f} – {value['high']:.3f}"
        cells.append(Cell(f"{value['value']:.3f}", below, value["value"] == best))
    return cells


def _against(title: str, other: str, difference: Mapping[str, float]) -> str:
    numbers = {
        "first": f"**{plain(title)}**",
        "second": f"**{plain(other)}**",
        "delta": f"{abs(difference['delta']):.3f}",
        "low": f"{difference['low']:+.3f}".replace("-", "−"),
        "high": f"{difference['high']:+.3f}".replace("-", "−"),
    }
    if difference["low"] <= 0 <= difference["high"]:
        return ":material/drag_handle: " + _(
            "{first} and {second} cannot be told apart: the difference of {delta} in mean squared "
            "error may be chance (95% interval {low} to {high}).",
            **numbers,
        )
    if difference["delta"] < 0:
        return ":material/trending_up: " + _(
            "{first} predicts better than {second}: its mean squared error is lower by {delta} "
            "(95% interval of the difference {low} to {high}), more than chance.",
            **numbers,
        )
    return ":material/trending_down: " + _(
        "{first} predicts worse than {second}: its mean squared error is higher by {delta} "
        "(95% interval of the difference {low} to {high}), more than chance.",
        **numbers,
    )


def _count(ratings: int) -> str:
    return ngettext("{count} held-out rating", "{count} held-out ratings", ratings)
