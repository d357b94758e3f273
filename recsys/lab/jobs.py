"""Work that a process of its own does in a folder, while the app reads how far it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recsys.runs import Status
from recsys.runs.endings import explained, log_traceback, set_down
from recsys.runs.execution import spawn
from recsys.runs.files import read_json, read_lines, write_json
from recsys.runs.status import beating, named_process, observed, this_process
from recsys.schema import RecsysError, RunError


@dataclass(frozen=True)
class Job:
    """A folder with `status.json`, `events.jsonl` and, once somebody asked for it, `stop`."""

    folder: Path

    def status(self) -> Status:
        """The state now; a job whose process is gone is "interrupted"."""
        try:
            status = Status.from_dict(read_json(self.folder / "status.json"))
        except (OSError, ValueError, TypeError):
            status = Status()  # so old that it shows as interrupted
        try:
            heartbeat = (self.folder / "heartbeat").stat().st_mtime
        except OSError:
            heartbeat = None
        return observed(status, heartbeat)

    def events(self) -> list[dict[str, Any]]:
        """What the process told so far."""
        return read_lines(self.folder / "events.jsonl")[0]

    def request_stop(self) -> None:
        """Ask the process to end with what it has."""
        (self.folder / "stop").touch()

    def stop_requested(self) -> bool:
        """Whether somebody asked for it."""
        return (self.folder / "stop").exists()

    def wait(self) -> None:
        """Let the job stand as one that waits for its process; no longer asked to stop."""
        (self.folder / "stop").unlink(missing_ok=True)
        write_json(self.folder / "status.json", Status(updated=time.time()).to_dict())

    def begin(self, *command: str) -> None:
        """Let `python -m recsys …` do the work in a process of its own.

        The status names it at once, since it takes seconds to say so itself: whoever asks again
        before that must not start another.
        """
        pid = spawn([*command, "--into", str(self.folder.resolve())], self.folder)
        status = self.status()
        if status.pid is None:
            write_json(self.folder / "status.json", replace(status, **named_process(pid)).to_dict())

    def update(self, **changes: Any) -> None:
        """Replace fields of the status on disk; only the process that does the work may."""
        status = replace(self.status(), updated=time.time(), **this_process(), **changes)
        write_json(self.folder / "status.json", status.to_dict())

    @contextmanager
    def at_work(self, state: str = "training") -> Iterator[None]:
        """Show life while the block runs; why it ended early is kept in the status.

        Raises:
            RecsysError: what is kept there; of the unexpected, the traceback is in the log.
        """
        heartbeat = self.folder / "heartbeat"
        heartbeat.touch()
        with beating(heartbeat):
            self.update(state=state, started=time.time())
            try:
                yield
            except RecsysError as error:
                set_down(self, state="failed", ended=time.time(), message=error.message)
                raise
            except Exception as error:
                log_traceback(self.folder)
                message = explained(error, self.folder)
                set_down(self, state="failed", ended=time.time(), message=message)
                raise RunError(message.template, **message.params) from error
