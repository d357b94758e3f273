"""Capsules in the app: given on a run's page, opened on Home and from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.common import capsules
from recsys.bundle import OPENED
from recsys.capsule import open_capsule, pack_run
from recsys.runs import Run, delete_run, list_runs
from tests.app.made_runs import made
from tests.app.support import Open, link


@pytest.fixture
def run(runs_dir: Path) -> Run:
    return Run(made(runs_dir, "ease", name="mine").folder)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_runs_page_gives_a_capsule(open_app: Open, run: Run, tmp_path: Path, lang: str) -> None:
    app = open_app("train", lang=lang, run="mine", wish="a comedy")
    assert not app.exception
    labels = [button.proto.label for button in app.get("download_button")]
    assert {"en": "Save the capsule", "zh": "保存胶囊"}[lang] in labels
    given = capsules._packed(run, with_data=True)
    (tmp_path / "one.promptrec").write_bytes(given.getvalue())
    assert open_capsule(tmp_path / "one.promptrec", tmp_path / "there").run.name == "mine"


def uploaded(app: AppTest, file: Path) -> AppTest:
    box = next(each for each in app.get("file_uploader") if "capsule-file" in each.proto.id)
    return box.upload(file.name, file.read_bytes()).run()  # type: ignore[attr-defined, no-any-return]


def test_home_opens_one(open_app: Open, run: Run, tmp_path: Path, runs_dir: Path) -> None:
    file = tmp_path / "one.promptrec"
    pack_run(run, file, view={"page": "train", "wish": "a comedy", "user": "u03"})
    delete_run(run)
    app = uploaded(open_app("home", lang="en"), file)
    assert not app.exception and not app.error
    assert [each.name for each in list_runs(runs_dir)] == ["mine"]
    assert link(app, "run") == "mine"
    assert link(app, "wish") == "a comedy"


def test_home_refuses_what_is_none(open_app: Open, tmp_path: Path, runs_dir: Path) -> None:
    (tmp_path / "no.promptrec").write_bytes(b"PK")
    app = uploaded(open_app("home", lang="en"), tmp_path / "no.promptrec")
    assert "is no capsule of this app" in app.error[0].value
    assert list_runs(runs_dir) == []


def test_the_app_begins_with_the_one_it_was_started_with(
    open_app: Open, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"run": "mine", "view": {"page": "train"}, "sample": None}
    monkeypatch.setenv(OPENED, json.dumps(said))
    app = open_app("home", lang="en")
    assert not app.exception
    assert link(app, "run") == "mine"


def test_one_that_is_gone_is_said(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OPENED, json.dumps({"run": "gone", "view": {}, "sample": None}))
    app = open_app("home", lang="en")
    assert "There is no run called" in app.error[0].value
