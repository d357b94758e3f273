"""A service as a job: its folder, which the app reads and through which it is stopped."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from typing_extensions import TypedDict

from recsys.jobs.job import Job
from recsys.runs import RunConfig, runs_folder
from recsys.schema import N_
from recsys.serving.settings import ServiceSettings
from recsys.storage.checked import Line, Unreadable, reader
from recsys.storage.files import make_folder, read_json, unwritable, write_json

#: Within the runs folder; no run can have a name that begins with a dot.
FOLDER = ".services"
#: Whose data a service holds: what `recsys.privacy` reads of it.
DATA_FILE = "service.json"
_SETTINGS_FILE = "settings.json"
_POSTED = "posted.sqlite"


class ServedData(TypedDict):
    """The data of the run that a service answers with, as in the config of the run."""

    data_hash: Line
    data: Line
    source: dict[str, Any]


@dataclass(frozen=True)
class Service(Job):
    """A service in its folder, one for each port.

    status.json, log.txt, requests/ … as in every job; settings.json: how it was started; run: the
    run that it answers with; posted.sqlite: what was sent to it; service.json: of whose data.
    """

    BUSY: ClassVar[str] = N_("A service is at work at the port {name} already.")

    @classmethod
    def at(cls, port: int, runs_dir: Path | None = None) -> Self:
        """The service at a port, whether it ever was started or not."""
        return cls((runs_folder() if runs_dir is None else runs_dir) / FOLDER / str(port))

    @classmethod
    def create(cls, settings: ServiceSettings, runs_dir: Path | None = None) -> Self:
        """Make the folder of a service that is to be started.

        Raises:
            ConfigError: if it cannot be written.
        """
        service = cls.at(settings.port, runs_dir)
        try:
            service.folder.mkdir(parents=True, exist_ok=True)
            write_json(service.folder / _SETTINGS_FILE, asdict(settings))
            if not service.status().active:
                service.wait()
        except OSError as error:
            raise unwritable(service.folder, error) from error
        return service

    def start(self) -> None:
        """Let a process of its own answer, as the settings say."""
        settings = self.settings()
        assert settings is not None, "it was made"
        options = ["--host", settings.host, "--port", str(settings.port)]
        options += ["--workers", str(settings.workers)]
        if settings.token_file is not None:
            options += ["--token-file", settings.token_file]
        self.begin("serve", settings.run, *options)

    def settings(self) -> ServiceSettings | None:
        """How it was started; None where that cannot be read."""
        try:
            return reader(ServiceSettings).validate_python(read_json(self.folder / _SETTINGS_FILE))
        except (OSError, ValueError):
            return None

    @property
    def posted_file(self) -> Path:
        """Where the events and items lie that were sent to it."""
        return self.folder / _POSTED

    def begin_with(self, config: RunConfig) -> None:
        """Forget what was sent while it answered for other data."""
        if self._data_hash() != config.data_hash:
            for name in (_POSTED, f"{_POSTED}-wal", f"{_POSTED}-shm"):
                (self.folder / name).unlink(missing_ok=True)
        self.note_data(config)

    def note_data(self, config: RunConfig) -> None:
        """Write down of whose data it answers from now on."""
        kept: ServedData = {
            "data_hash": config.data_hash,
            "data": config.data,
            "source": dict(config.source),
        }
        write_json(self.folder / DATA_FILE, kept)

    def _data_hash(self) -> str | None:
        try:
            kept = reader(ServedData).validate_python(read_json(self.folder / DATA_FILE))
        except (OSError, Unreadable):
            return None
        return kept["data_hash"]

    def counts_folder(self) -> Path:
        """An empty folder in which its processes keep what Prometheus is told."""
        folder = self.folder / "counts"
        make_folder(folder)
        for file in folder.iterdir():
            file.unlink(missing_ok=True)
        return folder


def services(runs_dir: Path | None = None) -> list[Service]:
    """All services of a runs folder, by their ports."""
    home = (runs_folder() if runs_dir is None else runs_dir) / FOLDER
    try:
        found = [Service(path) for path in home.iterdir() if path.name.isdecimal()]
    except OSError:
        return []
    return sorted(found, key=lambda service: int(service.name))
