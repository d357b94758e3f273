"""One task in a process of its own, with limits on memory and time; how it ended is reported.

Readers of uploaded files are written in C and Rust, and abort the process where memory runs out.
So it is not the process of the app. Nothing comes back by pickle:
the process writes files into a folder of its own, and says in ``result.json`` that it is done.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from recsys.reading import endings, fork_server
from recsys.reading.fork_server import LOG, Process
from recsys.schema import ConfigError, DataError, RecsysError
from recsys.storage.folders import cache_folder

#: Files in the folder of a task.
TASK, PROGRESS, RESULT = "task.json", "progress.json", "result.json"
UPLOAD = "upload"
#: Where a task leaves prepared data, in its folder.
DATA = "data"
#: Tasks at work at once; with the limit on memory this bounds the memory of all uploads.
MAX_AT_ONCE = 2
#: A folder whose process is gone, or that is older, is removed when the next one is made.
LEFTOVER_SECONDS = 24 * 3600
_LOOK_SECONDS = 0.05
#: For so long somebody may be away (a reload, a bad line) before a task is ended.
_GRACE_SECONDS = 10.0
#: The messages of Rust, Python, Arrow and C++ where memory is refused.
_NO_MEMORY = ("memory allocation of", "MemoryError", "Out of memory", "bad_alloc")
_MESSAGES: dict[str, type[RecsysError]] = {"DataError": DataError, "ConfigError": ConfigError}
_SLOTS = threading.BoundedSemaphore(MAX_AT_ONCE)


@dataclass(frozen=True)
class Limits:
    """What a task may take: bytes of memory, seconds of computing and of waiting for them.

    On a machine that others use, a task of low priority waits a good deal, which is no fault of
    the file.
    """

    memory_bytes: int = 3 * 1024**3
    seconds: int = 120
    wall_seconds: int = 360


@dataclass
class _Work:
    """What the watching thread and the session that asked share; written by one side each."""

    folder: Path
    filename: str
    limits: Limits
    alive: Callable[[], bool]
    state: str = "waiting"
    started: float | None = None
    ended: float | None = None
    pid: int | None = None
    peak_bytes: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    error: RecsysError | None = None
    asked_to_stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)


class Reading:
    """A task that was begun; it goes on while this object lives, and its folder with it.

    Args:
        task: what to do, as JSON holds it; see `recsys.reading.worker`.
        filename: what people call the file.
        content: of a file that the task reads, if there is one; the task's `path` says where it is.
        alive: whether somebody still waits for it; when that is over, so is the task.
    """

    def __init__(
        self,
        task: dict[str, Any],
        filename: str,
        *,
        content: bytes | None = None,
        alive: Callable[[], bool] = lambda: True,
        limits: Limits | None = None,
    ) -> None:
        limits = limits or Limits()
        self._began = time.monotonic()
        try:
            folder = new_folder()
        except OSError as error:
            self._work = _Work(readings_folder() / "none", filename, limits, alive)
            _end(self._work, "failed", endings.not_kept(filename, error))
        else:
            self._work = _Work(folder, filename, limits, alive)
            self._start(task, content)
        self._discard = weakref.finalize(self, _discard, self._work)

    def _start(self, task: dict[str, Any], content: bytes | None) -> None:
        """Write down the task, and start a thread that watches its process."""
        work = self._work
        limits = work.limits
        try:
            if content is not None:
                (work.folder / UPLOAD).write_bytes(content)
                task = {**task, "path": str(work.folder / UPLOAD)}
            request = {
                "task": task,
                "filename": work.filename,
                "memory_bytes": limits.memory_bytes,
                "seconds": limits.seconds,
                "wall_seconds": limits.wall_seconds,
            }
            (work.folder / TASK).write_text(json.dumps(request, default=str), "utf-8")
        except OSError as error:
            _end(work, "failed", endings.not_kept(work.filename, error))
            return
        name = f"watch-{work.folder.name}"
        threading.Thread(target=_watch, args=(work,), name=name, daemon=True).start()

    @property
    def folder(self) -> Path:
        """Where the results lie, until `close`."""
        return self._work.folder

    @property
    def filename(self) -> str:
        return self._work.filename

    @property
    def state(self) -> str:
        """ "waiting" for its turn, "running", "done", "failed" or "stopped"."""
        return self._work.state

    @property
    def active(self) -> bool:
        return not self._work.over.is_set()

    @property
    def error(self) -> RecsysError | None:
        """Why it failed or ended early, in a sentence."""
        return self._work.error

    @property
    def result(self) -> dict[str, Any]:
        """What the task gave, once it is done."""
        return self._work.result

    @property
    def seconds(self) -> float:
        """Since it was asked for, until it ended."""
        return (self._work.ended or time.monotonic()) - self._began

    @property
    def pid(self) -> int | None:
        """Of its process, once there is one."""
        return self._work.pid

    @property
    def peak_bytes(self) -> int:
        """The most memory that the process was seen with."""
        return self._work.peak_bytes

    @property
    def share(self) -> float | None:
        """How far it is, 0 … 1, where it can tell."""
        try:
            progress = json.loads((self.folder / PROGRESS).read_text("utf-8"))
            return float(progress["share"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def stop(self) -> None:
        """Let the watching thread end it and remove what it wrote."""
        self._work.asked_to_stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is over, or for some seconds; returns whether it is."""
        return self._work.over.wait(seconds)

    def get(self) -> dict[str, Any]:
        """Wait, and give the result.

        Raises:
            RecsysError: the task's own, or why it did not come to its end.
        """
        self.wait()
        if self._work.error is not None:
            raise self._work.error
        return self._work.result

    def close(self) -> None:
        """End it where it is at work, and remove its folder."""
        self._discard()


