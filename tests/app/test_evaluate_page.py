"""The Evaluate page: what is compared with what, and what is said about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pages._ui.evaluate import compare
from recsys.prompts import LIBRARY
from recsys.runs import Run
from tests.app.made_runs import at_work, made, tiny
from tests.app.support import Open, html_of, link, words


def table(bodies: list[str]) -> str:
    return next(body for body in bodies if '<table class="pr-table"' in body)


def test_without_results_there_is_a_way_to_the_first(open_app: Open) -> None:
    app = open_app("evaluate", lang="en")
    assert app.button(key="first-model-evaluate").label == "Train your first model"


@pytest.mark.parametrize(
    ("lang", "heads"), [("en", ["Recall@10", "Diversity@10"]), ("zh", ["召回率@10"])]
)
def test_models_stand_beside_baselines(
    open_app: Open, runs_dir: Path, lang: str, heads: list[str]
) -> None:
    made(runs_dir, "mf", name="mine")
    made(runs_dir, "sasrec", name="strong")
    app = open_app("evaluate", lang=lang, run="mine")
    assert not app.error and not app.exception
    shown = table(html_of(app))
    assert shown.count("<tr>") == 5  # heads, both runs, popularity, EASE
    assert "SASRec" in shown and all(head in shown for head in heads)
    assert "train-sasrec" not in {button.key for button in app.button}


@pytest.mark.parametrize(
    ("lang", "liked"), [("en", "Accuracy of “liked”"), ("zh", "“喜欢”判断准确率")]
)
def test_predicted_ratings_stand_beside_means(
    open_app: Open, runs_dir: Path, lang: str, liked: str
) -> None:
    made(runs_dir, "mf", name="stars", model_config={"objective": "ratings"}, epochs=3)
    made(runs_dir, "mf", name="mine")
    app = open_app("evaluate", lang=lang, run="stars")
    assert not app.error and not app.exception
    tables = [body for body in html_of(app) if '<table class="pr-table"' in body]
    assert len(tables) == 2 and "NDCG" in tables[0]
    assert liked in tables[1] and tables[1].count("<tr>") == 4  # heads, the run, two means
    assert any("12" in caption.value and "4" in caption.value for caption in app.caption)
    assert len(tables) == 2
    app = open_app("evaluate", lang=lang, run="mine")
    assert liked not in words(app)


@pytest.mark.parametrize(
    ("lang", "told"), [("en", "not distinguishable from no gain"), ("zh", "无法区分")]
)
def test_what_a_prompt_adds_is_said(open_app: Open, runs_dir: Path, lang: str, told: str) -> None:
    run = made(runs_dir, "prompt-tuned", name="tuned")
    assert not run.evaluation()["gain"]["distinguishable"]  # one epoch on a dozen users
    app = open_app("evaluate", lang=lang, run="tuned")
    assert not app.error and not app.exception
    said = words(app)
    assert told in said
    assert table(html_of(app)).count("<tr>") == 5  # heads, itself, popularity, EASE, its backbone


def test_the_first_model_is_compared_with_each_other(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "mf", name="mine")
    app = open_app("evaluate", lang="en")
    said = [m.value for m in app.markdown if "95% interval" in m.value and "NDCG" in m.value]
    assert len(said) == 2 and "EASE" in said[1]
    app.selectbox(key="evaluate-metric").set_value("coverage").run()
    assert not [m for m in app.markdown if "95% interval" in m.value and "Catalogue" in m.value]


def test_length_of_the_list_is_chosen(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "mf", name="mine")
    app = open_app("evaluate", lang="en")
    app.segmented_control(key="evaluate-k").set_value(5).run()
    assert "NDCG@5" in table(html_of(app)) and "NDCG@10" not in table(html_of(app))


def test_the_card_says_how_it_was_measured(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "mf", name="mine")
    said = words(open_app("evaluate", lang="en"))
    assert "leave-last-out" in said and "last new item is hidden" in said
    assert "12 test users" in said and "without sampling" in said


def test_runs_on_other_data_are_kept_apart(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "mf", name="mine")
    made(runs_dir, "mf", name="other", data=tiny("other", shift=1))
    app = open_app("evaluate", lang="en", run="mine")
    box = next(box for box in app.multiselect if box.key and box.key.startswith("compare-"))
    assert box.value == ["mine"] and len(box.options) == 1
    app.button(key="open-other").click().run()
    assert link(app, "run") == "other" and not app.exception


def test_the_missing_sequential_baseline_can_be_trained(
    open_app: Open, runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Run] = []
    monkeypatch.setattr("recsys.runs.start", started.append)
    mine = made(runs_dir, "mf", name="mine", seed=3)
    app = open_app("evaluate", lang="en")
    app.button(key="train-sasrec").click().run()
    assert not app.exception
    (run,) = started
    assert (run.config.model, run.config.seed) == ("sasrec", 3)
    assert run.config.data_hash == mine.config.data_hash
    assert app.session_state["links"]["run"] == run.name
    assert app.title[0].value == "Train"


def test_only_baselines_are_shown_where_nothing_is_chosen(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "mf", name="mine")
    app = open_app("evaluate", lang="en")
    app.multiselect[0].set_value([]).run()
    assert not app.exception and table(html_of(app)).count("<tr>") == 3


def test_two_runs_of_one_model_are_distinguished(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "mf", name="first")
    made(runs_dir, "mf", name="second", seed=1)
    app = open_app("evaluate", lang="en", run="first")
    app.multiselect[0].set_value(["first", "second"]).run()
    assert "· first" in table(html_of(app)) and "· second" in table(html_of(app))


def test_runs_of_one_model_are_called_by_their_prompts(open_app: Open, runs_dir: Path) -> None:
    for name in ("sequential", "profile"):
        made(runs_dir, "prompt-fusion", name=f"{name}-run", template=LIBRARY[name])
    app = open_app("evaluate", lang="en", run="profile-run")
    box = next(box for box in app.multiselect if (box.key or "").startswith("compare-"))
    assert box.options[0].startswith("Prompt fusion · User profile · ")
    box.set_value(["profile-run", "sequential-run"]).run()
    numbers = table(html_of(app))
    assert "Prompt fusion · User profile" in numbers and "Prompt fusion · What comes" in numbers
    assert "profile-run" not in numbers


def test_a_baseline_that_is_a_run_itself_is_listed_once(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "ease", name="mine")
    assert table(html_of(open_app("evaluate", lang="en"))).count("<tr>") == 3


def test_numbers_as_files(runs_dir: Path) -> None:
    run = made(runs_dir, "mf", name="mine")
    found = compare.results([run], run)
    frame = compare.long_table(found)
    assert set(frame["model"]) == {"mf", "popularity", "ease"}
    assert {"metric", "k", "value", "low", "high", "users", "protocol"} <= set(frame.columns)
    ndcg = frame.query("model == 'mf' and metric == 'ndcg' and k == 10")["value"].item()
    assert ndcg == run.evaluation()["metrics"]["ndcg@10"]["value"]
    again = json.loads(json.dumps(compare.as_json(found)))
    assert again["users"] == 12 and len(again["results"]) == 3


def test_a_run_without_results_is_left_out(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "mf", name="mine")
    at_work(runs_dir, name="live")
    app = open_app("evaluate", lang="en", run="live")
    assert not app.error and not app.exception
    assert "Watch it" in {button.label for button in app.button}


def test_predicted_ratings_are_in_the_files(runs_dir: Path) -> None:
    run = made(runs_dir, "mf", name="stars", model_config={"objective": "ratings"})
    found = compare.results([run], run)
    frame = compare.long_table(found)
    rmse = frame.query("metric == 'rmse'")
    measured = run.evaluation()["ratings"]["metrics"]["rmse"]
    assert rmse["value"].item() == measured["value"] and rmse["k"].isna().all()
    assert rmse["ratings"].item() == measured["ratings"] == 12
    assert compare.as_json(found)["results"][0]["ratings"]["metrics"]["rmse"] == measured


def test_the_best_run_is_shown_first_and_one_of_a_few_epochs_is_no_baseline(
    open_app: Open, runs_dir: Path
) -> None:
    made(runs_dir, "mf", name="good").update(best_ndcg=0.9)
    made(runs_dir, "mf", name="newest").update(best_ndcg=0.1)
    stopped = made(runs_dir, "sasrec", name="short")
    stopped.update(best_ndcg=0.05)
    lines = (stopped.folder / "events.jsonl").read_text().replace('"epochs": 1', '"epochs": 60')
    (stopped.folder / "events.jsonl").write_text(
        lines.replace('"reason": "epochs"', '"reason": "stopped"')
    )
    app = open_app("evaluate", lang="en")
    (compared,) = app.multiselect
    assert compared.value == ["good"]
    assert "were stopped before half of their epochs" in words(app)
    assert "train-sasrec" in {button.key for button in app.button}


def test_runs_of_grids_come_after_the_others(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "mf", name="mine").update(best_ndcg=0.1)
    made(runs_dir, "mf", name="cell", grid="grid-1").update(best_ndcg=0.9)
    app = open_app("evaluate", lang="en", run="mine")
    (compared,) = app.multiselect
    assert [option.split(" · ")[2] for option in compared.options] == ["mine", "cell"]
    assert compared.options[1].endswith("of a grid")
