"""Training by gradient descent, told as a stream of events."""

from recsys.training.events import (
    Event,
    Finished,
    RatingsTested,
    SoftPromptRead,
    Stage,
    Started,
    Step,
    Validated,
)
from recsys.training.loop import TrainingConfig, Validate, fit
from recsys.training.objectives import OBJECTIVES

__all__ = [
    "OBJECTIVES",
    "Event",
    "Finished",
    "RatingsTested",
    "SoftPromptRead",
    "Stage",
    "Started",
    "Step",
    "TrainingConfig",
    "Validate",
    "Validated",
    "fit",
]
