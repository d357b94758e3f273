"""One process of a service: it listens, answers, and ends when what it began is answered."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

import uvicorn

from recsys.schema import RecsysError
from recsys.serving.app import COUNTED, make_app
from recsys.serving.current import CurrentRun
from recsys.serving.guard import Guard
from recsys.serving.metrics import Metrics
from recsys.serving.posted import Posted
from recsys.serving.reloading import on_hangup, reload
from recsys.serving.served import ServedRun
from recsys.serving.service import Service
from recsys.serving.settings import ServiceSettings

#: Seconds between two looks at what is asked of the process.
_LOOK_SECONDS = 0.5
#: Seconds that a client may keep a connection without asking anything. Long, because a request
#: that comes in the moment in which its connection is closed is lost.
_IDLE_SECONDS = 75
#: Seconds within which what was begun has to be answered once the service is to stop.
_DRAIN_SECONDS = 30
#: Seconds in which it still accepts connections then.
_ACCEPT_SECONDS = 0.3
#: Signals that end it.
_ENDING = (signal.SIGINT, signal.SIGTERM)


class _Server(uvicorn.Server):
    """Loses no request that reached it, and ends by itself, so that the exit status says so.

    uvicorn stops listening at once, which resets connections that were made and not yet accepted;
    and one that is accepted in that moment stays open until the time is over.

    Args:
        guard: is told when connections are to be closed behind their answers.
    """

    def __init__(self, config: uvicorn.Config, guard: Guard) -> None:
        super().__init__(config)
        self._guard = guard

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._guard.closes = True
        await asyncio.sleep(_ACCEPT_SECONDS)
        closing = asyncio.create_task(self._close_idle())
        try:
            await super().shutdown(sockets)
        finally:
            closing.cancel()

    async def _close_idle(self) -> None:
        """Close connections without a request, as long as there are any."""
        while True:
            for connection in list(self.server_state.connections):
                connection.shutdown()
            await asyncio.sleep(_ACCEPT_SECONDS)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        def end(number: int, frame: FrameType | None) -> None:
            self.should_exit = True

        before = {number: signal.signal(number, end) for number in _ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def work(
    service: Service, settings: ServiceSettings, listening: socket.socket, parent: int | None
) -> int:
    """Answer until a signal, or a request in the folder of the service, ends it.

    Args:
        listening: a socket that listens; the service's other processes have it, too.
        parent: the process that started this one; without it, this one ends. None for none.

    Returns:
        The exit status.
    """
    metrics, posted = Metrics(), Posted(service.posted_file)
    failed: list[RecsysError] = []

    def loaded(found: ServedRun | RecsysError) -> None:
        metrics.loaded(well=isinstance(found, ServedRun))
        if isinstance(found, ServedRun):
            service.note_data(found.run.config)
            service.update(state="serving")
            return
        print(f"recsys: {found}", file=sys.stderr, flush=True)
        if current.ready is None:  # there is nothing to answer with
            failed.append(found)
            server.should_exit = True

    current = CurrentRun(service.folder, posted, loaded)
    app = make_app(current, posted, metrics, partial(reload, service))
    guarded = Guard(app, metrics, COUNTED, local=settings.is_local, token=settings.token())
    server = _Server(
        uvicorn.Config(
            guarded,
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=_DRAIN_SECONDS,
        ),
        guarded,
    )

    def look() -> None:
        current.look()
        if service.stop_requested() or (parent is not None and os.getppid() != parent):
            server.should_exit = True

    with on_hangup(service), _every(_LOOK_SECONDS, look):
        server.run(sockets=[listening])
    return 2 if failed else 0


@contextmanager
def _every(seconds: float, look: Callable[[], None]) -> Iterator[None]:
    """Call `look` in a thread, again and again, until the block ends."""
    done = threading.Event()

    def looking() -> None:
        look()
        while not done.wait(seconds):
            look()

    thread = threading.Thread(target=looking, name="look", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
