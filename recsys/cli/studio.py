"""`app`: starts PromptRec Studio."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from recsys.bundle import APP, OPENED
from recsys.capsule import ENDING, Opened
from recsys.cli.capsule import opened


def app(arguments: argparse.Namespace) -> int:
    """Let Streamlit serve the app from this process; ends when the app does."""
    options = list(arguments.options)
    if options and options[0].endswith(ENDING):
        _tell_of(opened(Path(options.pop(0))))
    # -P: a folder called `pages` where the command is given is not the app's.
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(APP), *options]
    if os.name != "nt":  # where exec would return at once to whoever gave the command
        os.execv(sys.executable, command)  # noqa: S606  (no shell is wanted)
    return subprocess.call(command)


def _tell_of(capsule: Opened) -> None:
    """Let the app begin with the run of a capsule."""
    said = {"run": capsule.run.name, "view": dict(capsule.view), "sample": capsule.sample}
    os.environ[OPENED] = json.dumps(said)
