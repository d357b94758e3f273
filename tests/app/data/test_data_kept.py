"""The Data page: what is kept of people's data, and deleting it for good."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.common import reach, store
from recsys.cleaning import CleaningReport
from recsys.dataset import Dataset
from recsys.jobs.status import this_process
from recsys.privacy.copies import kept_data
from recsys.runs import create_run, list_runs
from tests.app.made_runs import tiny
from tests.app.support import Open, link, words


@pytest.fixture
def home(open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "runs"


def keep(data: Dataset) -> str:
    store.save(data, CleaningReport((), data.n_events, data.n_events), "upload")
    return data.content_hash


def pressed(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_current_data_is_deleted_after_a_look_at_what_goes(home: Path, open_app: Open) -> None:
    key, other = keep(tiny("mine")), keep(tiny("theirs", shift=1))
    create_run(home, tiny("mine"), model="ease", name="my run").update(state="failed")
    create_run(home, tiny("theirs", shift=1), model="ease", name="their run")
    app = pressed(open_app(data=key), "delete-kept")
    told = words(app)
    assert "my run" in told
    assert "their run" not in told
    assert "There is no undo" in told
    pressed(app, "delete-data")
    assert [copy.key for copy in kept_data() if copy.own] == [other]
    assert [run.name for run in list_runs(home)] == ["their run"]
    assert link(app, "data") == store.sample("movielens")
    assert "mine and all that was made of it is deleted" in app.success[0].value


def test_the_files_that_the_session_has_chosen_go_too(home: Path, open_app: Open) -> None:
    content = b"user_id,item_id\n" + b"".join(b"u%d,i%d\n" % (n % 7, n % 5) for n in range(35))
    app = open_app()
    app.button(key="choose-upload").click().run()
    app.file_uploader(key="file-interactions").upload("mine.csv", content, "text/csv").run()
    assert app.file_uploader(key="file-interactions").value is not None
    key = keep(tiny("mine"))
    app.query_params["data"] = key
    app.session_state["links"] = {**app.session_state["links"], "data": key}
    pressed(pressed(app.run(), "delete-kept"), "delete-data")
    app.button(key="choose-upload").click().run()
    assert app.file_uploader(key="file-interactions").value is None


def test_keeping_it_deletes_nothing(home: Path, open_app: Open) -> None:
    key = keep(tiny("mine"))
    app = pressed(pressed(open_app(data=key), "delete-kept"), "keep-data")
    assert link(app, "data") == key
    assert [copy.key for copy in kept_data() if copy.own] == [key]


def test_what_is_at_work_has_to_be_stopped_first(home: Path, open_app: Open) -> None:
    key = keep(tiny("mine"))
    run = create_run(home, tiny("mine"), model="ease", name="busy")
    run.update(state="training", started=time.time(), **this_process())
    app = pressed(open_app(data=key), "delete-kept")
    assert any("busy" in error.value for error in app.error)
    assert app.button(key="delete-data").disabled


def test_data_that_another_process_deleted_is_not_shown_from_memory(
    home: Path, open_app: Open, tmp_path: Path
) -> None:
    from recsys.privacy.erase import erase

    key = keep(tiny("mine"))
    app = open_app("home", data=key)
    assert "mine" in words(app)
    erase(key, home, tmp_path / "prompts")
    app.run()
    assert not app.exception
    assert link(app, "data") == store.sample("movielens")


def test_opening_data_extends_its_time(home: Path, open_app: Open) -> None:
    key = keep(tiny("mine"))
    before = time.time() - 89 * 86_400
    os.utime(store._place(key) / "dataset.json", (before, before))
    open_app(data=key)
    assert kept_data()[0].key == key
    assert kept_data()[0].opened > time.time() - 3600


def test_the_app_sweeps(home: Path, open_app: Open) -> None:
    key = keep(tiny("mine"))
    old = time.time() - 91 * 86_400
    os.utime(store._place(key) / "dataset.json", (old, old))
    app = open_app()
    assert "mine" not in words(app)
    assert not store._place(key).exists()


def test_the_page_tells_who_can_open_it(
    home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = words(open_app())
    assert "Files stay on this machine" in alone
    assert "open to others" not in alone
    monkeypatch.setattr(reach, "open_to_others", lambda: True)
    assert "Files stay on this machine" not in words(open_app())
    assert "whoever can reach it can use, stop and delete" in words(open_app("home"))
