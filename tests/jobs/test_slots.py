"""Trainings beyond a number wait, the first come first: real processes, killed and stopped."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recsys.dataset import Dataset
from recsys.jobs.slots import Queue, most_at_once, slot
from recsys.runs import Run, create_run, delete_run, execute, start
from recsys.schema import ConfigError

_PATIENCE = 120.0


@pytest.fixture
def one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_MAX_TRAININGS", "1")


@pytest.fixture
def started(runs_dir: Path, slow: Dataset, one: None) -> Iterator[Callable[[str], Run]]:
    """Start trainings that go on until they are stopped; none outlives the test."""
    runs: list[Run] = []

    def begin(name: str) -> Run:
        run = create_run(runs_dir, slow, model="sasrec", epochs=10_000, minutes=60, name=name)
        start(run)
        runs.append(run)
        return run

    yield begin
    for run in runs:
        pid = run.status().pid
        if run.status().active and pid is not None and pid != os.getpid():
            os.kill(pid, signal.SIGKILL)


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def words(run: Run) -> str:
    return str(run.status().message)


def trains(run: Run) -> bool:
    return run.status().state in ("preparing", "training")


def test_one_trains_and_the_others_wait_in_order(started: Callable[[str], Run]) -> None:
    first = started("first")
    until(lambda: trains(first))
    second = started("second")
    until(lambda: "first" in words(second))
    third = started("third")
    until(lambda: "before this one wait 1" in words(third))
    assert (second.status().state, third.status().state) == ("waiting", "waiting")
    # One that is killed lets the next one go on.
    os.kill(first.status().pid or 0, signal.SIGKILL)
    until(lambda: trains(second))
    until(lambda: "second" in words(third))
    assert third.status().state == "waiting"
    assert "is next" in words(third)
    # One that waits can be stopped, and deleted.
    third.request_stop()
    until(lambda: third.status().state == "interrupted")
    assert "before there was a model" in words(third)
    assert delete_run(third)
    # One that is stopped with its model lets the next one go on, too.
    fourth = started("fourth")
    until(lambda: "second" in words(fourth))
    until(lambda: second.status().state == "training")
    second.request_stop()
    until(lambda: trains(fourth))
    assert fourth.status().message is None
    assert second.status().state == "stopped"


def test_a_stopped_holder_is_named_and_a_stopped_waiter_passed_over(
    started: Callable[[str], Run],
) -> None:
    holder = started("holder")
    until(lambda: trains(holder))
    waiter = started("waiter")
    until(lambda: "holder" in words(waiter))
    holding, waiting = holder.status().pid or 0, waiter.status().pid or 0
    os.kill(holding, signal.SIGSTOP)
    os.kill(waiting, signal.SIGSTOP)
    last = started("last")
    until(lambda: "holder" in words(last))
    assert last.status().state == "waiting"
    os.kill(holding, signal.SIGKILL)
    until(lambda: trains(last))  # though the waiter came first
    os.kill(waiting, signal.SIGCONT)
    until(lambda: "last" in words(waiter))


def test_as_many_as_allowed_train_at_once(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_MAX_TRAININGS", "2")

    class StopError(Exception):
        pass

    seen: list[Queue] = []

    def stop(queue: Queue) -> None:
        seen.append(queue)
        raise StopError

    taken = slot(runs_dir, "a", stop), slot(runs_dir, "b", stop)
    with taken[0], taken[1], pytest.raises(StopError), slot(runs_dir, "c", stop):
        pass
    assert seen == [Queue(0, ("a", "b"))]
    with slot(runs_dir, "c", stop):
        pass
    assert not list((runs_dir / ".slots" / "waiting").iterdir())


def test_the_number_is_half_of_the_cores_or_what_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECSYS_MAX_TRAININGS", raising=False)
    assert most_at_once() == max(2, (os.cpu_count() or 1) // 2)
    monkeypatch.setenv("RECSYS_MAX_TRAININGS", "7")
    assert most_at_once() == 7


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "²"])
def test_a_number_that_is_none_is_said(
    runs_dir: Path, small: Dataset, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("RECSYS_MAX_TRAININGS", value)
    with pytest.raises(ConfigError):
        most_at_once()
    status = execute(create_run(runs_dir, small, model="ease"))
    assert status.state == "failed"
    assert "RECSYS_MAX_TRAININGS" in str(status.message)