def readings_folder() -> Path:
    """Where the folders of tasks lie, beside the data that they may become."""
    return cache_folder() / "reading"


def new_folder() -> Path:
    """A folder for one task; what a server that was killed left behind is removed."""
    parent = readings_folder()
    parent.mkdir(parents=True, exist_ok=True)
    for old in parent.iterdir():
        if _left_behind(old):
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=parent))


def _left_behind(folder: Path) -> bool:
    """Whether whoever made a folder is gone, or cannot need it any more."""
    number = folder.name.partition("-")[0]
    try:
        if time.time() - folder.stat().st_mtime > LEFTOVER_SECONDS:
            return True
        return number.isdecimal() and not psutil.pid_exists(int(number))
    except (OSError, OverflowError):
        return False


def _discard(work: _Work) -> None:
    work.asked_to_stop.set()
    work.over.wait(5)
    shutil.rmtree(work.folder, ignore_errors=True)


def _watch(work: _Work) -> None:
    """Wait for a turn, start the process, and watch it until it ends."""
    try:
        while not _SLOTS.acquire(timeout=_LOOK_SECONDS):
            if work.asked_to_stop.is_set() or not work.alive():
                _end(work, "stopped", endings.stopped(work.filename))
                return
        try:
            _run(work)
        finally:
            _SLOTS.release()
    finally:
        if not work.over.is_set():  # a fault of this code must not leave the session waiting
            _end(work, "failed", endings.broke_off(work.filename))


def _run(work: _Work) -> None:
    if work.asked_to_stop.is_set():
        _end(work, "stopped", endings.stopped(work.filename))
        return
    work.started = time.monotonic()
    process = fork_server.start(work.folder)
    work.pid = process.pid
    work.state = "running"
    reason = _until_over(work, process)
    _conclude(work, process.returncode, reason)


def _until_over(work: _Work, process: Process) -> str | None:
    """Wait for the process to end; returns why it was ended from here, if it was."""
    assert work.started is not None
    last_wanted = time.monotonic()
    reason = None
    watched = _watched(process.pid)
    while process.poll() is None:
        now = time.monotonic()
        if work.alive():
            last_wanted = now
        memory, computed = _taken(watched)
        work.peak_bytes = max(work.peak_bytes, memory)
        if work.asked_to_stop.is_set() or now - last_wanted > _GRACE_SECONDS:
            reason = "stopped"
        elif memory > work.limits.memory_bytes:
            reason = "memory"
        elif computed > work.limits.seconds:
            reason = "time"
        elif now - work.started > work.limits.wall_seconds:
            reason = "waiting"
        if reason is not None:
            process.kill()
            process.wait()
            break
        # The end is seen at once, a stop within the time of one look.
        try:
            process.wait(_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            pass
    return reason


def _watched(pid: int) -> psutil.Process | None:
    """The process, made once for all looks at it; None where it is gone already."""
    try:
        return psutil.Process(pid)
    except psutil.Error:
        return None


def _taken(process: psutil.Process | None) -> tuple[int, float]:
    """Bytes of memory that belong to a process alone, and seconds of computing; 0 if it is gone."""
    if process is None:
        return 0, 0.0
    try:
        with process.oneshot():
            memory, times = process.memory_info(), process.cpu_times()
    except psutil.Error:
        return 0, 0.0
    return memory.rss - getattr(memory, "shared", 0), times.user + times.system


def _conclude(work: _Work, status: int, reason: str | None) -> None:
    """The final state of a process, by its result file or by its exit status."""
    if reason == "stopped":
        _end(work, "stopped", endings.stopped(work.filename))
        return
    try:
        result = json.loads((work.folder / RESULT).read_text("utf-8"))
    except (OSError, ValueError):
        _end(work, "failed", _died(work, status, reason))
        return
    work.peak_bytes = max(work.peak_bytes, int(result.get("peak_bytes") or 0))
    if "error" in result:
        kind, template, params = result["error"]
        _end(work, "failed", _MESSAGES.get(kind, DataError)(template, **params))
        return
    work.result = result["result"]
    _end(work, "done", None)


def _end(work: _Work, state: str, error: RecsysError | None) -> None:
    work.error, work.state, work.ended = error, state, time.monotonic()
    work.over.set()


def _died(work: _Work, status: int, reason: str | None) -> RecsysError:
    """Why a process ended without a result file."""
    stopped_by = -status if status < 0 else 0
    if reason == "memory":
        return endings.needs_memory(work.filename, work.limits.memory_bytes)
    if reason is None and stopped_by in (getattr(signal, "SIGKILL", None), signal.SIGTERM):
        return endings.ended_by_the_system(work.filename)
    if reason == "time" or stopped_by == getattr(signal, "SIGXCPU", None):
        return endings.took_too_long(work.filename, work.limits.seconds)
    if reason == "waiting" or stopped_by == getattr(signal, "SIGALRM", None):
        return endings.took_too_long(work.filename, work.limits.wall_seconds)
    said = _last_words(work)
    if any(words in said for words in _NO_MEMORY):
        return endings.needs_memory(work.filename, work.limits.memory_bytes)
    return endings.broke_off(work.filename)


def _last_words(work: _Work) -> str:
    try:
        with (work.folder / LOG).open("rb") as log:
            return log.read(20_000).decode("utf-8", "replace")
    except OSError:
        return ""
