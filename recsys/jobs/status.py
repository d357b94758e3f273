"""What a run is doing, and whether the process that does it is still alive."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from recsys.jobs.process import boot, host, process_start
from recsys.schema import N_, Message
from recsys.storage.checked import FiniteFloat, ProcessId, Timestamp, lenient, reader
from recsys.storage.files import read_json, remembered

State = Literal[
    "waiting",
    "preparing",
    "training",
    "paused",
    "evaluating",
    "serving",
    "unresponsive",
    "finished",
    "stopped",
    "failed",
    "interrupted",
]
#: State → what a person reads.
STATES: dict[State, str] = {
    "waiting": N_("waiting to start"),
    "preparing": N_("preparing"),
    "training": N_("training"),
    "paused": N_("paused"),
    "evaluating": N_("evaluating"),
    "serving": N_("serving"),
    "unresponsive": N_("not responding"),
    "finished": N_("finished"),
    "stopped": N_("stopped early, best model kept"),
    "failed": N_("failed"),
    "interrupted": N_("interrupted"),
}
#: A process is there, or about to be.
ACTIVE = frozenset(
    {"waiting", "preparing", "training", "paused", "evaluating", "serving", "unresponsive"}
)

HEARTBEAT_SECONDS = 2.0
#: Without a sign of life for so long, a process that is there does not respond, and one that cannot
#: be looked at counts as gone.
SILENCE_SECONDS = 60.0
#: A time so many seconds ahead was written by a wrong clock, and is ignored.
AHEAD_SECONDS = 60.0

#: Status files that are remembered; more than anybody has runs.
_REMEMBERED = 8192
_DAMAGED = N_(
    "What it says of itself cannot be read ({parts}), so some of what is shown here may be missing."
)


class Score(TypedDict):
    """A metric with its 95% interval."""

    value: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat


@dataclass(frozen=True)
class Status:
    """A snapshot of a run.

    Attributes:
        state: a key of `STATES`.
        message: why it failed, for a person.
        updated, started, ended: seconds since 1970.
        pid, process_started, host, boot: which process does the work (see `named_process`).
        epoch, best_ndcg: training progress; NDCG@10 on the validation users.
        test_ndcg: NDCG@10 on the test users as {"value", "low", "high"}.
    """

    state: State = "waiting"
    message: Message | None = None
    updated: Timestamp = 0.0
    started: Timestamp | None = None
    ended: Timestamp | None = None
    pid: ProcessId | None = None
    process_started: str | None = None
    host: str | None = None
    boot: str | None = None
    epoch: Annotated[FiniteFloat, Field(ge=0)] | None = None
    best_ndcg: FiniteFloat | None = None
    test_ndcg: Score | None = None

    @property
    def active(self) -> bool:
        """Whether a process is at work, or about to be."""
        return self.state in ACTIVE

    @property
    def has_model(self) -> bool:
        """Whether the run ended with a model."""
        return self.state in ("finished", "stopped")

    def to_dict(self) -> dict[str, Any]:
        """As written to `status.json`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Status:
        """Read what `to_dict` wrote; keys of other versions are passed over.

        A value that cannot be read is left out and named in `message`. A state that is unknown
        reads as "interrupted".
        """
        status, odd = lenient(reader(Status), values)
        if not odd:
            return status
        state: State = "interrupted" if "state" in odd else status.state
        message = status.message or Message(_DAMAGED, {"parts": ", ".join(odd)})
        return replace(status, state=state, message=message)


@remembered(_REMEMBERED)
def written_status(path: Path) -> Status:
    """What a `status.json` says; one that cannot be read is so old that it shows as interrupted."""
    try:
        return Status.from_dict(read_json(path))
    except FileNotFoundError:
        return Status()
    except (OSError, ValueError):
        return Status(message=Message(_DAMAGED, {"parts": path.name}))


def status_of(folder: Path) -> Status:
    """The state of the work in a folder with `status.json` and `heartbeat`, as it is now."""
    status = written_status(folder / "status.json")
    if not status.active:
        return status
    try:
        heartbeat = (folder / "heartbeat").stat().st_mtime
    except (OSError, ValueError):
        heartbeat = None
    return observed(status, heartbeat)


def this_process() -> dict[str, Any]:
    """The fields of `Status` that name the process that calls this."""
    return named_process(os.getpid())


def named_process(pid: int) -> dict[str, Any]:
    """The fields of `Status` that name a process of this machine."""
    started = process_start(pid)
    return {"pid": pid, "process_started": started, "host": host(), "boot": boot()}


def here(status: Status) -> bool:
    """Whether the process of a status can be looked at: it is one of this machine."""
    return status.pid is not None and bool(status.process_started) and status.host == host()


def alive(status: Status) -> bool:
    """Whether the process of a status is there; its number alone may be another one's by now."""
    if not here(status) or status.pid is None or status.boot not in (None, boot()):
        return False
    return process_start(status.pid) == status.process_started


def observed(
    status: Status,
    heartbeat: float | None,
    now: float | None = None,
    *,
    silence: float = SILENCE_SECONDS,
) -> Status:
    """The status as it is now.

    An active one whose process is gone becomes "interrupted"; one whose process is there, but
    gave no sign of life for `silence` seconds (it was stopped, or hangs), "unresponsive".

    Args:
        heartbeat: when the process last showed life, or None if it never did.
    """
    if not status.active:
        return status
    now = time.time() if now is None else now
    signs = [sign for sign in (status.updated, heartbeat or 0.0) if sign <= now + AHEAD_SECONDS]
    silent = now - max(signs, default=0.0) > silence
    if here(status):
        if not alive(status):
            return replace(status, state="interrupted")
        if not status.updated and heartbeat is None:  # it is there, and no time was ever written
            return status
        return replace(status, state="unresponsive") if silent else status
    return replace(status, state="interrupted") if silent else status


@contextmanager
def beating(path: Path) -> Iterator[None]:
    """Touch `path` every two seconds for as long as the block runs."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT_SECONDS):
            try:
                os.utime(path)
            except FileNotFoundError:  # the run was removed by hand under a working process
                return
            except OSError:  # a file system that is away for a moment
                continue

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
