"""Turns of sessions: so many lists are made at once as there are processors, in order of requests.

Thirty sessions that each make a list at once wait for Python's global lock and for each other's
torch threads, and all lists take longer than one after another. A session that waits costs nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from pages._ui.common.i18n import _

#: Lists that are made at once.
AT_ONCE = max(1, min(2, os.cpu_count() or 1))
#: Seconds between two checks whether a waiting session still needs its list.
ASKED_SECONDS = 0.25


@dataclass(eq=False)
class _Ticket:
    about: object
    wish: str
    called: threading.Event = field(default_factory=threading.Event)


class Turns:
    """A first-in, first-out queue that lets a limited number of sessions work at once.

    Args:
        at_once: that number.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._lock = threading.Lock()
        self._at_once = self._free = at_once
        self._queue: list[_Ticket] = []

    @contextmanager
    def turn(
        self, about: object = None, wish: str = "", *, waiting: Callable[[int], None] | None = None
    ) -> Iterator[None]:
        """Wait for one of the `at_once` places, and hold it during the block.

        Args:
            about, wish: the model and the wish of the list, so that a session before this one can
                read all waiting wishes in one batch (see `wishes`).
            waiting: called every `ASKED_SECONDS` with the number of sessions before this one, those
                at work included; what it raises ends the waiting.
        """
        ticket = _Ticket(about, wish)
        self._join(ticket)
        try:
            while not ticket.called.wait(ASKED_SECONDS):
                if waiting is not None and (before := self._before(ticket)) is not None:
                    waiting(before)
            yield
        finally:
            self._leave(ticket)

    def wishes(self, about: object) -> list[str]:
        """The wishes of the waiting sessions whose `about` is the same, in their order."""
        with self._lock:
            return [ticket.wish for ticket in self._queue if ticket.about is about and ticket.wish]

    def _join(self, ticket: _Ticket) -> None:
        with self._lock:
            self._queue.append(ticket)
            self._call()

    def _leave(self, ticket: _Ticket) -> None:
        with self._lock:
            if ticket in self._queue:
                self._queue.remove(ticket)
            else:
                self._free += 1
            self._call()

    def _call(self) -> None:
        """Start as many waiting sessions as there are free places; the lock is held."""
        while self._free and self._queue:
            self._free -= 1
            self._queue.pop(0).called.set()

    def _before(self, ticket: _Ticket) -> int | None:
        """How many sessions are before this one; None once it may work."""
        with self._lock:
            if ticket not in self._queue:
                return None
            return self._queue.index(ticket) + self._at_once - self._free


#: The turns of all sessions of this server.
TURNS = Turns()


@contextmanager
def my_turn(about: object, wish: str = "", *, always: bool = False) -> Iterator[None]:
    """Wait for the turn of the present session, showing how many are before it.

    A session whose widgets have newer values leaves the queue, so that no outdated list is made.
    In the block torch uses one thread.

    Args:
        about, wish: as `Turns.turn` has them.
        always: stay in the queue in that case, too: every question is answered.
    """
    place = st.empty()
    shown = False

    def waiting(before: int) -> None:
        nonlocal shown
        shown = True
        if not always and _asked_anew():
            st.rerun(scope="fragment")
        place.caption(_("Waiting: {count} before you", count=before))

    with TURNS.turn(about, wish, waiting=waiting), one_torch_thread():
        if shown:
            place.empty()
        yield


def _asked_anew() -> bool:
    """Whether a fragment waits whose session has sent newer values of its widgets."""
    context = get_script_run_ctx()
    if context is None or not context.fragment_ids_this_run or context.script_requests is None:
        return False
    # Streamlit lets a fragment that runs come to its end first, and has no public word for what
    # is asked meanwhile.
    return context.script_requests._state is ScriptRequestType.RERUN


_usual_threads: list[int] = []


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Within it, torch computes in the thread that runs alone, and elsewhere as before.

    For one user's list more threads cost more than they gain, and several such lists at once
    would have several threads for each processor, which wait for one another. The number counts
    for the thread that sets it, and for those that first use torch after that.
    """
    import torch

    if not _usual_threads:
        _usual_threads.append(torch.get_num_threads())
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(_usual_threads[0])
