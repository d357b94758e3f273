"""Turns of sessions: so many lists are made at once as there are processors, in order of asking.

Thirty sessions that each make a list at once wait for Python's one lock and for each other's torch
threads, and all of them are late. A session that waits for its turn costs nothing, and those
before it are done the sooner.
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
#: How often somebody who waits is asked whether they still do.
ASKED_SECONDS = 0.25


@dataclass(eq=False)
class _Ticket:
    about: object
    wish: str
    called: threading.Event = field(default_factory=threading.Event)


class Turns:
    """A queue before something that few can do at once.

    Args:
        at_once: how many.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._lock = threading.Lock()
        self._at_once = self._free = at_once
        self._queue: list[_Ticket] = []

    @contextmanager
    def turn(
        self, about: object = None, wish: str = "", *, waiting: Callable[[int], None] | None = None
    ) -> Iterator[None]:
        """Wait for a turn, and have it for as long as the block runs.

        Args:
            about, wish: what is wished for of what, for those who have their turn before
                (see `wishes`).
            waiting: called every `ASKED_SECONDS` with how many are before, those who have their
                turn included; what it raises ends the waiting.
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
        """What is wished for of `about` by those who wait, in their order."""
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
        """Call as many as there is place for; the lock is held."""
        while self._free and self._queue:
            self._free -= 1
            self._queue.pop(0).called.set()

    def _before(self, ticket: _Ticket) -> int | None:
        """How many are before one; None where it was called by now."""
        with self._lock:
            if ticket not in self._queue:
                return None
            return self._queue.index(ticket) + self._at_once - self._free


#: The turns of all sessions of this server.
TURNS = Turns()


@contextmanager
def my_turn(about: object, wish: str = "", *, always: bool = False) -> Iterator[None]:
    """The turn of the session that runs; on the page stands how many are before it.

    A session that has asked for something else by now leaves, so that what nobody waits for any
    more is not made. In the block torch uses one thread.

    Args:
        about, wish: as `Turns.turn` has them.
        always: stay, whatever is asked meanwhile: a question is answered once it is asked.
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
