"""Folders broken in hundreds of ways beside good ones, and what every page says of them.

    python -m benchmarks.broken_runs [--every N] [--only WORD]

Makes two good runs, a grid, a search, a saved prompt and kept data; breaks a copy of a run, or one
of the others, in each of the ways below; and draws every page: once with all broken runs in one
folder, and once for each way with that run opened. Prints one JSON object: ways tried, pages drawn,
pages that fell, how often a good run was missing from the list, and what was said.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from recsys.dataset import Dataset
from recsys.runs import Run, create_run, execute

PAGES = ("data", "prompts", "train", "recommend", "evaluate", "grid", "benchmark")
#: Pages that show the run that is linked.
VIEWS = ("train", "recommend", "evaluate")
FILES = (
    *("config.json", "status.json", "evaluation.json", "events.jsonl", "per_user.parquet"),
    *("heartbeat", "requests", "log.txt", "controls.json", "model", "dataset"),
    *("dataset/dataset.json", "dataset/interactions.parquet", "dataset/items.parquet"),
    *("dataset/users.parquet", "model/config.json", "model/model.safetensors"),
)
#: What a file can hold instead; bytes as they are.
CONTENTS: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"{no json",
    "list": b"[1, 2]",
    "string": b'"words"',
    "number": b"7",
    "null": b"null",
    "empty object": b"{}",
    "nested": b"[" * 100_000,
    "long number": b'{"created": ' + b"9" * 5_000 + b"}",
    "half of a character": b'{"name": "\\ud800", "state": "\\udfff"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "garbage": bytes(range(256)) * 8,
}
#: What a field can hold instead.
VALUES: dict[str, Any] = {
    "text": "soon",
    "not a number": float("nan"),
    "infinite": float("inf"),
    "negative": -1,
    "huge": 1e300,
    "whole and huge": 10**30,
    "long": "x" * 100_000,
    "list": [[], {}],
    "object": {"value": {"value": [1]}},
    "true": True,
    "null": None,
    "half of a character": "\ud800",
    "future": 4e9,
}
CONFIG = (
    *("name", "created", "data", "data_hash", "n_users", "n_items", "n_events", "model"),
    *("protocol", "prompt_name", "prompt_source", "language_model", "seed", "epochs", "minutes"),
    *("source", "cleaning", "model_config", "backbone_run", "versions", "command"),
)
STATUS = (
    *("state", "message", "updated", "started", "ended", "pid", "process_started", "host", "boot"),
    *("epoch", "best_ndcg", "test_ndcg"),
)
EVALUATION = ("run", "data", "data_hash", "protocol", "users", "items", "metrics", "baselines",
              "gain", "ratings")  # fmt: skip
EVENT = ("event", "elapsed", "epoch", "step", "loss", "ndcg", "best", "words", "stage", "of")


@dataclass(frozen=True)
class Way:
    """One way to break the folder of a run; `damage` gets the folder."""

    name: str
    damage: Callable[[Path], None]


def ways() -> list[Way]:
    """All ways, the same every time."""
    return [Way(name, damage) for name, damage in _ways()]


def _ways() -> Iterator[tuple[str, Callable[[Path], None]]]:
    for file in FILES:
        yield f"{file} is missing", lambda folder, f=file: _remove(folder / f)
        yield f"{file} is a folder", lambda folder, f=file: _become_folder(folder / f)
        yield f"{file} is a pipe", lambda folder, f=file: _become_pipe(folder / f)
        yield f"{file} may not be read", lambda folder, f=file: _forbid(folder / f)
        yield f"{file} is cut", lambda folder, f=file: _cut(folder / f)
        for target in ("nowhere", "/etc/hostname", "/dev/zero", ".", Path(file).name):
            yield (
                f"{file} is a link to {target}",
                lambda folder, f=file, t=target: _become_link(folder / f, t),
            )
        for what, content in CONTENTS.items():
            yield f"{file}: {what}", lambda folder, f=file, c=content: _write(folder / f, c)
    for file, keys in (
        ("config.json", CONFIG),
        ("status.json", STATUS),
        ("evaluation.json", EVALUATION),
    ):
        for key in keys:
            yield f"{file} without {key}", lambda d, f=file, k=key: _drop(d / f, k)
            for what, value in VALUES.items():
                yield (
                    f"{file}, {key}: {what}",
                    lambda d, f=file, k=key, v=value: _put(d / f, k, v),
                )
    for key in EVENT:
        for what, value in VALUES.items():
            yield f"events.jsonl, {key}: {what}", lambda d, k=key, v=value: _event(d, k, v)
    yield from _known()


def _known() -> Iterator[tuple[str, Callable[[Path], None]]]:
    """What another version, another person or a full disk leaves."""
    puts: dict[str, tuple[str, str, Any]] = {
        "a state of another version": ("status.json", "state", "queued"),
        "a model of another version": ("config.json", "model", "transformer-9000"),
        "a protocol of another version": ("config.json", "protocol", "two-weeks"),
        "a prompt that no longer parses": ("config.json", "prompt_source", "{{ a.b }} {% if %}"),
        "a setting of another version": ("config.json", "model_config", {"regularisation": "x"}),
        "a score that is a number": ("status.json", "test_ndcg", 0.05),
        "a score without bounds": ("status.json", "test_ndcg", {"value": 0.05}),
        "a score of text": ("status.json", "test_ndcg", {"value": "a", "low": "b", "high": "c"}),
        "created as text": ("config.json", "created", "yesterday"),
        "created in the year 33658": ("config.json", "created", 1e12),
        "a process 0": ("status.json", "pid", 0),
        "a process -1": ("status.json", "pid", -1),
        "a message that reaches attributes": (
            *("status.json", "message"),
            {"template": "{x.__class__} {x:999999999} {", "params": {"x": "y"}},
        ),
        "users as text": ("evaluation.json", "users", "many"),
        "metrics without NDCG": (
            *("evaluation.json", "metrics"),
            {"recall@10": {"value": 0.1, "low": 0.0, "high": 0.2}},
        ),
        "metrics of numbers": ("evaluation.json", "metrics", {"ndcg@10": 0.1}),
        "baselines as a list": ("evaluation.json", "baselines", ["ease"]),
        "a baseline without metrics": ("evaluation.json", "baselines", {"ease": {}}),
        "a gain of text": ("evaluation.json", "gain", {"over": "mf", "delta": "+"}),
        "ratings without means": ("evaluation.json", "ratings", {"metrics": {}}),
    }
    for name, (file, key, value) in puts.items():
        yield name, lambda d, f=file, k=key, v=value: _put(d / f, k, v)
    yield "100 MB of events", _many_events
    yield "an endless line of events", lambda d: _write(d / "events.jsonl", b"x" * 5_000_000)
    yield "per-user values of other columns", lambda d: _frame(d / "per_user.parquet", ["a", "b c"])
    yield "per-user values of text", lambda d: _frame(d / "per_user.parquet", ["model ndcg@10"])
    for name in ("interactions", "items", "users"):
        yield (
            f"{name} of other columns",
            lambda d, n=name: _frame(d / "dataset" / f"{n}.parquet", ["a"]),
        )
    yield "no event", lambda d: _frame(d / "dataset/interactions.parquet", ["user_id", "item_id"])
    yield "a heartbeat of tomorrow", lambda d: _touch(d / "heartbeat", time.time() + 86_400)
    yield "nothing but a config", _only_config
    yield "the folder may not be read", _forbid


# --- damage -----------------------------------------------------------------------------------


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    _remove(path)
    path.write_bytes(content)


def _become_folder(path: Path) -> None:
    _remove(path)
    (path / "inside").mkdir(parents=True)


def _become_pipe(path: Path) -> None:
    _remove(path)
    os.mkfifo(path)


def _become_link(path: Path, target: str) -> None:
    _remove(path)
    path.symlink_to(target)


def _forbid(path: Path) -> None:
    """No permissions; the superuser reads on all the same."""
    if path.exists():
        path.chmod(0)


def _cut(path: Path) -> None:
    if path.is_file():
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text("utf-8")))


def _put(path: Path, key: str, value: Any) -> None:
    path.write_text(json.dumps(_json(path) | {key: value}), "utf-8")


def _drop(path: Path, key: str) -> None:
    told = _json(path)
    told.pop(key, None)
    path.write_text(json.dumps(told), "utf-8")


def _event(folder: Path, key: str, value: Any) -> None:
    common = {"elapsed": 1.0, "epoch": 1, "step": 5, "positions_per_second": 9.0}
    events: list[dict[str, Any]] = [
        {"event": "stage", "stage": 1, "of": 2, "model": "mf", **common},
        {"event": "started", "epochs": 3, "trainable_parameters": 5, **common},
        {"event": "step", "loss": 2.0, "eta_seconds": 3.0, **common},
        {"event": "validated", "ndcg": 0.1, "best": True, **common},
        {"event": "tested", "validation_loss": 1.0, "test_loss": 1.0, "best": True, **common},
        {"event": "soft-prompt", "words": [[["comedy", 0.5]]], **common},
        {"event": "scoring", "done": 1, "total": 2, **common},
    ]
    lines = [json.dumps({**event, key: value}) for event in events]
    lines += [json.dumps({**common, "event": "step", "loss": 1.0, "eta_seconds": 1.0})]
    (folder / "events.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


def _many_events(folder: Path) -> None:
    step = {"event": "step", "elapsed": 1.0, "epoch": 1, "step": 5, "loss": 1.0,
            "positions_per_second": 9.0, "eta_seconds": 1.0, "note": "x" * 900}  # fmt: skip
    line = (json.dumps(step) + "\n").encode()
    (folder / "events.jsonl").write_bytes(line * (100_000_000 // len(line)))


def _frame(path: Path, columns: list[str]) -> None:
    pd.DataFrame({column: pd.Series(["x"], dtype="str") for column in columns}).to_parquet(path)


def _touch(path: Path, moment: float) -> None:
    path.touch()
    os.utime(path, (moment, moment))


def _only_config(folder: Path) -> None:
    for path in list(folder.iterdir()):
        if path.name != "config.json":
            _remove(path)


# --- good runs --------------------------------------------------------------------------------


def small_data() -> Dataset:
    """Twelve users who each met seven of ten films."""
    events = pd.DataFrame(
        {
            "user_id": [f"u{user:02d}" for user in range(12) for _ in range(7)],
            "item_id": [f"i{(user + 3 * step) % 10}" for user in range(12) for step in range(7)],
            "timestamp": [1_000_000_000 + 1000 * u + step for u in range(12) for step in range(7)],
        }
    )
    items = pd.DataFrame(
        {"item_id": [f"i{i}" for i in range(10)], "title": [f"Film {i}" for i in range(10)]}
    )
    return Dataset.from_frames(events, items, name="small")


def good_runs(runs_dir: Path) -> list[Run]:
    """Two runs that were trained and measured."""
    runs = [create_run(runs_dir, small_data(), model=m, name=f"good-{m}") for m in ("ease", "slit")]
    for run in runs:
        assert execute(run).state == "finished"
    return runs


def broken_copy(good: Run, name: str, way: Way) -> Path:
    """A copy of a run's folder, broken."""
    folder = good.folder.parent / name
    shutil.copytree(good.folder, folder)
    _put(folder / "config.json", "name", name)
    way.damage(folder)
    return folder


