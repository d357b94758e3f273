"""Unplanned ends of a job: the message for each, and how it is written where that can fail."""

from __future__ import annotations

import errno
import time
import traceback
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from recsys.jobs.status import Status
from recsys.schema import N_, Message, RecsysError
from recsys.storage.disk import FULL, is_full
from recsys.storage.files import overwrite_json, unwritable

_UNEXPECTED = N_(
    "Something unexpected went wrong ({kind}). Nothing of your data is lost; "
    "the details are in the log of the run. Try again, with fewer epochs or less data."
)
_NO_MEMORY = N_(
    "This machine does not have enough memory for this training. "
    "Leave out rare items in the cleaning settings, or choose a smaller model."
)
_GONE = N_(
    "The folder {folder} was deleted or moved while something worked in it. Start again, and let "
    "the work end, or stop it, before you delete anything."
)
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


def explained(error: BaseException, folder: Path) -> Message:
    """What ended the work in a folder, and what to do."""
    if is_gone(folder):
        return Message(_GONE, {"folder": str(folder)})
    if is_full(error):
        return Message(FULL)
    if isinstance(error, RecsysError):
        return error.message
    # torch has no error class for it
    if isinstance(error, MemoryError) or "DefaultCPUAllocator" in str(error):
        return Message(_NO_MEMORY)
    if isinstance(error, OSError) and error.errno in _READ_ONLY:
        return unwritable(folder, error).message
    return Message(_UNEXPECTED, {"kind": type(error).__name__})


def is_gone(folder: Path) -> bool:
    """Whether the folder of a work that began is not there any more, or another one is."""
    return not (folder / "heartbeat").exists()


class Work(Protocol):
    """A folder that a process works in, and its status."""

    @property
    def folder(self) -> Path: ...

    def status(self) -> Status: ...

    def update(self, **changes: Any) -> Any: ...


def set_down(work: Work, **changes: Any) -> Status:
    """`Run.update` where that may not be possible any more: on a full disk, or in no folder.

    Returns the status as it is then.
    """
    try:
        work.update(**changes)
    except (OSError, RecsysError):
        status = replace(work.status(), updated=time.time(), **changes)
        if not is_gone(work.folder):
            overwrite_json(work.folder / "status.json", status.to_dict())
        return status
    return work.status()


def record_ending(work: Work, error: BaseException) -> Status:
    """Write down that an error ended a work: interrupted by somebody, or failed and why.

    What a person can mend is said in the status; of what a library raised, the traceback is added
    to the log.
    """
    if isinstance(error, KeyboardInterrupt):
        return set_down(work, state="interrupted", ended=time.time())
    message = explained(error, work.folder)
    if not isinstance(error, RecsysError) or error.__cause__ is not None:
        log_traceback(work.folder)
    return set_down(work, state="failed", message=message, ended=time.time())


def log_traceback(folder: Path) -> None:
    """Add the error being handled to the log of a work, unless there is no room for it."""
    if is_gone(folder):
        return
    with (
        suppress(OSError),
        (folder / "log.txt").open("a", encoding="utf-8", errors="backslashreplace") as log,
    ):
        log.write(traceback.format_exc())
