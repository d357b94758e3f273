"""Results on standard output: JSON lines for programs, tables for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

import pandas as pd

from recsys.cli.program import complain
from recsys.cli.progress import printable
from recsys.conversation.answer import Answer
from recsys.dataset import Dataset
from recsys.request_text import CUT
from recsys.runs import RunConfig
from recsys.storage.files import plain

_RATING_BASELINES = {"global-mean": "mean rating", "user-item-mean": "user and item mean"}
_SHOWN = ("ndcg@10", "recall@10", "mrr@10", "hit_rate@10", "coverage@10")


def to_json(value: Mapping[str, Any]) -> str:
    """One line of JSON; NaN becomes null."""
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False)


def difference(compared: Mapping[str, Any]) -> str:
    """A difference with its 95% interval, as `Comparison.to_dict` gives them."""
    return f"{compared['delta']:+.4f} [{compared['low']:+.4f} {compared['high']:+.4f}]"


def print_list(user_id: str, frame: pd.DataFrame, *, as_json: bool) -> None:
    """One user's recommendations, as `recsys.recommend.recommend` gives them."""
    records = frame[["item_id", "title", "score", "rank"]].to_dict("records")
    if as_json:
        print(to_json({"user_id": user_id, "items": records}))
        return
    print(f"user {printable(user_id)}")
    for row in records:
        title, item = printable(row["title"], 100), printable(row["item_id"], 40)
        print(f"  {row['rank']:>3}  {row['score']:>9.3f}  {title}  [{item}]")


def print_answer(data: Dataset, answered: Answer, *, as_json: bool) -> None:
    """An answer to a question, as `recsys.conversation.answer.answer` gives it."""
    items = [
        {"item_id": str(data.items.ids[one.item]), "title": one.title, "has": one.has}
        | {"close_to": one.near}
        for one in answered.items
    ]
    understood = {} if answered.understood is None else answered.understood.to_dict()
    if answered.understood is not None and answered.understood.cut:
        complain(CUT)
    if as_json:
        known = {"question": answered.question, "kind": answered.kind, "understood": understood}
        print(to_json({**known, "items": items}))
        return
    if answered.kind == "not about items":
        print("this is no question about items; only which of them to pick can be answered")
        return
    parts = [f"{name} {value}" for name, values in understood.items() for value in values]
    print(f"understood: {printable('; '.join(parts), 200) if parts else 'nothing that is known'}")
    for rank, one in enumerate(answered.items, start=1):
        why = "; ".join([*one.has, *([f"close to {', '.join(one.near)}"] if one.near else [])])
        print(f"  {rank:>3}  {printable(one.title, 100)}  ({printable(why, 200)})")


def print_results(results: Mapping[str, Any], stream: TextIO) -> None:
    """A table: the model and its baselines, with 95% intervals for the model."""
    names = [name for name in _SHOWN if name in results["metrics"]]
    rows = [[results["run"], *(with_interval(results["metrics"][n]) for n in names)]]
    for baseline, metrics in results["baselines"].items():
        rows.append([baseline, *(with_interval(metrics[n]) for n in names)])
    print(aligned(["", *names], rows), file=stream)
    print(
        f"{printable(results['data'])}: {results['protocol']}; {results['users']:,} users, "
        f"{results['items']:,} items; brackets hold 95% intervals",
        file=stream,
    )
    if "gain" in results:
        _print_gain(results["gain"], stream)
    if "ratings" in results:
        _print_ratings(results["run"], results["ratings"], stream)


def print_final(config: RunConfig, stream: TextIO) -> None:
    """What a run on all events is, and where the figure is that it inherits."""
    assert config.final is not None
    epochs = ", then ".join(f"{stop.epoch:g}" for stop in config.final.stops)
    print(
        f"learned from all {config.n_events:,} events in {epochs} epochs, so that nothing is left "
        "to measure it on; it has no test figure of its own and inherits that of "
        f"{printable(config.final.run)}",
        file=stream,
    )


def _print_gain(gain: Mapping[str, Any], stream: TextIO) -> None:
    """What was added to a backbone."""
    verdict = "more than chance" if gain["distinguishable"] else "not distinguishable"
    print(
        f"gain over {gain['over']}: {gain['metric']} {gain['delta']:+.4f} "
        f"[{gain['low']:+.4f} {gain['high']:+.4f}], p = {gain['p_value']:.4f}: {verdict}",
        file=stream,
    )


def _print_ratings(run: str, results: Mapping[str, Any], stream: TextIO) -> None:
    """The same for predicted ratings, and whether they are nearer than the means."""
    names = list(results["metrics"])
    rows = [[run, *(with_interval(results["metrics"][n]) for n in names)]]
    for baseline, metrics in results["baselines"].items():
        rows.append([_RATING_BASELINES[baseline], *(with_interval(metrics[n]) for n in names)])
    print(f"\n{aligned(['', *names], rows)}", file=stream)
    print(
        f"{results['ratings']:,} held-out ratings, those of the test targets; "
        f"liked from {results['liked_from']:.3g}",
        file=stream,
    )
    for baseline, difference in results["against"].items():
        verdict = "cannot be told apart"
        if difference["high"] < 0 or difference["low"] > 0:
            verdict = "nearer" if difference["high"] < 0 else "further off"
        print(
            f"mean squared error against {_RATING_BASELINES[baseline]}: "
            f"{difference['delta']:+.4f} [{difference['low']:+.4f} {difference['high']:+.4f}], "
            f"{verdict}",
            file=stream,
        )


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in plain text: the first column to the left, the others to the right."""
    lines = [header, *rows]
    widths = [max(len(line[c]) for line in lines) for c in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def with_interval(metric: Mapping[str, float]) -> str:
    """A value and its 95% interval."""
    return f"{metric['value']:.4f} [{metric['low']:.4f} {metric['high']:.4f}]"
