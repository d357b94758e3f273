"""Final runs: the settings of a run that was evaluated, fitted on all events."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from recsys.runs import demo
from recsys.runs.config import Final
from recsys.runs.event_types import reader_of
from recsys.runs.finding import find_run
from recsys.runs.run import Run
from recsys.runs.run_settings import RunSettings
from recsys.runs.store import open_run, runs_folder
from recsys.schema import N_, RecsysError, RunError
from recsys.storage.checked import Unreadable
from recsys.training.config import Device, Stop

_GONE = N_(
    "The run {name} has the settings of the run {measured}, which is gone. Train a model and "
    "evaluate it, then train that on everything."
)


def create_final(
    run: Run, runs_dir: Path, *, name: str | None = None, device: Device | None = None
) -> Run:
    """Make a run that fits the settings of an evaluated run on all of its events.

    A backbone that was taken from another run is trained anew, as long as that run trained it.

    Args:
        device: None for that of the run.

    Raises:
        RunError: if the run is a final one itself, was not evaluated, or cannot be read.
        ConfigError: as `create_run`.
    """
    if run.config.final is not None:
        raise RunError(
            N_("The run {name} learned from all events already. It can be used as it is."),
            name=run.name,
        )
    if run.status().active or not run.has_model() or not run.has_results():
        raise RunError(
            N_(
                "The run {name} was not evaluated, so nobody knows what its settings are worth. "
                "Let it finish first."
            ),
            name=run.name,
        )
    settings = RunSettings.of(run)
    stops = stops_of(run)
    if settings.backbone is not None:
        _ = settings.backbone.config  # raises where it is gone
        stops = (*stops_of(settings.backbone), *stops)
    final = Final(run.name, run.config.created, stops)
    settings = replace(
        settings,
        backbone=None,
        name=name,
        save_as=None,
        final=final,
        device=device or settings.device,
    )
    return settings.create(runs_dir, run.dataset())


def stops_of(run: Run) -> tuple[Stop, ...]:
    """After how many epochs each stage of a training was the best.

    Raises:
        RunError: if its events do not say so.
    """
    stops = _stops(run.events()[0])
    if not stops:
        raise RunError(
            N_(
                "What the run {name} wrote while it was trained cannot be read, so it is not known "
                "for how long. Train it again."
            ),
            name=run.name,
        )
    return stops


def _stops(events: Iterable[dict[str, Any]]) -> tuple[Stop, ...]:
    stops: list[Stop] = []
    last = 0.0
    for written in events:
        try:
            event = reader_of(written.get("event")).validate_python(written)
        except Unreadable:
            continue
        kind = event["event"]
        if kind == "started":
            stops.append(Stop(event["epochs"], float(event["epochs"])))
        elif kind in ("validated", "tested") and stops:
            last = event["epoch"]
            if event["best"]:
                stops[-1] = replace(stops[-1], epoch=float(event["epoch"]))
        elif kind == "finished" and event["reason"] == "minutes" and stops:
            # The learning rate had fallen with the time by then.
            stops[-1] = replace(stops[-1], planned=max(math.ceil(last), 1))
    return tuple(stops)


def measured_run(run: Run) -> Run:
    """The evaluated run whose settings a final one has, and whose figure it inherits.

    Raises:
        RunError: if it is gone.
    """
    final = run.config.final
    assert final is not None
    for folder in (run.folder.parent, runs_folder()):
        with suppress(RecsysError):
            shipped = final.run == demo.NAME
            found = find_run(final.run) if shipped else open_run(folder, final.run)
            if found.config.created == final.created:
                return found
    raise RunError(_GONE, name=run.name, measured=final.run)


def finals_first(runs: Iterable[Run]) -> list[Run]:
    """The same runs, each final one just before the run whose settings it has.

    One whose evaluated run is not among them comes last.
    """
    runs = list(runs)
    finals = [run for run in runs if run.config.final is not None]
    ordered: list[Run] = []
    for run in runs:
        if run.config.final is None:
            ordered += [final for final in finals if _is_of(final, run)]
            ordered.append(run)
    return ordered + [final for final in finals if final not in ordered]


def final_of(run: Run, runs: Iterable[Run]) -> Run | None:
    """The first run among some that fits the settings of another on all events, if any."""
    return next((other for other in runs if _is_of(other, run)), None)


def _is_of(final: Run, run: Run) -> bool:
    said = final.config.final
    return said is not None and (said.run, said.created) == (run.name, run.config.created)
