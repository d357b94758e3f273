"""Doing the work of a run: in this process (`execute`), or in one of its own (`start`)."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys.jobs.endings import record_ending, set_down
from recsys.jobs.slots import Queue, slot
from recsys.jobs.status import Status, this_process
from recsys.language_models import describe, folder_of, needs_conversion
from recsys.runs.backbone import build_on
from recsys.runs.model_measurement import ModelMeasurement
from recsys.runs.run import Run
from recsys.schema import N_, Message, RecsysError
from recsys.storage.files import fsync_file, make_last, write_json

if TYPE_CHECKING:
    import pandas as pd

    from recsys.models import Recommender
    from recsys.training import Finished, RatingsTested, Validated

#: Called with every event as it is written to `events.jsonl`.
Observer = Callable[[dict[str, Any]], None]

#: Between two events about texts that a language model reads.
READING_SECONDS = 0.5
#: Between two events about users who are scored.
SCORING_SECONDS = 1.0

_NEXT = N_("Waiting for {names} to end: this one is next.")
_BEHIND = N_("Waiting for {names} to end; before this one wait {count}.")
_HELD_UP = N_(
    "Waiting for {names}, where something does not respond: stop that by force, and the next one "
    "goes on. Before this one wait {count}."
)
_EARLY = N_("It was stopped before there was a model to keep.")


class _StoppedEarlyError(Exception):
    """Somebody asked to stop while there was nothing to keep."""


def start(run: Run) -> None:
    """Train in a process of its own, which also keeps the prompt where that was asked for."""
    run.begin(*(("train",) if run.config.save_as is None else ("prompts", "tune")))


def execute(run: Run, observe: Observer = lambda event: None) -> Status:
    """Train, save and evaluate as `run.config` says; returns the status at the end.

    Failures end in the state "failed" and are not raised: what a person can mend is said in
    `status.message`; of anything else, the traceback goes to the run's `log.txt`.

    Raises:
        RunError: if the run was started before.
        KeyboardInterrupt: passed on, with the run "interrupted".
    """
    with run.owned():
        try:
            run.update(state="waiting", **this_process())
            with slot(run.folder.parent, run.name, _waiting(run, observe)):
                run.update(state="preparing", message=None, started=time.time())
                return _work(run, observe)
        except _StoppedEarlyError:
            early = Message(_EARLY)
            status = set_down(run, state="interrupted", message=early, ended=time.time())
            return _tell_end(run, status, observe)
        except KeyboardInterrupt as error:
            record_ending(run, error)
            raise
        except Exception as error:  # noqa: BLE001 - the status of a process must show how it ended
            return _tell_end(run, record_ending(run, error), observe)


def _waiting(run: Run, observe: Observer) -> Callable[[Queue], None]:
    """Writes an event whenever what a run waits for changes."""
    last_message: Message | None = None

    def waiting(queue: Queue) -> None:
        nonlocal last_message
        if run.stop_requested():
            raise _StoppedEarlyError
        message = _wait_words(run, queue)
        if message != last_message:
            last_message = message
            run.update(message=message)
            observe({"event": "waiting", "message": str(message)})

    return waiting


def _wait_words(run: Run, queue: Queue) -> Message:
    names = {"names": ", ".join(queue.at_work) or "?", "count": queue.before}
    states = [Run(run.folder.parent / name).status().state for name in queue.at_work]
    if "unresponsive" in states:
        return Message(_HELD_UP, names)
    return Message(_BEHIND, names) if queue.before else Message(_NEXT, {"names": names["names"]})


def _work(run: Run, observe: Observer) -> Status:
    def say(event: dict[str, Any]) -> None:
        run.add_event(event)
        observe(event)

    say({"event": "state", "state": "preparing"})
    model = _build(run)
    _get_language_model(run, say)
    if run.config.final is not None:
        _train_on_all(run, model, say)
        say({"event": "state", "state": "finished"})
        return run.update(state="finished", ended=time.time())
    reason = _train(run, model, say)
    run.update(state="evaluating")
    say({"event": "state", "state": "evaluating"})
    results = evaluate_run(run, model, say)
    ended = "stopped" if reason == "stopped" else "finished"
    say({"event": "state", "state": ended})
    return run.update(state=ended, ended=time.time(), test_ndcg=results["metrics"]["ndcg@10"])


def _build(run: Run) -> Recommender:
    """The untrained model; its settings are added to the run's config."""
    from recsys.models import MODELS, make
    from recsys.training.devices import configured_device

    config = run.config
    chosen = dict(config.model_config)
    if MODELS[config.model].reads_prompts and config.prompt_source is not None:
        chosen["prompt"] = config.prompt_source
    if config.language_model is not None:
        chosen["language_model"] = config.language_model
    model = make(config.model, chosen)
    if config.backbone_run is not None:
        build_on(model, config.backbone_run)
    settings = replace(
        config,
        model_config=asdict(model.config),
        device="cuda" if configured_device(config.device).type == "cuda" else "cpu",
        command=tuple(sys.argv),
    )
    write_json(run.folder / "config.json", settings.to_dict())
    return model


