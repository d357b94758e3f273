"""The error for a full disk, the same for every writer."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator

from recsys.schema import N_

FULL = N_(
    "The disk is full. Free some space, for example by deleting runs that you no longer need, and "
    "start again."
)

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: How libraries that raise errors of their own name the same.
_SAID = (
    "no space left",
    "quota exceeded",
    "file too large",
    "disk is full",
    *(f"os error {number}" for number in _NO_SPACE),
)
#: Whose errors carry no number, only words.
_LIBRARIES = ("safetensors", "safetensors_rust", "pyarrow", "torch", "builtins")


def is_full(error: BaseException) -> bool:
    """Whether it came about because there is no room on the disk, in whatever words."""
    return any(_says_full(one) for one in _chain(error))


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _NO_SPACE
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", "") in ("SQLITE_FULL", "SQLITE_IOERR_WRITE")
    library = type(error).__module__.partition(".")[0]
    if library not in _LIBRARIES:
        return False
    text = str(error).lower()
    return any(words in text for words in _SAID)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those that led to it."""
    one: BaseException | None = error
    for _ in range(20):
        if one is None:
            return
        yield one
        one = one.__cause__ or one.__context__
