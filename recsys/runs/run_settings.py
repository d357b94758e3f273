"""What is chosen about a run before it is made: by a form, or as another run has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from recsys.dataset import Dataset
from recsys.prompts import Template
from recsys.runs.config import Final
from recsys.runs.run import Run
from recsys.runs.store import create_run
from recsys.training.config import Device


@dataclass(frozen=True)
class RunSettings:
    """The settings of a new run; every field is the argument of `create_run` of its name."""

    model: str
    model_config: Mapping[str, Any] = field(default_factory=dict)
    backbone: Run | None = None
    template: Template | None = None
    language_model: str | None = None
    protocol: str | None = None
    seed: int = 0
    epochs: int | None = None
    minutes: float | None = None
    device: Device = "auto"
    name: str | None = None
    final: Final | None = None
    save_as: str | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    cleaning: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run) -> Self:
        """The settings to train the model of a run again, under a name of its own.

        The model's config has the prompt without its name, so that the template replaces it.
        """
        config = run.config
        return cls(
            model=config.model,
            model_config={k: v for k, v in config.model_config.items() if k != "prompt"},
            backbone=None if config.backbone_run is None else Run(Path(config.backbone_run)),
            template=config.template,
            language_model=config.language_model,
            protocol=config.protocol,
            seed=config.seed,
            epochs=config.epochs,
            minutes=config.minutes,
            device=config.device,
            final=config.final,
            save_as=config.save_as,
            source=config.source,
            cleaning=config.cleaning,
        )

    def create(self, runs_dir: Path, dataset: Dataset) -> Run:
        """Make the run; raises as `create_run`."""
        return create_run(
            runs_dir,
            dataset,
            model=self.model,
            model_config=self.model_config,
            backbone=self.backbone,
            template=self.template,
            language_model=self.language_model,
            protocol=self.protocol,
            seed=self.seed,
            epochs=self.epochs,
            minutes=self.minutes,
            device=self.device,
            name=self.name,
            final=self.final,
            save_as=self.save_as,
            source=self.source,
            cleaning=self.cleaning,
        )
