"""Reading in another process: what comes back is what was read, and every end is a sentence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pyarrow as pa
import pytest

from benchmarks import hostile_files as hostile
from recsys.cleaning import CleaningConfig, CleaningReport, prepare
from recsys.dataset import Dataset
from recsys.reading import Limits, Reading, prepare_apart, process
from recsys.reading.tables import (
    TABLE,
    load_prepared,
    load_report,
    open_table,
    save_prepared,
    write_table,
)
from recsys.schema import ConfigError, DataError, Message
from recsys.sources import read_table

OLD_EXCEL = Path(__file__).parents[1] / "sources" / "old.xls"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path / "cache"))


def look(path: Path, **limits: int) -> Reading:
    task = {"do": "look", "path": str(path), "filename": path.name, "options": {}}
    limit = Limits(**limits) if limits else None
    return Reading({**task, "kind": "interactions", "remove": False}, path.name, limits=limit)


def read_apart(path: Path, filename: str = "") -> tuple[pd.DataFrame, list[Message]]:
    """A table as it is written, read in a process of its own; the file stays where it is."""
    filename = filename or path.name
    task = {"do": "look", "path": str(path), "filename": filename, "kind": "interactions"}
    options = {"shape": "events", "encoding": None}
    reading = Reading({**task, "options": options, "remove": False}, filename)
    try:
        assert reading.wait(60)
        notes = reading.get()["notes"]
        frame = open_table(reading.folder / TABLE)
    finally:
        reading.close()
    return frame, [Message(*note) for note in notes]


def worker_of(reading: Reading) -> psutil.Process:
    """The process of a reading, once it is there."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if reading.pid is not None:
            return psutil.Process(reading.pid)
        time.sleep(0.02)
    raise AssertionError("no process")


def files() -> dict[str, bytes]:
    rows = (
        f'<row r="1">{hostile.cell("A1", "user")}</row><row r="2">{hostile.cell("A2", "é")}</row>'
    )
    table = pa.table(
        {"user": ["a", "b", None], "l": [["x", "y|z"], [], None], "n": [1.0, 2.5, None]}
    )
    return {
        "a.csv": 'user,item\n007,故宫\nNA,"a\nb"\n'.encode(),
        "latin.csv": "user,item\n1,Amélie\n".encode("latin-1"),
        "ragged.tsv": b"row\trow\tscore\nu1\ta\nu2\tb\t2\t3\nu3\tc\t1\n",
        "a.xlsx": hostile.workbook(rows, rows),
        "a.xlsb": hostile.xlsb(*hostile.xlsb_row(0, 0, 1), *hostile.xlsb_row(1, 0, 1)),
        "a.ods": hostile.opendocument(hostile.ods_row("user") + hostile.ods_row("a")),
        "a.parquet": hostile.parquet(table),
        "a.xls": OLD_EXCEL.read_bytes(),
    }


