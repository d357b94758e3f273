"""A search as a job: a folder within its run, that a process works in and the app reads."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Annotated, Literal, NotRequired, Self

from pydantic import Field
from typing_extensions import TypedDict

from recsys.jobs.job import Job
from recsys.lab.explanation import Explanation
from recsys.lab.readings import WHOLE, ReadingKey, mode_called
from recsys.lab.search import PromptSearch
from recsys.lab.search_steps import Found, Round
from recsys.prompts import Template
from recsys.runs import Run
from recsys.schema import N_, RunError
from recsys.storage.checked import Count, FiniteFloat, Line, Unreadable, reader
from recsys.storage.files import read_json, unwritable, write_json


@dataclass(frozen=True)
class SearchRequest:
    """What was asked for; see `PromptSearch`."""

    name: Line
    source: str
    budget: Annotated[Count, Field(gt=0)]
    target: FiniteFloat | None = None
    seed: Count = 0
    reading: ReadingKey = "whole"


class WrittenRound(TypedDict):
    """A round in the events, see `Round`."""

    generation: Count
    users: Count
    candidates: Count
    done: Line
    gain: FiniteFloat
    spent: Count


class Change(TypedDict):
    """How much better the winner is."""

    delta: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat
    p_value: FiniteFloat


#: The metrics of what was confirmed.
_Changes = TypedDict("_Changes", {"ndcg@10": Change})


class _Confirmed(TypedDict):
    users: Count
    metrics: _Changes


class WrittenResult(TypedDict):
    """What was found in the events, see `Found`.

    Earlier versions told no `leader` and no `explanation`: their `source` was the leader.
    """

    reason: Literal["budget", "target", "stopped", "patience"]
    source: str
    leader: NotRequired[str]
    holds: bool
    confirmed: _Confirmed
    reading: NotRequired[ReadingKey]
    whole: NotRequired[_Confirmed | None]
    explanation: NotRequired[Explanation]


@dataclass(frozen=True)
class SearchJob(Job):
    """One search on a run, in its folder. Started again, it goes on with what was measured before.

    Its events are the rounds so far, and what was found at the end.
    """

    @classmethod
    def create(cls, run: Run, request: SearchRequest) -> Self:
        """The job for a prompt, a seed and a reading; requested again, with the new limits.

        Raises:
            RunError: if a process is at work on it, or about to be.
        """
        told = f"{request.seed}\n{request.source}"
        if request.reading != WHOLE.key:  # searches of earlier versions keep their names
            told = f"{request.reading}\n{told}"
        name = hashlib.sha256(told.encode()).hexdigest()[:16]
        job = cls(run.folder / "searches" / name)
        _ = run.config  # raises where the run was deleted, whose folder must not come back
        status = job.status()
        if status.active and status.pid is not None:
            raise RunError(cls.BUSY)
        try:
            job.folder.mkdir(parents=True, exist_ok=True)
            write_json(job.folder / "request.json", asdict(request))
            job.wait()
            (job.folder / "events.jsonl").write_bytes(b"")
        except OSError as error:
            raise unwritable(job.folder, error) from error
        return job

    @classmethod
    def latest(cls, run: Run) -> Self | None:
        """The job of a run that was asked for last."""
        home = run.folder / "searches"
        found = []
        with suppress(OSError):
            for name in os.listdir(home):
                with suppress(OSError):  # no search, or deleted just now
                    found.append((os.stat(home / name / "request.json").st_mtime_ns, name))
        return cls(home / max(found)[1]) if found else None

    @property
    def run(self) -> Run:
        """The run whose model is scored with."""
        return Run(self.folder.parents[1])

    def request(self) -> SearchRequest:
        """Raises `RunError` if it cannot be read."""
        try:
            return reader(SearchRequest).validate_python(read_json(self.folder / "request.json"))
        except (OSError, ValueError) as error:
            raise RunError(
                N_("There is no readable search in {folder}."), folder=str(self.folder)
            ) from error

    def progress(self) -> tuple[list[WrittenRound], WrittenResult | None]:
        """The rounds so far, and what was found at the end; what cannot be read is left out."""
        rounds: list[WrittenRound] = []
        found: WrittenResult | None = None
        for event in self.events()[0]:
            with suppress(Unreadable):
                if event.get("event") == "round":
                    rounds.append(reader(WrittenRound).validate_python(event))
                elif event.get("event") == "found":
                    found = reader(WrittenResult).validate_python(event)
        return rounds, found

    def start(self) -> None:
        """Search in a process of its own."""
        self.begin("prompts", "search")

    def execute(
        self,
        observe: Callable[[Round | Found], None] = lambda step: None,
    ) -> Found:
        """Search in this process.

        Raises:
            RecsysError: for what a person has to mend; the status says it, too.
        """
        with self.at_work():
            request, run = self.request(), self.run
            model = run.model()
            looking = PromptSearch(
                model,
                run.split(),
                Template.parse(request.source, request.name),
                budget=request.budget,
                target=request.target,
                seed=request.seed,
                mode=mode_called(request.reading, model),
                kept=self.folder / "values.jsonl",
                should_stop=self.stopped,
            )
            for step in looking.run():
                self.add_event(step.to_dict())
                observe(step)
            assert isinstance(step, Found)
            state = "stopped" if step.reason == "stopped" else "finished"
            self.update(state=state, ended=time.time())
            return step
