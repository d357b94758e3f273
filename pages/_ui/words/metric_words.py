"""Metrics and their differences as people read them."""

from __future__ import annotations

from pages._ui.common.i18n import _
from recsys.evaluation import METRICS


def metric_title(metric: str) -> str:
    """What people call a metric such as "ndcg@10"."""
    name, k = metric.split("@")
    return f"{_(METRICS[name].title)}@{k}"


def signed(value: float, decimals: int = 4) -> str:
    """A difference with its sign."""
    return f"{value:+.{decimals}f}".replace("-", "−")


def icon(delta: float, *, distinguishable: bool) -> str:
    """Up, down, or neither where a difference may be chance."""
    if not distinguishable:
        return ":material/drag_handle:"
    return ":material/trending_up:" if delta > 0 else ":material/trending_down:"
