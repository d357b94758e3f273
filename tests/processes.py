"""Processes for tests, forked from one that has imported already what they need.

A fresh interpreter takes five seconds of processor time to import torch and recsys. Sixty tests
start one for its signals, locks and exit status, not for its imports; they take it from the fork
server of `multiprocessing`, one for each process that runs tests.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
#: What nearly every job imports.
_IMPORTED = ["recsys.cli.commands", "recsys.models", "recsys.lab.grid_job"]

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(_IMPORTED)
_at_work: set[Forked] = set()


class Forked:
    """As much of `subprocess.Popen` as tests and `recsys.jobs.spawn` need.

    It has a session of its own and reads nothing.

    Args:
        command: `[sys.executable, "-m", "recsys", …]` or `[sys.executable, "-c", CODE, …]`.
        stdout: a file, `subprocess.DEVNULL`, or `PIPE` for `communicate`.
    """

    def __init__(
        self,
        command: list[str],
        *,
        stdout: Any = subprocess.DEVNULL,
        stderr: Any = subprocess.DEVNULL,
        env: dict[str, str] | None = None,
        **_options: Any,
    ) -> None:
        assert command[0] == sys.executable and command[1] in ("-m", "-c"), command
        self._outputs = _path(stdout), _path(stderr)
        environment = {**os.environ, **(env or {})}
        self._process = _started((command[1:], self._outputs, os.getcwd(), environment))
        assert self._process.pid is not None
        self.pid, self._over = self._process.pid, threading.Event()
        self.returncode: int | None = None
        _at_work.add(self)
        threading.Thread(target=self._watch, name=f"wait-{self.pid}", daemon=True).start()

    def _watch(self) -> None:
        self._process.join()
        self.returncode = self._process.exitcode
        _at_work.discard(self)
        self._over.set()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if not self._over.wait(timeout):
            raise subprocess.TimeoutExpired("python", timeout or 0.0)
        assert self.returncode is not None
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it printed into pipes, once it has ended."""
        self.wait(timeout)
        out, err = (Path(path).read_text("utf-8", "replace") for path in self._outputs)
        return out, err

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Let `python ARGUMENTS` run to its end."""
    pipe = subprocess.PIPE
    process = Forked([sys.executable, *arguments], stdout=pipe, stderr=pipe)
    out, err = process.communicate()
    return subprocess.CompletedProcess(arguments, process.wait(), out, err)


@contextmanager
def fork_server() -> Iterator[None]:
    """What was forked and is at work afterwards is ended; the server then ends by itself."""
    try:
        yield
    finally:
        for process in list(_at_work):
            process.kill()


def _started(request: tuple[Any, ...]) -> ForkServerProcess:
    """A process that does what `in_forked_process.py` says; the first one starts the server.

    That imports what `PYTHONPATH` offers, and `sys.path` does not count.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
        work = (str(ROOT / "tests" / "in_forked_process.py"), {"REQUEST": request}, "forked")
        process = _context.Process(target=runpy.run_path, args=work, daemon=True)
        process.start()
    return process


def _path(output: Any) -> str:
    if output == subprocess.DEVNULL:
        return os.devnull
    if output == subprocess.PIPE:
        file, path = tempfile.mkstemp(prefix="output-")
        os.close(file)
        return path
    return str(output.name)
