"""The lines of a run's `events.jsonl`, checked where they are read.

Written by `recsys.training.events` and `recsys.runs.execution`. What cannot be computed, such as
the loss of a training that went astray, is null.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, NotRequired

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from recsys.storage.checked import Count, FiniteFloat, Line

_NotNegative = Annotated[FiniteFloat, Field(ge=0)]
_Of = Annotated[int, Field(ge=1, le=1_000)]


class _Started(TypedDict):
    event: str
    epochs: Count
    trainable_parameters: Count


class _Stage(TypedDict):
    event: str
    elapsed: FiniteFloat
    stage: _Of
    of: _Of
    model: Line


class _Step(TypedDict):
    event: str
    elapsed: FiniteFloat
    epoch: Count
    step: FiniteFloat
    loss: FiniteFloat | None
    positions_per_second: FiniteFloat | None
    eta_seconds: FiniteFloat | None


class _Validated(TypedDict):
    event: str
    elapsed: FiniteFloat
    epoch: _NotNegative
    ndcg: FiniteFloat | None
    best: bool


class _Tested(TypedDict):
    event: str
    elapsed: FiniteFloat
    epoch: _NotNegative
    step: FiniteFloat
    validation_loss: _NotNegative
    test_loss: _NotNegative
    best: bool


class _SoftPrompt(TypedDict):
    event: str
    epoch: _NotNegative
    words: list[list[tuple[str, FiniteFloat]]]


class _Waiting(TypedDict):
    event: str
    elapsed: FiniteFloat


class _Finished(TypedDict):
    event: str
    elapsed: FiniteFloat
    reason: Line
    positions_per_second: FiniteFloat | None


class _Evaluating(TypedDict):
    event: str
    what: Line


class _Converting(TypedDict):
    event: str
    language_model: Line


class _Counted(TypedDict):
    event: str
    what: NotRequired[Line]
    done: Count
    total: Count
    eta_seconds: NotRequired[FiniteFloat | None]
    seconds: NotRequired[FiniteFloat]


_KINDS: dict[object, Any] = {
    "started": _Started,
    "stage": _Stage,
    "step": _Step,
    "validated": _Validated,
    "tested": _Tested,
    "soft-prompt": _SoftPrompt,
    "paused": _Waiting,
    "resumed": _Waiting,
    "finished": _Finished,
    "evaluating": _Evaluating,
    "converting": _Converting,
}


def reader_of(kind: object) -> TypeAdapter[Any]:
    """What reads events of a kind; anything else counts something, or cannot be read."""
    return _reader(kind if isinstance(kind, str) and kind in _KINDS else "")


@cache
def _reader(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_KINDS.get(kind, _Counted))
