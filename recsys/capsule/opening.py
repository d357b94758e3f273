"""From a capsule to a run among one's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from recsys.capsule.packing import is_place
from recsys.dataset import Dataset
from recsys.lab.version import Version
from recsys.lab.version_store import PromptStore
from recsys.prompts import Template
from recsys.runs import Run, RunConfig, check_name, list_runs
from recsys.schema import N_, DataError, RecsysError, RunError
from recsys.sources import SOURCES, limits
from recsys.storage.capsule_file import Manifest, unpack_capsule
from recsys.storage.files import read_json, unwritable, write_json

_MAKING = ".making-"
_UNREADABLE = N_("What {file} says of its run cannot be read, or is of another version.")
_NAMES_CODE = N_(
    "{file} names something that is not part of this app ({name}), and is not opened: a capsule "
    "brings no code."
)
_OTHER_DATA = N_("The data in {file} is not the data that its model learned from.")
_NO_DATA = N_(
    "{file} holds no data, and the data that its model learned from ({data}) is not on this "
    "machine. Upload it first, or ask for a capsule with data."
)
_DATA_TOO_LARGE = N_("The data in {file} has more cells than can be read.")

#: Data by its content hash, where this machine has it.
FindData = Callable[[str], Dataset | None]


@dataclass(frozen=True)
class Opened:
    """A run that came in a capsule.

    Attributes:
        run: among a person's own.
        view: where to begin: "page", and parameters of its link.
        sample: the sample that its data is; None for other data.
        prompts: the names of prompts that were saved.
    """

    run: Run
    view: Mapping[str, str]
    sample: str | None
    prompts: tuple[str, ...]


def open_capsule(
    file: Path, runs_dir: Path, find_data: FindData = lambda content_hash: None
) -> Opened:
    """Check a capsule and put its run among those in `runs_dir`; opened again, it is that run.

    Args:
        find_data: looks for data that is not in it, beside the samples and the other runs.

    Raises:
        RunError, DataError, ConfigError: if it cannot be used; nothing is written then.
    """
    building = runs_dir / f"{_MAKING}{uuid4().hex}"
    try:
        building.mkdir(parents=True)
        manifest = unpack_capsule(file, building)
        config = _checked_config(file, building, manifest)
        data = _data(file, building, manifest, runs_dir, find_data)
        versions = list(_prompts(file, building))
        run = _put_in_place(building, config, data, runs_dir)
    except OSError as error:
        raise unwritable(runs_dir, error) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    sample = manifest.sample if manifest.sample in SOURCES else None
    return Opened(run, manifest.view, sample, _keep(versions))


def _checked_config(file: Path, folder: Path, manifest: Manifest) -> RunConfig:
    """The run's config, with nothing in it that leads out of this app."""
    from recsys.models import MODELS, make
    from recsys.splitting import SPLITTERS

    try:
        config = RunConfig.from_dict(read_json(folder / "run/config.json"))
        model = read_json(folder / "run/model/config.json")
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(_UNREADABLE, file=file.name) from error
    for name, known in ((config.model, MODELS), (config.protocol, SPLITTERS)):
        if name not in known:
            raise RunError(_NAMES_CODE, file=file.name, name=name[:80])
    settings = model.get("config")
    if model.get("model") != config.model or not isinstance(settings, dict):
        raise RunError(_UNREADABLE, file=file.name)
    for reads in (
        config.language_model,
        *(s.get("language_model") for s in (config.model_config, settings)),
    ):
        if reads is not None and (not isinstance(reads, str) or is_place(reads)):
            raise RunError(_NAMES_CODE, file=file.name, name=str(reads)[:80])
    if (config.data_hash, config.data) != (manifest.data_hash, manifest.data):
        raise RunError(_OTHER_DATA, file=file.name)
    try:
        make(config.model, settings)
        _ = config.template
        check_name(config.name.strip("@"))
    except RecsysError:
        raise
    except (TypeError, ValueError) as error:
        raise RunError(_UNREADABLE, file=file.name) from error
    return replace(config, backbone_run=None, command=(), save_as=None, grid=None)


