"""What can be chosen about a model before it is trained, on the Train page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages._ui.common import backbones, runs, setting_widgets
from pages._ui.common.i18n import _
from recsys.runs import Run

if TYPE_CHECKING:
    from recsys.models.settings import Declared


def choose(model: str) -> tuple[dict[str, Any], Run | None]:
    """Draw the settings that stand beside the choice of the model.

    Gives those that differ from its own, and the run that it is to build on.
    """
    from recsys.models import MODELS

    offered = MODELS[model].settings("first")
    values: dict[str, Any] = {}
    backbone = None
    for declared in offered:
        key = f"train-{declared.name}"
        if declared.spec.widget == "backbone":
            values[declared.name], backbone = _backbone(declared, key)
        else:
            values[declared.name] = setting_widgets.draw(declared, key)
    return setting_widgets.differing(offered, values), backbone


def choose_more(model: str) -> dict[str, Any]:
    """Draw its other settings, under a headline; gives those that differ from its own."""
    from recsys.models import MODELS

    offered = MODELS[model].settings("more")
    if not offered:
        return {}
    st.markdown(f"**{runs.model_title(model)}**")
    return setting_widgets.in_columns(offered, f"train-{model}")


def _backbone(declared: Declared, key: str) -> tuple[str, Run | None]:
    """The model to train first and build on, or the run of one that is there."""
    from recsys.models.backbones import BACKBONES

    there = {run.name: run for run in backbones.trained()}
    chosen = st.selectbox(
        _(declared.spec.label),
        [*BACKBONES, *there],
        index=list(BACKBONES).index(declared.default),
        format_func=lambda name: (
            _("{model}: train it first", model=runs.model_title(name))
            if name in BACKBONES
            else _("take the trained one of {run}", run=runs.run_label(there[name]))
        ),
        key=key,
        help=_(declared.spec.help),
    )
    run = there.get(chosen)
    return (chosen, None) if run is None else (run.config.model, run)
