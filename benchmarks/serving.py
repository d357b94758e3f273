"""A running app and a Chromium, for benchmarks and for the journeys in `tests/browser`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright

ROOT = Path(__file__).parents[1]
_START_SECONDS = 60


@contextmanager
def running_app(**folders: str) -> Iterator[str]:
    """The address of an app with folders of its own, by variable: `RECSYS_RUNS="/tmp/runs"`."""
    with running_server(**folders) as (address, _pid):
        yield address


@contextmanager
def running_server(**folders: str) -> Iterator[tuple[str, int]]:
    """The same, and the id of its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"),
            *(f"--server.port={port}", "--server.address=127.0.0.1"),
        ],
        cwd=ROOT,
        env={**os.environ, **folders},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        server.wait(timeout=20)


def launched_chromium(playwright: Playwright) -> Browser:
    """The Chromium of this machine, without a window."""
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
        args=["--no-sandbox"],
    )


def _wait(health: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            urllib.request.urlopen(health, timeout=2).close()  # noqa: S310 an address made here
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return
