"""The validation metric of the model in a run's folder: a file in the model's own folder."""

from __future__ import annotations

import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from recsys.storage.files import read_json, remembered, write_json

_FILE = "measured.json"
#: Measurements that are remembered; more than anybody has interrupted runs.
_REMEMBERED = 8192


@dataclass(frozen=True)
class ModelMeasurement:
    """The validation metric of a saved model, and after how many epochs it was reached.

    It lies in the model's own folder, since two files cannot be replaced at once: however a
    process ends, metric and weights belong together.

    Attributes:
        epoch: how many were made when it was the best.
        ndcg: NDCG@10 on the validation users; None where that was not measured.
        loss: of a model of ratings, the mean squared error on the validation ratings.
        calibrated: whether nothing is left to be chosen at the end of training, see
            `GradientRecommender.calibrate`.
    """

    epoch: float
    ndcg: float | None = None
    loss: float | None = None
    calibrated: bool = True

    def write(self, model: Path) -> None:
        """Put it into the folder of a model."""
        write_json(model / _FILE, asdict(self))

    @classmethod
    def read(cls, model: Path) -> Self | None:
        """Read it from the folder of a model; None where there is none, or it is no measurement."""
        written = _written(model / _FILE)
        epoch = _number(written.get("epoch"))
        if epoch is None:
            return None
        ndcg, loss = _number(written.get("ndcg")), _number(written.get("loss"))
        return cls(epoch, ndcg, loss, written.get("calibrated") is not False)


def model_folder(run: Path) -> Path | None:
    """Where the model of the run in a folder lies; None where there is none yet.

    Replacing it takes two renames; a crash between them leaves the model before it.
    """
    folders = (run / "model", run / "model.old")
    return next((folder for folder in folders if os.path.isdir(folder)), None)


@remembered(_REMEMBERED)
def _written(path: Path) -> dict[str, Any]:
    """The content of a file of measurements; nothing where it cannot be read."""
    try:
        return read_json(path)
    except (OSError, ValueError):
        return {}


def _number(value: Any) -> float | None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if number and math.isfinite(value) else None
