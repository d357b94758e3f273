"""What a service tells Prometheus of itself, over all of its processes."""

from __future__ import annotations

import os
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

#: Where the processes of one service put their counts; read when prometheus_client is imported.
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = CONTENT_TYPE_LATEST
#: Upper bounds of the latencies told apart, in seconds.
_SECONDS = (0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_TOGETHER = (1, 2, 4, 8, 16, 32)


class Metrics:
    """Counts and latencies of this process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "promptrec_requests",
            "Requests answered.",
            ["path", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "promptrec_request_seconds",
            "Seconds from a request to its answer.",
            ["path"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._waiting = Gauge(
            "promptrec_lists_waiting",
            "Lists that wait to be made.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self._together = Histogram(
            "promptrec_lists_together",
            "Lists made together.",
            buckets=_TOGETHER,
            registry=self._registry,
        )
        self._reloads = Counter(
            "promptrec_runs_loaded", "Runs that took over.", ["result"], registry=self._registry
        )

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count a request; `path` is one of few."""
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def waiting(self, lists: int) -> None:
        self._waiting.set(lists)

    def together(self, lists: int) -> None:
        self._together.observe(lists)

    def loaded(self, *, well: bool) -> None:
        """Count a run that took over, or could not be read."""
        self._reloads.labels("taken over" if well else "failed").inc()

    def text(self) -> bytes:
        """All of it as Prometheus reads it, over the processes of the service."""
        if FOLDER_VARIABLE not in os.environ:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)
        return generate_latest(together)


def forget_process(pid: int, folder: Path) -> None:
    """Leave out what a process that ended said of its present state."""
    mark_process_dead(pid, str(folder))
