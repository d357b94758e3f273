"""Works that are ended by the disk or by a deleted folder: said so, and with what was kept."""

from __future__ import annotations

import errno
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from recsys.dataset import Dataset
from recsys.runs import Run, create_run, execute, list_runs
from recsys.runs.endings import explained, is_full
from recsys.runs.files import overwrite_json, read_json
from recsys.runs.measure import validation_ndcg
from recsys.schema import ConfigError


@contextmanager
def small_disk(folder: Path, size: str = "1m") -> Iterator[Path]:
    """A file system of its own with so much room; skips where it cannot be had."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"cannot mount a small file system here: {error}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def filled(folder: Path) -> None:
    """Take all the room that is left."""
    with pytest.raises(OSError, match="No space"), (folder / "ballast").open("ab", 0) as file:
        while True:
            file.write(b"\0" * 4096)


def truthful(run: Run) -> None:
    """The model on disk is whole, and the one that the status tells of."""
    best = run.status().best_ndcg
    assert best == pytest.approx(validation_ndcg(run.split())(run.model()), abs=5e-5)


def test_a_disk_that_fills_up_while_it_trains(small: Dataset, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        run = create_run(disk / "runs", small, model="sasrec", epochs=500)

        def observe(event: dict[str, Any]) -> None:
            if event["event"] == "validated" and event["epoch"] == 2:
                filled(disk)

        status = execute(run, observe)
        found = Run(run.folder)
        assert status.state == found.status().state == "failed"
        assert "disk is full" in str(found.status().message)
        assert not (run.folder / "model.new").exists()
        truthful(found)
        assert [one.name for one in list_runs(disk / "runs")] == [run.name]


@pytest.mark.parametrize("size", ["100k", "200k", "300k", "400k", "500k", "600k", "700k"])
def test_a_disk_that_is_too_small_for_it(size: str, small: Dataset, tmp_path: Path) -> None:
    """Whatever it is that has no room: the run, a model, an event, the results."""
    with small_disk(tmp_path / "disk", size) as disk:
        try:
            run = create_run(disk / "runs", small, model="sasrec", epochs=2)
        except ConfigError as error:
            assert "disk is full" in str(error)
            assert not [path for path in disk.rglob("*") if path.is_file()]
            return
        status = execute(run)
        assert status.state in ("failed", "finished")
        if status.state == "failed":
            assert "disk is full" in str(status.message), run.log()
            assert Run(run.folder).status().state == "failed"
        assert not (run.folder / "model.new").exists()
        if Run(run.folder).has_model:
            truthful(Run(run.folder))


def test_a_disk_that_can_only_be_read(small: Dataset, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        run = create_run(disk / "runs", small, model="sasrec", epochs=500)
        other = create_run(disk / "runs", small, model="ease")

        def observe(event: dict[str, Any]) -> None:
            if event["event"] == "validated" and event["epoch"] == 2:
                remount = ["mount", "-o", "remount,ro", str(disk)]
                subprocess.run(remount, check=True)

        status = execute(run, observe)
        assert status.state == "failed" and "cannot be written" in str(status.message)
        truthful(Run(run.folder))
        with pytest.raises(ConfigError, match="cannot be written"):
            execute(other)
        with pytest.raises(ConfigError, match="cannot be written"):
            create_run(disk / "runs", small, model="ease")


@pytest.mark.parametrize("at", ["started", "validated", "evaluating"])
def test_a_folder_that_is_deleted_under_it(at: str, small: Dataset, tmp_path: Path) -> None:
    run = create_run(tmp_path / "runs", small, model="sasrec", epochs=3)

    def observe(event: dict[str, Any]) -> None:
        if event["event"] == at and run.folder.exists():
            shutil.rmtree(run.folder)

    status = execute(run, observe)
    assert status.state == "failed"
    assert "was deleted or moved while" in str(status.message)
    assert list((tmp_path / "runs").iterdir()) == []  # and no half of it came back


def test_files_that_may_not_grow(small: Dataset, tmp_path: Path) -> None:
    """Another way to have no room: the system refuses files above a size."""
    run = create_run(tmp_path / "runs", small, model="sasrec", epochs=3)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def observe(event: dict[str, Any]) -> None:
        if event["event"] == "started":
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))

    try:
        status = execute(run, observe)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert status.state == "failed" and "disk is full" in str(status.message)
    assert not (run.folder / "model.new").exists()


class TestIsFull:
    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
    def test_the_system_says_so(self, number: int) -> None:
        assert is_full(OSError(number, "whatever"))

    def test_a_library_says_so(self, tmp_path: Path) -> None:
        from safetensors import SafetensorError

        told = "Error while serializing: I/O error: No space left on device (os error 28)"
        assert is_full(SafetensorError(told))
        assert not is_full(SafetensorError("Error while deserializing header"))

    def test_sqlite_says_so(self, tmp_path: Path) -> None:
        with small_disk(tmp_path / "disk") as disk:
            database = sqlite3.connect(disk / "some.sqlite")
            database.execute("CREATE TABLE some (thing BLOB)")
            with pytest.raises(sqlite3.Error) as raised, database:  # it is written at the end
                database.execute("INSERT INTO some VALUES (?)", (b"\0" * 2_000_000,))
            assert is_full(raised.value)
            database.close()

    def test_what_led_to_it_counts(self) -> None:
        error = ValueError("cannot save")
        error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
        assert is_full(error)

    @pytest.mark.parametrize(
        "error",
        [OSError(errno.ENOENT, "no"), ValueError("x"), KeyError("disk"), sqlite3.Error("locked")],
    )
    def test_anything_else_does_not(self, error: Exception) -> None:
        assert not is_full(error)


def test_memory_is_no_disk(tmp_path: Path) -> None:
    (tmp_path / "heartbeat").touch()
    for error in (MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")):
        assert "memory" in str(explained(error, tmp_path))


def test_a_status_is_written_where_there_is_no_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        path = disk / "status.json"
        path.write_text('{"state": "training", "message": null}', "utf-8")
        filled(disk)
        overwrite_json(path, {"state": "failed", "message": {"template": "x" * 900}})
        assert read_json(path)["message"] == {"template": "x" * 900}
        overwrite_json(path, {"state": "failed"})  # shorter again
        assert read_json(path) == {"state": "failed"}
