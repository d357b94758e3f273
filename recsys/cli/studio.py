"""`app`: starts PromptRec Studio."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from recsys.bundle import APP


def app(arguments: argparse.Namespace) -> int:
    """Let Streamlit serve the app from this process; ends when the app does."""
    # -P: a folder called `pages` where the command is given is not the app's.
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(APP), *arguments.options]
    if os.name != "nt":  # where exec would return at once to whoever gave the command
        os.execv(sys.executable, command)  # noqa: S606  (no shell is wanted)
    return subprocess.call(command)
