"""A long piece of work: a process of its own does it in a folder, while others read how far it is.

    status.json    what it is doing, replaced whole
    events.jsonl   what happened, a line an event
    heartbeat      touched every two seconds while a process is at work
    log.txt        what the process printed
    requests/      what people ask of it
    owner.lock     held by the process at work; the system releases it, however that one ends

A training is a job whose folder also has a config, a model and results (`recsys.runs.Run`); a
search for a prompt and a grid of runs are the others (`recsys.lab`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from recsys.jobs import control
from recsys.jobs.endings import record_ending
from recsys.jobs.force import force_stop
from recsys.jobs.spawn import spawn
from recsys.jobs.status import (
    State,
    Status,
    beating,
    named_process,
    status_of,
    this_process,
    written_status,
)
from recsys.schema import N_, RecsysError, RunError
from recsys.storage.files import (
    append_line,
    locked,
    make_last,
    read_end,
    read_lines,
    unwritable,
    write_json,
)
from recsys.training.control import Control

#: Of what a process printed, so many characters are shown.
_LOG = 20_000
#: Seconds between two looks at whether a job that is paused may go on.
_PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Job:
    """The folder of a job.

    What another process may change (`status`, `events`, `control`) is read anew each time.
    """

    folder: Path

    #: What to say where it was deleted while somebody wrote into it.
    GONE: ClassVar[str] = N_("This work is gone: it was deleted meanwhile.")
    #: What to say to a second process that would work on it.
    BUSY: ClassVar[str] = N_("This is at work already, in another process.")

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    # What the working process says

    def status(self) -> Status:
        """The state now; a job whose process is gone is "interrupted"."""
        return status_of(self.folder)

    def update(self, **changes: Any) -> Status:
        """Replace fields of the status on disk. Raises `RunError` if the job was deleted."""
        file = self.folder / "status.json"
        status = replace(written_status(file), updated=time.time(), **changes)
        with self._there():
            write_json(file, status.to_dict())
            if not status.active:
                make_last(file)
        return status

    def events(self, since: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Events from byte `since` of the file on, and the `since` of the next call."""
        return read_lines(self.folder / "events.jsonl", since)

    def add_event(self, event: dict[str, Any]) -> None:
        """Append one event, marked with the time. Raises `RunError` if the job was deleted."""
        with self._there():
            append_line(self.folder / "events.jsonl", {"time": round(time.time(), 3), **event})

    def log(self) -> str:
        """The last 20,000 characters of what the process printed."""
        try:
            end = read_end(self.folder / "log.txt", 4 * _LOG)
        except (OSError, ValueError):
            return ""
        return end.decode("utf-8", errors="replace")[-_LOG:]

    # Requests

    def request_stop(self) -> None:
        """Ask the process to end after its current step and keep the best it has.

        Raises:
            RunError: if the job was deleted.
            ConfigError: if the folder cannot be written.
        """
        with self._there():
            control.ask_stop(self.folder)

    def request_pause(self) -> None:
        """Ask the process to wait after its current step; raises as `request_stop`."""
        with self._there():
            control.ask_pause(self.folder)

    def request_go_on(self) -> None:
        """Ask a process that waits to go on; raises as `request_stop`."""
        control.ask_go_on(self.folder)

    def control(self) -> Control:
        """What is asked of it now."""
        return control.asked(self.folder)

    def stop_requested(self) -> bool:
        """Whether somebody asked it to stop."""
        return self.control() == "stop"

    def stopped(self, meanwhile: Callable[[], AbstractContextManager[None]] = nullcontext) -> bool:
        """Between two steps of the work: wait while a pause is asked for; whether to stop.

        Its state is "paused" meanwhile, then "training".

        Args:
            meanwhile: entered for the time of a pause.
        """
        if self.control() == "pause":
            with meanwhile():
                self.update(state="paused")
                while self.control() == "pause":
                    time.sleep(_PAUSE_SECONDS)
            self.update(state="training")
        return self.stop_requested()

    def force_stop(self) -> None:
        """End a process that does not respond; see `recsys.jobs.force.force_stop`."""
        force_stop(self.status(), self.name)

    # Starting it, and doing the work

    def wait(self) -> None:
        """Let the job stand as one that waits for its process; nothing is asked of it any more."""
        with self._there():
            control.forget_requests(self.folder)
            write_json(self.folder / "status.json", Status(updated=time.time()).to_dict())

    def begin(self, *command: str) -> None:
        """Let `python -m recsys COMMAND --into FOLDER` do the work in a process of its own.

        The status names it at once, since it takes seconds to say so itself: whoever asks again
        before that must not start another.
        """
        with self._there():
            pid = spawn([*command, "--into", str(self.folder.resolve())], self.folder)
            file = self.folder / "status.json"
            status = written_status(file)
            if status.pid is None:
                write_json(file, replace(status, **named_process(pid)).to_dict())

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Be the one process that works on it, with a heartbeat, while the block runs.

        Raises:
            RunError: if another process does, or the job was deleted.
            ConfigError: if the folder cannot be written.
        """
        with ExitStack() as held:
            try:
                with self._there():
                    mine = held.enter_context(locked(self.folder / "owner.lock"))
                    if mine:
                        self._show_first_life()
            except OSError as error:
                raise unwritable(self.folder, error) from error
            if not mine:
                raise RunError(self.BUSY, name=self.name)
            held.enter_context(beating(self.folder / "heartbeat"))
            yield

    @contextmanager
    def at_work(self, state: State = "training") -> Iterator[None]:
        """The same, and its status says what it does; why it ended early is kept there.

        Raises:
            RecsysError: what is kept there; of the unexpected, the traceback is in the log.
        """
        with self.owned():
            self.update(state=state, message=None, started=time.time(), **this_process())
            try:
                yield
            except (Exception, KeyboardInterrupt) as error:
                status = record_ending(self, error)
                known = isinstance(error, RecsysError) and status.message == error.message
                if status.message is None or known:
                    raise
                raise RunError(status.message.template, **status.message.params) from error

    def _show_first_life(self) -> None:
        (self.folder / "heartbeat").touch()

    @contextmanager
    def _there(self) -> Iterator[None]:
        """Say so where something cannot be written since the job was deleted meanwhile."""
        try:
            yield
        except FileNotFoundError as error:
            raise RunError(self.GONE, name=self.name) from error
