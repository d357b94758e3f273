"""Why a work ended that nobody wanted to end, in words; and how that is written down even then."""

from __future__ import annotations

import errno
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from recsys.runs.files import overwrite_json
from recsys.runs.run import Run
from recsys.runs.status import Status
from recsys.schema import N_, Message, RecsysError

_UNEXPECTED = N_(
    "Something unexpected went wrong ({kind}). Nothing of your data is lost; "
    "the details are in the log of the run. Try again, with fewer epochs or less data."
)
_NO_MEMORY = N_(
    "This machine does not have enough memory for this training. "
    "Leave out rare items in the cleaning settings, or choose a smaller model."
)
_FULL = N_(
    "The disk is full. Free some space, for example by deleting runs that you no longer need, and "
    "start again."
)
_GONE = N_(
    "The folder {folder} was deleted or moved while something worked in it. Start again, and let "
    "the work end, or stop it, before you delete anything."
)
_UNWRITABLE = N_("The folder {folder} cannot be written: {reason}.")

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: How libraries that raise errors of their own name the same.
_SAID = (
    "no space left",
    "quota exceeded",
    "file too large",
    "disk is full",
    *(f"os error {number}" for number in _NO_SPACE),
)
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


def explained(error: BaseException, folder: Path) -> Message:
    """What ended the work in a folder, and what to do."""
    if is_gone(folder):
        return Message(_GONE, {"folder": str(folder)})
    if is_full(error):
        return Message(_FULL)
    if isinstance(error, RecsysError):
        return error.message
    # torch says it in its own way
    if isinstance(error, MemoryError) or "DefaultCPUAllocator" in str(error):
        return Message(_NO_MEMORY)
    if isinstance(error, OSError) and error.errno in _READ_ONLY:
        about = {"folder": str(folder), "reason": error.strerror or str(error)}
        return Message(_UNWRITABLE, about)
    return Message(_UNEXPECTED, {"kind": type(error).__name__})


def is_full(error: BaseException) -> bool:
    """Whether it came about because there is no room on the disk, in whatever words."""
    return any(_says_full(one) for one in _chain(error))


def is_gone(folder: Path) -> bool:
    """Whether the folder of a work that began is not there any more, or another one is."""
    return not (folder / "heartbeat").exists()


def set_down(run: Run, **changes: Any) -> Status:
    """`Run.update` where that may not be possible any more: on a full disk, or in no folder."""
    try:
        return run.update(**changes)
    except OSError:
        status = replace(run.status(), updated=time.time(), **changes)
        if not is_gone(run.folder):
            overwrite_json(run.folder / "status.json", status.to_dict())
        return status


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _NO_SPACE
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", "") in ("SQLITE_FULL", "SQLITE_IOERR_WRITE")
    library = type(error).__module__.partition(".")[0]
    if library not in ("safetensors", "safetensors_rust", "pyarrow", "builtins", "torch"):
        return False
    told = str(error).lower()
    return any(words in told for words in _SAID)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those that led to it."""
    one: BaseException | None = error
    for _ in range(20):
        if one is None:
            return
        yield one
        one = one.__cause__ or one.__context__
