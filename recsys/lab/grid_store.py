"""The grids beside the runs of a folder: list them, open one, delete one and bring it back."""

from __future__ import annotations

import os
import re
from pathlib import Path

from recsys.lab.grid_job import FOLDER, GridJob
from recsys.schema import N_, RunError
from recsys.storage.trash import put_away, take_back

_NAME = re.compile(r"[0-9a-f]{12}")


def list_grids(runs_dir: Path) -> list[GridJob]:
    """The grids in a runs folder, the one that was asked for last in front."""
    home = runs_dir / FOLDER
    try:
        names = [name for name in os.listdir(home) if _NAME.fullmatch(name)]
    except OSError:
        return []
    asked = []
    for name in names:
        try:
            asked.append((os.stat(home / name / "grid.json").st_mtime_ns, name))
        except OSError:
            continue  # no grid, or deleted just now
    return [GridJob(home / name) for _, name in sorted(asked, reverse=True)]


def open_grid(runs_dir: Path, name: str) -> GridJob:
    """The grid called `name`. Raises `RunError` if there is none."""
    job = GridJob(runs_dir / FOLDER / name)
    if not _NAME.fullmatch(name) or not os.path.exists(job.folder / "grid.json"):
        raise RunError(N_("There is no such grid. It may have been made in another runs folder."))
    return job


def delete_grid(job: GridJob) -> str:
    """Move a grid to the trash; returns what `restore_grid` takes to bring it back.

    Its runs stay: they are ordinary runs, which may be used elsewhere.

    Raises:
        RunError: if it is still at work.
    """
    if job.status().active:
        raise RunError(N_("The grid is still at work. Stop it first, then delete it."))
    return put_away(job.folder)


def restore_grid(runs_dir: Path, token: str) -> GridJob:
    """Bring back a grid that `delete_grid` moved to the trash.

    Raises:
        RunError: if it is not there, or the same grid was made again meanwhile.
    """
    return GridJob(take_back(runs_dir / FOLDER, token))
