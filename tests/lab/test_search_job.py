"""A search as a job in a run's folder."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from recsys.lab.readings import WORDS
from recsys.lab.search import PromptSearch
from recsys.lab.search_job import SearchJob, SearchRequest
from recsys.lab.search_steps import Found
from recsys.prompts import Template
from recsys.runs import Run
from recsys.schema import ConfigError, RunError
from recsys.storage.files import read_json, read_lines, write_json
from tests.app.made_runs import made

REQUEST = SearchRequest("mine", "{{ soft(2) }}\nOnly comedies.\n{{ history }}", budget=60)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return made(tmp_path, "prompt-fusion", name="fusion")


def until(done: Callable[[], bool], seconds: float = 600.0) -> None:
    limit = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < limit
        time.sleep(0.1)


def test_what_is_found_is_reported_and_kept(run: Run) -> None:
    job = SearchJob.create(run, REQUEST)
    assert job.status().state == "waiting" and job.events()[0] == []
    told: list[object] = []
    found = job.execute(told.append)
    assert told[-1] is found
    assert job.status().state == "finished"
    *rounds, end = job.events()[0]
    assert {event["event"] for event in rounds} == {"round"}
    as_written = json.loads(json.dumps(found.to_dict()))
    assert end == {"time": end["time"], **as_written} and len(told) == len(rounds) + 1
    assert SearchJob.latest(run) == job
    assert job.run.name == run.name and job.request() == REQUEST


def test_what_was_found_out_is_read_again(run: Run) -> None:
    job = SearchJob.create(run, REQUEST)
    found = job.execute()
    _, written = job.progress()
    assert written is not None
    assert written["explanation"] == found.explanation and found.explanation.tried
    assert (written["leader"], written["source"]) == (found.leader.source, found.winner.source)


def test_what_earlier_versions_found_is_read(run: Run) -> None:
    job = SearchJob.create(run, REQUEST)
    change = {"a": 0.2, "b": 0.3, "delta": -0.1, "low": -0.2, "high": 0.1, "p_value": 0.4}
    job.add_event({"event": "found", "reason": "budget", "spent": 60, "source": "x", "holds": False,
                   "confirmed": {"users": 4, "metrics": {"ndcg@10": change}}})  # fmt: skip
    _, written = job.progress()
    assert written is not None and "explanation" not in written
    assert (written["source"], written["confirmed"]["users"]) == ("x", 4)


def test_each_reading_is_a_search_of_its_own(run: Run) -> None:
    words = SearchJob.create(run, replace(REQUEST, reading="words"))
    whole = SearchJob.create(run, REQUEST)
    assert words != whole and words.request().reading == "words"
    found = words.execute()
    _, written = words.progress()
    assert written is not None
    assert (found.mode, written["reading"]) == (WORDS, "words") and written["whole"] is not None
    told = read_json(whole.folder / "request.json")
    del told["reading"]  # as earlier versions wrote it
    write_json(whole.folder / "request.json", told)
    assert whole.request() == REQUEST


def test_started_again_it_measures_nothing_twice(run: Run) -> None:
    first = SearchJob.create(run, REQUEST).execute()
    assert first.spent > 0
    job = SearchJob.create(run, REQUEST)
    assert job.events()[0] == []
    again = job.execute()
    # All its users are asked at once, so that a prompt has one line.
    measured = [line["prompt"] for line in read_lines(job.folder / "values.jsonl")[0]]
    assert len(set(measured)) == len(measured)
    assert first.spent < first.spent + again.spent == 8 * len(measured)


def test_in_a_process_of_its_own(run: Run) -> None:
    job = SearchJob.create(run, REQUEST)
    job.start()
    until(lambda: bool(job.events()[0]) and not job.status().active)
    assert job.status().state == "finished"
    assert job.events()[0][-1]["event"] == "found"


def test_it_stops_where_somebody_asked_for_it(run: Run) -> None:
    job = SearchJob.create(run, REQUEST)
    job.request_stop()
    found = job.execute()
    assert (found.reason, found.spent) == ("stopped", 0)
    assert job.status().state == "stopped"
    again = SearchJob.create(run, REQUEST)
    assert again.execute().reason != "stopped"


def test_it_waits_between_two_prompts_and_goes_on(run: Run) -> None:
    job = SearchJob.create(run, REQUEST)
    job.start()
    job.request_pause()
    until(lambda: job.status().state == "paused")
    measured = read_lines(job.folder / "values.jsonl")[0]
    time.sleep(0.5)
    assert read_lines(job.folder / "values.jsonl")[0] == measured
    assert job.status().active and job.events()[0] == []
    job.request_go_on()
    until(lambda: not job.status().active)
    assert job.status().state == "finished" and job.events()[0][-1]["event"] == "found"


def test_what_cannot_be_searched_is_in_the_status(tmp_path: Path) -> None:
    run = made(tmp_path, "ease", name="ease")
    job = SearchJob.create(run, REQUEST)
    with pytest.raises(ConfigError, match="reads no prompts"):
        job.execute()
    assert job.status().state == "failed"
    assert "reads no prompts" in str(job.status().message)


def test_no_search(tmp_path: Path, run: Run) -> None:
    assert SearchJob.latest(run) is None
    with pytest.raises(RunError, match="no readable search"):
        SearchJob(tmp_path / "nothing").request()


def test_found_says_whether_it_holds(run: Run) -> None:
    found = SearchJob.create(run, REQUEST).execute()
    assert isinstance(found, Found)
    assert found.to_dict()["holds"] is found.holds


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_it_end_with_what_it_has(run: Run, number: signal.Signals) -> None:
    job = SearchJob.create(run, replace(REQUEST, budget=10**9))
    job.start()
    until(lambda: job.status().state == "training")
    pid = job.status().pid
    assert pid is not None
    os.kill(pid, number)
    until(lambda: not job.status().active)
    assert job.status().state == "stopped", (job.folder / "log.txt").read_text("utf-8")
    assert job.events()[0][-1]["reason"] == "stopped"


def test_asked_to_stop_it_measures_no_more(run: Run) -> None:
    """Between two prompts, not only at the end of a round of many."""
    stops: list[int] = []
    kept = run.folder / "values.jsonl"
    looking = PromptSearch(
        run.model(),
        run.split(),
        Template.parse(REQUEST.source, REQUEST.name),
        budget=REQUEST.budget,
        kept=kept,
        should_stop=lambda: len(stops) > 1 or bool(stops.append(1)),
    )
    *_rounds, found = looking.run()
    assert isinstance(found, Found) and found.reason == "stopped"
    assert len(read_lines(kept)[0]) <= 2


def test_one_that_crashes_says_why(run: Run) -> None:
    """Its process dies of a model that is damaged, and the cause stays."""
    job = SearchJob.create(run, REQUEST)
    (weights,) = (run.folder / "model").glob("*.safetensors")
    weights.write_bytes(b"damaged")
    job.start()
    until(lambda: not job.status().active)
    status = job.status()
    assert status.state == "failed" and "cannot be read" in str(status.message), job.log()
    assert "Traceback" in job.log() and "safetensors" in job.log().lower()


def test_a_damaged_request_is_a_cause_too(run: Run) -> None:
    job = SearchJob.create(run, REQUEST)
    (job.folder / "request.json").write_text("{", "utf-8")
    with pytest.raises(RunError, match="no readable search"):
        job.execute()
    assert job.status().state == "failed"
    assert "no readable search" in str(job.status().message)


def test_a_second_one_is_refused(run: Run) -> None:
    job = SearchJob.create(run, REQUEST)
    with job.at_work():
        job.add_event({"event": "round"})
        for work in (lambda: SearchJob.create(run, REQUEST), job.execute):
            with pytest.raises(RunError, match="at work already"):
                work()
        assert job.events()[0] and job.status().active  # the first goes on undisturbed
