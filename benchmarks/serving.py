"""A running app and a Chromium, for benchmarks and for the journeys in `tests/browser`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from benchmarks.local_server import free_port, wait_for

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
    port = free_port()
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
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", _START_SECONDS)
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
