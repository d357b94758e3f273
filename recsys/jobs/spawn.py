"""Starting `python -m recsys …` as a process that outlives the one that starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from recsys.storage.files import unwritable


def spawn(arguments: list[str], folder: Path) -> int:
    """Start `python -m recsys …` as a process that outlives this one; returns its number.

    Its output goes to `log.txt` in `folder`.

    Raises:
        FileNotFoundError: if the folder was deleted.
        ConfigError: if it cannot be written.
    """
    package_parent = str(Path(__file__).resolve().parents[2])
    search = os.pathsep.join(filter(None, [package_parent, os.environ.get("PYTHONPATH")]))
    try:
        file = (folder / "log.txt").open("ab")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise unwritable(folder, error) from error
    with file as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "recsys", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": search},
        )
    # Somebody has to collect the exit status, or a dead process stays in the process table.
    threading.Thread(target=process.wait, name=f"wait-{folder.name}", daemon=True).start()
    return process.pid
