"""Metrics, the protocol that they are measured by, and how sure they are."""

from recsys.evaluation.metrics import METRICS
from recsys.evaluation.protocol import Evaluation, Score, evaluate, ndcg_at
from recsys.evaluation.significance import (
    Comparison,
    Interval,
    bootstrap_interval,
    paired_bootstrap,
)

__all__ = [
    "METRICS",
    "Comparison",
    "Evaluation",
    "Interval",
    "Score",
    "bootstrap_interval",
    "evaluate",
    "ndcg_at",
    "paired_bootstrap",
]
