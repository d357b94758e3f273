"""Starts the processes that read files, from one that has imported already what they need.

Importing pandas and pyarrow takes longer than reading most files: 1.5 s of processor time. So on
Linux one process, `python -m recsys.reading.forking`, imports them once and forks for every
task; elsewhere every task is a fresh process. The server has one thread of Python, so that a fork
is safe (Arrow and jemalloc handle forks of their own threads), and ends with the process that
started it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

#: What a task prints, in its folder.
LOG = "log.txt"
#: Whether a process can be forked that has imported libraries: on macOS they forbid it.
FORKS = sys.platform == "linux"


class Process(Protocol):
    """As much of `subprocess.Popen` as the watcher of a task needs."""

    pid: int
    returncode: Any

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def kill(self) -> None: ...


class _Forked:
    """A process that the server has forked; the server reports its exit status."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._over = threading.Event()

    def ended(self, returncode: int) -> None:
        self.returncode = returncode
        self._over.set()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired: it is at work still."""
        if not self._over.wait(timeout):
            raise subprocess.TimeoutExpired("reading", timeout or 0.0)
        assert self.returncode is not None
        return self.returncode

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


class _Server:
    """The process that forks, and the thread here that reads its messages."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._lock = threading.Lock()
        self._answered = threading.Condition()
        self._started: list[_Forked] = []  # at most one: requests are made one at a time
        self._forked: dict[int, _Forked] = {}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "recsys.reading.forking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env=_environment(),
        )
        threading.Thread(target=self._listen, name="reading-server", daemon=True).start()

    def fork(self, folder: Path) -> _Forked:
        """Raises OSError: the server has ended."""
        assert self.process.stdin is not None
        request = {"folder": str(folder), "in": os.getcwd(), "environment": _environment()}
        with self._lock, self._answered:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
            self._answered.wait_for(lambda: self._started or self.process.poll() is not None)
            if not self._started:
                raise ChildProcessError("the process that starts readings has ended")
            return self._started.pop()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            answer = json.loads(line)
            with self._answered:
                if answer["event"] == "started":
                    forked = _Forked(answer["pid"])
                    self._forked[forked.pid] = forked
                    self._started.append(forked)
                    self._answered.notify_all()
                else:
                    self._forked.pop(answer["pid"]).ended(answer["status"])
        self.process.wait()
        with self._answered:  # its processes end with it, see `worker`
            for forked in self._forked.values():
                forked.ended(-signal.SIGKILL)
            self._forked.clear()
            self._answered.notify_all()


_server: _Server | None = None
_one_server = threading.Lock()


def prepare() -> None:
    """Let the server import what it needs, before the first file is there."""
    if FORKS:
        _running()


def start(folder: Path) -> Process:
    """Start the process of a task.

    Raises:
        OSError: the system starts no more processes.
    """
    if FORKS:
        return _running().fork(folder)
    with (folder / LOG).open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "recsys.reading.worker", str(folder), str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=_environment(),
        )


def _running() -> _Server:
    global _server
    with _one_server:
        # A process that was forked from this one lacks the thread that reads messages.
        if _server is None or _server.owner != os.getpid() or _server.process.poll() is not None:
            _server = _Server()
        return _server


def _environment() -> dict[str, str]:
    """One thread for everything, so that a second core stays free for the app."""
    package_parent = str(Path(__file__).resolve().parents[2])
    search = os.pathsep.join(filter(None, [package_parent, os.environ.get("PYTHONPATH")]))
    single = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX")
    return {
        **os.environ,
        **dict.fromkeys(single, "1"),
        "ARROW_DEFAULT_MEMORY_POOL": "system",  # gives back what is not needed any more
        "RUST_BACKTRACE": "0",
        "PYTHONPATH": search,
    }
