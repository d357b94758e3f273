"""What is deleted can be brought back, and nothing else can."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys.schema import ConfigError, RunError
from recsys.storage.trash import contents, name_of, put_away, take_back


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "mine"
    folder.mkdir(parents=True)
    (folder / "file").write_text("words", encoding="utf-8")
    return folder


def test_there_and_back(folder: Path) -> None:
    token = put_away(folder)
    assert name_of(token) == "mine"
    assert not folder.exists() and contents(folder.parent) == [token]
    assert take_back(folder.parent, token) == folder
    assert (folder / "file").read_text("utf-8") == "words"
    assert contents(folder.parent) == []


def test_the_latest_comes_first_and_each_comes_back_as_it_was(folder: Path) -> None:
    first = put_away(folder)
    folder.mkdir()
    second = put_away(folder)
    assert contents(folder.parent) == [second, first]
    take_back(folder.parent, first)
    assert (folder / "file").exists()


def test_not_over_another_one(folder: Path) -> None:
    token = put_away(folder)
    folder.mkdir()
    with pytest.raises(RunError, match="another one"):
        take_back(folder.parent, token)
    assert contents(folder.parent) == [token]


@pytest.mark.parametrize("token", ["", "x", "x~y", "../x~1", "none~1", "~1", "../.trash/mine~1"])
def test_only_what_was_deleted(folder: Path, token: str) -> None:
    put_away(folder)
    (folder.parents[1] / "x~1").mkdir()
    with pytest.raises(RunError, match="not in the trash"):
        take_back(folder.parent, token)


def test_what_cannot_be_moved_is_said_so(folder: Path) -> None:
    (folder.parent / ".trash").write_text("in the way", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be written"):
        put_away(folder)
    assert folder.is_dir()
