"""One run: its folder, read and written through a `Run`."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.dataset import Dataset, read_parquet
from recsys.jobs.job import Job
from recsys.jobs.status import Status
from recsys.runs.config import RunConfig
from recsys.runs.model_measurement import ModelMeasurement, model_folder
from recsys.runs.results import METRIC, has_results, read_results
from recsys.schema import N_, RecsysError, RunError
from recsys.storage.files import (
    fsync_file,
    fsync_folder,
    plain_file,
    read_json,
    remembered,
)

if TYPE_CHECKING:
    from recsys.models import Recommender
    from recsys.splitting import Split


#: Configs that are remembered; more than anybody has runs.
_REMEMBERED = 8192
_NO_RESULTS = N_("The run {name} has no results yet. Let it finish, or train again.")
_FINAL = N_(
    "The run {name} learned from all events, so nothing is left to measure it on. Look at the run "
    "{measured}, whose settings it has."
)
_DAMAGED_RESULTS = N_("The results of the run {name} cannot be read. Train it again.")


@dataclass(frozen=True)
class Run(Job):
    """A run directory: that of a job, with its config, its data, its model and its results.

    What is read once stays in memory for the life of the object (`config`, `dataset`, `split`,
    `model`); what another process may change (`status`, `events`, `evaluation`) is read anew.
    """

    GONE = N_("The run {name} is gone: it was deleted meanwhile.")
    BUSY = N_("The run {name} was started before. Make a new run.")

    @cached_property
    def config(self) -> RunConfig:
        """Raises `RunError` if it is missing or damaged."""
        config = _config(self.folder / "config.json")
        if config is None:
            raise RunError(
                N_("There is no readable run in {folder}. Train again."), folder=str(self.folder)
            )
        return config

    # What the working process says

    def status(self) -> Status:
        """The state now; a run whose process is gone is "interrupted".

        Its `best_ndcg` is that of the model on disk: a process can die between writing the two.
        """
        status = super().status()
        if status.has_model:
            return status
        folder = model_folder(self.folder)
        if folder is None:
            return replace(status, best_ndcg=None)
        kept = ModelMeasurement.read(folder)
        return status if kept is None else replace(status, best_ndcg=kept.ndcg)

    # What it holds

    def dataset(self) -> Dataset:
        """The clean data it was trained on."""
        return self._dataset

    def split(self) -> Split:
        """The data split as for training.

        Raises:
            RunError: if it learned from all events, or was tested in a way unknown by now.
        """
        self._check_is_measured()
        return self._split

    def has_model(self) -> bool:
        """Whether a model is on disk, also of a run that did not get to its end."""
        return model_folder(self.folder) is not None

    def model_measurement(self) -> ModelMeasurement | None:
        """The validation metric of the model on disk; None where it is not known."""
        folder = model_folder(self.folder)
        return None if folder is None else ModelMeasurement.read(folder)

    def model(self) -> Recommender:
        """The trained model, ready to score.

        Raises:
            RunError: if there is none yet, or it cannot be read.
        """
        return self._model

    def evaluation(self) -> dict[str, Any]:
        """The results on the test users, as `python -m recsys evaluate --json` prints them.

        Raises:
            RunError: if the run has not been evaluated, cannot be, or its results cannot be read.
        """
        self._check_is_measured()
        try:
            return read_results(self.folder / "evaluation.json")
        except FileNotFoundError as error:
            raise RunError(_NO_RESULTS, name=self.name) from error
        except (OSError, ValueError) as error:
            raise RunError(_DAMAGED_RESULTS, name=self.name) from error

    def has_results(self) -> bool:
        """Whether it was measured, and `evaluation` can be read."""
        return self.config.final is None and has_results(self.folder / "evaluation.json")

    def per_user(self) -> dict[str, dict[str, np.ndarray]]:
        """Metrics of every test user, for paired comparisons: model → metric → (n,).

        The run's own model is called "model", its baselines by their names; all runs on the same
        data and protocol have the same users in the same order.

        Raises:
            RunError: if the run has not been evaluated, cannot be, or this cannot be read.
        """
        self._check_is_measured()
        try:
            frame = read_parquet(self.folder / "per_user.parquet")
        except FileNotFoundError as error:
            raise RunError(_NO_RESULTS, name=self.name) from error
        except (OSError, ValueError) as error:
            raise RunError(_DAMAGED_RESULTS, name=self.name) from error
        values: dict[str, dict[str, np.ndarray]] = {}
        for column in frame.columns:
            model, _space, metric = str(column).partition(" ")
            if frame[column].dtype.kind in "fiu":
                values.setdefault(model, {})[metric] = frame[column].to_numpy()
        if METRIC not in values.get("model", {}):
            raise RunError(_DAMAGED_RESULTS, name=self.name)
        return values

    def save_model(self, model: Recommender, kept: ModelMeasurement | None = None) -> None:
        """Write the model so that a crash, or a power cut, leaves it or the one before it.

        Args:
            kept: its validation metric.

        Raises:
            OSError, SafetensorError: where it cannot be written; the one before it is left.
        """
        target, new, old = (self.folder / n for n in ("model", "model.new", "model.old"))
        shutil.rmtree(new, ignore_errors=True)
        try:
            new.mkdir()  # fails where the run was deleted, and makes no half of it anew
            model.save(new)
            if kept is not None:
                kept.write(new)
            for file in new.iterdir():
                fsync_file(file)
            fsync_folder(new)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
            os.replace(target, old)
        os.replace(new, target)
        fsync_folder(self.folder)
        shutil.rmtree(old, ignore_errors=True)

    @cached_property
    def _dataset(self) -> Dataset:
        return Dataset.load(self.folder / "dataset")

    @cached_property
    def _split(self) -> Split:
        from recsys.splitting import SPLITTERS

        if self.config.protocol not in SPLITTERS:
            raise RunError(
                N_(
                    "The run {name} was tested in a way that this version does not know "
                    "({protocol}). Train it again."
                ),
                name=self.name,
                protocol=self.config.protocol,
            )
        return SPLITTERS[self.config.protocol](self._dataset)

    @cached_property
    def _model(self) -> Recommender:
        from recsys.models import MODELS

        folder = model_folder(self.folder)
        if folder is None:
            raise RunError(
                N_("The run {name} has no model yet. Let it train for a while, or train again."),
                name=self.name,
            )
        if self.config.model not in MODELS:
            raise RunError(
                N_(
                    "The run {name} holds a model that this version does not know ({model}). "
                    "Train another one."
                ),
                name=self.name,
                model=self.config.model,
            )
        data = self._dataset
        try:
            for file in folder.iterdir():
                plain_file(file)  # a pipe would keep us waiting
            return MODELS[self.config.model].load(folder, data)
        except (RecsysError, MemoryError):
            raise
        except Exception as error:  # whatever the libraries say of files that are none of ours
            raise RunError(
                N_("The model of the run {name} cannot be read. Train it again."), name=self.name
            ) from error

    def _check_is_measured(self) -> None:
        """Raise `RunError` where the model knows the events that it would be measured on."""
        if (final := self.config.final) is not None:
            raise RunError(_FINAL, name=self.name, measured=final.run)

    def _show_first_life(self) -> None:
        """A run is trained once: what was started before stays as it is."""
        try:
            (self.folder / "heartbeat").touch(exist_ok=False)
        except FileExistsError:
            raise RunError(self.BUSY, name=self.name) from None


@remembered(_REMEMBERED)
def _config(path: Path) -> RunConfig | None:
    """A run's config; None where it cannot be read."""
    try:
        return RunConfig.from_dict(read_json(path))
    except (OSError, ValueError):
        return None