def _get_language_model(run: Run, say: Observer) -> None:
    """Find the language model before anything else, converting it first if need be."""
    name = run.config.language_model
    if name is None:
        return
    if needs_conversion(name):
        say({"event": "converting", "language_model": describe(name).title})
    folder_of(name)


def _train(run: Run, model: Recommender, say: Observer) -> str:
    """Fit the model and save it; returns why training ended."""
    from recsys.runs.measure import validation_ndcg
    from recsys.training import (
        Finished,
        Paused,
        RatingsTested,
        Resumed,
        Stage,
        Started,
        TrainingConfig,
        Validated,
        fit,
    )

    config = run.config
    training = TrainingConfig(
        epochs=config.epochs, minutes=config.minutes, seed=config.seed, device=config.device
    )
    reason, whole = "", True
    kept: ModelMeasurement | None = None
    saved: ModelMeasurement | None = None
    split = run.split()
    events = fit(
        model,
        split,
        training,
        validate=validation_ndcg(split),
        control=run.control,
        progress=_reading(run, say),
    )
    for event in events:
        changes: dict[str, Any] = {}
        if isinstance(event, Started | Resumed):
            changes["state"] = "training"
        elif isinstance(event, Paused):
            changes["state"] = "paused"
        elif isinstance(event, Stage):
            whole = event.stage == event.of  # before, there is nothing to save
        elif isinstance(event, Validated | RatingsTested):
            changes["epoch"] = event.epoch
            if whole and event.best:
                kept = _measured(event, model)
        elif isinstance(event, Finished):
            reason = event.reason
            if kept is None or model.calibrates:  # else the best was saved when it was measured
                kept = _measured(event, model)
        # The model comes first, so that nothing is claimed that is not on disk.
        if kept is not None and kept is not saved:
            run.save_model(model, kept)
            saved, changes["best_ndcg"] = kept, kept.ndcg
        if changes:
            run.update(**changes)
        say(event.to_dict())
    return reason


def _train_on_all(run: Run, model: Recommender, say: Observer) -> None:
    """Fit the model on all events and save it; what was stopped half way is not kept.

    Raises:
        RunError: if the run whose settings it has cannot be read any more.
    """
    from recsys.runs.final import measured_run
    from recsys.training import Finished, Paused, Resumed, Started, TrainingConfig
    from recsys.training.final import fit_all

    config = run.config
    assert config.final is not None
    events = fit_all(
        model,
        run.dataset(),
        TrainingConfig(seed=config.seed, device=config.device),
        config.final.stops,
        measured_run(run).model(),
        control=run.control,
        progress=_reading(run, say),
    )
    for event in events:
        if isinstance(event, Finished):
            if event.reason == "stopped":
                raise _StoppedEarlyError
            run.save_model(model, ModelMeasurement(event.best_epoch))
        if isinstance(event, Started | Resumed | Paused):
            run.update(state="paused" if isinstance(event, Paused) else "training")
        say(event.to_dict())


