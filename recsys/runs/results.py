"""What `evaluation.json` holds, checked where it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, AliasChoices, Field, OnErrorOmit, StringConstraints
from typing_extensions import TypedDict

from recsys.jobs.status import Score
from recsys.storage.checked import FiniteFloat, Line, reader
from recsys.storage.files import read_json, remembered

#: Runs of which it is remembered whether they were measured.
_REMEMBERED = 8192
#: The metric that every run is named by.
METRIC = "ndcg@10"

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}@[1-9]\d{0,3}$")]
_Number = Annotated[int, Field(gt=0, lt=2**63)]


def _measured(metrics: dict[str, Score]) -> dict[str, Score]:
    if METRIC not in metrics:
        raise ValueError(f"{METRIC} is missing")
    return metrics


#: A metric that cannot be read is left out, as one that was never measured.
_Metrics = Annotated[dict[OnErrorOmit[_Name], OnErrorOmit[Score]], AfterValidator(_measured)]


class _Difference(TypedDict):
    delta: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat
    p_value: FiniteFloat


class _Gain(_Difference):
    over: Line
    metric: Line
    backbone: Annotated[Score, Field(validation_alias=AliasChoices("backbone", "general"))]
    distinguishable: bool


class _RatingScore(Score):
    ratings: NotRequired[_Number]


class _RatingMetrics(TypedDict):
    rmse: _RatingScore
    mae: _RatingScore
    liked_accuracy: _RatingScore


#: A predictor of another version has no words here, and is left out.
_Means = OnErrorOmit[Literal["global-mean", "user-item-mean"]]


class _Ratings(TypedDict):
    ratings: _Number
    liked_from: FiniteFloat
    metrics: _RatingMetrics
    baselines: dict[_Means, _RatingMetrics]
    against: dict[_Means, _Difference]


class _Results(TypedDict):
    run: Line
    data: Line
    data_hash: NotRequired[Line]
    protocol: Line
    users: _Number
    items: _Number
    metrics: _Metrics
    baselines: dict[Line, _Metrics]
    gain: NotRequired[_Gain]
    ratings: NotRequired[_Ratings]


def read_results(path: Path) -> dict[str, Any]:
    """The results of a run. Raises `OSError`, or `ValueError` where they are none."""
    return dict(reader(_Results).validate_python(read_json(path)))


@remembered(_REMEMBERED)
def has_results(path: Path) -> bool:
    """Whether there are results that can be read."""
    try:
        read_results(path)
    except (OSError, ValueError):
        return False
    return True
