"""Building on the trained model of another run: the backbone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys.dataset import Dataset
from recsys.runs.run import Run
from recsys.schema import N_, ConfigError, RunError

if TYPE_CHECKING:
    from recsys.models import Recommender


def settings_on(backbone: Run, dataset: Dataset, protocol: str) -> dict[str, Any]:
    """The settings of a model that builds on the one of `backbone`.

    Raises:
        ConfigError: if that cannot be built on, or did not learn from the same events: it would
            have seen the targets.
        RunError: if there is no model.
    """
    from recsys.models.backbones import BACKBONES

    config = backbone.config
    if config.model not in BACKBONES:
        raise ConfigError(
            N_(
                "The run {run} holds {model}, which cannot be a backbone. Name a run of one of: "
                "{names}."
            ),
            run=backbone.name,
            model=config.model,
            names=", ".join(BACKBONES),
        )
    if config.final is not None:
        raise ConfigError(
            N_(
                "The run {run} learned from all events, also from those that a model built on it "
                "would be measured on. Name the run {measured}."
            ),
            run=backbone.name,
            measured=config.final.run,
        )
    if (config.data_hash, config.protocol) != (dataset.content_hash, protocol):
        raise ConfigError(
            N_(
                "The run {run} was trained on other data, or is tested in another way. Train its "
                "model on this data first."
            ),
            run=backbone.name,
        )
    if backbone.status().active or not backbone.has_model():
        raise RunError(
            N_("The run {name} has no model yet. Let it train for a while, or train again."),
            name=backbone.name,
        )
    return {"backbone": config.model, "backbone_settings": tuple(config.model_config.items())}


def build_on(model: Recommender, folder: str) -> None:
    """Give the trained model in the run `folder` to one that builds on it.

    Raises:
        RunError: if it cannot be read any more.
    """
    from recsys.models.base import BackboneRecommender
    from recsys.models.protocols import BuildsOn

    run = Run(Path(folder))
    _ = run.config  # raises where the run is gone
    backbone = run.model()
    assert isinstance(model, BuildsOn)
    assert isinstance(backbone, BackboneRecommender)
    model.build_on(backbone)
