"""The folder of runs: make one, list them, open one, delete one and bring it back."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from recsys.dataset import Dataset
from recsys.defaults import DEFAULT_MODEL
from recsys.jobs.status import Status
from recsys.language_models import LanguageModel, describe, first_that_reads
from recsys.prompts import Template
from recsys.runs.backbone import settings_on
from recsys.runs.config import Final, RunConfig, installed_versions
from recsys.runs.names import check_name, default_name
from recsys.runs.run import Run
from recsys.schema import N_, ConfigError, LanguageModelError, RunError
from recsys.storage.files import fsync_file, fsync_folder, unwritable, write_json
from recsys.storage.trash import put_away, take_back
from recsys.training.config import Device, TrainingConfig
from recsys.training.devices import configured_device

if TYPE_CHECKING:
    pass


#: What a run that is being made is called; a run's own name begins with no dot.
_BUILDING = ".making-"
#: Nobody needs so long to make one.
_UNFINISHED_SECONDS = 6 * 3600.0


def runs_folder() -> Path:
    """Where runs lie where nobody says otherwise: `$RECSYS_RUNS`, else `runs/` in this folder."""
    return Path(os.environ.get("RECSYS_RUNS") or "runs")


def create_run(
    runs_dir: Path,
    dataset: Dataset,
    *,
    model: str = DEFAULT_MODEL,
    model_config: Mapping[str, Any] | None = None,
    backbone: Run | None = None,
    template: Template | None = None,
    language_model: str | None = None,
    protocol: str | None = None,
    seed: int = 0,
    epochs: int | None = None,
    minutes: float | None = None,
    device: Device = "auto",
    name: str | None = None,
    grid: str | None = None,
    final: Final | None = None,
    save_as: str | None = None,
    source: Mapping[str, Any] | None = None,
    cleaning: Mapping[str, Any] | None = None,
    command: tuple[str, ...] = (),
) -> Run:
    """Make a run directory with the data and everything the training process needs.

    Args:
        model_config: settings of the model that differ from its own.
        backbone: a run with a trained model on the same data, to build on.
        template: the prompt; for a model that reads none it is left out.
        language_model: as `recsys.language_models.describe` takes it; None for the first that
            reads the languages of the data and of the prompt.
        protocol: a key of `SPLITTERS`; None for that of `backbone`, or the usual one of the data.
        device: where it is trained, see `TrainingConfig`.
        grid: the grid that the run is made for.
        final, save_as, source, cleaning: see `RunConfig`.
        name: None for `model-data-YYYYMMDD-HHMMSS`.

    Raises:
        ConfigError: if a setting is not allowed, the name is taken, or the folder cannot be
            written.
        DataError: if the data lacks what the model learns from.
        RunError: if `backbone` has no model.
        LanguageModelError: if the language model cannot be had on this machine.
    """
    from recsys.splitting import usual_protocol

    chosen = dict(model_config or {})
    if protocol is None:
        protocol = usual_protocol(dataset) if backbone is None else backbone.config.protocol
    if backbone is not None:
        chosen |= settings_on(backbone, dataset, protocol)
    if name is not None:
        check_name(name)
    check_settings(
        model, protocol, chosen, seed=seed, epochs=epochs, minutes=minutes, device=device
    )
    _check_data(model, chosen, dataset)
    of_prompt = () if template is None else (template.language,)
    reads_with = check_language_model(model, language_model, dataset.language, *of_prompt)
    created = time.time()
    config = RunConfig(
        name=name or "",
        created=created,
        data=dataset.name,
        data_hash=dataset.content_hash,
        n_users=dataset.n_users,
        n_items=dataset.n_items,
        n_events=dataset.n_events,
        model=model,
        protocol=protocol,
        prompt_name=None if template is None else template.name,
        prompt_source=None if template is None else template.source,
        language_model=None if reads_with is None else reads_with.name,
        seed=seed,
        epochs=epochs,
        minutes=minutes,
        device=device,
        model_config=chosen,
        backbone_run=None if backbone is None else str(backbone.folder.resolve()),
        grid=grid,
        final=final,
        save_as=save_as,
        source=dict(source or {}),
        cleaning=dict(cleaning or {}),
        versions=installed_versions(),
        command=command,
    )
    # Made beside the runs, so that nobody ever sees half of one, or finds its name taken by it.
    building = runs_dir / f"{_BUILDING}{uuid4().hex}"
    try:
        building.mkdir(parents=True)
        _forget_unfinished(runs_dir)
        dataset.save(building / "dataset")
        write_json(building / "status.json", Status(updated=time.time()).to_dict())
        for file in (building / "dataset").iterdir():
            fsync_file(file)
        return Run(_put_in_place(building, name, config))
    except OSError as error:
        raise unwritable(runs_dir, error) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)


def check_settings(
    model: str,
    protocol: str,
    model_config: Mapping[str, Any],
    *,
    seed: int,
    epochs: int | None,
    minutes: float | None,
    device: Device = "auto",
) -> None:
    """Raise `ConfigError` if a setting is not allowed."""
    from recsys.models import MODELS, make
    from recsys.splitting import SPLITTERS

    if model not in MODELS:
        raise ConfigError(
            N_('There is no model called "{name}". Choose one of: {names}.'),
            name=model,
            names=", ".join(MODELS),
        )
    try:
        make(model, model_config)
    except (TypeError, ValueError) as error:  # settings from a file, of another type
        raise ConfigError(
            N_("The settings of the model {model} cannot be used. Leave them out."), model=model
        ) from error
    if protocol not in SPLITTERS:
        raise ConfigError(
            N_('There is no protocol called "{name}". Choose one of: {names}.'),
            name=protocol,
            names=", ".join(SPLITTERS),
        )
    TrainingConfig(epochs=epochs, minutes=minutes, seed=seed, device=device)
    configured_device(device)


def _check_data(model: str, model_config: Mapping[str, Any], dataset: Dataset) -> None:
    """Raise `DataError` if the model learns from ratings and there are none."""
    from recsys.models import make
    from recsys.models.user_item import check_rated

    if make(model, model_config).predicts_ratings:
        check_rated(dataset)


def check_language_model(
    model: str, language_model: str | None, *languages: str
) -> LanguageModel | None:
    """What a model reads with; None for one that reads no prompts.

    Args:
        language_model: None for the first that reads `languages`, of the data and of the prompt.

    Raises:
        LanguageModelError: if it cannot be had on this machine, or cannot be tuned by a model
            that has to; says what to do.
        ConfigError: if one was named for a model that reads nothing.
    """
    from recsys.models import MODELS

    if MODELS[model].reads_prompts:
        tunes = MODELS[model].tunes_language_model
        reads_with = describe(
            language_model or first_that_reads(*languages or ("en",), tunable=tunes)
        )
        if tunes and not reads_with.tunable:
            raise LanguageModelError(
                N_(
                    "{name} gives vectors of whole texts and cannot be tuned, which the model "
                    "{model} does. Choose another language model, such as {other}."
                ),
                name=reads_with.title,
                model=model,
                other=first_that_reads(*languages or ("en",), tunable=True),
            )
        return reads_with
    if language_model is not None:
        raise ConfigError(
            N_("The model {model} reads no prompts, and so uses no language model."), model=model
        )
    return None


def list_runs(runs_dir: Path) -> list[Run]:
    """All runs that can be read, the latest first. Reads only their `config.json`, once."""
    runs = []
    for run in _run_folders(runs_dir):
        try:
            runs.append((run.config.created, run.name, run))
        except RunError:
            continue  # a damaged folder must not hide the others; see `unreadable_runs`
    return [run for _, _, run in sorted(runs, key=lambda r: r[:2], reverse=True)]


def unreadable_runs(runs_dir: Path) -> list[Run]:
    """Folders of runs whose `config.json` cannot be read, by name: they can only be deleted."""
    found = []
    for run in _run_folders(runs_dir):
        try:
            _ = run.config
        except RunError:
            found.append(run)
    return sorted(found, key=lambda run: run.name)


def _run_folders(runs_dir: Path) -> Iterator[Run]:
    """The folders with a `config.json`, whatever that holds; no links, which may lead anywhere."""
    try:
        with os.scandir(runs_dir) as entries:
            names = [
                entry.name
                for entry in entries
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return
    for name in names:
        folder = runs_dir / name
        if os.path.lexists(folder / "config.json"):
            yield Run(folder)


def open_run(runs_dir: Path, name: str) -> Run:
    """The run called `name` in `runs_dir`.

    Raises:
        ConfigError: if the name is not allowed, so that no name leads out of the folder.
        RunError: if there is no such run, or it cannot be read.
    """
    folder = runs_dir / check_name(name)
    inside = os.path.dirname(os.path.realpath(folder)) == os.path.realpath(runs_dir)
    if not inside or not os.path.lexists(folder / "config.json"):
        raise RunError(N_('There is no run called "{name}". Train one first.'), name=name)
    run = Run(folder)
    _ = run.config  # raises where it is damaged
    return run


def delete_run(run: Run) -> str:
    """Move a run to the trash; returns what `restore_run` takes to bring it back.

    Raises:
        RunError: if it is still at work.
    """
    if run.status().active:
        raise RunError(
            N_("The run {name} is still at work. Stop it first, then delete it."), name=run.name
        )
    return put_away(run.folder)


def restore_run(runs_dir: Path, token: str) -> Run:
    """Bring back a run that `delete_run` moved to the trash.

    Raises:
        RunError: if it is not there, or another run has its name by now.
    """
    return Run(take_back(runs_dir, token))


def _put_in_place(building: Path, name: str | None, config: RunConfig) -> Path:
    """Give a run that was built beside its name; the rename decides between two that ask at once.

    Raises:
        ConfigError: if the name is taken.
    """
    default = default_name(config.model, config.data, config.created)
    wanted = default if name is None else check_name(name)
    for attempt in range(1, 1000):
        folder = building.with_name(wanted if attempt == 1 else f"{wanted}-{attempt}")
        write_json(building / "config.json", replace(config, name=folder.name).to_dict())
        try:
            if not folder.exists():
                building.rename(folder)  # fails where there is one by now, unless it is empty
                fsync_folder(folder.parent)
                return folder
        except OSError:
            if not folder.exists():
                raise
        if name is not None:
            break
    raise ConfigError(
        N_('There is already a run called "{name}". Choose another name.'), name=wanted
    )


def _forget_unfinished(runs_dir: Path) -> None:
    """Remove what processes left that died while they made a run, once nobody can be at it."""
    for path in runs_dir.glob(f"{_BUILDING}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _UNFINISHED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