def _measured(event: Validated | RatingsTested | Finished, model: Recommender) -> ModelMeasurement:
    """What the model in its present state was measured at."""
    from recsys.training import Finished, RatingsTested

    if isinstance(event, Finished):
        return ModelMeasurement(event.best_epoch, event.best_ndcg, event.best_loss)
    left = not model.calibrates
    if isinstance(event, RatingsTested):
        return ModelMeasurement(event.epoch, loss=event.validation_loss, calibrated=left)
    return ModelMeasurement(event.epoch, event.ndcg, calibrated=left)


def _reading(run: Run, say: Observer) -> Callable[[int, int], None]:
    """Writes events about the texts that the language model has read, and the time left.

    Texts come in several lots (of the items, of the values, of what a probe learns from); the time
    left is that of the present one.
    """
    began = at = said = time.monotonic()
    said = float("-inf")
    before, last, seconds = 0, 0, 0.0

    def progress(done: int, total: int) -> None:
        nonlocal began, at, said, before, last, seconds
        if run.stop_requested():
            raise _StoppedEarlyError
        now = time.monotonic()
        if done < last:  # another set of texts
            began, before = now, done
        else:
            seconds += now - at
        at, last = now, done
        if done >= total or now - said > READING_SECONDS:
            said = now
            left = (now - began) * (total - done) / (done - before) if done > before else None
            event = {"event": "reading", "done": done, "total": total, "seconds": round(seconds, 1)}
            say(event if left is None else {**event, "eta_seconds": round(left, 1)})

    return progress


def _scoring(say: Observer) -> Callable[[int, int], None]:
    """Writes events about the users measured, where it takes long."""
    began = said = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said > SCORING_SECONDS:
            said = now
            left = (now - began) * (total - done) / done
            say({"event": "scoring", "done": done, "total": total, "eta_seconds": round(left, 1)})

    return progress


def evaluate_run(run: Run, model: Recommender, say: Observer) -> dict[str, Any]:
    """Measure the model and the baselines on the test users, and keep the results in the run."""
    from recsys.runs.measure import (
        affordable,
        evaluate_baselines,
        evaluate_model,
        evaluate_rating_model,
        gain,
        per_user_frame,
        report,
    )

    split = affordable(model, run.split())
    say({"event": "evaluating", "what": run.config.model})
    own = evaluate_model(model, split, _scoring(say))
    baselines = evaluate_baselines(split, lambda name: say({"event": "evaluating", "what": name}))
    if model.backbone is not None:
        say({"event": "evaluating", "what": model.backbone.name})
        baselines[model.backbone.name] = evaluate_model(model.backbone, split)
    frame = per_user_frame(split.test.users, {"model": own, **baselines})
    _write_lasting(frame, run.folder / "per_user.parquet")
    results = report(run.name, run.config.data, run.config.data_hash, own, baselines)
    if model.backbone is not None:
        results["gain"] = gain(own, model.backbone.name, baselines[model.backbone.name])
    if model.predicts_ratings:
        results["ratings"] = evaluate_rating_model(model, split)
    write_json(run.folder / "evaluation.json", results)
    make_last(run.folder / "evaluation.json")
    return results


def _write_lasting(frame: pd.DataFrame, path: Path) -> None:
    """Replace a Parquet file so that a reader sees the old one or the new one, never half."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        frame.to_parquet(new)
        fsync_file(new)
        os.replace(new, path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _tell_end(run: Run, status: Status, observe: Observer) -> Status:
    """Write an event where it ended otherwise than planned."""
    event = {"event": "state", "state": status.state, "message": str(status.message)}
    with suppress(
        OSError, RecsysError
    ):  # the disk is full, or the folder is gone: the status has it
        run.add_event(event)
    observe(event)
    return status
