"""Which of several runs to begin with, and which are baselines."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys.dataset import Dataset
from recsys.runs import Run, create_run
from recsys.runs.choosing import best_first, was_trained_enough


def run(runs_dir: Path, data: Dataset, name: str, **status: object) -> Run:
    made = create_run(runs_dir, data, model="popularity", name=name)
    made.update(**status)
    return made


def test_the_best_by_validation_comes_first(runs_dir: Path, small: Dataset) -> None:
    runs = [
        run(runs_dir, small, "unmeasured", state="finished"),
        run(runs_dir, small, "good", state="finished", best_ndcg=0.2),
        run(runs_dir, small, "best", state="stopped", best_ndcg=0.3),
        run(runs_dir, small, "alike", state="finished", best_ndcg=0.2),
    ]
    assert [each.name for each in best_first(runs)] == ["best", "good", "alike", "unmeasured"]


def test_figures_of_one_protocol_stand_together(runs_dir: Path, small: Dataset) -> None:
    runs = []
    for name, protocol, ndcg in (
        ("unmeasured", "leave-last-out", None),
        ("by time", "global-time", 0.9),
        ("good", "leave-last-out", 0.2),
        ("at random", "random", 0.5),
        ("best", "leave-last-out", 0.3),
    ):
        made = create_run(runs_dir, small, model="popularity", name=name, protocol=protocol)
        made.update(state="finished", best_ndcg=ndcg)
        runs.append(made)
    names = [each.name for each in best_first(runs)]
    assert names == ["best", "good", "at random", "by time", "unmeasured"]


@pytest.mark.parametrize(
    ("epoch", "reason", "enough"),
    [
        (4, "stopped", False),
        (4, "minutes", False),
        (30, "minutes", True),
        (4, "patience", True),
        (60, "epochs", True),
    ],
)
def test_a_run_of_a_few_epochs_is_no_baseline(
    runs_dir: Path, small: Dataset, epoch: int, reason: str, enough: bool
) -> None:
    made = run(runs_dir, small, "one", state="stopped" if reason == "stopped" else "finished")
    made.add_event(
        {"event": "started", "epochs": 60, "trainable_parameters": 9, "positions_per_epoch": 9}
        | {"elapsed": 0.0, "minutes": None, "model": "sasrec"}
    )
    made.add_event(
        {"event": "step", "elapsed": 1.0, "epoch": epoch, "step": 9, "loss": 1.0}
        | {"positions_per_second": 9.0, "eta_seconds": 1.0}
    )
    made.add_event(
        {"event": "finished", "reason": reason, "elapsed": 2.0, "epochs": epoch, "best_epoch": 1}
        | {"best_ndcg": 0.1, "positions_per_second": 9.0, "best_loss": None, "steps": 9}
    )
    assert was_trained_enough(made) is enough


def test_a_grid_is_remembered(runs_dir: Path, small: Dataset) -> None:
    made = create_run(runs_dir, small, model="popularity", grid="grid-1")
    assert Run(made.folder).config.grid == "grid-1"
    assert create_run(runs_dir, small, model="popularity", name="b").config.grid is None
