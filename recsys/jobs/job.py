"""Work that a process of its own does in a folder, while the app reads how far it is."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recsys.jobs.endings import explained, log_traceback, set_down
from recsys.jobs.force import force_stop
from recsys.jobs.spawn import spawn
from recsys.jobs.status import (
    Status,
    beating,
    named_process,
    status_of,
    this_process,
    written_status,
)
from recsys.schema import N_, RecsysError, RunError
from recsys.storage.files import read_lines, write_json


@dataclass(frozen=True)
class Job:
    """A folder with `status.json`, `events.jsonl` and, once somebody asked for it, `stop`."""

    folder: Path

    def status(self) -> Status:
        """The state now; a job whose process is gone is "interrupted"."""
        return status_of(self.folder)

    def events(self) -> list[dict[str, Any]]:
        """What the process told so far."""
        return read_lines(self.folder / "events.jsonl")[0]

    def request_stop(self) -> None:
        """Ask the process to end with what it has. Raises `RunError` if it was deleted."""
        with self.there():
            (self.folder / "stop").touch()

    def stop_requested(self) -> bool:
        """Whether somebody asked for it."""
        return os.path.exists(self.folder / "stop")

    def force_stop(self) -> None:
        """End a process that does not respond; see `recsys.jobs.force.force_stop`."""
        force_stop(self.status(), self.folder.name)

    @contextmanager
    def there(self) -> Iterator[None]:
        """Say so where something cannot be written since the job was deleted meanwhile."""
        try:
            yield
        except FileNotFoundError as error:
            raise RunError(N_("This work is gone: it was deleted meanwhile.")) from error

    def wait(self) -> None:
        """Let the job stand as one that waits for its process; no longer asked to stop."""
        with self.there():
            (self.folder / "stop").unlink(missing_ok=True)
            write_json(self.folder / "status.json", Status(updated=time.time()).to_dict())

    def begin(self, *command: str) -> None:
        """Let `python -m recsys …` do the work in a process of its own.

        The status names it at once, since it takes seconds to say so itself: whoever asks again
        before that must not start another.
        """
        with self.there():
            pid = spawn([*command, "--into", str(self.folder.resolve())], self.folder)
            file = self.folder / "status.json"
            status = written_status(file)
            if status.pid is None:
                write_json(file, replace(status, **named_process(pid)).to_dict())

    def update(self, **changes: Any) -> None:
        """Replace fields of the status on disk; only the process that does the work may."""
        file = self.folder / "status.json"
        status = replace(written_status(file), updated=time.time(), **this_process(), **changes)
        with self.there():
            write_json(file, status.to_dict())

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
            except Exception as error:
                if not isinstance(error, RecsysError):
                    log_traceback(self.folder)
                message = explained(error, self.folder)
                set_down(self, state="failed", ended=time.time(), message=message)
                if isinstance(error, RecsysError) and message == error.message:
                    raise
                raise RunError(message.template, **message.params) from error
