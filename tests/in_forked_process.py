"""What `tests.processes` runs in a process that was forked: there `tests` is no package.

`REQUEST` holds the arguments of `work`.
"""

from __future__ import annotations

import os
import runpy
import sys


def work(
    arguments: list[str], outputs: tuple[str, str], folder: str, environment: dict[str, str]
) -> None:
    """Do what `python ARGUMENTS` does in a fresh process."""
    os.setsid()
    for stream, path in enumerate(outputs, start=1):
        file = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.dup2(file, stream)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    kind, what, *rest = arguments
    sys.argv = [what, *rest]
    if kind == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})


REQUEST: tuple[list[str], tuple[str, str], str, dict[str, str]]
if __name__ == "forked":
    work(*REQUEST)  # noqa: F821  as runpy gives it
