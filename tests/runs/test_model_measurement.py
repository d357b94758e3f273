"""The number in a run's status is that of the model on disk, whenever the work was broken off."""

from __future__ import annotations

import shutil
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys.models import MODELS
from recsys.models.base import GradientRecommender
from recsys.prompts import Template
from recsys.runs import Run, create_run, execute
from recsys.runs.measure import validation_ndcg
from tests.models.support import SHORT_PROMPT, planted, small_model
from tests.models.tiny import tiny_bert

GRADIENT = [name for name, kind in MODELS.items() if issubclass(kind, GradientRecommender)]
EPOCHS = 4


class Died(BaseException):
    """The end of a process, which nobody can catch."""


def new(folder: Path, name: str, **chosen: Any) -> Run:
    """A run of a small model on the planted data."""
    small = small_model(name).config
    own = {field.name: getattr(MODELS[name]().config, field.name) for field in fields(small)}
    settings = {key: value for key, value in asdict(small).items() if value != own[key]}
    reads = MODELS[name].reads_prompts
    settings = {k: v for k, v in settings.items() if k not in ("prompt", "language_model")}
    return create_run(
        folder,
        planted(),
        model=name,
        model_config={**settings, **chosen},
        template=Template.parse(SHORT_PROMPT) if reads else None,
        language_model=str(tiny_bert()) if reads else None,
        epochs=EPOCHS,
        seed=3,
    )


def moments(run: Run) -> list[Run]:
    """Work on a run to its end; as its folder is whenever something is told.

    A process that is killed then leaves just that.
    """
    copies: list[Run] = []

    def observe(event: dict[str, Any]) -> None:
        if event["event"] in ("started", "validated", "tested", "finished", "evaluating"):
            copies.append(Run(run.folder.with_name(f"{run.name}-{len(copies)}")))
            shutil.copytree(run.folder, copies[-1].folder)

    assert execute(run, observe).state == "finished", run.log()
    return [*copies, run]


def rating_loss(run: Run, model: Any) -> float:
    users, items, ratings = run.split().validation.rated()
    return float(np.mean(np.square(model.predict(users, items) - ratings)))


@pytest.mark.parametrize("name", GRADIENT)
def test_what_is_claimed_is_on_disk(name: str, tmp_path: Path) -> None:
    claimed, seen = 0, {}
    for found in moments(new(tmp_path, name)):
        status, kept, told = found.status(), found.model_measurement(), found.events()[0]
        if kept is None:  # before the first epoch, or while a backbone is trained
            assert status.best_ndcg is None and not found.has_model()
            continue
        claimed += 1
        assert status.best_ndcg == kept.ndcg
        if kept not in seen:
            seen[kept] = validation_ndcg(found.split())(found.model())
        assert seen[kept] == pytest.approx(status.best_ndcg, abs=5e-5)
        if told[-1]["event"] == "validated":  # and nothing better was thrown away
            best = [e["ndcg"] for e in told if e["event"] == "validated" and e["best"]]
            assert kept.ndcg == pytest.approx(best[-1], abs=1e-9)
    assert claimed > EPOCHS
    # What is chosen at the end of training counts as well; killed while measured, it is there.
    assert kept is not None and kept.calibrated


@pytest.mark.parametrize("name", ["mf", "ncf"])
def test_what_is_claimed_of_ratings_is_on_disk(name: str, tmp_path: Path) -> None:
    claimed = 0
    for found in moments(new(tmp_path, name, objective="ratings")):
        kept, told = found.model_measurement(), found.events()[0]
        if kept is None:
            continue
        claimed += 1
        assert kept.loss is not None and found.status().best_ndcg is None
        assert rating_loss(found, found.model()) == pytest.approx(kept.loss, abs=5e-5)
        tested = [e for e in told if e["event"] == "tested" and e["best"]]
        assert kept.loss == pytest.approx(tested[-1]["validation_loss"], abs=1e-9)
    assert claimed > EPOCHS


def test_what_is_computed_at_once_is_claimed(tmp_path: Path) -> None:
    last = moments(new(tmp_path, "ease"))[-1]
    assert last.status().best_ndcg == pytest.approx(validation_ndcg(last.split())(last.model()))


def test_a_death_between_the_model_and_the_status_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any call by which something reaches the disk while a checkpoint is made."""
    made = next(run for run in moments(new(tmp_path, "mf")) if run.has_model())
    for at in range(1, 40):
        run = Run(tmp_path / f"at-{at}")
        shutil.copytree(made.folder, run.folder)
        with monkeypatch.context() as patch:
            dying_at(patch, at)
            try:
                run.save_model(*another(run))
                run.update(best_ndcg=0.5)
                done = True
            except Died:
                done = False
        found = Run(run.folder)
        status, kept = found.status(), found.model_measurement()
        assert kept is not None
        assert status.best_ndcg == kept.ndcg
        first = max(float(np.abs(value).max()) for value in found.model().tensors().values())
        assert (first == 0) == (kept.ndcg == 0.5)
        if done:
            assert kept.ndcg == 0.5 and at > 4
            break
    else:
        pytest.fail("it never got to its end")


def another(run: Run) -> tuple[Any, Any]:
    """A model whose weights are all 0, and what it was measured at, which is not so."""
    import torch

    from recsys.runs.model_measurement import ModelMeasurement

    model: Any = Run(run.folder).model()
    with torch.no_grad():
        for parameter in model.network.parameters():
            parameter.zero_()
    return model, ModelMeasurement(epoch=9, ndcg=0.5)


def dying_at(patch: pytest.MonkeyPatch, at: int) -> None:
    """Let the process end at the so-maniest call that changes a folder."""
    import os
    import shutil

    left = at

    def counted(real: Any) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:  # the dead do not tidy up
                raise Died
            return real(*args, **named)

        return call

    for place, name in ((os, "replace"), (os, "mkdir"), (os, "rename"), (shutil, "rmtree")):
        patch.setattr(place, name, counted(getattr(place, name)))
