"""Loads the run that ships with the app, and its language model, before the first wish."""

from __future__ import annotations

import threading
from contextlib import suppress

import numpy as np

from pages._ui.common import runs, shipped
from recsys.runs.demo import open_demo
from recsys.schema import RecsysError

#: Set once the run was loaded, or cannot be; a wish then finds all that it needs in memory.
_DONE = threading.Event()
_STARTED = threading.Lock()


def done() -> bool:
    """Whether the run is in memory, so that nobody waits for its first list."""
    return _DONE.is_set()


def start() -> None:
    """Load the run in a thread, once: it imports torch, which the first page must not wait for."""
    if _STARTED.acquire(blocking=False):
        threading.Thread(target=_load, name="shipped-run", daemon=True).start()


def _load() -> None:
    from recsys.models import Queries

    try:
        with suppress(RecsysError):  # the error is shown where it is used
            data = shipped.data()
            if data is None:
                return
            opened = runs.loaded(open_demo(data))
            runs.read(opened)
            # Words that are read for the first time load the language model.
            opened.model().score(Queries(data, np.zeros(1, dtype=np.int64), intent="…"))
    finally:
        _DONE.set()
