"""Small files shared between processes: replaced whole, or appended to a line at a time."""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from recsys.runs.disk import FULL, is_full
from recsys.schema import N_, ConfigError


def plain(value: object) -> Any:
    """What JSON can hold: numpy scalars as numbers, NaN and infinities as null."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return str(value)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Replace a JSON file so that a reader sees the old one or the new one, never half."""
    text = json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text + "\n")
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_new(path: Path, text: str) -> bool:
    """Write a file whole, unless there is one; returns whether it was written."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        os.link(temporary, path)  # unlike a rename, this fails where there is one
    except FileExistsError:
        return False
    finally:
        Path(temporary).unlink()
    return True


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object. Raises `OSError` or `ValueError`."""
    value = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise ValueError(f"{path} does not hold a JSON object")
    return value


def append_line(path: Path, value: Mapping[str, Any]) -> None:
    """Append one JSON line in a single write, so that a reader never sees two lines mixed."""
    line = json.dumps(plain(value), ensure_ascii=False, allow_nan=False) + "\n"
    with path.open("ab", buffering=0) as file:
        file.write(line.encode("utf-8", "backslashreplace"))


def read_lines(path: Path, since: int = 0) -> tuple[list[dict[str, Any]], int]:
    """JSON lines from byte `since` on, and where to go on reading.

    A last line without its newline is still being written, or was torn by a crash: it is left
    for the next call. A line that is no JSON object is passed over.
    """
    try:
        with path.open("rb") as file:
            file.seek(since)
            data = file.read()
    except FileNotFoundError:
        return [], since
    whole = data[: data.rfind(b"\n") + 1]
    lines = []
    for line in whole.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            lines.append(value)
    return lines, since + len(whole)


def unwritable(folder: Path, error: OSError) -> ConfigError:
    """What to say where something cannot be written into a folder."""
    if is_full(error):
        return ConfigError(FULL)
    return ConfigError(
        N_("The folder {folder} cannot be written: {reason}."),
        folder=str(folder),
        reason=error.strerror or str(error),
    )


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold `path` for as long as the block runs; yields False where another process holds it.

    The system itself lets go of it when a process ends, however that comes about.
    """
    with path.open("ab") as file:
        yield _lock(file.fileno())


def _lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def make_last(path: Path) -> None:
    """Wait until a file that was just written, and its name, survive a power cut."""
    fsync_file(path)
    fsync_folder(path.parent)


def fsync_file(path: Path) -> None:
    """Wait until what is in a file survives a power cut."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def fsync_folder(folder: Path) -> None:
    """Wait until the names in a folder survive a power cut, where the system can say so."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def overwrite_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write over a small file in its place, which needs no room on a full disk.

    A reader may see half of it; where even this fails, the file stays as it was.
    """
    text = json.dumps(plain(value), ensure_ascii=False, allow_nan=False) + "\n"
    with suppress(OSError), path.open("r+b") as file:
        file.write(text.encode("utf-8", "backslashreplace"))
        file.truncate()
