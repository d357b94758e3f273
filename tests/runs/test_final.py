"""Runs that learned from all events: their settings, their length, and what they do not claim."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys.cli import main
from recsys.dataset import Dataset
from recsys.models import Queries
from recsys.runs import Run, create_run, delete_run, execute
from recsys.runs.backbone import settings_on
from recsys.runs.final import create_final, final_of, finals_first, measured_run, stops_of
from recsys.schema import ConfigError, RunError
from recsys.storage.files import read_json, write_json
from recsys.training.config import Stop
from tests.app.made_runs import made, tiny


@pytest.fixture
def measured(runs_dir: Path) -> Run:
    return Run(made(runs_dir, "sasrec", name="measured", epochs=3).folder)


def final(run: Run) -> Run:
    new = create_final(run, run.folder.parent, name="whole")
    status = execute(new)
    assert (status.state, status.message) == ("finished", None)
    return Run(new.folder)


def test_it_has_the_settings_and_the_epochs_of_the_evaluated_run(measured: Run) -> None:
    new = final(measured)
    config, before = new.config, measured.config
    assert config.final is not None
    assert config.final.run == "measured"
    kept = measured.model_measurement()
    assert kept is not None
    assert config.final.stops == (Stop(3, kept.epoch),)
    assert (config.model, config.model_config) == (before.model, before.model_config)
    assert (config.seed, config.data_hash) == (before.seed, before.data_hash)
    made_epochs = [e["epoch"] for e in new.events()[0] if e["event"] == "step"]
    assert max(made_epochs, default=0) == kept.epoch
    assert measured_run(new).name == "measured"


def test_it_has_no_figure_of_its_own(measured: Run) -> None:
    new = final(measured)
    assert new.status().test_ndcg is None
    assert new.status().best_ndcg is None
    assert not new.has_results()
    for figure in (new.evaluation, new.per_user, new.split):
        with pytest.raises(RunError, match=r"learned from all events.* measured"):
            figure()
    # Nor if somebody puts the results of another run into its folder.
    write_json(new.folder / "evaluation.json", read_json(measured.folder / "evaluation.json"))
    assert not new.has_results()
    with pytest.raises(RunError, match="learned from all events"):
        new.evaluation()


def test_it_repeats_and_makes_lists(measured: Run) -> None:
    first = final(measured)
    second = create_final(measured, measured.folder.parent, name="again")
    execute(second)
    data = first.dataset()
    queries = Queries(data, np.arange(data.n_users))
    np.testing.assert_array_equal(first.model().score(queries), second.model().score(queries))
    assert not np.array_equal(first.model().score(queries), measured.model().score(queries))


def test_a_backbone_of_another_run_is_trained_anew(runs_dir: Path) -> None:
    backbone = made(runs_dir, "sasrec", name="backbone", epochs=2)
    tuned = create_run(
        runs_dir, tiny(), model="prompt-tuned", backbone=backbone, name="tuned", epochs=1
    )
    assert execute(tuned).state == "finished"
    new = create_final(Run(tuned.folder), runs_dir, name="whole")
    assert new.config.backbone_run is None
    assert new.config.final is not None
    assert new.config.final.stops == (*stops_of(backbone), *stops_of(tuned))
    assert execute(new).state == "finished"
    stages = [event["model"] for event in new.events()[0] if event["event"] == "stage"]
    assert stages == ["sasrec", "prompt-tuned"]


def test_only_what_was_evaluated_can_be(measured: Run) -> None:
    new = final(measured)
    with pytest.raises(RunError, match="already"):
        create_final(new, new.folder.parent)
    (measured.folder / "evaluation.json").unlink()
    with pytest.raises(RunError, match="was not evaluated"):
        create_final(Run(measured.folder), new.folder.parent)


def test_nothing_that_is_measured_can_be_built_on_it(measured: Run) -> None:
    new = final(measured)
    with pytest.raises(ConfigError, match="learned from all events"):
        settings_on(new, new.dataset(), new.config.protocol)


def test_a_run_that_took_the_name_is_not_the_one_that_was_measured(measured: Run) -> None:
    new = final(measured)
    delete_run(measured)
    with pytest.raises(RunError, match="is gone"):
        measured_run(new)
    create_run(new.folder.parent, tiny(), model="sasrec", name="measured")
    with pytest.raises(RunError, match="is gone"):
        measured_run(new)


def test_it_comes_before_the_run_whose_settings_it_has(measured: Run, small: Dataset) -> None:
    new = final(measured)
    other = create_run(measured.folder.parent, small, model="popularity", name="other")
    ordered = finals_first([other, measured, new])
    assert [run.name for run in ordered] == ["other", "whole", "measured"]
    assert [run.name for run in finals_first([new, other])] == ["other", "whole"]
    assert final_of(measured, [other, new]) == new
    assert final_of(other, [measured, new]) is None


@pytest.mark.parametrize("model", ["ease", "sasrec"])
def test_the_command_line_makes_one(
    runs_dir: Path, capsys: pytest.CaptureFixture[str], model: str
) -> None:
    made(runs_dir, model, name="measured")
    assert main(["train", "--final", str(runs_dir / "measured"), "--name", "whole"]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == str(runs_dir / "whole")
    assert "no test figure of its own and inherits that of measured" in said.err
    assert Run(runs_dir / "whole").config.final is not None
    assert main(["evaluate", str(runs_dir / "whole")]) == 2
    assert "nothing is left to measure it on" in capsys.readouterr().err
    other_too = ["--epochs", "3", "--model", "mf", "--dimension", "8"]
    assert main(["train", "--final", str(runs_dir / "measured"), *other_too]) == 2
    assert "Leave out: --epochs, --dimension, --model" in capsys.readouterr().err


def test_a_stopped_one_keeps_nothing(measured: Run) -> None:
    new = create_final(measured, measured.folder.parent, name="whole")
    new.request_stop()
    status = execute(new)
    assert status.state == "interrupted"
    assert not new.has_model()


def test_a_limit_of_time_ends_the_plan_where_it_was_reached(measured: Run) -> None:
    lines = (measured.folder / "events.jsonl").read_text().replace('"epochs": 3', '"epochs": 90')
    lines = lines.replace('"reason": "epochs"', '"reason": "minutes"')
    (measured.folder / "events.jsonl").write_text(lines)
    (stop,) = stops_of(measured)
    assert stop.planned == 3


def test_a_run_of_an_earlier_version_has_none(measured: Run) -> None:
    file = measured.folder / "config.json"
    before = {key: value for key, value in read_json(file).items() if key != "final"}
    write_json(file, before)
    assert Run(measured.folder).config == replace(measured.config, final=None)
