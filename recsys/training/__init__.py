"""Training by gradient descent, as a stream of events.

What needs torch is imported when it is first asked for: a form that only checks a
`TrainingConfig` does not wait for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from recsys.training.config import TrainingConfig
from recsys.training.control import Control
from recsys.training.events import (
    Event,
    Finished,
    Paused,
    RatingsTested,
    Resumed,
    SoftPromptRead,
    Stage,
    Started,
    Step,
    Validated,
)

if TYPE_CHECKING:
    from recsys.training.objectives import OBJECTIVES
    from recsys.training.stages import fit
    from recsys.training.trainer import Trainer
    from recsys.training.validation import Validate

__all__ = [
    "OBJECTIVES",
    "Control",
    "Event",
    "Finished",
    "Paused",
    "RatingsTested",
    "Resumed",
    "SoftPromptRead",
    "Stage",
    "Started",
    "Step",
    "Trainer",
    "TrainingConfig",
    "Validate",
    "Validated",
    "fit",
]

#: What is imported late → the module that has it.
_LATE = {
    "OBJECTIVES": "objectives",
    "Trainer": "trainer",
    "Validate": "validation",
    "fit": "stages",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
