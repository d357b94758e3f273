"""The run that ships with the app, and where it is offered."""

from __future__ import annotations

import threading
from contextlib import suppress

from pages._ui.common import state, store
from recsys.dataset import Dataset
from recsys.runs import Run
from recsys.runs.demo import NAME, open_demo, shipped
from recsys.schema import RecsysError

__all__ = [
    "NAME",
    "data",
    "offered",
    "run",
    "say_problem",
    "unpack_ahead",
]


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
    with suppress(RecsysError):  # the error is shown where the run is opened
        if (sample := data()) is not None:
            open_demo(sample)
