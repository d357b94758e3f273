"""A model of one file and one line in `MODELS`: command line, Train form and Grid form have it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pages._ui.common import store
from pages._ui.grid import grid_form
from pages._ui.train import train_form
from recsys.cleaning import CleaningReport
from recsys.cli import main
from recsys.lab.grid_job import GridJob
from recsys.lab.grid_store import list_grids
from recsys.models import MODELS
from recsys.runs import Run, list_runs
from tests.app.made_runs import tiny
from tests.app.support import Open, words
from tests.models.one_file import Decay


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one line."""
    monkeypatch.setitem(MODELS, Decay.name, Decay)


def test_it_trains_from_the_command_line_with_its_flag(
    small_folder: Path, runs_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "--data", str(small_folder), "--runs", str(runs_dir), "--model", "decay"]
    assert main([*command, "--half-life", "8"]) == 0
    (run,) = list_runs(runs_dir)
    assert run.config.model_config == {"half_life": 8.0}
    assert run.model().config.half_life == 8.0
    capsys.readouterr()
    assert main(["evaluate", str(run.folder), "--json"]) == 0
    assert 0 <= json.loads(capsys.readouterr().out)["metrics"]["ndcg@10"]["value"] <= 1
    assert main([*command, "--half-life", "0"]) == 2
    assert '"Half-life" is 0.0. It has to be a number between 1 and 1,000.' in (
        capsys.readouterr().err
    )
    with pytest.raises(SystemExit):
        main(["train", "--help-settings"])
    said = " ".join(capsys.readouterr().out.split())
    assert "settings of decay (Decaying popularity): --half-life X" in said
    assert "Half-life. Events until one counts half. 1 to 1000. Default: 50" in said


def test_the_train_form_has_it_with_its_widget(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Run] = []
    monkeypatch.setattr(train_form, "start", started.append)
    app = open_app("train", lang="en")
    assert "Decaying popularity" in app.radio(key="train-model").options
    app.radio(key="train-model").set_value("decay").run()
    box = app.number_input(key="train-decay-half_life")
    assert (box.label, box.value, box.min, box.max, box.step) == ("Half-life", 50.0, 1, 1000, 10)
    assert box.proto.help == "Events until one counts half."
    box.set_value(20.0)
    app.button(key="train-start").click().run()
    assert not app.error and not app.exception
    assert started[0].config.model_config == {"half_life": 20.0}


def test_the_grid_form_has_it_with_its_widget(
    open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid_form.GridJob, "start", lambda job: None)
    data = tiny()
    store.save(data, CleaningReport((), data.n_events, data.n_events), "upload")
    app = open_app("grid", lang="en", data=data.content_hash)
    app.multiselect(key="grid-models").set_value(["decay", "popularity"]).run()
    assert "2 runs, one after the other." in words(app)
    app.number_input(key="grid-decay-half_life").set_value(20.0).run()
    app.button(key="grid-start").click().run()
    (job,) = list_grids(tmp_path / "runs")
    assert isinstance(job, GridJob)
    assert job.grid().settings == {"decay": {"half_life": 20.0}}
