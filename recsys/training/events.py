"""The events of a training; each event is one line of a run's `events.jsonl`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from recsys.models.soft_words import NearWord


@dataclass(frozen=True)
class Event:
    """Anything that happened; `elapsed` is in seconds since training began, pauses left out."""

    event: ClassVar[str]
    elapsed: float

    def to_dict(self) -> dict[str, Any]:
        """The event as JSON holds it, its kind under "event"."""
        return {"event": self.event, **asdict(self)}


@dataclass(frozen=True)
class Stage(Event):
    """A part of the training begins: pre-training of the backbone, or training of the model.

    Attributes:
        stage: counted from 1.
        of: how many there are.
        model: what this one trains, a key of `MODELS`.
    """

    event: ClassVar[str] = "stage"
    stage: int
    of: int
    model: str


@dataclass(frozen=True)
class Started(Event):
    """Preparation is over; the first step follows."""

    event: ClassVar[str] = "started"
    model: str
    positions_per_epoch: int
    epochs: int
    trainable_parameters: int


@dataclass(frozen=True)
class Step(Event):
    """Some gradient steps were made.

    Attributes:
        epoch: counted from 1.
        loss: mean over the positions since the last such event.
        positions_per_second: training examples a second in this epoch, validation left out.
        eta_seconds: until the planned end.
    """

    event: ClassVar[str] = "step"
    epoch: int
    step: int
    loss: float
    positions_per_second: float
    eta_seconds: float


@dataclass(frozen=True)
class Validated(Event):
    """The model was measured on the validation targets.

    Attributes:
        epoch: epochs made so far; with a fraction within an epoch of large data.
        best: whether it is the best so far.
    """

    event: ClassVar[str] = "validated"
    epoch: float
    ndcg: float
    best: bool


@dataclass(frozen=True)
class SoftPromptRead(Event):
    """The nearest words of the trained vectors of the prompt.

    Attributes:
        epoch: epochs made so far.
        words: of every vector, the nearest words, the nearest first.
    """

    event: ClassVar[str] = "soft-prompt"
    epoch: float
    words: list[list[NearWord]]


@dataclass(frozen=True)
class RatingsTested(Event):
    """A model of ratings was measured on those held out; losses are mean squared errors.

    Attributes:
        epoch: epochs made so far; with a fraction within an epoch of large data.
        step: steps made so far.
        validation_loss: chooses the weights that are kept.
        test_loss: for the curve only.
        best: whether the validation loss is the lowest so far.
    """

    event: ClassVar[str] = "tested"
    epoch: float
    step: int
    validation_loss: float
    test_loss: float
    best: bool


@dataclass(frozen=True)
class Paused(Event):
    """Somebody asked it to wait; nothing moves, and no time counts, until `Resumed`."""

    event: ClassVar[str] = "paused"


@dataclass(frozen=True)
class Resumed(Event):
    """The wait is over: somebody asked it to go on, or to stop."""

    event: ClassVar[str] = "resumed"


@dataclass(frozen=True)
class Finished(Event):
    """Training is over and the model holds its best weights.

    Attributes:
        reason: "epochs" (all were made), "minutes" (time was up), "patience" (no better for
            long), "stopped" (on request), "diverged" (the loss, a weight or a score is not finite
            any more; the best weights before are kept) or "computed" (nothing to iterate).
        best_ndcg: NDCG@10 of the model as it is left on the validation users, where something was
            calibrated with that; None for a model of ratings, or one that was not measured.
        best_loss: its lowest validation loss; None for any other.
    """

    event: ClassVar[str] = "finished"
    reason: str
    best_epoch: float
    best_ndcg: float | None
    positions_per_second: float
    best_loss: float | None = None
