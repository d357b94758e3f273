"""What can be chosen about a model before it is trained, on the Train page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages._ui.common import runs, state
from pages._ui.common.i18n import _
from recsys.runs import Run
from recsys.schema import N_

#: Objectives → (words, what they mean).
_LEARNS = {
    "implicit": (
        N_("Which items are met"),
        N_("Every event counts alike; items are ranked by how likely they come next."),
    ),
    "ratings": (
        N_("Which ratings are given"),
        N_("Predicts the number of stars by squared error; items are ranked by it."),
    ),
}
#: Hidden layers → their words; None leaves them to the model.
_LAYERS = {
    None: N_("as the objective needs"),
    (): N_("none: one linear layer"),
    (64,): "64",
    (64, 32): "64, 32",
}


#: The general models that a prompt can be tuned on.
_GENERAL = ("mf", "sasrec")


def choose(model: str) -> tuple[dict[str, Any], Run | None]:
    """Draw what this model lets one choose.

    Gives the settings that differ from its own, and the run that it is to build on.
    """
    settings: dict[str, Any] = {}
    backbone = None
    if model == "prompt-tuned":
        settings["general"], backbone = _backbone()
    if model in ("mf", "ncf"):
        settings["objective"] = _objective()
    if model == "ncf":
        settings["hidden"] = _hidden()
    return settings, backbone


def _objective() -> str:
    rated = state.dataset().rating is not None
    names = list(_LEARNS) if rated else ["implicit"]
    chosen = st.radio(
        _("What it learns"),
        names,
        format_func=lambda name: _(_LEARNS[name][0]),
        captions=[_(_LEARNS[name][1]) for name in names],
        key="train-objective",
    )
    if not rated:
        st.caption(_("This data has no ratings, so there are none to learn."))
    return chosen


def _backbone() -> tuple[str, Run | None]:
    """The general model to train first, or the run of one that is there."""
    there = {run.name: run for run in runs.usable_runs() if _can_be_built_on(run)}
    chosen = st.selectbox(
        _("General model"),
        [*_GENERAL, *there],
        format_func=lambda name: (
            _("{model}: train it first", model=runs.model_title(name))
            if name in _GENERAL
            else _("take the trained one of {run}", run=runs.run_label(there[name]))
        ),
        key="train-general",
        help=_("It is frozen; only the prompt is tuned on top of it."),
    )
    run = there.get(chosen)
    return (chosen, None) if run is None else (run.config.model, run)


def _can_be_built_on(run: Run) -> bool:
    config = run.config
    return (
        config.model in _GENERAL
        and config.data_hash == state.dataset().content_hash
        and config.model_config.get("objective", "implicit") == "implicit"
    )


def _hidden() -> tuple[int, ...] | None:
    return st.selectbox(
        _("Hidden layers"),
        list(_LAYERS),
        format_func=lambda widths: _(_LAYERS[widths]),
        key="train-hidden",
        help=_(
            "A linear layer alone adds the same to an item for everybody. It can predict ratings, "
            "but ranks alike for all users; a hidden layer makes the ranking personal."
        ),
    )