def _data(
    file: Path, folder: Path, manifest: Manifest, runs_dir: Path, find_data: FindData
) -> Dataset:
    if manifest.with_data:
        for path in (folder / "data").glob("*.parquet"):
            _check_size(path, file)
        try:
            data = Dataset.load(folder / "data")
        except DataError as error:
            raise RunError(_OTHER_DATA, file=file.name) from error
        if data.content_hash != manifest.data_hash:
            raise RunError(_OTHER_DATA, file=file.name)
        return data
    for found in _places(manifest, runs_dir, find_data):
        if found.content_hash == manifest.data_hash:
            return found
    raise RunError(_NO_DATA, file=file.name, data=manifest.data)


def _places(manifest: Manifest, runs_dir: Path, find_data: FindData) -> Iterator[Dataset]:
    """Where the data may be: kept by the app, in another run, or a sample."""
    if (kept := find_data(manifest.data_hash)) is not None:
        yield kept
    for run in list_runs(runs_dir):
        if run.config.data_hash == manifest.data_hash:
            with suppress(RecsysError):
                yield run.dataset()
    if manifest.sample in SOURCES:
        from recsys.cleaning import prepare

        with suppress(RecsysError):
            yield prepare(manifest.sample)[0]


def _check_size(path: Path, file: Path) -> None:
    """Raise `DataError` where a Parquet file says that it holds more than is read."""
    try:
        with pq.ParquetFile(path) as table:
            known = table.metadata
            cells = known.num_rows * max(known.num_columns, 1)
            size = sum(known.row_group(i).total_byte_size for i in range(known.num_row_groups))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise RunError(_OTHER_DATA, file=file.name) from error
    wide = known.num_columns > limits.MAX_COLUMNS
    if wide or cells > limits.MAX_CELLS or size > limits.MAX_UNPACKED_BYTES:
        raise DataError(_DATA_TOO_LARGE, file=file.name)


def _prompts(file: Path, folder: Path) -> Iterator[Version]:
    """The versions of prompts in it; each has to be a template that this app would save."""
    for path in sorted((folder / "prompts").glob("*.j2")):
        try:
            version = Version.from_file(path.read_text("utf-8"))
        except ValueError as error:
            raise RunError(_UNREADABLE, file=file.name) from error
        Template.parse(version.source, version.name)
        yield version


def _keep(versions: list[Version]) -> tuple[str, ...]:
    """Save prompts that are not there yet, and return the names of those that were."""
    prompts, kept = PromptStore.default(), []
    for version in versions:
        there = prompts.names()
        known = prompts.versions(version.name) if version.name in there else []
        if any(each.source == version.source for each in known):
            continue
        with suppress(RecsysError):  # a name that this version does not allow
            prompts.save(version.name, version.source, note=version.note)
            kept.append(version.name)
    return tuple(dict.fromkeys(kept))


def _put_in_place(building: Path, config: RunConfig, data: Dataset, runs_dir: Path) -> Run:
    """Give the run its name, with a number behind where another run has that."""
    home = building / "run"
    data.save(home / "dataset")
    try:
        status = read_json(home / "status.json")
    except (OSError, ValueError):
        status = {}
    alone = {"pid": None, "process_started": None, "host": None, "boot": None}
    state = status.get("state") if status.get("state") in ("finished", "stopped") else "stopped"
    write_json(home / "status.json", {**status, **alone, "state": state})
    wanted = config.name.strip("@")
    for attempt in range(1, 1000):
        place = runs_dir / (wanted if attempt == 1 else f"{wanted}-{attempt}")
        with suppress(RecsysError):
            if _is_same(Run(place).config, config):
                return Run(place)
        if place.exists():
            continue
        write_json(home / "config.json", asdict(replace(config, name=place.name)))
        with suppress(OSError):  # another process took the name
            home.rename(place)
            return Run(place)
    raise RunError(N_('There is already a run called "{name}". Choose another name.'), name=wanted)


def _is_same(one: RunConfig, other: RunConfig) -> bool:
    """Whether two configs are of one run, whichever machine they lie on."""
    known = ("created", "model", "data_hash", "seed")
    return all(getattr(one, name) == getattr(other, name) for name in known)
