"""The share of a file that has been read, reported to an observer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[float], None] | None] = ContextVar("listener", default=None)


def report_share(share: float) -> None:
    """Say that a `share` of the file that is being read, 0 … 1, is done."""
    listener = _listener.get()
    if listener is not None:
        listener(min(max(share, 0.0), 1.0))


@contextmanager
def listening(listener: Callable[[float], None]) -> Iterator[None]:
    """Call `listener` with every share that is reported while the block runs."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
