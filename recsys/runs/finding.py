"""A run by what a person calls it: its directory, its name, or the one that ships."""

from __future__ import annotations

from pathlib import Path

from recsys.runs import demo
from recsys.runs.run import Run
from recsys.runs.store import open_run, runs_folder
from recsys.schema import N_, RunError


def find_run(name: str) -> Run:
    """A run by its directory, as `train` prints it, or by its name in `runs_folder()`.

    Raises:
        ConfigError, RunError: if there is none, or it cannot be read.
    """
    if name == demo.NAME and (demo_run := demo.shipped()) is not None:
        from recsys.cleaning import prepare

        return demo.open_demo(prepare(demo_run.data)[0])
    folder = Path(name)
    if (folder / "config.json").is_file():
        run = Run(folder.resolve())
        _ = run.config  # raises where it is damaged
        return run
    if folder.name != name:
        raise RunError(N_("There is no run in {folder}. Train one first."), folder=name)
    return open_run(runs_folder(), name)
