"""The run that ships with the app: trained on a sample, packed in one file, never written to.

A person who has trained nothing yet sees real lists with it. What ships is a capsule without data
(`recsys.storage.capsule_file`), `flagship.promptrec`, and beside it what that has to be: its
checksum, and the hash of the data that it learned from. Whoever opens the run has the data.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import time
import zipfile
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from typing_extensions import TypedDict

from recsys.bundle import ASSETS
from recsys.dataset import Dataset
from recsys.jobs.status import Score
from recsys.runs.run import Run
from recsys.schema import N_, DataError, RunError
from recsys.storage.capsule_file import Manifest, Part, unpack_capsule, write_capsule
from recsys.storage.checked import Count, FiniteFloat, Line, reader
from recsys.storage.files import plain, read_json, remembered, unwritable, write_json
from recsys.storage.folders import cache_folder

#: No run of a person's own can be called so: see `check_name`.
NAME = "@demo"
FOLDER = ASSETS / "demo"
#: What makes both files anew.
COMMAND = "python -m benchmarks.demo"
#: What was measured of the words, beside the results of every run.
WORDS_FILE = "words.json"

_ARCHIVE, _MANIFEST = "flagship.promptrec", "flagship.json"
#: Where a capsule has the run.
_RUN = "run/"
#: What of a run's folder ships.
_PACKED = (
    "config.json",
    "status.json",
    "evaluation.json",
    "per_user.parquet",
    "events.jsonl",
    WORDS_FILE,
)
#: Nobody needs so long to unpack it.
_UNFINISHED_SECONDS = 3600.0
_UNPACKING = threading.Lock()


#: How much better one way of asking is than another, over the same users.
class _Gain(TypedDict):
    delta: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat
    p_value: FiniteFloat


#: NDCG@10 of the model with nothing in its prompt, with its prompt, and with a wish beside that
#: names one genre of the film which the person went on to watch.
Words = TypedDict(
    "Words",
    {
        "users": Count,
        "nothing": Score,
        "prompt": Score,
        "wish": Score,
        "prompt over nothing": _Gain,
        "wish over nothing": _Gain,
    },
)


@dataclass(frozen=True)
class Shipped:
    """What the archive has to be.

    Attributes:
        sha256: its checksum.
        data: the sample (key of `SOURCES`) that the model learned from.
        data_hash: `Dataset.content_hash` of it.
    """

    sha256: Line
    data: Line
    data_hash: Line


def shipped() -> Shipped | None:
    """What ships; None where nothing does, or what is said of it cannot be read."""
    return _shipped(FOLDER / _MANIFEST)


@remembered(4)
def _shipped(path: Path) -> Shipped | None:
    try:
        return reader(Shipped).validate_python(read_json(path))
    except (OSError, ValueError):
        return None


def open_demo(data: Dataset) -> Run:
    """The run that ships, unpacked into the cache where it is not there yet, or damaged there.

    Args:
        data: the sample that it learned from.

    Raises:
        RunError: if nothing ships, the archive is not the one that was made, or `data` is other
            data.
        ConfigError: if the cache cannot be written.
    """
    demo = shipped()
    if demo is None:
        raise RunError(N_("No model ships with this copy of the app. Train one."))
    if demo.data_hash != data.content_hash:
        raise RunError(
            N_(
                "The model that ships with the app learned from other data than the sample "
                "{data} holds now. Make it anew: {command}."
            ),
            data=demo.data,
            command=COMMAND,
        )
    archive = FOLDER / _ARCHIVE
    if _checksum(archive) != demo.sha256:
        raise RunError(
            N_(
                "The model that ships with the app was changed: {file} has another checksum than "
                "it was made with. Get the file again, or make it anew: {command}."
            ),
            file=str(archive),
            command=COMMAND,
        )
    home = cache_folder() / "demo"
    place = home / demo.sha256[:16] / NAME
    with _UNPACKING:  # a session that comes meanwhile need not do it too
        if not _is_whole(place, archive):
            try:
                _unpack(archive, data, home, place)
            except OSError as error:
                raise unwritable(home, error) from error
    return Run(place)


@remembered(4)
def _checksum(path: Path) -> str:
    """Of a file; "" where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _unpack(archive: Path, data: Dataset, home: Path, place: Path) -> None:
    """Make the run's folder beside its place, so that nobody ever opens half of it."""
    making = home / f".making-{uuid4().hex}"
    try:
        making.mkdir(parents=True)
        unpack_capsule(archive, making)
        (making / _RUN).rename(making / NAME)
        data.save(making / NAME / "dataset")
        _forget_others(home, making)
        if place.parent.exists() and not _is_whole(place, archive):
            shutil.rmtree(place.parent)
        with suppress(OSError):  # another process was faster
            making.rename(place.parent)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _forget_others(home: Path, making: Path) -> None:
    """Remove what shipped with other versions, and what processes left that died."""
    for path in home.iterdir():
        with suppress(OSError):
            old = time.time() - path.stat().st_mtime > _UNFINISHED_SECONDS
            if path != making and old:
                shutil.rmtree(path, ignore_errors=True)


