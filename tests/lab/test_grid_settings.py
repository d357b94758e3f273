"""Settings of models in a grid: part of what it is, checked before it starts, taken by its runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recsys.dataset import Dataset
from recsys.lab.grid import Grid
from recsys.lab.grid_job import GridJob
from recsys.lab.grid_runs import make_run
from recsys.schema import ConfigError


def grid(data: Dataset, *models: str, **settings: dict[str, Any]) -> Grid:
    named = {name.replace("_", "-"): told for name, told in settings.items()}
    prompts = (("p", "{{ history }}"),)
    return Grid(data.name, data.content_hash, prompts, models, ("minilm",), settings=named)


def test_a_grid_without_any_has_the_name_it_had_before_there_were_settings() -> None:
    before = Grid("d", "0" * 64, (("p", "{{ history }}"),), ("ease", "mf"), ("minilm",), 3, 0.5)
    assert before.name == "07d53638bb6d"


def test_what_is_as_by_default_makes_no_other_grid(small: Dataset) -> None:
    plain = grid(small, "mf", "ease").checked(small)
    same = grid(small, "mf", "ease", mf={"dimension": 64, "dropout": 0.5}).checked(small)
    other = grid(small, "mf", "ease", mf={"dimension": 32}).checked(small)
    assert same == plain and same.name == plain.name
    assert other.settings == {"mf": {"dimension": 32}} and other.name != plain.name


@pytest.mark.parametrize("settings", [{"dimension": 0}, {"nobody_knows": 1}])
def test_what_is_not_allowed_is_refused_before_anything_runs(
    settings: dict[str, Any], small: Dataset, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError):
        GridJob.create(tmp_path, grid(small, "mf", mf=settings), small)


def test_runs_take_them(small: Dataset, tmp_path: Path) -> None:
    asked = grid(small, "ncf", ncf={"hidden": (8, 4)}).checked(small)
    again = Grid.from_dict(asked.to_dict())
    run = make_run(tmp_path, again, again.cells()[0], small, None)
    assert tuple(run.config.model_config["hidden"]) == (8, 4)


def test_the_backbone_that_was_chosen_is_trained_first(small: Dataset) -> None:
    asked = grid(small, "prompt-tuned", prompt_tuned={"backbone": "sasrec"}).checked(small)
    assert [cell.model for cell in asked.cells()] == ["sasrec", "prompt-tuned"]


def test_a_grid_that_an_earlier_version_saved_opens(small: Dataset) -> None:
    asked = grid(small, "prompt-tuned", prompt_tuned={"backbone": "sasrec"})
    written = asked.to_dict()
    written["settings"] = {"prompt-tuned": {"general": "sasrec"}}
    assert Grid.from_dict(written) == asked
