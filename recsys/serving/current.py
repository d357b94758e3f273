"""The run that a process answers with, and how another one takes over while it does."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

from recsys.runs.finding import find_run
from recsys.schema import RecsysError
from recsys.serving.errors import NOT_READY, RefusedRequest
from recsys.serving.posted import Posted
from recsys.serving.reloading import pointed_at, pointed_to
from recsys.serving.served import ServedRun


class CurrentRun:
    """One run at a time. Another is read beside it, and takes its place in one step.

    Args:
        folder: of the service.
        posted: events and items that were sent to it.
        loaded: called with each run that takes over, and with what is wrong with one that cannot.
    """

    def __init__(
        self,
        folder: Path,
        posted: Posted,
        loaded: Callable[[ServedRun | RecsysError], None] = lambda _: None,
    ) -> None:
        self._folder = folder
        self._posted = posted
        self._loaded = loaded
        self._served: ServedRun | None = None
        self._seen: int | None = None
        self._reading = threading.Lock()  # one at a time, or memory is taken twice
        self._growing = threading.Lock()

    @property
    def ready(self) -> ServedRun | None:
        """The run that answers; None until the first one is read."""
        return self._served

    def now(self) -> ServedRun:
        """The run that answers, with all items that were sent, to whichever process.

        Raises:
            RefusedRequest: until the first one is read.
        """
        served = self._served
        if served is None:
            raise RefusedRequest(503, NOT_READY)
        return served if served.items_version == self._posted.items_version() else self.grown()

    def grown(self) -> ServedRun:
        """The run that answers, after new items were sent."""
        with self._growing:
            served = self._served
            assert served is not None
            version = self._posted.items_version()
            if served.items_version != version:
                self._served = served = served.with_items(self._posted.items(), version)
            return served

    def look(self) -> None:
        """Read the run of the pointer where that was written since the last look."""
        written = pointed_at(self._folder)
        if written is not None and written != self._seen:
            self._seen = written
            threading.Thread(target=self._read, name="read-run", daemon=True).start()

    def _read(self) -> None:
        with self._reading:
            try:
                read = ServedRun.load(find_run(pointed_to(self._folder)))
                version = self._posted.items_version()
                if version[0]:
                    read = read.with_items(self._posted.items(), version)
            except RecsysError as error:
                self._loaded(error)
                return
            except Exception:  # noqa: BLE001  the run that answers has to go on
                traceback.print_exc(file=sys.stderr)
                return
            with self._growing:
                self._served = read
            self._loaded(read)