# --- pages ------------------------------------------------------------------------------------


@dataclass
class Report:
    """What came of drawing pages."""

    drawn: int = 0
    missing: int = 0
    fell: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)


def draw(page: str, report: Report, what: str, **parameters: str) -> None:
    """Draw one page and note what it says."""
    from streamlit.testing.v1 import AppTest

    root = Path(__file__).parents[1]
    app = AppTest.from_file(str(root / "app.py"), default_timeout=120)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    if page != "data":
        app.switch_page(f"pages/{page}.py").run()
    report.drawn += 1
    print(f"{report.drawn}: {page}, {what}", file=sys.stderr)
    for told in app.exception:
        report.fell[f"{page}: {what}: {told.value[:200]}"] += 1
        print(f"{page} fell: {what}: {told.value[:500]}", file=sys.stderr)
    for kind in ("error", "warning"):
        for told in app.get(kind):
            report.said[f"{page}: {told.value[:160]}"] += 1
    if page == "train" and app.dataframe:
        listed = set(app.dataframe[0].value["name"])
        report.missing += not {"good-ease", "good-slit"} <= listed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="open one way of N")
    parser.add_argument("--only", default="", metavar="WORD", help="ways whose name has it")
    arguments = parser.parse_args()
    tried = [way for way in ways() if arguments.only in way.name]
    report = Report()
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        for name in ("runs", "cache", "prompts"):
            os.environ[f"RECSYS_{name.upper()}"] = str(folder / name)
        good = good_runs(folder / "runs")
        for at, way in enumerate(tried):
            broken_copy(good[0], f"odd-{at:04d}", way)
        for page in PAGES:
            for lang in ("en", "zh"):
                draw(page, report, "all at once", lang=lang)
        for at, way in list(enumerate(tried))[:: arguments.every]:
            for page in VIEWS:
                draw(page, report, way.name, run=f"odd-{at:04d}", lang="en")
        for path in [folder, *folder.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o700)
    told = {
        "ways": len(tried),
        "pages drawn": report.drawn,
        "pages that fell": sum(report.fell.values()),
        "lists without a good run": report.missing,
        "fell": dict(report.fell.most_common(30)),
        "said": dict(report.said.most_common(60)),
    }
    print(json.dumps(told, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
