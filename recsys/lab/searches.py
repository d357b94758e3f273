"""A search as a job: a folder within its run, that a process works in and the app reads."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from recsys.lab.search import Found, PromptSearch, Round
from recsys.prompts import Template
from recsys.runs import Run, Status
from recsys.runs.execution import spawn
from recsys.runs.files import append_line, read_json, read_lines, write_json
from recsys.runs.status import beating, observed, this_process
from recsys.schema import N_, RecsysError, RunError


@dataclass(frozen=True)
class SearchRequest:
    """What was asked for; see `PromptSearch`."""

    name: str
    source: str
    budget: int
    target: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class SearchJob:
    """One search on a run. Started again, it goes on with what was measured before.

    Attributes:
        folder: within the folder of the run.
    """

    folder: Path

    @classmethod
    def create(cls, run: Run, request: SearchRequest) -> Self:
        """The job for a prompt and a seed; asked for again, it has the new budget and target."""
        name = hashlib.sha256(f"{request.seed}\n{request.source}".encode()).hexdigest()[:16]
        job = cls(run.folder / "searches" / name)
        job.folder.mkdir(parents=True, exist_ok=True)
        write_json(job.folder / "request.json", asdict(request))
        (job.folder / "stop").unlink(missing_ok=True)
        write_json(job.folder / "status.json", Status(updated=time.time()).to_dict())
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

    def status(self) -> Status:
        """The state now; a job whose process is gone is "interrupted"."""
        try:
            status = Status.from_dict(read_json(self.folder / "status.json"))
        except (OSError, ValueError, TypeError):
            return Status()
        try:
            heartbeat = (self.folder / "heartbeat").stat().st_mtime
        except OSError:
            heartbeat = None
        return observed(status, heartbeat)

    def events(self) -> list[dict[str, Any]]:
        """Rounds so far, and what was found at the end, as dictionaries."""
        return read_lines(self.folder / "events.jsonl")[0]

    def request_stop(self) -> None:
        """Ask the process to end with what it has."""
        (self.folder / "stop").touch()

    def start(self) -> None:
        """Search in a process of its own."""
        spawn(["prompts", "search", "--into", str(self.folder.resolve())], self.folder)

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
        heartbeat = self.folder / "heartbeat"
        heartbeat.touch()
        with beating(heartbeat):
            self._update(state="training", started=time.time(), **this_process())
            try:
                looking = PromptSearch(
                    run.model(),
                    run.split(),
                    Template.parse(request.source, request.name),
                    budget=request.budget,
                    target=request.target,
                    seed=request.seed,
                    kept=self.folder / "values.jsonl",
                    should_stop=lambda: (self.folder / "stop").exists() or should_stop(),
                )
                for told in looking.run():
                    append_line(self.folder / "events.jsonl", told.to_dict())
                    observe(told)
            except RecsysError as error:
                self._update(state="failed", ended=time.time(), message=error.message)
                raise
            assert isinstance(told, Found)
            state = "stopped" if told.reason == "stopped" else "finished"
            self._update(state=state, ended=time.time())
            return told

    def _update(self, **changes: Any) -> None:
        status = replace(self.status(), updated=time.time(), **changes)
        write_json(self.folder / "status.json", status.to_dict())
