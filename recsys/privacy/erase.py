"""Deleting data for good: every copy, everything made of it, and what was noted of it."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recsys.dataset import Dataset
from recsys.jobs.slots import forget_names
from recsys.jobs.status import status_of
from recsys.language_models.cache import VECTORS_FILE, forget_vectors
from recsys.privacy.copies import (
    Copy,
    copies_in,
    data_folder,
    kept_data,
    note_erased,
    studio_folder,
)
from recsys.privacy.retention import delete
from recsys.privacy.words import Mentions
from recsys.schema import N_, DataError, RunError
from recsys.storage.files import read_json, read_lines, unwritable, write_text
from recsys.storage.folders import cache_folder
from recsys.storage.trash import name_of
from recsys.wishes.probe_cache import forget_probes

#: Files of work that was broken off are nobody's after so many seconds.
_LEFT_SECONDS = 600.0
#: A training that is started while others are deleted is found by looking again, so often.
_LOOKS = 3


@dataclass(frozen=True)
class Holding:
    """Everything that there is of some data.

    Attributes:
        keys: content hashes: of the data, and of the same data with facts, or other ones.
        copies: folders that go.
        drafts: unsaved edits of prompts that name something of the data; they go, too.
        prompts: saved prompts that do; they stay.
        at_work: what has to be stopped first, by name.
    """

    keys: frozenset[str]
    name: str
    copies: tuple[Copy, ...]
    drafts: tuple[Path, ...] = ()
    prompts: tuple[str, ...] = ()
    at_work: tuple[str, ...] = ()

    def count(self, kind: str) -> int:
        """Copies of a kind (see `Copy`)."""
        return sum(copy.kind == kind for copy in self.copies)

    def names(self, kind: str) -> list[str]:
        """The folders' names of a kind."""
        return [copy.folder.name for copy in self.copies if copy.kind == kind]

    @property
    def size(self) -> int:
        """Of all copies, in bytes."""
        return sum(copy.size for copy in self.copies)


def holding(key: str, runs_dir: Path, prompts: Path) -> Holding:
    """What there is of the data with the hash `key`; see `erase` for the arguments.

    Facts that were joined make other data of it, which belongs to it. But facts about a sample
    are a person's, and the sample is not: of those, only the data with the very hash is meant.

    Raises:
        DataError: if there is nothing of it.
    """
    copies = [*kept_data(), *copies_in(runs_dir)]
    meant = [copy for copy in copies if copy.key == key]
    if not meant:
        raise DataError(
            N_('No data with the hash "{key}" is kept here. It may be deleted already.'),
            key=key[:80],
        )
    if not any(copy.sample for copy in meant):
        bare = {copy.bare for copy in meant}
        meant = [copy for copy in copies if copy.bare in bare or copy.key in bare]
    mentions = Mentions.of(_loaded(meant))
    return Holding(
        keys=frozenset(copy.key for copy in meant),
        name=meant[0].name,
        copies=tuple(meant),
        drafts=tuple(path for path in _drafts() if mentions.in_file(path)),
        prompts=tuple(
            sorted({path.parent.name for path in _texts(prompts) if mentions.in_file(path)})
        ),
        at_work=tuple(name for copy in meant for name in _at_work(copy)),
    )


def erase(key: str, runs_dir: Path, prompts: Path) -> Holding:
    """Delete data with all that was made of it; nothing of it can be brought back.

    That is what the app keeps, the runs and grids on it, also those in the trash, the vectors of
    all texts (a text does not show whose it is; what is needed is computed again), unsaved edits
    of prompts that name something of it, and what was measured or remarked on it of saved prompts,
    whose own words stay.

    Args:
        key: the content hash.
        runs_dir: the folder of runs.
        prompts: the folder of saved prompts.

    Returns:
        What was deleted.

    Raises:
        DataError: if there is nothing of it.
        RunError: if something is still at work on it.
        ConfigError: if a file cannot be deleted; asked again, it goes on.
    """
    found = left = holding(key, runs_dir, prompts)
    for _look in range(_LOOKS):
        if left.at_work:
            raise RunError(
                N_(
                    "This is still at work on the data: {names}. Stop it first, then delete the "
                    "data."
                ),
                names=", ".join(left.at_work),
            )
        # What the app keeps goes first, so that nothing new is made of it meanwhile.
        for copy in sorted(left.copies, key=lambda copy: copy.kind != "data"):
            _remove(copy.folder)
        try:
            left = holding(key, runs_dir, prompts)
        except DataError:
            break
    for path in found.drafts:
        path.unlink(missing_ok=True)
    _forget_remarks(prompts, found)
    forget_names(runs_dir, frozenset(found.names("run")))
    _remove_left_over()
    if (cache_folder() / VECTORS_FILE).exists():
        forget_vectors(cache_folder() / VECTORS_FILE)
    forget_probes()
    note_erased()
    return found


def _remove(folder: Path) -> None:
    """Delete a folder; what another process writes into it meanwhile goes, too."""
    for attempt in range(3):
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            if not folder.exists():
                return
        except OSError as error:
            if attempt == 2:
                raise unwritable(folder, error) from error
        else:
            return


def _loaded(copies: Sequence[Copy]) -> Iterator[Dataset]:
    """The data, with each of its sets of facts once."""
    seen: set[str] = set()
    for copy in copies:
        if copy.key in seen:
            continue
        folder = copy.folder if copy.kind == "data" else copy.folder / "dataset"
        with suppress(DataError, OSError, ValueError, LookupError, TypeError):
            data = Dataset.load(folder)
            seen.add(copy.key)
            yield data


def _at_work(copy: Copy) -> Iterator[str]:
    """The names of what is at work in a folder."""
    if copy.kind == "run":
        searches = [path.parent for path in copy.folder.glob("searches/*/request.json")]
        if any(status_of(folder).active for folder in (copy.folder, *searches)):
            yield copy.folder.name
    elif copy.kind in ("grid", "service"):
        if (copy.folder / "status.json").exists() and status_of(copy.folder).active:
            yield copy.folder.name


def _drafts() -> list[Path]:
    return sorted((studio_folder() / "drafts").glob("*.json"))


def _texts(prompts: Path) -> list[Path]:
    return sorted(prompts.glob("*/*.j2"))


def _forget_remarks(prompts: Path, found: Holding) -> None:
    """Take out what was measured and remarked on the data of saved prompts, in the trash too."""
    runs = {copy.folder.name for copy in found.copies if copy.kind in ("run", "trash")}
    runs |= set(map(name_of, runs))
    for path in prompts.rglob("*.lint.json"):
        with suppress(OSError, ValueError):
            if read_json(path).get("data_hash") in found.keys:
                path.unlink()
    for path in prompts.rglob("scores.jsonl"):
        lines, _end = read_lines(path)
        stay = [
            line
            for line in lines
            if line.get("data_hash") not in found.keys and line.get("run") not in runs
        ]
        if len(stay) < len(lines):
            write_text(path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in stay))


def _remove_left_over() -> None:
    """Delete copies of uploads that a process left when it was killed while it wrote or read."""
    for home in (data_folder(), cache_folder() / "reading"):
        for path in home.glob("*"):
            named = path.parent == data_folder() and (path / "report.json").exists()
            with suppress(OSError):
                if not named and time.time() - path.stat().st_mtime > _LEFT_SECONDS:
                    delete(path)
