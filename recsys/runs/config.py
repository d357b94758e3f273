"""Everything needed to repeat a run."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib import metadata
from typing import Annotated, Any

from pydantic import Field

from recsys.prompts import LIBRARY, Template
from recsys.storage.checked import Count, FiniteFloat, Line, Loose, Timestamp, reader
from recsys.storage.former_names import RUN_KEYS, SETTINGS, renamed
from recsys.training.config import Device, Stop

_PACKAGES = ("torch", "transformers", "numpy", "pandas", "scipy")


@dataclass(frozen=True)
class Final:
    """That a model learns from all events, as long as an evaluated one did.

    Attributes:
        run: the name of the evaluated run.
        created: when that was made: another may have its name by now.
        stops: of each stage of the training; see `recsys.training.final.fit_all`.
    """

    run: Line
    created: Timestamp
    stops: tuple[Stop, ...]


@dataclass(frozen=True)
class RunConfig:
    """What was trained, on what, and how; written once, before the work begins.

    Attributes:
        name: the run's folder name.
        created: seconds since 1970.
        data, data_hash: what the data is called, and `Dataset.content_hash`. The clean data
            itself lies in the run, under `dataset/`.
        n_users, n_items, n_events: its size.
        source: where the data came from: file names, encoding, column mapping.
        cleaning: the settings of `recsys.cleaning` that made it.
        protocol: a key of `SPLITTERS`.
        model: a key of `MODELS`.
        model_config: the settings that somebody chose for it; the process that builds it adds
            all others.
        backbone_run: the folder of the run whose trained model this one builds on; None where it
            builds on none, or trains it first.
        grid: the grid that it was made for; None where somebody started it alone.
        final: of a run that learns from all events; it has no results of its own. None for one
            that is measured on events held out.
        prompt_name, prompt_source: the template, None for a model that reads none.
        save_as: the name under which the prompt, once tuned, is kept as a version; None for
            nowhere.
        language_model: as `recsys.language_models.describe` takes it; None for a model that
            reads no prompts.
        epochs, minutes: limits; None leaves the model's own.
        device: where it is trained, see `TrainingConfig`; once it is, never "auto".
        versions: of this package, Python and the libraries that change numbers.
        command: the command line that did the work.
    """

    name: Line
    created: Timestamp
    data: Line
    data_hash: Line
    n_users: Count
    n_items: Count
    n_events: Count
    model: Line
    protocol: Line = "leave-last-out"
    prompt_name: Line | None = None
    prompt_source: str | None = None
    save_as: Line | None = None
    language_model: Annotated[str, Field(max_length=5_000)] | None = None
    seed: Count = 0
    epochs: Count | None = None
    minutes: FiniteFloat | None = None
    device: Device = "cpu"
    source: Loose = field(default_factory=dict)
    cleaning: Loose = field(default_factory=dict)
    model_config: Loose = field(default_factory=dict)
    backbone_run: str | None = None
    grid: Line | None = None
    final: Final | None = None
    versions: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()

    @property
    def template(self) -> Template | None:
        """The prompt the model was trained with."""
        if self.prompt_source is None:
            return None
        name = self.prompt_name or ""
        known = LIBRARY.get(name)
        if known is not None and known.source == self.prompt_source:
            return known
        return Template.parse(self.prompt_source, name)

    def to_dict(self) -> dict[str, Any]:
        """As written to `config.json`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunConfig:
        """Read what `to_dict` wrote; keys of other versions are passed over.

        Raises:
            ValueError: if a key that must be there is not, or a value has another type.
        """
        config = reader(RunConfig).validate_python(renamed(values, RUN_KEYS))
        return replace(config, model_config=renamed(config.model_config, SETTINGS))


def installed_versions() -> dict[str, str]:
    """Versions of what a result depends on, read without importing any of it."""
    from recsys import __version__

    versions = {"python": platform.python_version(), "recsys": __version__}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions
