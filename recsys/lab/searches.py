"""A search as a job: a folder within its run, that a process works in and the app reads."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Self

from recsys.lab.jobs import Job
from recsys.lab.search import Found, PromptSearch, Round
from recsys.prompts import Template
from recsys.runs import Run
from recsys.runs.files import append_line, read_json, write_json
from recsys.schema import N_, RunError


@dataclass(frozen=True)
class SearchRequest:
    """What was asked for; see `PromptSearch`."""

    name: str
    source: str
    budget: int
    target: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class SearchJob(Job):
    """One search on a run, in its folder. Started again, it goes on with what was measured before.

    Its events are the rounds so far, and what was found at the end.
    """

    @classmethod
    def create(cls, run: Run, request: SearchRequest) -> Self:
        """The job for a prompt and a seed; asked for again, it has the new budget and target."""
        name = hashlib.sha256(f"{request.seed}\n{request.source}".encode()).hexdigest()[:16]
        job = cls(run.folder / "searches" / name)
        job.folder.mkdir(parents=True, exist_ok=True)
        write_json(job.folder / "request.json", asdict(request))
        job.wait()
        (job.folder / "events.jsonl").write_bytes(b"")
        return job

    @classmethod
    def latest(cls, run: Run) -> Self | None:
        """The job of a run that was asked for last."""
        found = list((run.folder / "searches").glob("*/request.json"))
        if not found:
            return None
        return cls(max(found, key=lambda path: path.stat().st_mtime_ns).parent)

    @property
    def run(self) -> Run:
        """The run whose model is asked."""
        return Run(self.folder.parents[1])

    def request(self) -> SearchRequest:
        """Raises `RunError` if it cannot be read."""
        try:
            return SearchRequest(**read_json(self.folder / "request.json"))
        except (OSError, ValueError, TypeError) as error:
            raise RunError(
                N_("There is no readable search in {folder}."), folder=str(self.folder)
            ) from error

    def start(self) -> None:
        """Search in a process of its own."""
        self.begin("prompts", "search")

    def execute(
        self,
        observe: Callable[[Round | Found], None] = lambda told: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Found:
        """Search in this process.

        Raises:
            RecsysError: for what a person has to mend; the status says it, too.
        """
        request, run = self.request(), self.run
        with self.at_work():
            looking = PromptSearch(
                run.model(),
                run.split(),
                Template.parse(request.source, request.name),
                budget=request.budget,
                target=request.target,
                seed=request.seed,
                kept=self.folder / "values.jsonl",
                should_stop=lambda: self.stop_requested() or should_stop(),
            )
            for told in looking.run():
                append_line(self.folder / "events.jsonl", told.to_dict())
                observe(told)
            assert isinstance(told, Found)
            state = "stopped" if told.reason == "stopped" else "finished"
            self.update(state=state, ended=time.time())
            return told
