"""In a few words how a run with a model ended."""

from __future__ import annotations

from recsys.jobs.status import STATES
from recsys.runs.run import Run
from recsys.schema import N_, Message

#: Why it ended → what is kept, by whether the model was calibrated, see `ModelMeasurement`.
_KEPT = {
    "interrupted": {
        True: N_("interrupted, kept at epoch {epoch}"),
        False: N_("interrupted, kept at epoch {epoch}, without the last adjustment"),
    },
    "failed": {
        True: N_("failed, kept at epoch {epoch}"),
        False: N_("failed, kept at epoch {epoch}, without the last adjustment"),
    },
}
_STOPPED = N_("stopped")


def how_it_ended(run: Run) -> Message | None:
    """In a few words how a run with a model ended; None where it got to its end, or is at work."""
    state = run.status().state
    if state == "stopped":
        return Message(_STOPPED)
    if state not in _KEPT:
        return None
    kept = run.model_measurement()
    if kept is None:
        return Message(STATES[state])
    return Message(_KEPT[state][kept.calibrated], {"epoch": f"{kept.epoch:g}"})
