"""`capsule`: a run in one file, and from one."""

from __future__ import annotations

import argparse
from pathlib import Path

from recsys.capsule import ENDING, Opened, open_capsule, pack_run
from recsys.cli.create import find_run
from recsys.runs import runs_folder
from recsys.schema import N_, ConfigError


def capsule(arguments: argparse.Namespace) -> int:
    """Write the file and print its name; of a file, open it and print the run's folder."""
    if arguments.run.endswith(ENDING):
        if arguments.file is not None:
            raise ConfigError(
                N_("{file} is a capsule already. Name a run to make one."), file=arguments.run
            )
        print(opened(Path(arguments.run)).run.folder)
        return 0
    if arguments.file is None:
        raise ConfigError(N_("Say where to write the capsule: promptrec capsule RUN FILE."))
    file: Path = arguments.file
    if file.suffix != ENDING:
        file = file.with_name(file.name + ENDING)
    pack_run(find_run(arguments.run), file, with_data=not arguments.without_data)
    print(file)
    return 0


def opened(file: Path) -> Opened:
    """Open a capsule among the runs of `runs_folder()`."""
    return open_capsule(file, runs_folder())
