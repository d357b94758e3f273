"""What is older than its limit goes; what is younger, in use, or of a wrong clock stays."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pages._ui.common import store
from pages._ui.prompts.prompt_files import keep_draft, read_draft
from recsys.cleaning import CleaningReport
from recsys.dataset import Dataset
from recsys.lab.version_store import PromptStore
from recsys.privacy.copies import kept_data, note_opened
from recsys.privacy.retention import DATA_DAYS, TRASH_DAYS, Swept, sweep
from recsys.runs import Run, create_run, delete_run, restore_run
from recsys.storage.trash import contents, put_away

DAY = 86_400.0
EMPTY = CleaningReport((), 0, 0)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path / "cache"))
    store.st.cache_resource.clear()


def deleted(folder: Path, days_ago: float) -> str:
    """A folder deleted so long ago; the token that would bring it back."""
    folder.mkdir(parents=True)
    (folder / "words").write_text("words")
    trash, token = folder.parent / ".trash", put_away(folder)
    when = time.time_ns() - int(days_ago * DAY * 1e9)
    moved = f"{token.rpartition('~')[0]}~{when}"
    (trash / token).rename(trash / moved)
    return moved


def opened(days_ago: float) -> None:
    """Let all data that the app keeps have been opened so long ago."""
    for copy in kept_data():
        when = time.time() - days_ago * DAY
        os.utime(copy.folder / "dataset.json", (when, when))


@pytest.mark.parametrize("home", ["runs", "runs/.grids", "prompts"])
def test_the_trash_has_a_limit(tmp_path: Path, home: str) -> None:
    folder = tmp_path / home
    old = deleted(folder / "old", TRASH_DAYS + 1)
    young = deleted(folder / "young", TRASH_DAYS - 1)
    ahead = deleted(folder / "ahead", -400)
    (folder / ".trash" / "unknown~name").mkdir()
    assert sweep(tmp_path / "runs", tmp_path / "prompts") == Swept(trash=1)
    assert set(contents(folder)) == {young, ahead, "unknown~name"}
    assert not (folder / ".trash" / old).exists()


def test_a_run_that_was_trained_long_ago_and_deleted_today_can_be_brought_back(
    runs_dir: Path, small: Dataset, tmp_path: Path
) -> None:
    run = create_run(runs_dir, small, model="ease", name="old")
    run.update(state="failed")
    for path in [run.folder, *run.folder.rglob("*")]:
        os.utime(path, (1e9, 1e9))
    token = delete_run(run)
    assert sweep(runs_dir, tmp_path / "prompts") == Swept()
    assert restore_run(runs_dir, token).name == "old"


def test_data_has_a_limit_that_opening_extends(
    tmp_path: Path, small: Dataset, runs_dir: Path
) -> None:
    run = create_run(runs_dir, small, model="ease")
    store.save(small, EMPTY, "upload")
    opened(DATA_DAYS - 1)
    assert sweep(runs_dir, tmp_path) == Swept()
    opened(DATA_DAYS + 1)
    note_opened(small.content_hash)
    assert sweep(runs_dir, tmp_path) == Swept()
    opened(DATA_DAYS + 1)
    assert sweep(runs_dir, tmp_path) == Swept(data=1)
    assert kept_data() == []
    assert Run(run.folder).dataset().content_hash == small.content_hash


def test_samples_and_times_ahead_stay(tmp_path: Path, small: Dataset, slow: Dataset) -> None:
    store.save(small, EMPTY, "movielens")
    opened(400)
    store.save(slow, EMPTY, "upload")
    when = time.time() + 400 * DAY
    os.utime(store._place(slow.content_hash) / "dataset.json", (when, when))
    assert sweep(tmp_path / "runs", tmp_path / "prompts") == Swept()


def test_a_clock_that_was_set_back_deletes_nothing(tmp_path: Path, small: Dataset) -> None:
    store.save(small, EMPTY, "upload")
    deleted(tmp_path / "runs" / "one", 0)
    assert sweep(tmp_path / "runs", tmp_path / "prompts", now=0.0) == Swept()
    assert sweep(tmp_path / "runs", tmp_path / "prompts", now=1e9) == Swept()


def test_drafts_have_a_limit(tmp_path: Path) -> None:
    old, young = keep_draft("sequential", "one"), keep_draft("sequential", "two")
    path = store.folder() / "drafts" / f"{old}.json"
    os.utime(path, (time.time() - 91 * DAY,) * 2)
    assert sweep(tmp_path / "runs", PromptStore(tmp_path / "prompts").folder) == Swept(drafts=1)
    assert read_draft(old) is None
    assert read_draft(young) is not None
