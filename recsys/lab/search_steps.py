"""What a search tells: its rounds, and at the end what was found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from recsys.lab.effect import Effect, K
from recsys.lab.explanation import Explanation
from recsys.lab.readings import ReadingMode
from recsys.prompts import Template


@dataclass(frozen=True)
class Round:
    """A round of one generation: who is left, and who leads.

    Attributes:
        generation: from 1.
        users: how many each candidate was measured on so far.
        candidates: how many are left after the round.
        best: the one that leads, and `done`, what was done to make it.
        gain: how much it is better than the prompt it was made from, in NDCG, on these users.
        spent: lists made so far; `budget` lists may be made.
    """

    generation: int
    users: int
    candidates: int
    best: Template
    done: str
    gain: float
    spent: int
    budget: int

    def to_dict(self) -> dict[str, Any]:
        """As the command line prints it."""
        facts = {name: getattr(self, name) for name in ("generation", "users", "candidates")}
        end = {name: getattr(self, name) for name in ("done", "gain", "spent", "budget")}
        return {"event": "round", **facts, "source": self.best.source, **end}


@dataclass(frozen=True, eq=False)
class Found:
    """The end of a search.

    Attributes:
        start: the prompt that it began with.
        leader: the best on the users searched; `start` where nothing was better.
        reason: "budget", "target", "stopped", or "patience" where nothing better came any more.
        confirmed: the leader beside the start, on users that the search never saw.
        explanation: for whom the prompt fails, what was tried, and what helped.
        mode: how the model was read.
        whole: the leader beside the start, on the same users, as lists are made; None where that
            is how the model was read.
    """

    start: Template
    leader: Template
    reason: str
    spent: int
    confirmed: Effect
    explanation: Explanation
    mode: ReadingMode
    whole: Effect | None

    @property
    def holds(self) -> bool:
        """Whether the leader is better than the start by more than chance on those users."""
        comparison = self.confirmed.metrics[f"ndcg@{K}"].comparison
        return comparison.distinguishable and comparison.delta > 0

    @property
    def winner(self) -> Template:
        """The prompt to use: the leader where it holds, else the one at the start."""
        return self.leader if self.holds else self.start

    def to_dict(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            "event": "found",
            "reading": self.mode.key,
            "reason": self.reason,
            "spent": self.spent,
            "source": self.winner.source,
            "leader": self.leader.source,
            "holds": self.holds,
            "confirmed": self.confirmed.to_dict(),
            "whole": None if self.whole is None else self.whole.to_dict(),
            "explanation": asdict(self.explanation),
        }
