"""Starting a service: one process that answers, or several that share a port."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType

from recsys.runs.finding import find_run
from recsys.schema import N_, ConfigError, RecsysError
from recsys.serving.reloading import checked, on_hangup, point_to
from recsys.serving.service import Service
from recsys.serving.settings import ServiceSettings

#: Connections that wait to be accepted.
_BACKLOG = 2048
#: Seconds between two looks at the processes, and until one that ended is started anew.
_LOOK_SECONDS, _AGAIN_SECONDS = 0.2, 1.0
#: As `recsys.serving.metrics` has it, which is imported later, with this set.
_COUNTS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def serve(settings: ServiceSettings, service: Service) -> int:
    """Answer requests until it is stopped; returns the exit status.

    SIGTERM, SIGINT and a request in the folder let what was begun be answered first; SIGHUP reads
    the run anew.

    Raises:
        RecsysError: if there is no such run, it has no model, or the port cannot be had.
    """
    run = checked(find_run(settings.run))
    settings.token()
    with service.at_work("preparing"), _listening(settings) as listening:
        service.begin_with(run.config)
        point_to(service.folder, settings.run)
        print(
            f"recsys: http://{settings.address} answers as soon as {run.name} is loaded",
            file=sys.stderr,
            flush=True,
        )
        if settings.workers == 1:
            status = _answer(service, settings, listening, None)
        else:
            status = _answer_together(service, settings, listening)
        service.update(state="failed" if status else "finished", ended=time.time())
    return status


@contextmanager
def _listening(settings: ServiceSettings) -> Iterator[socket.socket]:
    """A socket that listens where the settings say. Raises `ConfigError` if that is taken."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _name, address = found[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _not_had(settings, error) from error
    with listening:
        try:
            if os.name != "nt":  # there it would let two services share a port
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(_BACKLOG)
        except OSError as error:
            raise _not_had(settings, error) from error
        listening.setblocking(False)
        yield listening


def _not_had(settings: ServiceSettings, error: OSError) -> ConfigError:
    return ConfigError(
        N_("The address {address} cannot be had ({why}). Choose another port: --port N."),
        address=settings.address,
        why=error.strerror or str(error),
    )


def _answer(
    service: Service, settings: ServiceSettings, listening: socket.socket, parent: int | None
) -> int:
    """Answer in this process; returns the exit status."""
    from recsys.serving.worker import work

    return work(service, settings, listening, parent)


def _answer_together(service: Service, settings: ServiceSettings, listening: socket.socket) -> int:
    """Let several processes answer; one that dies is started anew."""
    spawn = multiprocessing.get_context("spawn")

    def start() -> BaseProcess:
        child = spawn.Process(target=_child, args=(service, settings, listening, os.getpid()))
        child.start()
        return child

    counts = service.counts_folder()
    with _stopped_by_signals() as stopped, on_hangup(service):
        os.environ[_COUNTS_VARIABLE] = str(counts)
        children = [start() for _ in range(settings.workers)]
        while not stopped.wait(_LOOK_SECONDS) and not service.stop_requested():
            for place, child in enumerate(children):
                if child.exitcode is None:
                    continue
                _forget(child, counts)
                if service.status().state != "serving":  # it could not even begin
                    stopped.set()
                elif not stopped.wait(_AGAIN_SECONDS):
                    children[place] = start()
        for child in children:
            child.terminate()
        for child in children:
            child.join()
        return max(abs(child.exitcode or 0) for child in children)


def _child(
    service: Service, settings: ServiceSettings, listening: socket.socket, parent: int
) -> None:
    """One of several processes."""
    try:
        sys.exit(_answer(service, settings, listening, parent))
    except RecsysError as error:
        print(f"recsys: {error}", file=sys.stderr, flush=True)
        sys.exit(2)


def _forget(child: BaseProcess, counts: Path) -> None:
    from recsys.serving.metrics import forget_process

    if child.pid is not None:
        forget_process(child.pid, counts)


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set while the block runs."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {
        number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
