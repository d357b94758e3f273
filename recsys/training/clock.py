"""Time spent, pauses left out."""

from __future__ import annotations

import time


class Stopwatch:
    """Seconds that passed while it ran; it runs from the start."""

    def __init__(self) -> None:
        self._before = 0.0
        self._since: float | None = time.monotonic()

    def seconds(self) -> float:
        """Seconds until now, those in which it stood still left out."""
        running = 0.0 if self._since is None else time.monotonic() - self._since
        return self._before + running

    def stop(self) -> None:
        """Stand still until `go_on`."""
        self._before, self._since = self.seconds(), None

    def go_on(self) -> None:
        """Run again."""
        if self._since is None:
            self._since = time.monotonic()
