"""Small files shared between processes: replaced whole, or appended to a line at a time."""

from __future__ import annotations

import errno
import json
import math
import os
import re
import secrets
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from recsys.schema import N_, ConfigError
from recsys.storage.disk import FULL, is_full

T = TypeVar("T")

#: A file of settings or results that is larger, in bytes, is none of ours.
MAX_JSON = 64_000_000
#: A line of events that is longer, in bytes, is none of ours.
MAX_LINE = 64_000_000
#: How much of a file of lines is in memory at once, in bytes.
_CHUNK = 4_000_000
#: What was changed within so many seconds may change again without another time stamp.
_FRESH_SECONDS = 0.2
#: Half of a character, as JSON can write it; no page, file name or Parquet file can hold it.
_HALF_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_HALF = re.compile("[\ud800-\udfff]")


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


# Writing


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Replace a JSON file so that a reader sees the old one or the new one, never half."""
    text = json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def write_text(path: Path, text: str) -> None:
    """Replace a text file in the same way."""
    with _beside(path, text) as temporary:
        os.replace(temporary, path)


def write_new(path: Path, text: str) -> bool:
    """Write a file whole, unless there is one; returns whether it was written."""
    with _beside(path, text) as temporary:
        try:
            os.link(temporary, path)  # unlike a rename, this fails where there is one
        except FileExistsError:
            return False
    return True


@contextmanager
def _beside(path: Path, text: str) -> Iterator[Path]:
    """A file in the same folder that holds `text`; it is gone after the block, unless moved.

    Not from `tempfile`, whose files nobody else may read, whatever the umask says.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with temporary.open("x", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # or a power cut leaves an empty file under the final name
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def append_line(path: Path, value: Mapping[str, Any]) -> None:
    """Append one JSON line in a single write, so that a reader never sees two lines mixed."""
    line = json.dumps(plain(value), ensure_ascii=False, allow_nan=False) + "\n"
    with path.open("ab", buffering=0) as file:
        file.write(line.encode("utf-8", "backslashreplace"))


# Reading: whatever lies there, an `OSError` or a `ValueError` and nothing else


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object. Raises `OSError` or `ValueError`."""
    value = _parsed(read_bytes(path, MAX_JSON))
    if not isinstance(value, dict):
        raise ValueError(f"{path} does not hold a JSON object")
    return value


def read_bytes(path: Path, limit: int) -> bytes:
    """The bytes of a plain file; a pipe, which would keep a reader waiting, is refused.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is longer than `limit`.
    """
    size = plain_file(path).st_size
    if size > limit:
        raise ValueError(f"{path} has {size} bytes")
    return path.read_bytes()


def read_end(path: Path, limit: int) -> bytes:
    """The last `limit` bytes of a plain file. Raises `OSError` or `ValueError`."""
    size = plain_file(path).st_size
    with path.open("rb") as file:
        file.seek(max(size - limit, 0))
        return file.read(limit)


def read_lines(path: Path, since: int = 0) -> tuple[list[dict[str, Any]], int]:
    """JSON lines from byte `since` on, and where to go on reading.

    A last line without its newline is still being written, or was torn by a crash: it is left
    for the next call. A line that is no JSON object is passed over; a file that cannot be read
    has no lines.
    """
    lines = []
    for part, end in parts_of_lines(path, since):
        lines += part
        since = end
    return lines, since


def parts_of_lines(path: Path, since: int = 0) -> Iterator[tuple[list[dict[str, Any]], int]]:
    """The same part by part, so that a long file is never in memory whole."""
    try:
        plain_file(path)
        with path.open("rb") as file:
            file.seek(since)
            rest = b""
            while chunk := file.read(_CHUNK):
                data = rest + chunk
                end = data.rfind(b"\n") + 1
                if not end and len(data) > MAX_LINE:
                    end = len(data)  # what follows is no line either, and is passed over, too
                since, rest = since + end, data[end:]
                if end:
                    yield list(_objects(data[:end].splitlines())), since
    except (OSError, ValueError):
        return


def _objects(lines: list[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            value = _parsed(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            yield value


def parse_json(data: bytes) -> dict[str, Any]:
    """A JSON object from its bytes. Raises `ValueError`."""
    value = _parsed(data)
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")
    return value


def _parsed(data: bytes) -> Any:
    """JSON, with the mark for the unreadable in place of halves of characters.

    Raises `ValueError` only.
    """
    text = data.decode("utf-8-sig")
    try:
        value = json.loads(text)
        return _mended(value) if _HALF_ESCAPE.search(text) else value
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(each) for each in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(each) for key, each in value.items()}
    return value


def plain_file(path: Path) -> os.stat_result:
    """Raise `OSError` for what is no file of bytes; a pipe would keep a reader waiting."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        kind = errno.EISDIR if stat.S_ISDIR(found.st_mode) else errno.EINVAL
        raise OSError(kind, os.strerror(kind), str(path))
    return found


def remembered(most: int) -> Callable[[Callable[[Path], T]], Callable[[Path], T]]:
    """Let a function that reads one file read it again only where the file changed.

    Files are replaced whole, so that another one has another inode; time stamps are coarser than
    processors are quick, so that what changed just now is read anew.

    Args:
        most: files to remember; the one that was not asked for the longest goes first.
    """

    def wrap(read: Callable[[Path], T]) -> Callable[[Path], T]:
        @lru_cache(maxsize=most)
        def kept(path: str, *_stamp: int) -> T:
            return read(Path(path))

        def ask(path: Path) -> T:
            try:
                found = os.stat(path)
            except (OSError, ValueError):
                return read(path)
            if abs(time.time() - found.st_mtime) < _FRESH_SECONDS:
                return read(path)
            stamp = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns)
            return kept(str(path), *stamp, found.st_size)

        return ask

    return wrap


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
    # Not opened for writing: a disk with such a file cannot be made read-only.
    handle = os.open(path, os.O_RDONLY | os.O_CREAT, 0o666)
    try:
        yield _lock(handle)
    finally:
        os.close(handle)


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


def make_folder(path: Path) -> None:
    """Make a folder in one that is there, unless it is there, too.

    `Path.mkdir` with `exist_ok` looks at what it found, and fails where that was deleted meanwhile.
    """
    with suppress(FileExistsError):
        path.mkdir()


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
