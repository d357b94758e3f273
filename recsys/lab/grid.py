"""Prompts × models × language models: which runs a grid is made of, and what came of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, Literal, Self

from pydantic import Field, OnErrorOmit
from typing_extensions import TypedDict

from recsys.dataset import Dataset
from recsys.evaluation.significance import Interval
from recsys.jobs.status import Score
from recsys.lab.controls import Control, ControlName, ControlValues
from recsys.prompts import Template, Verbaliser, usable
from recsys.runs import check_language_model, check_settings
from recsys.schema import N_, ConfigError, Message, TemplateError
from recsys.storage.checked import Count, FiniteFloat, Line, Loose, reader
from recsys.storage.former_names import SETTINGS, renamed

#: Stands for any protocol where settings are checked before the data are known.
_ANY = "leave-last-out"
METRIC = "ndcg@10"
#: More runs than this nobody waits for.
MAX_CELLS = 100


@dataclass(frozen=True)
class Cell:
    """One run of a grid.

    Attributes:
        prompt: name and source of its template; None for a model that reads none.
        language_model: None for the same.
    """

    model: str
    prompt: tuple[str, str] | None = None
    language_model: str | None = None

    @property
    def template(self) -> Template | None:
        """The prompt, parsed."""
        return None if self.prompt is None else Template.parse(self.prompt[1], self.prompt[0])


@dataclass(frozen=True)
class Grid:
    """What was asked for; a value.

    Attributes:
        data, data_hash: what the data is called, and `Dataset.content_hash`.
        prompts: (name, source) of the templates.
        models: keys of `MODELS`.
        language_models: as `recsys.language_models.describe` takes them.
        minutes: of training, a run, at most; None leaves each model its own limit.
        settings: model → its settings that differ from their defaults.
        source: where the data came from, as runs keep it.
    """

    data: Line
    data_hash: Line
    prompts: tuple[tuple[Line, str], ...]
    models: tuple[Line, ...]
    language_models: tuple[Line, ...]
    seed: Count = 0
    minutes: Annotated[FiniteFloat, Field(ge=0, le=1e9)] | None = None
    source: Loose = field(default_factory=dict)
    settings: dict[Line, Loose] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The same for all that would make the same runs: 12 hex digits."""
        settings = {
            key: value for key, value in asdict(self).items() if key not in ("data", "source")
        }
        if not self.settings:
            del settings["settings"]  # as before there were any
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]

    def cells(self) -> list[Cell]:
        """Its runs, in the order in which they are made.

        A model that reads no prompts has one, whatever prompts there are. A backbone that
        others build on is trained first, once for all of them.
        """
        from recsys.models import MODELS

        cells = []
        for model in self._with_backbones():
            if not MODELS[model].reads_prompts:
                cells.append(Cell(model))
                continue
            for language_model in self.language_models:
                cells += [Cell(model, prompt, language_model) for prompt in self.prompts]
        return cells

    def _checked_language_models(self) -> tuple[str, ...]:
        """The language models without repeats, if each can be read with by every model."""
        from recsys.models import MODELS

        reading = [model for model in self.models if MODELS[model].reads_prompts]
        found = [
            described.name
            for name in self.language_models
            for model in reading
            if (described := check_language_model(model, name)) is not None
        ]
        return tuple(dict.fromkeys(found))

    def checked(self, dataset: Dataset) -> Self:
        """The grid without repeats, if every run of it can be made on the data.

        Raises:
            ConfigError: if something is missing, not allowed, or too much.
            LanguageModelError: if a language model cannot be had on this machine.
        """
        from recsys.models import MODELS

        if not self.models:
            raise ConfigError(N_("Choose at least one model."))
        for model in self.models:
            check_settings(
                model,
                _ANY,
                self.settings.get(model, {}),
                seed=self.seed,
                epochs=None,
                minutes=self.minutes,
            )
        reads = any(MODELS[model].reads_prompts for model in self.models)
        if reads and not self.prompts:
            raise ConfigError(N_("Choose at least one prompt: these models read one."))
        if reads and not self.language_models:
            raise ConfigError(N_("Choose at least one language model to read the prompts."))
        grid = replace(
            self,
            prompts=tuple(dict.fromkeys(self.prompts)) if reads else (),
            models=tuple(dict.fromkeys(self.models)),
            language_models=self._checked_language_models() if reads else (),
            settings={
                model: differing for model in self.models if (differing := self._differing(model))
            },
        )
        grid._check_prompts(dataset)
        count = len(grid.cells())
        if count > MAX_CELLS:
            raise ConfigError(
                N_("That makes {count} runs; {limit} at most. Choose fewer of something."),
                count=count,
                limit=MAX_CELLS,
            )
        return grid

    def to_dict(self) -> dict[str, Any]:
        """As written to `grid.json`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; keys of other versions are passed over.

        Raises:
            ValueError: if something is missing, has another type, or is a model that this version
                does not know.
        """
        from recsys.models import MODELS

        written: Self = reader(cls).validate_python(values)
        settings = {model: renamed(one, SETTINGS) for model, one in written.settings.items()}
        grid = replace(written, settings=settings)
        unknown = [model for model in grid.models if model not in MODELS]
        if unknown or not grid.models or len(grid.cells()) > MAX_CELLS:
            raise ValueError(f"no grid of this version: {unknown}")
        return grid

    def backbone_of(self, model: str) -> str | None:
        """The model that another builds on in this grid; None where it builds on none."""
        from recsys.models import make

        backbone = make(model, self.settings.get(model, {})).backbone
        return None if backbone is None else backbone.name

    def _differing(self, model: str) -> dict[str, Any]:
        """The settings chosen for a model that differ from their defaults."""
        from recsys.models import MODELS

        defaults = {declared.name: declared.default for declared in MODELS[model].settings()}
        chosen = self.settings.get(model, {})
        return {name: value for name, value in chosen.items() if value != defaults[name]}

    def _with_backbones(self) -> list[str]:
        """The models, each after the backbone that it builds on."""
        backbones = [name for name in map(self.backbone_of, self.models) if name is not None]
        return list(dict.fromkeys([*backbones, *self.models]))

    def _check_prompts(self, dataset: Dataset) -> None:
        values = Verbaliser(dataset).values(0)
        for name, source in self.prompts:
            try:
                usable(Template.parse(source, name), values)
            except TemplateError as error:
                raise ConfigError(
                    N_("The prompt “{name}” cannot be used on this data. {reason}"),
                    name=name,
                    reason=error.message,
                ) from error


