"""Works that are ended by the disk or by a deleted folder: said so, and with what was kept."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from recsys.cli import main
from recsys.dataset import Dataset
from recsys.jobs.endings import explained
from recsys.jobs.job import Job
from recsys.runs import Run, create_run, execute, how_it_ended, list_runs, store
from recsys.runs.measure import validation_ndcg
from recsys.schema import ConfigError, RunError
from recsys.storage import files
from recsys.storage.disk import is_full
from recsys.storage.files import overwrite_json, read_json
from tests.models.tiny import tiny_bert


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
    with (folder / "ballast").open("ab", 0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


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
        run, error = None, None
        try:
            run = create_run(disk / "runs", small, model="sasrec", epochs=2)
        except ConfigError as said:
            error = str(said)
        if run is None:
            assert error is not None and "disk is full" in error
            assert not [path for path in disk.rglob("*") if path.is_file()]
            return
        status = execute(run)
        assert status.state in ("failed", "finished")
        if status.state == "failed":
            assert "disk is full" in str(status.message), run.log()
            assert Run(run.folder).status().state == "failed"
        assert not (run.folder / "model.new").exists()
        if Run(run.folder).has_model():
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
    assert not run.folder.exists()  # and no half of it came back


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


class TestWords:
    """How a run ended is said wherever it can be chosen."""

    def cut(self, small: Dataset, folder: Path, model: str = "sasrec") -> Run:
        """A run whose process died after two epochs."""
        reads = str(tiny_bert()) if model == "prompt-fusion" else None
        run = create_run(
            folder / "runs", small, model=model, epochs=3, name="cut", language_model=reads
        )
        copy = Run(folder / "copies" / "cut")

        def observe(event: dict[str, Any]) -> None:
            if event["event"] == "validated" and event["epoch"] == 1:
                shutil.copytree(run.folder, copy.folder)

        execute(run, observe)
        copy.update(pid=2**22 - 1)  # the largest process id of Linux: nobody has it
        return copy

    def test_of_one_that_was_cut_off(self, small: Dataset, tmp_path: Path) -> None:
        assert str(how_it_ended(self.cut(small, tmp_path))) == "interrupted, kept at epoch 1"

    def test_of_one_that_lacks_what_comes_last(self, small: Dataset, tmp_path: Path) -> None:
        told = str(how_it_ended(self.cut(small, tmp_path, "prompt-fusion")))
        assert told == "interrupted, kept at epoch 1, without the last adjustment"

    def test_of_others(self, small: Dataset, tmp_path: Path) -> None:
        run = create_run(tmp_path / "runs", small, model="ease")
        assert how_it_ended(run) is None  # it waits
        execute(run)
        assert how_it_ended(run) is None
        for state, words in (("stopped", "stopped"), ("failed", "failed, kept at epoch 1")):
            run.update(state=state)
            assert str(how_it_ended(run)) == words

    def test_of_an_older_one_that_does_not_know(self, small: Dataset, tmp_path: Path) -> None:
        run = self.cut(small, tmp_path)
        (run.folder / "model" / "measured.json").write_text('{"epoch": "x"}', "utf-8")
        assert str(how_it_ended(run)) == "interrupted"

    def test_on_the_command_line(
        self, small: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run = self.cut(small, tmp_path)
        assert main(["recommend", str(run.folder), "--user", "u00"]) == 0
        assert "cut: interrupted, kept at epoch 1" in capsys.readouterr().err


class TestMade:
    """A run is made beside its place, so that nobody meets half of one."""

    @pytest.mark.parametrize("at", range(1, 9))
    def test_a_death_while_it_is_made(self, at: int, small: Dataset, tmp_path: Path) -> None:
        left = at
        real = files.fsync_file, files.write_json, Dataset.save

        def dying(do: Any) -> Any:
            def call(*arguments: Any, **named: Any) -> Any:
                nonlocal left
                left -= 1
                if left <= 0:
                    os._exit(9)
                return do(*arguments, **named)

            return call

        runs_dir, child = tmp_path / "runs", os.fork()
        if child == 0:
            store.fsync_file, store.write_json = dying(real[0]), dying(real[1])
            Dataset.save = dying(real[2])  # type: ignore[method-assign]
            try:
                create_run(runs_dir, small, model="ease", name="mine")
            finally:
                os._exit(0)
        assert os.waitpid(child, 0)[1] in (0, 9 << 8)
        made = list_runs(runs_dir)
        if made:
            assert made[0].dataset().content_hash == small.content_hash
        else:
            assert not [path for path in runs_dir.iterdir() if not path.name.startswith(".")]
            create_run(runs_dir, small, model="ease", name="mine")  # its name is free

    def test_what_died_long_ago_is_removed(self, small: Dataset, tmp_path: Path) -> None:
        old, young = (tmp_path / f".making-{name}" for name in ("old", "young"))
        for folder in (old, young):
            (folder / "dataset").mkdir(parents=True)
        os.utime(old, (1.0, 1.0))
        create_run(tmp_path, small, model="ease", name="mine")
        assert sorted(p.name for p in tmp_path.iterdir()) == [".making-young", "mine"]


class TestJobs:
    def update_after(self, job: Job, happens: Callable[[Path], object]) -> None:
        happens(job.folder)
        job.update(state="training")

    def test_the_unexpected_is_kept(self, tmp_path: Path) -> None:
        job = Job(tmp_path)
        with pytest.raises(RunError, match="unexpected"), job.at_work():
            raise ZeroDivisionError("secret detail")
        status = job.status()
        assert status.state == "failed" and "ZeroDivisionError" in str(status.message)
        assert "secret" not in str(status.message)
        assert "secret detail" in (tmp_path / "log.txt").read_text("utf-8")

    def test_a_full_disk_is_kept(self, tmp_path: Path) -> None:
        with small_disk(tmp_path / "disk") as disk:
            job = Job(disk)
            job.wait()
            with pytest.raises(RunError, match="disk is full"), job.at_work():
                self.update_after(job, filled)
            assert "disk is full" in str(job.status().message)
            assert job.status().state == "failed"

    def test_a_deleted_folder_is_said(self, tmp_path: Path) -> None:
        job = Job(tmp_path / "job")
        job.folder.mkdir()
        with pytest.raises(RunError, match="was deleted or moved"), job.at_work():
            self.update_after(job, shutil.rmtree)
        assert not job.folder.exists()
