"""Which run a service answers with, for all of its processes: a file that names it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from recsys.runs import Run
from recsys.runs.finding import find_run
from recsys.schema import N_, RecsysError, RunError
from recsys.serving.service import Service
from recsys.storage.files import write_text

#: Within the folder of a service.
_POINTER = "run"


def point_to(folder: Path, name: str) -> None:
    """Let all processes of a service go on with a run, as `find_run` takes it."""
    write_text(folder / _POINTER, name)


def pointed_to(folder: Path) -> str:
    """The run that they go on with."""
    return (folder / _POINTER).read_text("utf-8")


def pointed_at(folder: Path) -> int | None:
    """When that was written last, in nanoseconds; None where it was not."""
    try:
        return (folder / _POINTER).stat().st_mtime_ns
    except OSError:
        return None


def checked(run: Run) -> Run:
    """The run. Raises `RunError` if it has no model."""
    if not run.has_model():
        raise RunError(
            N_("The run {name} has no model yet. Let it train for a while, or train again."),
            name=run.name,
        )
    return run


def reload(service: Service, name: str | None = None) -> str:
    """Let all processes of a service go on with a run; returns its name.

    Args:
        name: None for the present one, read anew by whatever its name leads to now.

    Raises:
        RecsysError: if there is no such run, or it has no model.
    """
    name = pointed_to(service.folder) if name is None else name
    run = checked(find_run(name))
    point_to(service.folder, name)
    return run.name


@contextmanager
def on_hangup(service: Service) -> Iterator[None]:
    """SIGHUP reads the run anew while the block runs."""
    if not hasattr(signal, "SIGHUP"):
        yield
        return

    def again() -> None:
        try:
            reload(service)
        except (RecsysError, OSError) as error:
            print(f"recsys: {error}", file=sys.stderr, flush=True)

    def handle(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=again, name="reload", daemon=True).start()

    before = signal.signal(signal.SIGHUP, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)
