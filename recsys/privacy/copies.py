"""Where copies of data lie: in the app's store, in runs and grids, and in the trash."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from recsys.dataset import KNOWLEDGE_FILE, Dataset
from recsys.schema import DataError
from recsys.serving.service import DATA_FILE
from recsys.serving.service import FOLDER as SERVICES
from recsys.sources import SOURCES
from recsys.storage.files import read_json
from recsys.storage.folders import cache_folder
from recsys.storage.trash import trash_of

#: Counts up when what the app keeps changes its form, so that old files are left alone.
_FORMAT = 1
#: Its time stamp says when the data was opened last.
_OPENED_FILE = "dataset.json"
#: Opening data is noted at most this often, in seconds.
_NOTED_SECONDS = 3600.0

#: What reading a folder that is damaged, or being deleted, may end with.
_UNREADABLE = (OSError, ValueError, LookupError, TypeError, RecursionError, DataError)

Kind = Literal["data", "run", "grid", "service", "trash"]


@dataclass(frozen=True)
class Copy:
    """A folder that holds a copy of some data, and goes with it.

    Attributes:
        kind: kept by the app; a run; a grid; what was sent to a service; or a run or grid, deleted.
        key: the data's content hash.
        bare: the same without its facts.
        name: what the data is called.
        sample: whether its events are those of a sample, which is nobody's own.
    """

    folder: Path
    kind: Kind
    key: str
    bare: str
    name: str
    sample: bool

    @property
    def own(self) -> bool:
        """Whether there is something in it that a person brought: events, or facts."""
        return not self.sample or self.key != self.bare

    @property
    def size(self) -> int:
        """In bytes."""
        total = 0
        for where, _folders, names in os.walk(self.folder):
            for name in names:
                with suppress(OSError):  # just deleted
                    total += os.lstat(os.path.join(where, name)).st_size
        return total

    @property
    def opened(self) -> float:
        """When data that the app keeps was opened last, in seconds since 1970; 0 if it is gone."""
        try:
            return os.stat(self.folder / _OPENED_FILE).st_mtime
        except OSError:
            return 0.0


def studio_folder() -> Path:
    """Where the app keeps data and drafts."""
    return cache_folder() / "studio"


def data_folder() -> Path:
    """Where the app keeps data, a folder for each content hash."""
    return studio_folder() / f"data-{_FORMAT}"


def note_opened(key: str) -> None:
    """Let data that the app keeps count as opened now."""
    file, now = data_folder() / key / _OPENED_FILE, time.time()
    try:
        if now - os.stat(file).st_mtime > _NOTED_SECONDS:
            os.utime(file, (now, now))
    except OSError:
        return  # just deleted, or a folder that may only be read


def erased_at() -> int:
    """Changes whenever data was deleted: whoever holds some in memory lets go of it then."""
    try:
        return os.stat(_erased_file()).st_mtime_ns
    except OSError:
        return 0


def note_erased() -> None:
    """Let `erased_at` change, for every process."""
    file = _erased_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    now = time.time_ns()
    os.utime(file, ns=(now, now))


def _erased_file() -> Path:
    return studio_folder() / "erased"


def kept_data() -> list[Copy]:
    """Everything the app keeps, what was opened last in front."""
    copies = [
        copy
        for place in _folders(data_folder())
        if (place / _OPENED_FILE).is_file() and (copy := _kept(place)) is not None
    ]
    return sorted(copies, key=lambda copy: copy.opened, reverse=True)


def copies_in(runs_dir: Path) -> list[Copy]:
    """Every run, grid and service of a runs folder, in the trash too, and what was half made."""
    grids = runs_dir / ".grids"
    homes: list[tuple[Path, Kind, str]] = [
        (runs_dir, "run", "config.json"),
        (trash_of(runs_dir), "trash", "config.json"),
        (grids, "grid", "grid.json"),
        (trash_of(grids), "trash", "grid.json"),
        (runs_dir / SERVICES, "service", DATA_FILE),
    ]
    listed = {home for home, _kind, _file in homes}
    found = []
    for home, kind, what in homes:
        for folder in _folders(home):
            copy = None if folder in listed else _copy(folder, kind, what)
            if copy is not None:
                found.append(copy)
    return found


def _folders(home: Path) -> Iterator[Path]:
    try:
        with os.scandir(home) as entries:
            places = [home / each.name for each in entries if each.is_dir(follow_symlinks=False)]
    except OSError:
        return
    yield from sorted(places)


def _kept(place: Path) -> Copy | None:
    try:
        stamp = os.stat(place / "report.json").st_mtime_ns
        origin, bare, name = _origin(str(place), stamp)
    except _UNREADABLE:
        return None
    return Copy(place, "data", place.name, bare, name, origin in SOURCES)


@lru_cache(maxsize=1024)
def _origin(place: str, _stamp: int) -> tuple[str, str, str]:
    """Origin, bare hash and name of data that the app keeps."""
    folder = Path(place)
    name = str(json.loads((folder / _OPENED_FILE).read_text("utf-8"))["name"])
    origin = str(json.loads((folder / "report.json").read_text("utf-8"))["origin"])
    return origin, _bare(place, folder.name, 0), name


def _copy(folder: Path, kind: Kind, what: str) -> Copy | None:
    """What a folder with data is; None for one without, or one that cannot be read."""
    data = folder / "dataset"
    sample, key, name = False, "", folder.name
    try:
        config = read_json(folder / what)
        source = config.get("source")
        source = source if isinstance(source, dict) else {}
        # The app names the one, the command line the other.
        sample = any(str(source.get(one)) in SOURCES for one in ("origin", "data"))
        key, name = str(config["data_hash"]), str(config["data"])
    except _UNREADABLE:
        pass  # half made, or damaged: the data itself tells
    try:
        if not key:
            loaded = Dataset.load(data)
            key, name = loaded.content_hash, loaded.name
        stamp = os.stat(folder).st_mtime_ns
        return Copy(folder, kind, key, _bare(str(data), key, stamp), name, sample)
    except _UNREADABLE:
        return Copy(folder, kind, key, key, name, sample) if key else None


@lru_cache(maxsize=4096)
def _bare(data: str, key: str, _stamp: int) -> str:
    """The hash without facts of data with the hash `key` in a folder."""
    folder = Path(data)
    if not (folder / KNOWLEDGE_FILE).exists():
        return key
    return Dataset.load(folder).with_knowledge(None).content_hash
