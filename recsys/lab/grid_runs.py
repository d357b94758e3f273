"""The runs of a grid's cells: found where one is there, else made as any other run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recsys.dataset import Dataset
from recsys.lab.grid import Cell, Grid
from recsys.runs import Run, create_run, installed_versions, list_runs
from recsys.runs.backbone import settings_on
from recsys.runs.config import RunConfig
from recsys.splitting import usual_protocol
from recsys.storage.files import plain


def find_run(
    among: Sequence[Run], grid: Grid, cell: Cell, dataset: Dataset, backbone: Run | None
) -> Run | None:
    """The first finished run that a new one of the cell would only repeat.

    It learned from the same data with the same settings, seed and limits, by the same versions.
    """
    wanted = plain(_settings(grid, cell, dataset, backbone))
    for run in among:
        config = plain(asdict(run.config) | {"model_config": _trained_with(run.config)})
        same = all(config[key] == value for key, value in wanted.items())
        measured = (run.folder / "evaluation.json").is_file() and run.has_model()
        if same and measured and run.status().state == "finished":
            return run
    return None


def _trained_with(config: RunConfig) -> dict[str, Any]:
    """A run's settings; those that were added since have the values that were fixed before."""
    from recsys.models import MODELS

    known = MODELS[config.model].settings() if config.model in MODELS else ()
    return {declared.name: declared.default for declared in known} | dict(config.model_config)


def find_runs(runs_dir: Path, grid: Grid, dataset: Dataset) -> list[Run | None]:
    """What is there already, cell by cell."""
    among = list_runs(runs_dir)
    found: dict[str, Run | None] = {}
    runs = []
    for cell in grid.cells():
        backbone = found.get(grid.backbone_of(cell.model) or "")
        found[cell.model] = find_run(among, grid, cell, dataset, backbone)
        runs.append(found[cell.model])
    return runs


def make_run(
    runs_dir: Path,
    grid: Grid,
    cell: Cell,
    dataset: Dataset,
    backbone: Run | None,
    name: str | None = None,
) -> Run:
    """A new run of the cell, ready to be executed; `name` is that of the grid.

    Raises as `create_run` does.
    """
    return create_run(
        runs_dir,
        dataset,
        model=cell.model,
        model_config=grid.settings.get(cell.model),
        backbone=backbone,
        template=cell.template,
        language_model=cell.language_model,
        seed=grid.seed,
        minutes=grid.minutes,
        grid=name,
        source=grid.source,
    )


def _settings(grid: Grid, cell: Cell, dataset: Dataset, backbone: Run | None) -> dict[str, Any]:
    """What the config of such a run says once it has ended."""
    from recsys.models import make

    protocol = usual_protocol(dataset)
    chosen = dict(grid.settings.get(cell.model, {}))
    if backbone is not None:
        chosen |= settings_on(backbone, dataset, protocol)
    if cell.prompt is not None:
        chosen |= {"prompt": cell.prompt[1], "language_model": cell.language_model}
    return {
        "data_hash": grid.data_hash,
        "protocol": protocol,
        "model": cell.model,
        "model_config": asdict(make(cell.model, chosen).config),
        "backbone_run": None if backbone is None else str(backbone.folder.resolve()),
        "prompt_source": None if cell.prompt is None else cell.prompt[1],
        "language_model": cell.language_model,
        "seed": grid.seed,
        "epochs": None,
        "minutes": grid.minutes,
        "versions": installed_versions(),
    }
