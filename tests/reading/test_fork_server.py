"""Processes that read are forked from one that has imported what they need, or started afresh."""

from __future__ import annotations

import threading
from pathlib import Path

import psutil
import pytest

from recsys.reading import Reading, fork_server
from recsys.reading.process import DATA
from recsys.schema import DataError


def prepare(folder: Path) -> Reading:
    task = {"do": "from_files", "spec": str(folder), "cleaning": None, "options": {}}
    return Reading(task, folder.name)


def the_server() -> psutil.Process:
    fork_server.prepare()
    assert fork_server._server is not None
    return psutil.Process(fork_server._server.process.pid)


@pytest.mark.parametrize("forks", [True, False])
def test_either_way_the_data_is_the_same(
    forks: bool, small_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fork_server, "FORKS", forks)
    reading = prepare(small_folder)
    try:
        reading.get()
        assert (reading.folder / DATA).exists()
        assert reading.peak_bytes > 10_000_000
    finally:
        reading.close()


def test_one_server_forks_for_all(small_folder: Path) -> None:
    server = the_server()
    for _ in range(2):
        reading = prepare(small_folder)
        reading.get()
        reading.close()
    assert the_server() == server
    assert not server.children()  # none is left as a zombie


def test_a_server_that_was_killed_is_replaced(long_file: Path, small_folder: Path) -> None:
    task = {"do": "look", "path": str(long_file), "filename": "a", "kind": "items", "remove": False}
    reading = Reading({**task, "options": {}}, "a")
    started = threading.Event()
    while reading.pid is None:
        started.wait(0.02)
    server = the_server()
    server.kill()
    with pytest.raises(DataError, match="was ended by the system"):
        reading.get()
    reading.close()
    again = prepare(small_folder)
    again.get()
    again.close()
    assert the_server() != server


def test_it_sees_the_environment_of_today(
    small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_server()  # started before
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(small_folder.parent)
    reading = prepare(Path(small_folder.name))
    reading.get()
    assert reading.folder.is_relative_to(tmp_path / "cache")
    assert (reading.folder / DATA).exists()
    reading.close()
