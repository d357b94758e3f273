"""What a run is doing, and whether the process that does it is still alive."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from recsys.schema import N_, Message

#: State → what a person reads.
STATES = {
    "waiting": N_("waiting to start"),
    "preparing": N_("preparing"),
    "training": N_("training"),
    "evaluating": N_("evaluating"),
    "finished": N_("finished"),
    "stopped": N_("stopped early, best model kept"),
    "failed": N_("failed"),
    "interrupted": N_("interrupted"),
}
ACTIVE = frozenset({"waiting", "preparing", "training", "evaluating"})

HEARTBEAT_SECONDS = 2.0
#: Without a sign of life for so long, a process that cannot be looked at counts as gone.
SILENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Status:
    """A snapshot of a run.

    Attributes:
        state: a key of `STATES`.
        message: why it failed, for a person.
        updated, started, ended: seconds since 1970.
        pid, process_started, host: which process does the work (see `process_start`).
        epoch, best_ndcg: training progress; NDCG@10 on the validation users.
        test_ndcg: NDCG@10 on the test users as {"value", "low", "high"}.
    """

    state: str = "waiting"
    message: Message | None = None
    updated: float = 0.0
    started: float | None = None
    ended: float | None = None
    pid: int | None = None
    process_started: str | None = None
    host: str | None = None
    epoch: float | None = None
    best_ndcg: float | None = None
    test_ndcg: dict[str, float] | None = None

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
    def from_dict(cls, values: dict[str, Any]) -> Status:
        """Read what `to_dict` wrote; keys of other versions are passed over."""
        known = {f.name: values[f.name] for f in fields(cls) if f.name in values}
        if known.get("message") is not None:
            known["message"] = Message(**known["message"])
        return cls(**known)


def this_process() -> dict[str, Any]:
    """The fields of `Status` that name the process that calls this."""
    return named_process(os.getpid())


def named_process(pid: int) -> dict[str, Any]:
    """The fields of `Status` that name a process of this machine."""
    return {"pid": pid, "process_started": process_start(pid), "host": socket.gethostname()}


def process_start(pid: int) -> str | None:
    """When a process began, in the kernel's own ticks; None where it is gone or cannot be told.

    A process id is used again after a while; together with its start it names one process.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *rest = stat.rpartition(")")[2].split()  # the name before it may hold spaces
    return None if state in "ZX" else rest[18]


def observed(status: Status, heartbeat: float | None, now: float | None = None) -> Status:
    """The status as it is now: an active one whose process is gone becomes "interrupted".

    Args:
        heartbeat: when the process last showed life, or None if it never did.
    """
    if not status.active:
        return status
    gone = replace(status, state="interrupted")
    if status.pid is not None and status.process_started and status.host == socket.gethostname():
        return status if process_start(status.pid) == status.process_started else gone
    last = max(status.updated, heartbeat or 0.0)
    silent = (time.time() if now is None else now) - last
    return gone if silent > SILENCE_SECONDS else status


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

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