@pytest.mark.parametrize("name", files())
def test_an_honest_file_comes_back_as_it_is_read_here(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(files()[name])
    apart, told = read_apart(path)
    here, notes = read_table(path)
    pd.testing.assert_frame_equal(apart, here, check_index_type=False)
    assert list(map(str, told)) == list(map(str, notes))
    assert path.exists()
    assert not list(process.readings_folder().iterdir())


@pytest.mark.parametrize("name", files())
def test_a_table_survives_the_way_through_a_file(name: str, tmp_path: Path) -> None:
    here, _ = read_table(files()[name], name)
    write_table(here, tmp_path / "table")
    pd.testing.assert_frame_equal(open_table(tmp_path / "table"), here, check_index_type=False)


def test_files_are_prepared_as_they_are_here(small_folder: Path) -> None:
    config = CleaningConfig(min_item_events=2)
    apart, told = prepare_apart(small_folder, cleaning=config)
    here, report = prepare(small_folder, cleaning=config)
    assert apart.content_hash == here.content_hash
    assert apart.name == here.name
    assert [str(step.reason) for step in told.steps] == [str(s.reason) for s in report.steps]
    assert (told.rows_in, told.rows_out) == (report.rows_in, report.rows_out)


def test_a_sample_with_facts_is_prepared_apart(tmp_path: Path) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text("subject,relation,object\nHeat,is,long\n")
    data, _ = prepare_apart("movielens", knowledge=facts)
    assert data.knowledge is not None and len(data.knowledge) == 1
    facts.write_bytes(hostile.far_corner())
    with pytest.raises(DataError, match="reaches over 1,048,576 rows"):
        prepare_apart("movielens", knowledge=facts)


def test_mistakes_keep_their_kind_and_their_places(tmp_path: Path, small_folder: Path) -> None:
    with pytest.raises(DataError, match="no sample, file or folder"):
        prepare_apart(tmp_path / "nothing")
    with pytest.raises(ConfigError, match="only liked"):
        prepare_apart(small_folder, cleaning=CleaningConfig(only_liked=True))
    empty = tmp_path / "empty.csv"
    empty.write_text("user,item\n")
    with pytest.raises(DataError) as caught:
        read_apart(empty, "mine.csv")
    assert caught.value.message.params == {"filename": "mine.csv"}


def test_prepared_data_and_its_report(small: Dataset, tmp_path: Path) -> None:
    save_prepared(tmp_path / "data", small, CleaningReport((), 3, 2), "upload")
    data, report, origin = load_prepared(tmp_path / "data")
    assert (data.content_hash, report.rows_in, origin) == (small.content_hash, 3, "upload")
    assert load_report(tmp_path / "data")[0] == report


class TestHowItEnds:
    def ends(self, reading: Reading, match: str) -> None:
        with pytest.raises(DataError, match=match) as caught:
            reading.get()
        folder = reading.folder
        reading.close()
        assert reading.filename in str(caught.value)
        assert not folder.exists()

    def test_stopped(self, long_file: Path) -> None:
        reading = look(long_file)
        worker = worker_of(reading)
        reading.stop()
        self.ends(reading, "was stopped. Nothing was changed")
        assert reading.state == "stopped"
        assert not worker.is_running()

    def test_killed_from_outside(self, long_file: Path) -> None:
        reading = look(long_file)
        worker_of(reading).kill()
        self.ends(reading, "was ended by the system")

    @pytest.mark.parametrize("number", ["SIGSEGV", "SIGABRT", "SIGBUS"])
    def test_broken_from_inside(self, number: str, long_file: Path) -> None:
        reading = look(long_file)
        worker = worker_of(reading)
        time.sleep(0.5)
        worker.send_signal(getattr(signal, number))
        self.ends(reading, "broke off")

    def test_computing_too_long(self, long_file: Path, tmp_path: Path) -> None:
        # A fast machine reads the long file within the second that is the least to be allowed.
        longer = tmp_path / "longer.csv"
        longer.write_text(long_file.read_text() * 4)
        self.ends(look(longer, seconds=1), "longer than 1 seconds")

    def test_waiting_too_long(self, long_file: Path) -> None:
        reading = look(long_file, wall_seconds=5)
        worker_of(reading).suspend()
        self.ends(reading, "longer than 5 seconds")

    def test_too_much_memory_in_python(self, long_file: Path) -> None:
        self.ends(
            look(long_file, memory_bytes=250 * 1024**2), "needs more (than 0.244141 GB of )?memory"
        )

    def test_too_much_memory_in_rust(self, tmp_path: Path) -> None:
        path = tmp_path / "wide.xlsx"
        last = f'<row r="19000">{hostile.cell("ALL19000", "x")}</row>'  # 1,000 columns
        path.write_bytes(hostile.workbook(f'<row r="1">{hostile.cell("A1", "u")}</row>{last}'))
        self.ends(look(path, memory_bytes=512 * 1024**2), "more than 0.5 GB of memory")

    def test_a_file_that_is_gone(self, tmp_path: Path) -> None:
        self.ends(look(tmp_path / "gone.csv"), "cannot be read")

    def test_a_disk_without_room(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RECSYS_CACHE", "/dev/full/cache")
        reading = look(OLD_EXCEL)
        with pytest.raises(DataError, match="could not be kept on this machine"):
            reading.get()
        reading.close()

    def test_a_fault_of_its_own(self, tmp_path: Path) -> None:
        self.ends(Reading({"do": "dance"}, "a.csv"), "Reading a.csv broke off")

    def test_nobody_there(self, long_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(process, "_GRACE_SECONDS", 0.2)
        task = {"do": "look", "path": str(long_file), "filename": "a", "options": {}}
        reading = Reading({**task, "kind": "items", "remove": False}, "a", alive=lambda: False)
        assert reading.wait(30)
        assert reading.state == "stopped"
        reading.close()

    def test_what_nobody_holds_ends(self, long_file: Path) -> None:
        reading = look(long_file)
        worker, folder = worker_of(reading), reading.folder
        del reading
        psutil.wait_procs([worker], timeout=20)
        assert not worker.is_running()
        assert not folder.exists()


def test_no_more_at_once_than_there_are_turns(long_file: Path) -> None:
    readings = [look(long_file) for _ in range(process.MAX_AT_ONCE + 1)]
    for reading in readings[:-1]:
        worker_of(reading).suspend()  # so that none ends before the states are looked at
    states = sorted(reading.state for reading in readings)
    assert states == ["running"] * process.MAX_AT_ONCE + ["waiting"]
    for reading in readings:
        reading.close()


def test_the_process_ends_with_the_one_that_started_it(long_file: Path) -> None:
    script = (
        "import sys, time\nfrom recsys.reading import Reading\n"
        f"task = dict(do='look', path={str(long_file)!r}, filename='a', options={{}})\n"
        "reading = Reading({**task, 'kind': 'items', 'remove': False}, 'a')\n"
        "print(reading.folder, flush=True)\ntime.sleep(60)\n"
    )
    server = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    folder = server.stdout.readline().strip()
    end = time.monotonic() + 30
    while len(workers := psutil.Process(server.pid).children(recursive=True)) < 2:
        assert time.monotonic() < end  # the one that forks, and the one that reads
        time.sleep(0.05)
    server.kill()
    server.wait()
    psutil.wait_procs(workers, timeout=20)
    assert not any(w.is_running() and w.status() != psutil.STATUS_ZOMBIE for w in workers)
    assert Path(folder).exists()
    look(long_file).close()  # the next one removes what was left behind
    assert not Path(folder).exists()


def test_old_folders_are_removed_and_fresh_ones_are_not() -> None:
    mine = process.new_folder()
    old = process.new_folder()
    os.utime(old, (0, 0))
    strange = process.readings_folder() / "strange"
    strange.mkdir()
    process.new_folder()
    assert mine.exists() and strange.exists()
    assert not old.exists()


def test_how_far_it_is(tmp_path: Path) -> None:
    """Run here, not apart: the shares that a reader tells are written for whoever looks."""
    from recsys.sources.progress import listening, report_share

    heard: list[float] = []
    with listening(heard.append):
        read_table(files()["a.parquet"], "a.parquet")
        report_share(7.0)
    report_share(0.5)  # nobody listens
    assert heard == [1.0, 1.0]
