"""A service in a process of its own, as `python -m recsys serve` starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pandas as pd

from benchmarks.local_server import free_port
from recsys.dataset import Dataset
from recsys.runs import Run, create_run, execute

_START_SECONDS = 120


class Running:
    """A service that was started.

    Attributes:
        process: it.
        client: knows its address, and its token where it asks for one.
    """

    def __init__(self, process: subprocess.Popen[str], client: httpx.Client) -> None:
        self.process = process
        self.client = client

    def wait_until_ready(self, run: str | None = None) -> None:
        """Until it answers, by a certain run if one is named."""
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            assert self.process.poll() is None, "it ended"
            try:
                answer = self.client.get("/ready")
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 200:
                if run is None or answer.json()["made_by"]["run"] == run:
                    return
            time.sleep(0.1)
        raise AssertionError("it is not ready")

    def list_of(self, **asked: object) -> list[str]:
        """The ids of a list."""
        answer = self.client.post("/v1/recommend", json=asked)
        assert answer.status_code == 200, answer.text
        return [item["item_id"] for item in answer.json()["items"]]


@contextmanager
def running(run: Run, *options: str, token: str | None = None) -> Iterator[Running]:
    """A service with a run, in the runs folder that the run lies in."""
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "recsys", "serve", str(run.folder)),
            *("--port", str(port), *options),
        ],
        env={**os.environ, "RECSYS_RUNS": str(run.folder.parent), "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
        service = Running(process, client)
        try:
            yield service
        finally:
            process.terminate()
            process.communicate(timeout=60)


def trained(data: Dataset, runs_dir: Path, name: str, model: str = "ease") -> Run:
    """A run that was trained in a second."""
    run = create_run(runs_dir, data, model=model, name=name)
    assert execute(run).has_model
    return run


def films(n_users: int = 30) -> Dataset:
    """Users who rated twelve of twenty films in order of time; genres are shared."""
    events = pd.DataFrame(
        [
            {
                "user_id": f"u{user}",
                "item_id": f"i{(user * 3 + step * step) % 20}",
                "rating": 1.0 + (user + step) % 5,
                "timestamp": 1_000_000_000 + user * 10_000 + step * 60,
            }
            for user in range(n_users)
            for step in range(12)
        ]
    ).drop_duplicates(["user_id", "item_id"])
    items = pd.DataFrame(
        {
            "item_id": [f"i{item}" for item in range(20)],
            "title": [f"{_WORDS[item % 5]} {item}" for item in range(20)],
            "genres": [["Comedy"] if item % 2 else ["Drama", "Western"] for item in range(20)],
            "year": [1980 + item for item in range(20)],
        }
    )
    return Dataset.from_frames(events, items, name="films", liked_from=4.0)


_WORDS = ("Laughing", "The Long Ride", "Sheriff", "Two Weddings", "Rain")
