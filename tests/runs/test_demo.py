"""The run that ships: packed, checked when it is opened, mended where it is damaged."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from recsys.capsule import open_capsule
from recsys.cleaning import prepare
from recsys.dataset import Dataset
from recsys.evaluation.protocol import ndcg_at
from recsys.models import Queries
from recsys.runs import Run, create_run, execute, list_runs
from recsys.runs import demo as shipping
from recsys.runs.measure import score_with
from recsys.schema import ConfigError, RunError

ASSETS = shipping.FOLDER


@pytest.fixture
def packed(small: Dataset, runs_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A small run, packed in a folder of its own as what ships; the cache is empty."""
    monkeypatch.setattr(shipping, "FOLDER", tmp_path / "ships")
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path / "cache"))
    run = create_run(runs_dir, small, model="ease", source={"data": "small"}, name="trained")
    assert execute(run).state == "finished"
    shipping.pack(run)
    return run


def test_it_opens_with_its_own_figures_and_the_data_of_whoever_opens_it(
    packed: Run, small: Dataset, tmp_path: Path
) -> None:
    run = shipping.open_demo(small)
    assert run.name == shipping.NAME and run.folder.is_relative_to(tmp_path / "cache")
    assert run.evaluation()["metrics"] == packed.evaluation()["metrics"]
    assert run.dataset().content_hash == small.content_hash
    test = run.split().test
    again = ndcg_at(score_with(run.model(), test), test)
    assert again == pytest.approx(run.evaluation()["metrics"]["ndcg@10"]["value"])


def test_what_ships_holds_no_data_and_nothing_of_the_machine(packed: Run) -> None:
    with zipfile.ZipFile(shipping.FOLDER / "flagship.promptrec") as archive:
        names = archive.namelist()
        told = archive.read("run/status.json") + archive.read("run/config.json")
    assert not [name for name in names if name.startswith("data")]
    status = packed.status()
    assert status.host and status.host.encode() not in told
    assert str(packed.folder).encode() not in told


def test_the_same_run_gives_the_same_archive(packed: Run) -> None:
    first = shipping.shipped()
    assert first is not None and shipping.pack(packed) == first


@pytest.mark.parametrize("place", [10, -10])
def test_a_changed_archive_is_refused(packed: Run, small: Dataset, place: int) -> None:
    path = shipping.FOLDER / "flagship.promptrec"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunError, match="checksum"):
        shipping.open_demo(small)


def test_an_archive_that_changes_after_it_was_opened_is_refused(
    packed: Run, small: Dataset
) -> None:
    shipping.open_demo(small)
    path = shipping.FOLDER / "flagship.promptrec"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(RunError, match="checksum"):
        shipping.open_demo(small)


def test_a_missing_archive_is_refused(packed: Run, small: Dataset) -> None:
    (shipping.FOLDER / "flagship.promptrec").unlink()
    with pytest.raises(RunError, match="checksum"):
        shipping.open_demo(small)


def test_other_data_is_refused(packed: Run, slow: Dataset) -> None:
    with pytest.raises(RunError, match="other data"):
        shipping.open_demo(slow)


@pytest.mark.parametrize("manifest", ["{", "[]", '{"sha256": 1}', ""])
def test_where_nothing_ships_that_is_said(packed: Run, small: Dataset, manifest: str) -> None:
    (shipping.FOLDER / "flagship.json").write_text(manifest)
    assert shipping.shipped() is None
    with pytest.raises(RunError, match="ships"):
        shipping.open_demo(small)


@pytest.mark.parametrize("name", ["model/model.safetensors", "evaluation.json", "dataset"])
def test_what_was_unpacked_is_mended_where_it_is_damaged(
    packed: Run, small: Dataset, name: str
) -> None:
    folder = shipping.open_demo(small).folder
    if name == "dataset":
        for file in (folder / name).iterdir():
            file.write_bytes(b"")
    else:
        content = bytearray((folder / name).read_bytes())
        content[-2] ^= 1
        (folder / name).write_bytes(content)
    run = shipping.open_demo(small)
    assert run.evaluation() and run.model() and run.dataset().n_events == small.n_events


def test_a_cache_that_cannot_be_written_is_said(
    packed: Run, small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(ConfigError, match="cannot be written"):
        shipping.open_demo(small)


def test_it_is_none_of_a_persons_own_runs(packed: Run, small: Dataset, runs_dir: Path) -> None:
    shipping.open_demo(small)
    assert [run.name for run in list_runs(runs_dir)] == ["trained"]
    with pytest.raises(ConfigError):
        create_run(runs_dir, small, model="ease", name=shipping.NAME)


class TestWhatReallyShips:
    """The files in `assets/demo`; made anew by `python -m benchmarks.demo`."""

    def test_it_is_small(self) -> None:
        assert sum(file.stat().st_size for file in ASSETS.iterdir()) <= 12_000_000

    def test_its_figures_are_those_of_its_bytes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RECSYS_CACHE", str(tmp_path))
        told = shipping.shipped()
        assert told is not None
        run = shipping.open_demo(prepare(told.data)[0])
        test = run.split().test
        again = ndcg_at(score_with(run.model(), test), test)
        results = run.evaluation()
        assert again == pytest.approx(results["metrics"]["ndcg@10"]["value"], abs=1e-4)
        words = shipping.what_words_add(run)
        assert words["prompt"]["value"] == pytest.approx(again, abs=1e-4)
        assert words["wish over nothing"]["low"] > 0
        assert words["users"] == results["users"] == len(test.users)

    def test_it_was_trained_elsewhere_and_does_not_say_where(self) -> None:
        with zipfile.ZipFile(ASSETS / "flagship.promptrec") as archive:
            config = json.loads(archive.read("run/config.json"))
            status = json.loads(archive.read("run/status.json"))
        assert config["name"] == shipping.NAME
        assert config["command"] == shipping.COMMAND.split()
        assert status["state"] == "finished"
        assert status["host"] is status["pid"] is status["boot"] is None

    def test_it_is_a_capsule_that_anybody_can_open(
        self, runs_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RECSYS_CACHE", str(tmp_path))
        shipped = shipping.open_demo(prepare("movielens")[0])
        opened = open_capsule(ASSETS / "flagship.promptrec", runs_dir)
        assert (opened.run.name, opened.sample) == ("demo", "movielens")
        queries = Queries(shipped.dataset(), np.arange(50))
        ours, theirs = opened.run.model().score(queries), shipped.model().score(queries)
        assert ours.tobytes() == theirs.tobytes()
