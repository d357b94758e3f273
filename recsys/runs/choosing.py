"""Which of several runs to begin with: the best, not the newest; and which were trained enough."""

from __future__ import annotations

from collections.abc import Iterable

from recsys.runs.curves import follow
from recsys.runs.run import Run
from recsys.splitting import SPLITTERS

#: A training that ended before this share of its epochs gives no comparable model.
_ENOUGH = 0.5


def best_first(runs: Iterable[Run]) -> list[Run]:
    """Runs on the same data by NDCG@10 on the validation users, the best first, by protocol.

    By validation, since choosing by the test would bias its result. Metrics of different protocols
    are not comparable: the runs of one stand together, in the order of `SPLITTERS`. Of equal ones
    the earlier in `runs` stay first; runs without a metric come last.
    """
    places = {protocol: place for place, protocol in enumerate(SPLITTERS)}

    def rank(run: Run) -> tuple[bool, int, float]:
        ndcg = run.status().best_ndcg
        return ndcg is None, places.get(run.config.protocol, len(places)), -(ndcg or 0.0)

    return sorted(runs, key=rank)


def was_trained_enough(run: Run) -> bool:
    """Whether a run's training got so far that others can be compared with its model.

    It ended by its own plan, or made at least half of its epochs before it was stopped or its
    time was over.
    """
    curves = follow(run.folder)
    if curves.reason in ("epochs", "patience", "computed") or not curves.epochs:
        return run.status().state == "finished"
    return curves.epoch >= _ENOUGH * curves.epochs
