"""The run that ships with the app: where it is offered, and reading it before it is asked for."""

from __future__ import annotations

import threading
from contextlib import suppress

import numpy as np

from pages._ui.common import state, store
from recsys.dataset import Dataset
from recsys.runs import Run
from recsys.runs.demo import NAME, open_demo, shipped
from recsys.schema import RecsysError

__all__ = [
    "NAME",
    "data",
    "is_read",
    "offered",
    "read_ahead",
    "run",
    "say_problem",
    "unpack_ahead",
]

#: Set once the run was read, or cannot be; a wish then finds all that it needs in memory.
_READ = threading.Event()
_READING = threading.Lock()


def data() -> Dataset | None:
    """The sample that it learned from; None where nothing ships."""
    demo = shipped()
    found = None if demo is None else store.load(store.sample(demo.data))
    return None if found is None else found[0]


def run() -> Run:
    """The run, whatever data is chosen.

    Raises:
        RecsysError: if it cannot be opened.
    """
    sample = data()
    return open_demo(state.dataset() if sample is None else sample)


def offered() -> list[Run]:
    """The run, where its data is the data chosen, or a link names it; else nothing."""
    demo = shipped()
    if demo is None:
        return []
    if state.linked("run") != NAME and state.dataset().content_hash != demo.data_hash:
        return []
    try:
        return [run()]
    except RecsysError:
        return []


def say_problem() -> None:
    """Say why the run that ships cannot be opened, where it would be offered if it could."""
    from pages._ui.common.widgets import show_error

    demo = shipped()
    if demo is None or state.origin() != demo.data:
        return
    try:
        run()
    except RecsysError as error:
        show_error(error)


def unpack_ahead() -> None:
    """Unpack the run in a thread, which neither needs torch nor keeps the first page waiting."""
    threading.Thread(target=_unpack, name="shipped-run", daemon=True).start()


def _unpack() -> None:
    with suppress(RecsysError):  # it is said where somebody asks for it
        if (sample := data()) is not None:
            open_demo(sample)


def is_read() -> bool:
    """Whether the run is in memory, so that nobody waits for its first list."""
    return _READ.is_set()


def read_ahead() -> None:
    """Read the run in a thread, once: it brings torch, which the first page must not wait for."""
    if _READING.acquire(blocking=False):
        threading.Thread(target=_read, name="shipped-run", daemon=True).start()


def _read() -> None:
    from pages._ui.common import runs
    from recsys.models import Queries

    try:
        with suppress(RecsysError):  # it is said where somebody asks for it
            found = data()
            if found is None:
                return
            opened = runs.loaded(open_demo(found))
            runs.read(opened)
            # Words that are read for the first time bring the language model.
            opened.model().score(Queries(found, np.zeros(1, dtype=np.int64), intent="…"))
    finally:
        _READ.set()
