"""One job: who owns it, what is asked of it, and what is kept of its end."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys.jobs.job import Job
from recsys.schema import ConfigError, Message, RunError
from recsys.storage.files import locked


@pytest.fixture
def job(tmp_path: Path) -> Job:
    job = Job(tmp_path / "job")
    job.folder.mkdir()
    job.wait()
    return job


class TestOwner:
    def test_one_process_at_a_time(self, job: Job) -> None:
        with job.at_work():
            before = job.status()
            with pytest.raises(RunError, match="at work already"), job.at_work():
                pytest.fail("two at once")
            assert job.status() == before  # whose process it is says how it stands
        with job.at_work("evaluating"):  # again, once the first is over
            assert job.status().state == "evaluating"

    def test_the_system_releases_it_when_the_process_dies(self, job: Job) -> None:
        code = (
            "import os, sys; from pathlib import Path; from recsys.jobs.job import Job\n"
            "with Job(Path(sys.argv[1])).at_work(): os._exit(9)"
        )
        ended = subprocess.run([sys.executable, "-c", code, str(job.folder)], check=False)
        assert ended.returncode == 9 and job.status().state == "interrupted"
        with locked(job.folder / "owner.lock") as mine:
            assert mine

    def test_of_a_folder_that_is_gone(self, tmp_path: Path) -> None:
        with pytest.raises(RunError, match="deleted meanwhile"), Job(tmp_path / "no").at_work():
            pytest.fail("no folder")


class TestEnding:
    def test_what_a_person_can_mend_is_kept_as_it_is(self, job: Job) -> None:
        with pytest.raises(ConfigError, match="too small"), job.at_work():
            raise ConfigError("It is too {what}.", what="small")
        assert job.status().state == "failed" and not job.status().active
        assert job.status().message == Message("It is too {what}.", {"what": "small"})
        assert job.log() == ""

    def test_what_a_library_said_is_in_the_log(self, job: Job) -> None:
        with pytest.raises(RunError, match="cannot be read"), job.at_work():
            raise RunError("The model cannot be read.") from KeyError("weights")
        assert str(job.status().message) == "The model cannot be read."
        assert "KeyError: 'weights'" in job.log()

    def test_somebody_interrupted_it(self, job: Job) -> None:
        with pytest.raises(KeyboardInterrupt), job.at_work():
            raise KeyboardInterrupt
        status = job.status()
        assert (status.state, status.message) == ("interrupted", None)
        assert status.ended is not None

    def test_started_again_the_cause_is_gone(self, job: Job) -> None:
        job.update(state="failed", message=Message("No luck."))
        with job.at_work():
            assert job.status().message is None


class TestControl:
    def test_run_pause_and_stop(self, job: Job) -> None:
        assert job.control() == "run"
        job.request_pause()
        job.request_pause()
        assert job.control() == "pause"
        job.request_go_on()
        job.request_go_on()
        assert job.control() == "run"
        job.request_pause()
        job.request_stop()
        assert job.control() == "stop" and job.stop_requested()  # one that waits can be stopped
        job.request_go_on()
        assert job.control() == "stop"

    def test_between_steps_it_waits_until_it_may_go_on(self, job: Job) -> None:
        assert not job.stopped()
        job.update(state="training")
        job.request_pause()
        answers: list[bool] = []
        thread = threading.Thread(target=lambda: answers.append(job.stopped()))
        thread.start()
        while job.status().state != "paused":
            time.sleep(0.01)
        time.sleep(0.5)
        assert thread.is_alive() and not answers and job.status().state == "paused"
        job.request_go_on()
        thread.join(60)
        assert answers == [False] and job.status().state == "training"
        job.request_pause()
        job.request_stop()  # counts more
        assert job.stopped()

    def test_asked_for_anew_it_is_not_stopped(self, job: Job) -> None:
        job.request_pause()
        job.request_stop()
        job.wait()
        assert job.control() == "run"

    def test_of_a_job_that_was_deleted(self, tmp_path: Path) -> None:
        gone = Job(tmp_path / "gone")
        for ask in (gone.request_stop, gone.request_pause, gone.wait):
            with pytest.raises(RunError, match="deleted meanwhile"):
                ask()
        assert gone.control() == "run" and not gone.folder.exists()

    def test_where_nothing_can_be_written(self, job: Job) -> None:
        (job.folder / "requests").write_text("a file, not a folder", "utf-8")
        for ask in (job.request_stop, job.request_pause):
            with pytest.raises(ConfigError, match="cannot be written"):
                ask()


@pytest.fixture
def told(job: Job) -> Iterator[Job]:
    job.add_event({"event": "round", "number": 1})
    return job


def test_events_are_read_from_where_one_was(told: Job) -> None:
    (first,), since = told.events()
    assert first["number"] == 1 and first["time"] > 0
    told.add_event({"event": "round", "number": 2})
    (second,), end = told.events(since)
    assert second["number"] == 2 and told.events(end) == ([], end)
