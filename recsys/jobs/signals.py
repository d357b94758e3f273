"""How every long command handles Ctrl-C and SIGTERM."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def first_signal_stops(stop: Callable[[], None], kept: str) -> Iterator[list[int]]:
    """The first signal calls `stop`, in a thread, which lets the job end with what it has.

    A second one raises `KeyboardInterrupt` wherever the process is: the job is "interrupted".

    Args:
        kept: what stays, in English, such as "the best model is kept".

    Yields:
        A list that holds the first signal once it came.
    """
    received: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)
        # In a thread, because what was interrupted here may be anything, such as an import: files
        # that are read in the middle of it fail, and then so does what was interrupted.
        threading.Thread(target=ask, name="stop").start()

    def ask() -> None:
        stop()
        print(f"\nstopping, {kept} …", file=sys.stderr, flush=True)

    before = {s: signal.signal(s, handle) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
