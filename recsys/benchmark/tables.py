"""Saved results as Markdown, so that what the README says is what the app shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recsys.benchmark.saved import Results
from recsys.benchmark.suites import SUITES
from recsys.benchmark.summary import Row, comparisons, metrics_of, summarise

#: The metrics that a table of a suite shows, as far as they are there.
SHOWN = (
    *("ndcg@10", "hit_rate@10", "ndcg@10/next", "ndcg@10/new-items"),
    *("p95_ms", "all_users_seconds"),
    *("share@10", "distinct items", "overlap between users", "list kept"),
    *("wishes below .4", "below .4, right by name"),
    *("pairs in order", "attributes above the cosine"),
)


def command(suite: str) -> str:
    """The command line that measures a suite as it was saved."""
    data = " --data FOLDER" if SUITES[suite].needs_data else ""
    return f"python -m recsys benchmark {suite}{data}"


def markdown(results: Results) -> str:
    """A table of the models, best first, then a line for every comparison."""
    rows = summarise(results.records)
    shown = metrics_of(rows, SHOWN)
    sliced = any(row.part is not None for row in rows)
    head = ["model", *(["slice"] if sliced else []), *shown, "seeds", "training", "positions/s"]
    head += ["peak MB", "parameters"]
    lines = [head, ["---"] * len(head)]
    lines += [_cells(row, shown, sliced) for row in rows]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    compared = [r for r in comparisons(results.records) if _is_shown(r, shown)]
    sentences = "\n".join(f"- {_comparison(record)}" for record in compared)
    return "\n\n".join(part for part in (_caption(results), table, sentences) if part)


def _caption(results: Results) -> str:
    about = results.about
    measured = sorted({(r["date"], r["cores"]) for r in results.records if "date" in r})
    when = ", ".join(f"{date} on {cores} cores" for date, cores in measured)
    what = ""
    if about:
        what = "{data}: {users:,} users, {items:,} items; {protocol}. ".format(**about)
    return f"{what}Measured {when} by `{command(results.suite)}`."


def _cells(row: Row, shown: Sequence[str], sliced: bool) -> list[str]:
    decimals = 1 if row.positions_per_second < 100 else 0
    trained = row.trainable_parameters > 0
    return [
        row.model,
        *([row.part or ""] if sliced else []),
        *(interval(*row.metrics[metric]) if metric in row.metrics else "" for metric in shown),
        str(row.seeds),
        f"{row.train_seconds:,.0f} s",
        f"{row.positions_per_second:,.{decimals}f}" if trained else "–",
        f"{row.peak_mb:,.0f}",
        f"{row.trainable_parameters:,}" if trained else "–",
    ]


def interval(value: float, low: float, high: float) -> str:
    """A value and its bounds, .0759 [.0700, .0812]; large ones without decimals."""
    return f"{number(value)} [{number(low)}, {number(high)}]"


def number(value: float) -> str:
    """A metric as tables show it: .0759, 1.234, 12.3."""
    if abs(value) >= 10:
        return f"{value:,.1f}"
    text = f"{value:.4f}" if abs(value) < 1 else f"{value:.3f}"
    return text.replace("0.", ".", 1) if abs(value) < 1 else text


def _is_shown(record: Mapping[str, Any], shown: Sequence[str]) -> bool:
    return record["metric"] == shown[0]


def _comparison(record: Mapping[str, Any]) -> str:
    where = f" at {record['slice']}" if "slice" in record else ""
    faster = f"; {record['speedup']:,.1f} × the positions a second" if "speedup" in record else ""
    return (
        f"{record['a']} against {record['b']}{where}: {record['metric']} {record['delta']:+.4f} "
        f"[{record['low']:+.4f}, {record['high']:+.4f}], p = {record['p_value']:.4f}{faster}"
    )
