"""A training in a process of its own that is asked to wait, and to go on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from recsys.dataset import Dataset
from recsys.runs import create_run, start


def until(done: Callable[[], bool], seconds: float = 600.0) -> None:
    limit = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_it_waits_with_a_heartbeat_and_goes_on(slow: Dataset, runs_dir: Path) -> None:
    run = create_run(runs_dir, slow, model="sasrec", minutes=30.0)
    start(run)

    def kinds() -> list[str]:
        return [event["event"] for event in run.events()[0]]

    until(lambda: run.status().best_ndcg is not None)
    run.request_pause()
    until(lambda: kinds()[-1] == "paused")
    told = kinds()
    assert run.status().state == "paused" and run.status().active
    beat = os.stat(run.folder / "heartbeat").st_mtime
    until(lambda: os.stat(run.folder / "heartbeat").st_mtime > beat)
    assert kinds() == told  # it shows life, and does nothing
    run.request_go_on()
    until(lambda: "validated" in kinds()[len(told) :])
    assert run.status().state == "training" and kinds()[len(told)] == "resumed"
    run.request_pause()
    until(lambda: run.status().state == "paused")
    run.request_stop()  # one that waits can be stopped, too
    until(lambda: not run.status().active)
    assert run.status().state == "stopped" and run.has_results(), run.log()
