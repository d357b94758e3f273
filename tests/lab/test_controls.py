"""What a result has to beat, on models that do and that cannot."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.dataset import Dataset
from recsys.evaluation import Comparison, paired_bootstrap
from recsys.evaluation.metrics import ndcg
from recsys.lab.control_measures import as_others, controls_of, others
from recsys.lab.controls import CONTROLS, Control
from recsys.models.prompt_tuned import PromptTuned
from recsys.prompts import LIBRARY
from recsys.ranking import seen_items, top_k
from recsys.runs import Run, create_run, evaluate_run, execute
from recsys.schema import RunError
from tests.app.made_runs import made
from tests.models.support import planted
from tests.models.tiny import tiny_bert, tiny_gpt2


def data_of(histories: list[list[int]]) -> Dataset:
    rows = [(f"u{user}", f"i{item}") for user, items in enumerate(histories) for item in items]
    events = pd.DataFrame(rows, columns=["user_id", "item_id"])
    return Dataset.from_frames(events, name="made")


@settings(deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=3), min_size=2, max_size=9),
    st.integers(0, 3),
    st.data(),
)
def test_nobody_keeps_their_own_history(
    histories: list[list[int]], seed: int, draw: st.DataObject
) -> None:
    data = data_of(histories)
    chosen = draw.draw(st.sets(st.integers(0, len(histories) - 1), min_size=2))
    users = np.array(sorted(chosen))
    found = others(data, users, seed)
    assert sorted(found) == users.tolist()  # each stands in for one
    assert (found != users).all()
    known = [tuple(data.history(int(user))) for user in users]
    if max(map(known.count, known)) <= len(users) // 2:
        got = [tuple(data.history(int(user))) for user in found]
        assert all(a != b for a, b in zip(known, got, strict=True))


def test_the_same_seed_shuffles_alike_and_another_does_not() -> None:
    data = data_of([[user % 5, 7] for user in range(40)])
    users = np.arange(40)
    assert np.array_equal(others(data, users, 1), others(data, users, 1))
    assert not np.array_equal(others(data, users, 1), others(data, users, 2))


def test_what_is_as_good_is_not_beaten() -> None:
    nothing = Control(0.5, Comparison(0.0, 0.0, 0.0, 1.0))
    unsure = Control(0.5, Comparison(0.1, -0.01, 0.2, 0.06))
    worse = Control(0.5, Comparison(-0.1, -0.2, -0.05, 0.001))
    better = Control(0.5, Comparison(0.1, 0.01, 0.2, 0.01))
    assert [c.beaten for c in (nothing, unsure, worse, better)] == [False, False, False, True]
    assert Control.from_dict({**better.to_dict(), "beaten": False}) == better


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A model that learned what follows what, where popularity knows nothing."""
    return made(tmp_path_factory.mktemp("runs"), "slit", planted())


def test_what_uses_histories_beats_its_controls(counted: Run) -> None:
    found = controls_of(counted)
    assert list(found) == ["popularity", "shuffled-histories"]
    assert all(control.beaten for control in found.values())


def test_shuffled_histories_by_hand(counted: Run) -> None:
    holdout, model = counted.split().test, counted.model()
    stand_in = dict(zip(holdout.users, others(holdout.history, holdout.users), strict=True))
    lists = []
    for user in holdout.users:
        of_other = as_others(model, holdout)(np.array([user]))
        seen = seen_items(holdout.history, np.array([user]))  # their own
        lists.append(top_k(of_other, 10, seen)[0][0])
        assert stand_in[user] != user
    reached = ndcg(np.array(lists), holdout.targets).astype(np.float32)
    control = controls_of(counted)["shuffled-histories"]
    assert control.value == pytest.approx(float(reached.mean()))
    own = counted.per_user()["model"]["ndcg@10"]
    assert control.difference == paired_bootstrap(own, reached)


def test_popularity_makes_nothing_of_histories(tmp_path: Path) -> None:
    found = controls_of(made(tmp_path, "popularity"))
    assert list(found) == ["shuffled-histories"]
    control = found["shuffled-histories"]
    assert control.difference == Comparison(0.0, 0.0, 0.0, 1.0)
    assert not control.beaten


def test_a_prompt_that_moves_nothing_adds_nothing(tmp_path: Path) -> None:
    run = made(tmp_path, "prompt-tuned", language_model=str(tiny_bert()))
    model = run.model()
    assert isinstance(model, PromptTuned)
    model.strength = 0.0
    run.save_model(model)
    evaluate_run(run, model, lambda event: None)
    still = controls_of(Run(run.folder))["empty-prompt"]
    assert still.difference.delta == 0.0 and not still.beaten


def test_they_are_kept_and_read_again(counted: Run) -> None:
    controls_of(counted)
    found = controls_of(counted, lambda *told: pytest.fail("measured twice"))
    assert set(found) <= set(CONTROLS)
    (counted.folder / "controls.json").write_text("{", "utf-8")
    assert controls_of(counted) == found


def test_slow_models_are_measured_on_the_users_of_their_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recsys.models.zero_shot.likelihood.EVALUATION_NODES", 300)
    run = create_run(
        tmp_path,
        planted(),
        model="zero-shot",
        template=LIBRARY["profile"],
        language_model=str(tiny_gpt2()),
    )
    assert execute(run).state == "finished"
    users = run.evaluation()["users"]
    assert users < len(run.split().test.users)
    told: list[tuple[str, int, int]] = []
    found = controls_of(run, lambda *count: told.append(count))
    assert list(found) == [name for name in CONTROLS if name != "backbone"]
    assert {total for _name, _done, total in told} == {users}


def test_a_run_without_results_has_none(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no results yet"):
        controls_of(create_run(tmp_path, planted(), model="ease"))


def test_what_an_earlier_version_measured_is_read(tmp_path: Path) -> None:
    """The control that is the backbone was called "general-model" then."""
    written = {"value": 0.2, "delta": 0.1, "low": 0.05, "high": 0.15, "p_value": 0.01}
    (tmp_path / "controls.json").write_text(json.dumps({"general-model": written}), "utf-8")
    control = Control(0.2, Comparison(0.1, 0.05, 0.15, 0.01))
    assert controls_of(Run(tmp_path)) == {"backbone": control}


def test_what_builds_on_a_backbone_has_to_beat_it(tmp_path: Path) -> None:
    run = made(tmp_path, "prompt-tuned", planted(), language_model=str(tiny_bert()))
    found = controls_of(run)
    assert list(found) == list(CONTROLS)
    gain = run.evaluation()["gain"]
    assert found["backbone"].difference.delta == pytest.approx(gain["delta"], abs=1e-6)
