"""Controls: what a result has to beat by more than chance before it is meaningful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import AfterValidator
from typing_extensions import TypedDict

from recsys.defaults import FLOOR
from recsys.evaluation.significance import Comparison
from recsys.schema import N_
from recsys.storage import former_names
from recsys.storage.checked import FiniteFloat


@dataclass(frozen=True)
class Kind:
    """A control for people.

    Attributes:
        title: what it is called.
        what: what is measured in place of the result.
        failed: the mark of a result that is no better.
        meaning: what that says about the result.
    """

    title: str
    what: str
    failed: str
    meaning: str


class ControlValues(TypedDict):
    """A control as files keep it."""

    value: FiniteFloat
    delta: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat
    p_value: FiniteFloat


#: In the order of how serious it is for a result not to beat it.
CONTROLS: dict[str, Kind] = {
    FLOOR: Kind(
        N_("popularity"),
        N_("the most popular items, the same for everybody"),
        N_("no better than popularity"),
        N_("The same most popular items for everybody do as well: the whole model adds nothing."),
    ),
    "shuffled-histories": Kind(
        N_("shuffled histories"),
        N_("everybody with somebody else's history"),
        N_("no better than shuffled histories"),
        N_("With somebody else's history it does as well: it makes nothing of who is asked for."),
    ),
    "backbone": Kind(
        N_("the backbone"),
        N_("what it builds on, without the tuned prompt"),
        N_("no better than the backbone"),
        N_("The model that it builds on does as well alone: tuning the prompt adds nothing."),
    ),
    "empty-prompt": Kind(
        N_("empty prompt"),
        N_("the same model, with nothing in the prompt"),
        N_("no better than an empty prompt"),
        N_("With nothing in the prompt it does as well: the prompt adds nothing."),
    ),
}


def _known(name: str) -> str:
    name = former_names.CONTROLS.get(name, name)
    if name not in CONTROLS:
        raise ValueError("no control of this version")
    return name


#: A key of `CONTROLS`, as files hold it.
ControlName = Annotated[str, AfterValidator(_known)]


@dataclass(frozen=True)
class Control:
    """What a control reaches in NDCG@10, and by how much the result is better than it."""

    value: float
    difference: Comparison

    @property
    def beaten(self) -> bool:
        """Whether the result is better by more than chance: its whole 95% interval is above 0."""
        return self.difference.low > 0

    def to_dict(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {"value": self.value, **self.difference.to_dict(), "beaten": self.beaten}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; whether it is beaten is computed again."""
        names = ("delta", "low", "high", "p_value")
        return cls(values["value"], Comparison(**{name: values[name] for name in names}))
