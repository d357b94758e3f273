"""Requests to a job that is at work: small files in its folder `requests/`.

`stop` asks it to end with the best it has; an empty file means at once, one with a text means
after the part at work (the present run of a grid). `pause` asks it to wait until that file is
gone. The working process looks at them between two steps; asking again changes nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

from recsys.storage.files import make_folder, unwritable
from recsys.training.control import Control

_FOLDER, _STOP, _PAUSE = "requests", "stop", "pause"
_LATER = b"after this run\n"


def asked(folder: Path) -> Control:
    """What is asked of the job in a folder now; "stop" counts more than "pause"."""
    requests = folder / _FOLDER
    if os.path.exists(requests / _STOP):
        return "stop"
    return "pause" if os.path.exists(requests / _PAUSE) else "run"


def stops_at_once(folder: Path) -> bool:
    """Whether "stop" is asked, and the part at work is not to be waited for."""
    try:
        return os.stat(folder / _FOLDER / _STOP).st_size == 0
    except OSError:
        return False


def ask_stop(folder: Path, *, later: bool = False) -> None:
    """Ask for the end, `later` after the part at work; raises as `_write`."""
    if not (later and asked(folder) == "stop"):  # what is asked at once is not put off again
        _write(folder, _STOP, _LATER if later else b"")


def ask_pause(folder: Path) -> None:
    """Ask it to wait; raises as `_write`."""
    _write(folder, _PAUSE, b"")


def ask_go_on(folder: Path) -> None:
    """Let it go on after a pause."""
    _remove(folder, _PAUSE)


def forget_requests(folder: Path) -> None:
    """Let a job that is started again begin without what was asked of it before."""
    _remove(folder, _STOP)
    _remove(folder, _PAUSE)


def _write(folder: Path, name: str, text: bytes) -> None:
    """Raises `FileNotFoundError` if the job was deleted, `ConfigError` if it cannot be written."""
    try:
        make_folder(folder / _FOLDER)
        (folder / _FOLDER / name).write_bytes(text)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise unwritable(folder / _FOLDER, error) from error


def _remove(folder: Path, name: str) -> None:
    try:
        (folder / _FOLDER / name).unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(folder / _FOLDER, error) from error
