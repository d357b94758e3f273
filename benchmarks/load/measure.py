"""A service under load: errors, latencies and memory, with locust as the clients.

    python -m benchmarks.load.measure RUN [--requests 100000] [--rate 100] [--workers 1]

RUN as `recsys serve` takes it; the service and locust are processes of this machine, so that they
share its cores. Prints one JSON object: requests and errors; milliseconds to an answer, for each
kind of request and all, as percentiles; the resident memory of the service in MiB, after a tenth of
the requests and at the end; the load of the machine before, of whatever else ran on it.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from benchmarks.local_server import free_port, wait_for
from recsys.runs.finding import find_run

#: Clients; each waits for its answer before it asks again.
_CLIENTS = 50
_START_SECONDS = 300
_PERCENTILES = ("50%", "95%", "99%", "99.9%", "100%")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("run")
    arguments.add_argument("--requests", type=int, default=100_000)
    arguments.add_argument("--rate", type=float, default=100.0, help="requests a second")
    arguments.add_argument("--workers", type=int, default=1)
    chosen = arguments.parse_args()
    load = os.getloadavg()[0]
    seconds = chosen.requests / chosen.rate
    with TemporaryDirectory() as folder, _service(chosen.run, chosen.workers, folder) as service:
        address, pid = service
        locust = _locust(Path(folder), chosen.run, address, chosen.rate, seconds)
        memory = []
        while locust.poll() is None:
            memory.append((time.monotonic(), _resident(pid)))
            time.sleep(1)
        begin = memory[len(memory) // 10][1]
        rows = list(csv.DictReader((Path(folder) / "load_stats.csv").open(encoding="utf-8")))
    print(
        json.dumps(
            {
                "requests": int(rows[-1]["Request Count"]),
                "errors": int(rows[-1]["Failure Count"]),
                "rate": round(float(rows[-1]["Requests/s"]), 1),
                "workers": chosen.workers,
                "ms": {
                    row["Name"]: {name: float(row[name]) for name in _PERCENTILES} for row in rows
                },
                "memory_mib": {"after_a_tenth": begin, "end": memory[-1][1]},
                "load_before": round(load, 1),
            }
        )
    )


@contextmanager
def _service(run: str, workers: int, folder: str) -> Iterator[tuple[str, int]]:
    """The address of a service that is ready, and the id of its process."""
    port = free_port()
    service = subprocess.Popen(
        [
            *(sys.executable, "-m", "recsys", "serve", str(find_run(run).folder)),
            *("--port", str(port), "--workers", str(workers)),
        ],
        env={**os.environ, "RECSYS_RUNS": folder, "OMP_NUM_THREADS": "1"},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/ready", _START_SECONDS)
        time.sleep(5 * (workers - 1))  # each process says so for itself
        yield address, service.pid
    finally:
        service.terminate()
        service.wait(timeout=60)


def _locust(
    folder: Path, run: str, address: str, rate: float, seconds: float
) -> subprocess.Popen[bytes]:
    """Locust at work; its results will be in `folder`."""
    data = find_run(run).dataset()
    ids = {"users": data.users.ids.tolist(), "items": data.items.ids.tolist()}
    (folder / "ids.json").write_text(json.dumps(ids), "utf-8")
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "locust", "--headless", "--only-summary"),
            *("--locustfile", str(Path(__file__).with_name("locustfile.py"))),
            *("--host", address, "--users", str(_CLIENTS), "--spawn-rate", str(_CLIENTS)),
            *("--run-time", f"{seconds:.0f}s", "--csv", str(folder / "load")),
        ],
        env={
            **os.environ,
            "LOAD_IDS": str(folder / "ids.json"),
            "LOAD_RATE_OF_ONE": str(rate / _CLIENTS),
        },
        stdout=sys.stderr,
    )


def _resident(pid: int) -> float:
    """MiB of a process and those that it started."""
    parent = psutil.Process(pid)
    every = [parent, *parent.children(recursive=True)]
    return round(sum(each.memory_info().rss for each in every) / 2**20, 1)


if __name__ == "__main__":
    main()
