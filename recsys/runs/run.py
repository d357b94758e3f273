"""One run: its folder, read and written through a `Run`."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recsys.dataset import Dataset
from recsys.runs.config import RunConfig
from recsys.runs.files import (
    append_line,
    fsync_file,
    fsync_folder,
    make_last,
    read_json,
    read_lines,
    write_json,
)
from recsys.runs.kept import Kept, model_folder
from recsys.runs.status import Status, observed
from recsys.schema import N_, RunError

if TYPE_CHECKING:
    from recsys.models import Recommender
    from recsys.splitting import Split


@dataclass(frozen=True)
class Run:
    """A run directory.

    What is read once stays in memory for the life of the object (`config`, `dataset`, `split`,
    `model`); what another process may change (`status`, `events`, `evaluation`) is read anew.
    """

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def config(self) -> RunConfig:
        """Raises `RunError` if it is missing or damaged."""
        try:
            return RunConfig.from_dict(read_json(self.folder / "config.json"))
        except (OSError, ValueError, TypeError) as error:
            raise RunError(
                N_("There is no readable run in {folder}. Train again."), folder=str(self.folder)
            ) from error

    # What the working process says

    def status(self) -> Status:
        """The state now; a run whose process is gone is "interrupted".

        Its `best_ndcg` is that of the model on disk: a process can die between writing the two.
        """
        status = observed(self._written_status(), self._heartbeat())
        if status.has_model:
            return status
        folder = model_folder(self.folder)
        if folder is None:
            return replace(status, best_ndcg=None)
        kept = Kept.read(folder)
        return status if kept is None else replace(status, best_ndcg=kept.ndcg)

    def update(self, **changes: Any) -> Status:
        """Replace fields of the status on disk."""
        status = replace(self._written_status(), updated=time.time(), **changes)
        file = self.folder / "status.json"
        write_json(file, status.to_dict())
        if not status.active:
            make_last(file)
        return status

    def events(self, since: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Events from byte `since` of the log on, and the `since` of the next call."""
        return read_lines(self.folder / "events.jsonl", since)

    def add_event(self, event: dict[str, Any]) -> None:
        """Append one event, marked with the time."""
        append_line(self.folder / "events.jsonl", {"time": round(time.time(), 3), **event})

    def log(self) -> str:
        """The last 20,000 characters of what the process printed, for the curious."""
        try:
            text = (self.folder / "log.txt").read_text("utf-8", errors="replace")
        except OSError:
            return ""
        return text[-20_000:]

    # What a person asks of it

    def request_stop(self) -> None:
        """Ask the process to end after its current step and keep the best model."""
        folder = self.folder / "requests"
        folder.mkdir(exist_ok=True)
        (folder / "stop").touch()

    def stop_requested(self) -> bool:
        """Whether someone asked it to stop."""
        return (self.folder / "requests" / "stop").exists()

    # What it holds

    def dataset(self) -> Dataset:
        """The clean data it was trained on."""
        return self._dataset

    def split(self) -> Split:
        """The data parted as it was for training."""
        return self._split

    def has_model(self) -> bool:
        """Whether a model is on disk, also of a run that did not get to its end."""
        return model_folder(self.folder) is not None

    def kept(self) -> Kept | None:
        """What the model on disk was measured at; None where there is none, or nobody wrote it."""
        folder = model_folder(self.folder)
        return None if folder is None else Kept.read(folder)

    def model(self) -> Recommender:
        """The trained model, ready to score.

        Raises:
            RunError: if there is none yet, or it cannot be read.
        """
        return self._model

    def evaluation(self) -> dict[str, Any]:
        """The results on the test users, as `python -m recsys evaluate --json` prints them.

        Raises:
            RunError: if the run has not been evaluated.
        """
        try:
            return read_json(self.folder / "evaluation.json")
        except (OSError, ValueError) as error:
            raise RunError(
                N_("The run {name} has no results yet. Let it finish, or train again."),
                name=self.name,
            ) from error

    def per_user(self) -> dict[str, dict[str, np.ndarray]]:
        """Metrics of every test user, for paired comparisons: model → metric → (n,).

        The run's own model is called "model", its baselines by their names; all runs on the same
        data and protocol have the same users in the same order.
        """
        try:
            frame = pd.read_parquet(self.folder / "per_user.parquet")
        except (OSError, ValueError) as error:
            raise RunError(
                N_("The run {name} has no results yet. Let it finish, or train again."),
                name=self.name,
            ) from error
        values: dict[str, dict[str, np.ndarray]] = {}
        for column in frame.columns:
            model, metric = column.split(" ", 1)
            values.setdefault(model, {})[metric] = frame[column].to_numpy()
        return values

    def save_model(self, model: Recommender, kept: Kept | None = None) -> None:
        """Write the model so that a crash, or a power cut, leaves it or the one before it.

        Args:
            kept: what it was measured at.

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
        return MODELS[self.config.model].load(folder, self._dataset)

    def _written_status(self) -> Status:
        try:
            return Status.from_dict(read_json(self.folder / "status.json"))
        except (OSError, json.JSONDecodeError, TypeError, ValueError):
            return Status()  # so old that it shows as interrupted

    def _heartbeat(self) -> float | None:
        try:
            return (self.folder / "heartbeat").stat().st_mtime
        except OSError:
            return None