def _is_whole(place: Path, archive: Path) -> bool:
    """Whether what was unpacked is as it was packed; looked at again only where a file changed."""
    stamps = []
    try:
        for folder in (place, place / "model", place / "dataset"):
            for path in sorted(folder.iterdir()):
                found = path.stat()
                stamps.append((str(path), found.st_mtime_ns, found.st_size))
    except OSError:
        return False
    return _is_as_packed(place, archive, tuple(stamps))


@lru_cache(maxsize=16)
def _is_as_packed(place: Path, archive: Path, _stamps: tuple[tuple[str, int, int], ...]) -> bool:
    try:
        with zipfile.ZipFile(archive) as packed:
            for member in packed.infolist():
                if not member.filename.startswith(_RUN):
                    continue
                unpacked = place / member.filename.removeprefix(_RUN)
                if zlib.crc32(unpacked.read_bytes()) != member.CRC:
                    return False
        Dataset.load(place / "dataset")
    except (OSError, ValueError, DataError):
        return False
    return True


def what_words_add(run: Run) -> Words:
    """What was measured of the words of the run that ships.

    Raises:
        RunError: if that cannot be read.
    """
    try:
        found: Words = reader(Words).validate_python(read_json(run.folder / WORDS_FILE))
    except (OSError, ValueError) as error:
        raise RunError(
            N_("The results of the run {name} cannot be read. Train it again."), name=run.name
        ) from error
    return found


def pack(run: Run) -> Shipped:
    """Pack a run that is over as the one that ships; what is there is replaced.

    Nothing of the machine that trained it goes in.
    """
    folder = FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    sample = str(run.config.source["data"])
    config = replace(run.config, name=NAME, command=tuple(COMMAND.split()))
    ended = replace(run.status(), pid=None, process_started=None, host=None, boot=None)
    own = {"config.json": config.to_dict(), "status.json": asdict(ended)}
    own["evaluation.json"] = {**run.evaluation(), "run": NAME}
    parts: dict[str, Path | bytes] = {
        f"{_RUN}{name}": run.folder / name for name in _PACKED if (run.folder / name).exists()
    }
    parts |= {f"{_RUN}{name}": _json(value) for name, value in own.items()}
    parts |= {f"{_RUN}model/{file.name}": file for file in (run.folder / "model").iterdir()}

    def told(known: dict[str, Part]) -> Manifest:
        view = {"page": "recommend"}
        return Manifest(NAME, config.data, config.data_hash, False, known, sample, view)

    write_capsule(folder / _ARCHIVE, told, parts)
    manifest = Shipped(_checksum(folder / _ARCHIVE), sample, config.data_hash)
    write_json(folder / _MANIFEST, asdict(manifest))
    return manifest


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(plain(value), indent=2, ensure_ascii=False) + "\n").encode()
