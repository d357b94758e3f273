"""A model that is not trained: chosen, read, measured, and asked for a wish."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pages._ui.train import train_form
from recsys.jobs.status import this_process
from recsys.models.zero_shot import likelihood
from recsys.runs import create_run, execute, list_runs
from tests.app.made_runs import made, tiny
from tests.app.support import Open, html_of, words
from tests.models.tiny import tiny_gpt2

SCORING: list[dict[str, Any]] = [
    {"event": "started", "elapsed": 0.0, "model": "zero-shot", "positions_per_epoch": 9,
     "epochs": 1, "trainable_parameters": 0},
    {"event": "finished", "elapsed": 40.0, "reason": "computed", "best_epoch": 0, "best_ndcg": 0.0,
     "positions_per_second": 9.0},
    {"event": "evaluating", "what": "zero-shot"},
    {"event": "scoring", "done": 5, "total": 20, "eta_seconds": 45.0},
]  # fmt: skip


def test_from_the_form_to_a_wish(
    open_app: Open, runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tiny()
    monkeypatch.setattr(train_form.state, "dataset", lambda: data)
    monkeypatch.setattr(train_form, "start", execute)  # here instead of in a process of its own
    app = open_app("train", lang="en")
    app.radio(key="train-model").set_value("zero-shot").run()
    app.selectbox(key="train-prompt").set_value("intent").run()
    app.text_input(key="train-name").set_value("asked").run()
    app.button(key="train-start").click().run(timeout=120)
    assert not app.exception and not app.error
    (run,) = list_runs(runs_dir)
    assert run.config.language_model == "minilm" and run.config.prompt_name == "intent"
    assert "computed in one step" in words(app) and "NDCG@10" in words(app)
    assert not app.get("plotly_chart")  # nothing was trained, so there is no curve
    app.button(key="see-asked").click().run()
    assert app.title[0].value == "Recommend"
    plain = html_of(app)
    app.text_input(key="wish").set_value("a war drama").run()
    assert not app.exception and html_of(app) != plain


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Measuring: 5 of 20 test users, about 45 s left"),
        ("zh", "正在测量：20 位测试用户中的第 5 位，约剩 45 秒"),
    ],
)
def test_a_slow_model_says_how_far_its_measuring_is(
    open_app: Open, runs_dir: Path, lang: str, said: str
) -> None:
    run = create_run(runs_dir, tiny(), model="zero-shot", name="slow")
    run.update(state="evaluating", started=0.0, **this_process())
    for event in SCORING:
        run.add_event(event)
    app = open_app("train", lang=lang, run="slow")
    progress = app.get("progress")[0].proto
    assert (progress.text, progress.value) == (said, 25)
    assert not app.get("plotly_chart")


def test_a_model_measured_on_some_users_says_so_beside_others(
    open_app: Open, runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likelihood, "EVALUATION_NODES", 150)
    some = made(runs_dir, "zero-shot", name="some", language_model=str(tiny_gpt2()))
    made(runs_dir, "mf", name="all")
    users = some.evaluation()["users"]
    assert 1 < users < 12
    app = open_app("evaluate", lang="en", run="some")
    app.multiselect[0].set_value(["some", "all"]).run()
    assert not app.exception and not app.error
    assert f"Zero-shot · {users} test users" in words(app)
    assert "some of the 12 test users, drawn at random" in words(app)
