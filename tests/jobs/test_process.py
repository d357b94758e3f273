"""A process that does not respond is ended, and only that one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recsys.dataset import Dataset
from recsys.jobs.force import force_stop
from recsys.jobs.job import Job
from recsys.jobs.process import kill, process_start
from recsys.jobs.status import Status, named_process, status_of
from recsys.runs import create_run, delete_run
from recsys.schema import RunError
from recsys.storage.files import locked, read_json, write_json

#: Works in a folder as a job does: with a lock, a child of its own, and no end.
_WORK = """
import subprocess, sys, time
from pathlib import Path
from recsys.jobs.job import Job
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with Job(Path(sys.argv[1])).at_work():
    Path(sys.argv[1], "child").write_text(str(child.pid))
    time.sleep(600)
"""


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[Job]:
    """A job whose process was paused amid its work, and has been silent for two minutes."""
    job = Job(tmp_path / "job")
    job.folder.mkdir()
    job.wait()
    process = subprocess.Popen(
        [sys.executable, "-c", _WORK, str(job.folder)], start_new_session=True
    )
    try:
        wait_for(lambda: (job.folder / "child").exists())
        os.kill(process.pid, signal.SIGSTOP)
        wait_for(lambda: Path(f"/proc/{process.pid}/stat").read_text().split(")")[1][1] == "T")
        silent_for(job.folder, 120)
        yield job
    finally:
        process.kill()
        process.wait()


def silent_for(folder: Path, seconds: float) -> None:
    """Let the work in a folder look as if its last sign of life was so long ago."""
    then = time.time() - seconds
    status = read_json(folder / "status.json")
    write_json(folder / "status.json", {**status, "updated": then})
    (folder / "heartbeat").touch()
    os.utime(folder / "heartbeat", (then, then))


def wait_for(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


def ended(pid: int) -> bool:
    return process_start(pid) is None


def free(lock: Path) -> bool:
    with locked(lock) as mine:
        return mine


class TestForceStop:
    def test_a_paused_process_ends_with_its_children_and_its_locks(self, stopped: Job) -> None:
        child = int((stopped.folder / "child").read_text())
        pid = stopped.status().pid
        assert pid is not None
        assert stopped.status().state == "unresponsive" and stopped.status().active
        assert not free(stopped.folder / "owner.lock")
        stopped.force_stop()
        assert stopped.status().state == "interrupted"
        wait_for(lambda: ended(pid) and ended(child) and free(stopped.folder / "owner.lock"))
        stopped.force_stop()  # that it is gone already is no mistake

    def test_a_paused_process_that_goes_on_is_at_work_again(self, stopped: Job) -> None:
        pid = stopped.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGCONT)
        wait_for(lambda: stopped.status().state == "training")

    def test_a_run_can_be_deleted_then(self, small: Dataset, runs_dir: Path) -> None:
        run = create_run(runs_dir, small, model="ease", name="mine")
        process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        try:
            os.kill(process.pid, signal.SIGSTOP)
            run.update(state="training", **named_process(process.pid))
            silent_for(run.folder, 120)
            with pytest.raises(RunError, match="still at work"):
                delete_run(run)
            run.force_stop()
            assert process.wait(timeout=60) == -signal.SIGKILL
            delete_run(run)
        finally:
            process.kill()
            process.wait()

    def test_no_other_process_is_ended(self, tmp_path: Path) -> None:
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        try:
            named = named_process(other.pid)
            for wrong in ({"process_started": "1"}, {"boot": "another"}):
                force_stop(Status("training", **{**named, **wrong}), "x")
            assert kill(other.pid, "1")
            with pytest.raises(RunError, match="on this machine"):
                force_stop(Status("training", **{**named, "host": "another"}), "x")
            with pytest.raises(RunError, match="on this machine"):
                force_stop(Status("training"), "x")
            force_stop(Status("finished", **named), "x")
            assert other.poll() is None
        finally:
            other.kill()
            other.wait()


def test_the_process_itself_is_named_by_the_folder(tmp_path: Path) -> None:
    """A number below one would name a group of processes, and is not read."""
    for pid in (0, -1, 2**40, "1", True):
        write_json(tmp_path / "status.json", {"state": "training", "pid": pid})
        status = status_of(tmp_path)
        assert status.pid in (None, 1) and status.state == "interrupted"
