"""`python -m recsys data …`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recsys.cli import main
from recsys.dataset import Dataset
from recsys.runs import create_run


@pytest.fixture
def key(small: Dataset, runs_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setenv("RECSYS_RUNS", str(runs_dir))
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path / "cache"))
    run = create_run(runs_dir, small, model="ease", name="one")
    run.update(state="failed")
    return small.content_hash


def test_list_says_what_there_is(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["hash"], told["data"], told["run"]) == (key, "small", 1)
    assert main(["data", "list"]) == 0
    out = capsys.readouterr().out
    assert key in out
    assert "30 days" in out


def test_delete_asks_first(key: str, runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "delete", key]) == 2
    said = capsys.readouterr()
    assert "one" in said.out
    assert "--yes" in said.err
    assert (runs_dir / "one").exists()
    assert main(["data", "delete", key, "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["run"] == ["one"]
    assert not (runs_dir / "one").exists()


def test_an_unknown_hash_is_said(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "delete", "../..", "--yes"]) == 2
    assert "../.." in capsys.readouterr().err


def test_sweep_says_what_went(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "sweep", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"trash": 0, "data": 0, "drafts": 0}
