"""Ctrl-C and SIGTERM, sent to real processes of every long command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from recsys.cli.exit_status import INTERRUPTED
from recsys.dataset import Dataset
from recsys.jobs.job import Job
from recsys.lab.grid import Grid
from recsys.lab.grid_job import GridJob
from recsys.lab.search_job import SearchJob, SearchRequest
from recsys.prompts import LIBRARY
from recsys.runs import create_run
from tests.app.made_runs import made
from tests.models.tiny import tiny_bert

#: Works until it is told to stop for the second time.
_STUBBORN = """
import sys, time
from pathlib import Path
from recsys.jobs.job import Job
from recsys.jobs.signals import first_signal_stops
job = Job(Path(sys.argv[1]))
with first_signal_stops(job.request_stop, "it is kept"), job.at_work():
    while True:
        time.sleep(0.01)
"""


def until(done: Callable[[], bool], seconds: float = 600.0) -> None:
    limit = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < limit
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_asks_it_to_stop_and_the_second_ends_it(
    tmp_path: Path, number: signal.Signals
) -> None:
    job = Job(tmp_path)
    job.wait()
    process = subprocess.Popen(
        [sys.executable, "-c", _STUBBORN, str(tmp_path)], stderr=subprocess.PIPE, text=True
    )
    until(lambda: job.status().state == "training")
    process.send_signal(number)
    until(job.stop_requested)
    assert process.poll() is None and job.status().active
    process.send_signal(number)
    _, errors = process.communicate(timeout=600)
    assert "stopping, it is kept" in errors and "KeyboardInterrupt" in errors
    assert '"interrupted"' in (tmp_path / "status.json").read_text("utf-8")  # it said so itself


def train(folder: Path, slow: Dataset) -> tuple[Job, list[str]]:
    return create_run(folder, slow, model="sasrec", minutes=30.0), ["train"]


def tune(folder: Path, slow: Dataset) -> tuple[Job, list[str]]:
    template, reads = LIBRARY["sequential"], str(tiny_bert())
    run = create_run(
        folder, slow, model="prompt-tuned", template=template, language_model=reads, minutes=30.0
    )
    return run, ["prompts", "tune"]


def search(folder: Path, slow: Dataset) -> tuple[Job, list[str]]:
    run = made(folder, "prompt-fusion", language_model=str(tiny_bert()))
    source = "{{ soft(2) }}\n{{ history }}\n{{ genres }}"
    return SearchJob.create(run, SearchRequest("mine", source, 10**9)), ["prompts", "search"]


def grid(folder: Path, slow: Dataset) -> tuple[Job, list[str]]:
    asked = Grid(slow.name, slow.content_hash, (), ("sasrec", "slit"), (), minutes=30.0)
    return GridJob.create(folder, asked, slow), ["prompts", "grid"]


@pytest.mark.parametrize("make", [train, tune, search, grid])
def test_every_long_command_ends_with_what_it_has(
    tmp_path: Path, slow: Dataset, make: Callable[[Path, Dataset], tuple[Job, list[str]]]
) -> None:
    job, command = make(tmp_path, slow)
    process = subprocess.Popen(
        [sys.executable, "-m", "recsys", *command, "--into", str(job.folder)],
        env={**os.environ, "RECSYS_PROMPTS": str(tmp_path / "prompts")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: job.status().state == "training" or process.poll() is not None)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=600)
    assert process.returncode == INTERRUPTED, errors
    assert job.status().state in ("stopped", "interrupted"), errors  # there may be nothing to keep
    assert job.control() == "stop" and "stopping, " in errors
