"""Processes of this machine: identifying one, and ending exactly that one."""

from __future__ import annotations

import os
import signal
import socket
import time
from functools import cache
from pathlib import Path

_KERNEL_TELLS = Path("/proc/self/stat").exists()
#: How long a process that was killed is waited for, in seconds.
_PATIENCE = 5.0


def process_start(pid: int) -> str | None:
    """When a process began; None where it is gone or cannot be found out.

    A process id is used again after a while; together with its start it names one process: in the
    kernel's own ticks since this machine was started (see `boot`), elsewhere than on Linux as a
    moment.
    """
    if _KERNEL_TELLS:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        state, *rest = stat.rpartition(")")[2].split()  # the name before it may hold spaces
        return None if state in "ZX" else rest[18]
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else repr(process.create_time())
    except psutil.Error:
        return None


@cache
def boot() -> str | None:
    """What names the time since this machine was last started; None elsewhere than on Linux.

    There the start of a process is a moment, which no other boot has again.
    """
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None


@cache
def host() -> str:
    """The name of this machine."""
    return socket.gethostname()


def kill(pid: int, started: str) -> bool:
    """End a process at once, with those that it started; returns whether it is gone.

    What a stopped process never would do itself is done by the system: its locks are released.

    Args:
        started: as `process_start` gave it; another process with the same number is left alone.

    Raises:
        PermissionError: if it belongs to somebody else.
    """
    handle = None
    try:
        if hasattr(os, "pidfd_open"):
            handle = os.pidfd_open(pid)  # from now on the number cannot become another one's
        if process_start(pid) != started:
            return True
        if hasattr(os, "killpg") and os.getsid(pid) == pid:  # a job: a group of its own
            os.killpg(pid, signal.SIGKILL)
        elif handle is not None:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        else:
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    except ProcessLookupError:
        return True
    finally:
        if handle is not None:
            os.close(handle)
    return _gone(pid, started)


def _gone(pid: int, started: str) -> bool:
    until = time.monotonic() + _PATIENCE
    while process_start(pid) == started:
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
