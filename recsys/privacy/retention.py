"""How long what nobody looks at is kept: constants, and the sweep that goes by them."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recsys.privacy.copies import kept_data, note_erased, studio_folder
from recsys.storage.trash import contents, deleted_at, trash_of

#: What was deleted can be brought back for so long.
TRASH_DAYS = 30
#: Data that a person brought is kept by the app for so long after it was opened last. Runs have
#: copies of their own, which stay.
DATA_DAYS = 90
#: Unsaved edits of prompts are kept for so long after they were made or opened last.
DRAFT_DAYS = 90

_DAY = 86_400.0


@dataclass(frozen=True)
class Swept:
    """How many deleted things, data sets and drafts went for good."""

    trash: int = 0
    data: int = 0
    drafts: int = 0


def sweep(runs_dir: Path, prompts: Path, now: float | None = None) -> Swept:
    """Delete for good what is older than its limit.

    A time in the future is that of a clock gone wrong, and says nothing: such a thing stays. What
    cannot be deleted stays too; the next sweep tries again.

    Args:
        runs_dir, prompts: the folders of runs and of saved prompts; their trash is looked at.
        now: seconds since 1970; None for the time of the clock.
    """
    moment = time.time() if now is None else now
    homes = (runs_dir, runs_dir / ".grids", prompts)
    deleted = [path for home in homes for path in _long_deleted(home, moment)]
    data = [
        copy.folder for copy in kept_data() if copy.own and _over(copy.opened, DATA_DAYS, moment)
    ]
    drafts = [
        path
        for path in (studio_folder() / "drafts").glob("*.json")
        if _over(_changed(path), DRAFT_DAYS, moment)
    ]
    swept = Swept(*(sum(map(_gone, paths)) for paths in (deleted, data, drafts)))
    if swept.data:
        note_erased()
    return swept


def _long_deleted(home: Path, now: float) -> Iterator[Path]:
    for token in contents(home):
        when = deleted_at(token)
        if when is not None and _over(when, TRASH_DAYS, now):
            yield trash_of(home) / token


def _over(when: float, days: float, now: float) -> bool:
    return 0 < when < now - days * _DAY


def _changed(path: Path) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0  # just gone


def _gone(path: Path) -> bool:
    """Delete a file or folder; whether that was possible."""
    try:
        delete(path)
    except OSError:
        return False
    return True


def delete(path: Path) -> None:
    """Delete a file, or a folder with all that is in it. Raises `OSError`."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
