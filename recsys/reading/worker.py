"""The process in which files are read: `python -m recsys.reading.worker FOLDER PARENT`."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from recsys.reading.endings import needs_memory, not_kept
from recsys.reading.process import PROGRESS, RESULT, TASK
from recsys.schema import RecsysError
from recsys.storage.files import write_text

#: Beside the server every other process comes first.
_NICE = 15
#: The largest file that a task may write.
_LARGEST_FILE = 4 * 1024**3
_PROGRESS_SECONDS = 0.3
_PARENT_SECONDS = 1.0
#: Bytes of memory kept back to report that memory ran out.
_RESERVE_BYTES = 1 << 20


def main(folder: Path, parent: int) -> int:
    """Do the task of a folder; whatever a person has to mend becomes its result.

    Args:
        parent: the process that started this one, with which it ends.
    """
    request = json.loads((folder / TASK).read_text("utf-8"))
    _limit(request)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    reserve = bytearray(_RESERVE_BYTES)
    answer: dict[str, Any]
    try:
        from recsys.reading.tasks import TASKS
        from recsys.sources.progress import listening

        task = request["task"]
        with listening(_Progress(folder)):
            answer = {"result": TASKS[task.pop("do")](folder, **task)}
    except RecsysError as error:
        answer = _mistake(error)
    except OSError as error:
        answer = _mistake(not_kept(request["filename"], error))
    except MemoryError:
        del reserve
        answer = _mistake(needs_memory(request["filename"], request["memory_bytes"]))
    answer["peak_bytes"] = _peak_bytes()
    write_text(folder / RESULT, json.dumps(answer, default=_as_json))
    return 0


def _mistake(error: RecsysError) -> dict[str, Any]:
    return {"error": [type(error).__name__, error.message.template, error.message.params]}


class _Progress:
    """Writes the share that is done, now and then."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / PROGRESS
        self._next = 0.0

    def __call__(self, share: float) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _PROGRESS_SECONDS
            write_text(self._path, json.dumps({"share": share}))


def _limit(task: dict[str, Any]) -> None:
    """Bound what this process can take, where the system offers it; the parent watches, too.

    `RLIMIT_DATA` counts what can be written to. `RLIMIT_AS` would count address space as well, of
    which libraries and thread stacks reserve much and use little.
    """
    if hasattr(os, "nice"):
        os.nice(_NICE)
    try:
        import resource
    except ImportError:  # Windows
        return
    _lower(resource.RLIMIT_DATA, task["memory_bytes"])
    _lower(resource.RLIMIT_CPU, task["seconds"])
    _lower(resource.RLIMIT_FSIZE, _LARGEST_FILE)
    _lower(resource.RLIMIT_CORE, 0)
    signal.alarm(task["wall_seconds"] + 5)  # ends it even where Python gets no turn


def _lower(kind: int, to: int) -> None:
    import resource

    _soft, hard = resource.getrlimit(kind)
    most = to if hard == resource.RLIM_INFINITY else min(to, hard)
    resource.setrlimit(kind, (most, hard))


def _end_with(parent: int) -> None:
    """End this process when the one that started it is gone, which may have been at once."""
    while os.getppid() == parent:
        time.sleep(_PARENT_SECONDS)
    os._exit(1)


def _peak_bytes() -> int:
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _as_json(value: Any) -> Any:
    """Numbers of numpy as numbers, anything else as text."""
    return value.item() if hasattr(value, "item") else str(value)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
