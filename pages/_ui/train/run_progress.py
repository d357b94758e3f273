"""What the process of a run is doing, in one sentence."""

from __future__ import annotations

from pages._ui.common import runs
from pages._ui.common.i18n import _, say
from pages._ui.common.widgets import plain
from recsys.runs import Run, Status
from recsys.runs.curves import Curves

#: More events than this make the preparation long.
_MANY_EVENTS = 500_000


def doing(run: Run, status: Status, curves: Curves) -> str:
    """What the process is at, in one sentence."""
    if run.stop_requested() and status.state in ("training", "paused"):
        return _("Stopping after this step; the best model is kept …")
    if status.state == "paused":
        return _("Paused: press “Go on”, and it trains on from where it was.")
    if status.message is not None:
        return plain(say(status.message))
    if status.state == "waiting":
        return _("Starting a training process of its own …")
    if status.state == "evaluating":
        if curves.measuring is None:
            return _("Measuring on the test users …")
        if curves.counting is not None and curves.eta is not None:
            _what, done, total = curves.counting
            return _(
                "Measuring: {done} of {total} test users, about {time} left",
                done=f"{done:,}",
                total=f"{total:,}",
                time=runs.duration(curves.eta),
            )
        return _("Measuring on the test users: {model} …", model=runs.model_title(curves.measuring))
    if curves.converting is not None and curves.counting is None:
        return _(
            "Preparing the language model {name} for its first use; takes up to a minute, once …",
            name=plain(curves.converting),
        )
    if curves.counting is not None:
        return _reading(run, curves)
    if status.state == "preparing" or (not curves.loss and curves.stage is None):
        if run.config.n_events > _MANY_EVENTS:
            return _(
                "Preparing the data and the model; with so many events this takes a minute or two …"
            )
        return _("Preparing the data and the model …")
    if curves.stage is not None:
        return _in_stage(*curves.stage, curves.eta)
    if curves.eta is None:
        return _("Training …")
    return _("Training: about {time} left", time=runs.duration(curves.eta))


def _reading(run: Run, curves: Curves) -> str:
    """The share of texts that the language model has encoded, which happens before training."""
    _what, done, total = curves.counting or ("", 0, 0)
    places = {"done": f"{done:,}", "total": f"{total:,}"}
    if curves.eta is None:
        return _("Reading texts with the language model: {done} of {total} …", **places)
    places["time"] = runs.duration(curves.eta)
    minutes = run.config.minutes
    if minutes is None:
        return _(
            "Reading texts with the language model: {done} of {total}, about {time} left; then it "
            "trains",
            **places,
        )
    return _(
        "Reading texts with the language model: {done} of {total}, about {time} left; then it "
        "trains for {training} at most",
        **places,
        training=runs.duration(minutes * 60),
    )


def _in_stage(number: int, of: int, model: str, eta: float | None) -> str:
    """What a stage of a training is doing."""
    places = {"number": number, "of": of, "model": runs.model_title(model)}
    if eta is None:
        return _("Stage {number} of {of}, {model}: training …", **places)
    return _(
        "Stage {number} of {of}, {model}: about {time} left", **places, time=runs.duration(eta)
    )
