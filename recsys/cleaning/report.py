"""What cleaning says about the rows: steps, with tables of the rows, and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from recsys.schema import Message

_SHOWN_ROWS = 1000

Table = Literal["interactions", "items", "users", "knowledge"]


@dataclass(frozen=True)
class CleaningStep:
    """One thing that was wrong with some rows.

    Attributes:
        reason: what was wrong and what was done.
        count: how many rows it concerns.
        rows: the first 1,000 of them as uploaded, after a column `row`: the number in the file.
        repaired: whether the rows were kept, repaired or as they are; otherwise they were dropped.
        table: which table they belong to.
    """

    reason: Message
    count: int
    rows: pd.DataFrame
    repaired: bool
    table: Table = "interactions"


@dataclass(frozen=True)
class CleaningReport:
    """What became of the `rows_in` rows of interactions: ``rows_out == rows_in - dropped``."""

    steps: tuple[CleaningStep, ...]
    rows_in: int
    rows_out: int
    notes: tuple[Message, ...] = ()

    @property
    def grave(self) -> tuple[Message | CleaningStep, ...]:
        """Notes and steps that are to be read first: they change what is learned."""
        steps = (step for step in self.steps if step.reason.grave)
        return (*(note for note in self.notes if note.grave), *steps)

    @property
    def dropped(self) -> int:
        """Rows of interactions that were dropped."""
        kinds = (s for s in self.steps if not s.repaired and s.table == "interactions")
        return sum(step.count for step in kinds)


class Journal:
    """Gathers the steps and notes of a report."""

    def __init__(self, notes: list[Message]) -> None:
        self.steps: list[CleaningStep] = []
        self.notes = list(notes)

    def note(self, template: str, *, grave: bool = False, **params: Any) -> None:
        self.notes.append(Message(template, params, grave))

    def step(
        self,
        template: str,
        raw: pd.DataFrame,
        places: np.ndarray,
        *,
        repaired: bool,
        table: Table = "interactions",
        grave: bool = False,
        **params: Any,
    ) -> None:
        """Record the rows at `places` (positions in the raw frame), if there are any."""
        if len(places) == 0:
            return
        shown = places[:_SHOWN_ROWS]
        rows = raw.iloc[shown].reset_index(drop=True)
        from_file = raw.index.name == "row"
        rows.insert(0, "row", raw.index[shown] if from_file else shown + 1, allow_duplicates=True)
        reason = Message(template, params, bool(grave))
        self.steps.append(CleaningStep(reason, len(places), rows, repaired, table))
