"""How long lists of thousands of runs and the live view of a long training take.

    python -m benchmarks.many_runs [--runs 2000] [--events 100000] [--pages]

Makes runs (and as many grids as a tenth of them) that look finished, and one at work with so many
events; prints one JSON object: seconds of each list the first time and, the median of five, warm;
of the live view the first time and after one more event. With --pages also of whole pages.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.broken_runs import small_data
from recsys.jobs.status import this_process
from recsys.lab.grid import Grid
from recsys.lab.grid_store import list_grids
from recsys.runs import Run, create_run, execute, list_runs, runs_folder, unreadable_runs
from recsys.storage.files import write_json

_PAGES = ("train", "recommend", "evaluate", "prompts", "grid")


def many_runs(runs_dir: Path, count: int) -> list[Run]:
    """So many finished, measured runs, all copies of one."""
    first = create_run(runs_dir, small_data(), model="ease", name="run-0")
    assert execute(first).state == "finished"
    for number in range(1, count):
        folder = runs_dir / f"run-{number}"
        (folder / "dataset").mkdir(parents=True)
        (folder / "model").mkdir()
        for name in ("status.json", "evaluation.json"):
            shutil.copy(first.folder / name, folder / name)
        config = {**first.config.to_dict(), "name": folder.name, "created": time.time() - number}
        (folder / "config.json").write_text(json.dumps(config), "utf-8")
        for name in ("dataset", "model"):  # never written again, so that one copy is enough
            for file in (first.folder / name).iterdir():
                os.link(file, folder / name / file.name)
        os.link(first.folder / "per_user.parquet", folder / "per_user.parquet")
    return list_runs(runs_dir)


def many_grids(runs_dir: Path, count: int) -> None:
    """So many grids that were asked for."""
    for seed in range(count):
        grid = Grid("small", "0" * 16, (), ("ease", "slit"), (), seed=seed)
        folder = runs_dir / ".grids" / grid.name
        folder.mkdir(parents=True)
        write_json(folder / "grid.json", asdict(grid))


def long_training(runs_dir: Path, events: int) -> Run:
    """A run at work that has told of so many steps."""
    run = create_run(runs_dir, small_data(), model="sasrec", name="long")
    run.update(state="training", started=time.time(), **this_process())
    common = {"epoch": 1, "positions_per_second": 9000.0, "eta_seconds": 60.0}
    run.add_event({"event": "started", "elapsed": 0.0, "epochs": 5, "trainable_parameters": 9})
    with (run.folder / "events.jsonl").open("a", encoding="utf-8") as file:
        for step in range(events):
            told: dict[str, Any] = {"time": 1e9 + step, "event": "step", "elapsed": step / 10}
            file.write(json.dumps({**told, "step": step, "loss": 5.0 / (step + 1), **common}))
            file.write("\n")
    return run


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Seconds of a first call, and the median of five more, also of processor time.

    Where others keep the machine busy, only the latter says what the work costs.
    """
    seconds, busy = [], []
    for _time in range(6):
        began, busy_began = time.perf_counter(), time.process_time()
        work()
        seconds.append(time.perf_counter() - began)
        busy.append(time.process_time() - busy_began)
    return {
        "first": round(seconds[0], 3),
        "first, processor": round(busy[0], 3),
        "warm": round(median(seconds[1:]), 3),
        "warm, processor": round(median(busy[1:]), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000, metavar="N")
    parser.add_argument("--events", type=int, default=100_000, metavar="N")
    parser.add_argument("--pages", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        for name in ("runs", "cache", "prompts"):
            os.environ[f"RECSYS_{name.upper()}"] = str(Path(home) / name)
        told = measured(runs_folder(), arguments.runs, arguments.events, pages=arguments.pages)
    print(json.dumps(told, indent=2))


def measured(runs_dir: Path, runs: int, events: int, *, pages: bool) -> dict[str, Any]:
    """Every number, by what was done."""
    from pages._ui.common import runs as shown

    many_runs(runs_dir, runs)
    many_grids(runs_dir, runs // 10)
    told: dict[str, Any] = {
        "list of runs": timed(lambda: list_runs(runs_dir)),
        "those that cannot be read": timed(lambda: unreadable_runs(runs_dir)),
        "status of all": timed(lambda: [run.status() for run in list_runs(runs_dir)]),
        "usable runs": timed(shown.usable_runs),
        "measured runs": timed(shown.measured_runs),
        "readers": timed(lambda: shown.readers("none")),
        "list of grids": timed(lambda: [job.grid() for job in list_grids(runs_dir)]),
    }
    if pages:
        told["pages"] = {page: timed_page(page) for page in _PAGES}
    run = long_training(runs_dir, events)
    told["live view"] = timed(lambda: looked_at(run))
    return told


def looked_at(run: Run) -> None:
    """What the Train page does every second, after one more event."""
    from recsys.runs.curves import follow

    run.add_event({"event": "validated", "elapsed": 9.0, "epoch": 1, "ndcg": 0.1, "best": True})
    run.status()
    assert follow(run.folder).loss


def timed_page(page: str) -> dict[str, float]:
    """A page drawn without a browser: the first time, and again."""
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(Path(__file__).parents[1] / "app.py"), default_timeout=300)
    app.run().switch_page(f"pages/{page}.py")
    return timed(app.run)


if __name__ == "__main__":
    main()
