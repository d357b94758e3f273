"""Trained models that a prompt can be tuned on."""

from __future__ import annotations

from pages._ui.common import runs, state
from recsys.runs import Run
from recsys.schema import RecsysError


def trained() -> list[Run]:
    """The runs on the current data whose models another can build on."""
    return [run for run in runs.usable_runs() if _can_be_built_on(run)]


def _can_be_built_on(run: Run) -> bool:
    from recsys.models.backbones import can_be_built_on

    config = run.config
    try:
        fits = can_be_built_on(config.model, config.model_config)
    except (RecsysError, TypeError):  # settings of another version
        return False
    return fits and config.final is None and config.data_hash == state.dataset().content_hash
