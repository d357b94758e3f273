"""The command `benchmark`: what it prints and what it keeps."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from recsys.benchmark import SUITES, run_suite
from recsys.benchmark.saved import load_results, save_results
from recsys.benchmark.suites import check_name
from recsys.benchmark.summary import Row, comparisons, metrics_of, summarise
from recsys.benchmark.tables import markdown
from recsys.cli.output import aligned, to_json
from recsys.cli.progress import ProgressLines

#: What the table shows, as far as a suite has it; all that a suite has where it has none of them.
SHOWN = (
    "ndcg@10",
    "recall@10",
    "mrr@10",
    "hit_rate@10",
    "ndcg@10/new-items",
    "p50_ms",
    "p95_ms",
    "all_users_seconds",
    "share@10",
    "wishes below .4",
    "below .4, right by name",
    "pairs in order",
    "attributes above the cosine",
)


def benchmark(arguments: argparse.Namespace) -> int:
    """Measure the models of a suite, or print what was measured before (`--markdown`)."""
    check_name(arguments.suite, SUITES)
    if arguments.markdown:
        print(markdown(load_results(arguments.suite)))
        return 0
    progress = ProgressLines(sys.stderr)
    about: dict[str, Any] = {}
    records = []

    def observe(event: dict[str, Any]) -> None:
        if event["event"] == "measured on":
            about.update(event)
            progress.say("{data}: {users:,} users, {items:,} items; {protocol}".format(**event))
        else:
            progress.show(event)

    models = arguments.models.split(",") if arguments.models else None
    for record in run_suite(
        arguments.suite, models, arguments.seeds, observe, arguments.data, arguments.part
    ):
        records.append(record)
        if arguments.json:
            print(to_json(record), flush=True)
    if not arguments.json:
        print(table(records))
    if arguments.save:
        about.pop("event", None)
        progress.say(f"saved in {save_results(arguments.suite, records, about)}")
    return 0


def table(records: Sequence[Mapping[str, Any]]) -> str:
    """The records of `run_suite` as plain text: means over the seeds, also of the intervals."""
    rows = summarise(records)
    shown = metrics_of(rows, SHOWN)
    sliced = any(row.part is not None for row in rows)
    header = ["model", *(["slice"] if sliced else []), *shown]
    header += ["train s", "positions/s", "peak MB", "parameters"]
    lines = [
        [row.model, *([row.part or ""] if sliced else []), *_cells(row, shown)] for row in rows
    ]
    return "\n".join([aligned(header, lines), *map(_comparison, comparisons(records))])


def _cells(row: Row, shown: Sequence[str]) -> list[str]:
    decimals = 1 if row.positions_per_second < 100 else 0
    return [
        *(_value(row.metrics.get(metric)) for metric in shown),
        f"{row.train_seconds:.1f}",
        f"{row.positions_per_second:,.{decimals}f}",
        f"{row.peak_mb:,.0f}",
        f"{row.trainable_parameters:,}",
    ]


def _value(metric: tuple[float, float, float] | None) -> str:
    return "" if metric is None else "{:.4f} [{:.4f} {:.4f}]".format(*metric)


def _comparison(record: Mapping[str, Any]) -> str:
    where = f" ({record['slice']})" if "slice" in record else ""
    faster = f"; {record['speedup']:,.1f} x the positions/s" if "speedup" in record else ""
    return (
        f"{record['a']} - {record['b']}{where}: {record['metric']} {record['delta']:+.4f} "
        f"[{record['low']:+.4f} {record['high']:+.4f}], p = {record['p_value']:.4f}{faster}"
    )
