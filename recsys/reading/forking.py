"""The process that `recsys.reading.fork_server` starts: it forks one for each task."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import recsys.reading.tasks  # noqa: F401 what forked processes find imported
from recsys.reading import worker
from recsys.reading.fork_server import LOG


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Fork for each request, a line of JSON, until there are no more; report starts and ends."""
    gc.collect()
    gc.freeze()  # a collection in a forked process would copy all pages
    ended_in, ended_out = os.pipe()
    os.set_blocking(ended_out, False)
    signal.set_wakeup_fd(ended_out)
    signal.signal(signal.SIGCHLD, lambda *_: None)

    def tell(**answer: Any) -> None:
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()

    while True:
        ready, _, _ = select.select([requests.fileno(), ended_in], [], [])
        if ended_in in ready:
            os.read(ended_in, 4096)
            for pid, status in _ended():
                tell(event="ended", pid=pid, status=status)
        if requests.fileno() in ready:
            line = requests.readline()
            if not line:
                return
            tell(event="started", pid=_fork(json.loads(line)))


def _ended() -> list[tuple[int, int]]:
    """Processes that have ended since, and how: as `subprocess.Popen.returncode`."""
    found = []
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            found.append((ended[0], os.waitstatus_to_exitcode(ended[1])))
    return found


def _fork(request: dict[str, Any]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.closerange(3, 256)  # the pipes of the server, whose end must be seen when it ends
        folder = Path(request["folder"])
        log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for ours, theirs in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(ours, theirs)
        os.chdir(request["in"])
        os.environ.clear()
        os.environ.update(request["environment"])
        status = worker.main(folder, parent)
    except BaseException:  # noqa: BLE001 the traceback, as an interpreter would print it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    # Output of libraries must not be taken for a message.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(os.fdopen(0, "rb", buffering=0), answers)  # unbuffered, as `select` sees no buffer