@dataclass(frozen=True)
class Row:
    """One run of a grid as far as it has come.

    Attributes:
        state: "waiting", "running", "finished", "stopped" (before its time, by somebody) or
            "failed".
        run: its name.
        ndcg: NDCG@10 on the test users.
        controls: by name, see `CONTROLS`; empty until they are measured.
        seconds: from its start to its results, controls left out.
        taken_over: whether the run was there before.
        message: why it failed, or has no results.
    """

    cell: Cell
    state: str = "waiting"
    run: str | None = None
    ndcg: Interval | None = None
    controls: Mapping[str, Control] = field(default_factory=dict)
    seconds: float | None = None
    taken_over: bool = False
    message: Message | None = None

    @property
    def unbeaten(self) -> list[str]:
        """The controls that it is no better than."""
        return [name for name, control in self.controls.items() if not control.beaten]

    @property
    def nearest(self) -> str | None:
        """The control that it is better than by the least; None while there is none."""
        deltas = {name: control.difference.delta for name, control in self.controls.items()}
        return min(deltas, key=deltas.__getitem__, default=None)

    def to_dict(self) -> dict[str, Any]:
        """As the command line prints it, and as the grid's events keep it."""
        cell = self.cell
        return {
            "prompt": None if cell.prompt is None else cell.prompt[0],
            "model": cell.model,
            "language_model": cell.language_model,
            "run": self.run,
            "state": self.state,
            "metrics": {} if self.ndcg is None else {METRIC: self.ndcg.to_dict()},
            "controls": {name: control.to_dict() for name, control in self.controls.items()},
            "no_better_than": self.unbeaten,
            "seconds": self.seconds,
            "taken_over": self.taken_over,
            "message": None if self.message is None else asdict(self.message),
        }

    @classmethod
    def from_dict(cls, cell: Cell, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote of a cell. Raises `ValueError` where that is something else."""
        written = reader(_Written).validate_python(values)
        ndcg = written["metrics"].get(METRIC)
        return cls(
            cell=cell,
            state=written["state"],
            run=written["run"],
            ndcg=None if ndcg is None else Interval(**ndcg),
            controls={name: Control.from_dict(said) for name, said in written["controls"].items()},
            seconds=written["seconds"],
            taken_over=written["taken_over"],
            message=written["message"],
        )


class _Written(TypedDict):
    """A row in the events of a grid; metrics and controls of another version are left out."""

    run: Line | None
    state: Literal["waiting", "running", "finished", "stopped", "failed"]
    metrics: dict[str, OnErrorOmit[Score]]
    controls: dict[OnErrorOmit[ControlName], OnErrorOmit[ControlValues]]
    seconds: Annotated[FiniteFloat, Field(ge=0, le=1e9)] | None
    taken_over: bool
    message: Message | None
