"""The Prompts page: a prompt tuned by gradient, and its vectors in words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recsys.jobs.status import this_process
from recsys.lab.version_store import PromptStore
from recsys.prompts import LIBRARY
from recsys.runs import Run, create_run, list_runs
from recsys.schema import Message
from tests.app.made_runs import made, tiny
from tests.app.support import Open, html_of, words


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Commands that the app would start as processes of their own."""
    commands: list[list[str]] = []

    def spawn(command: list[str], folder: Path) -> int:
        commands.append(command)
        return os.getpid()

    monkeypatch.setattr("recsys.jobs.job.spawn", spawn)
    return commands


@pytest.mark.parametrize(("lang", "title"), [("en", "Tune this prompt"), ("zh", "调优这条提示词")])
def test_there_is_a_way_without_any_model(
    open_tiny: Open, runs_dir: Path, spawned: list[list[str]], lang: str, title: str
) -> None:
    app = open_tiny(lang=lang, prompt="sequential")
    assert title in words(app)
    app.button(key="tune-start").click().run()
    assert not app.exception and not app.error
    (command,) = spawned
    (run,) = list_runs(runs_dir)
    assert command == ["prompts", "tune", "--into", str(run.folder.resolve())]
    assert run.config.save_as == "sequential tuned"
    assert (run.config.model, run.config.backbone_run) == ("prompt-tuned", None)
    assert run.config.prompt_source == LIBRARY["sequential"].source


def test_tuned_again_it_is_kept_as_before(
    open_tiny: Open, open_app: Open, runs_dir: Path, spawned: list[list[str]]
) -> None:
    app = open_tiny(lang="en", prompt="sequential")
    app.button(key="tune-start").click().run()
    (first,) = list_runs(runs_dir)
    first.update(state="failed", message=Message("No luck."))
    app = open_app("train", lang="en", run=first.name)
    app.button(key=f"again-{first.name}").click().run()
    assert not app.exception and not app.error
    second = next(run for run in list_runs(runs_dir) if run != first)
    assert spawned[1][:-1] == spawned[0][:-1] == ["prompts", "tune", "--into"]
    assert second.config.save_as == "sequential tuned"


def test_a_trained_backbone_is_built_on(
    open_tiny: Open, runs_dir: Path, spawned: list[list[str]]
) -> None:
    backbone = made(runs_dir, "mf", name="backbone")
    made(runs_dir, "mf", name="ratings", model_config={"objective": "ratings"})
    app = open_tiny(lang="en")
    listed = app.selectbox(key="tune-backbone")
    assert len(listed.options) == 2  # no model of ratings
    assert listed.value == "backbone"
    app.button(key="tune-start").click().run()
    run = next(run for run in list_runs(runs_dir) if run.config.model == "prompt-tuned")
    assert run.config.backbone_run == str(backbone.folder.resolve())


def test_the_tuning_is_followed_and_can_be_stopped(open_tiny: Open, runs_dir: Path) -> None:
    run = create_run(runs_dir, tiny(), model="prompt-tuned", template=LIBRARY["sequential"])
    run.update(state="training", started=1.0, **this_process())
    told = [[["comedy", 0.9], ["funny", 0.4]]]
    run.add_event({"event": "step", "elapsed": 2.0, "epoch": 1, "step": 3, "loss": 4.0,
                   "positions_per_second": 10.0, "eta_seconds": 5.0})  # fmt: skip
    run.add_event({"event": "soft-prompt", "elapsed": 2.0, "epoch": 1, "words": told})
    app = open_tiny(lang="en")
    assert app.button(key="tune-start").disabled
    assert any("comedy" in body and "funny 0.40" in body for body in html_of(app))
    app.button(key="tune-stop").click().run()
    assert run.stop_requested()


@pytest.fixture
def tuned(runs_dir: Path) -> Run:
    return made(runs_dir, "prompt-tuned", name="tuned")


def test_the_gain_and_the_version_are_reported(open_tiny: Open, tuned: Run) -> None:
    source = LIBRARY["sequential"].source
    PromptStore.default().save("sequential tuned", source, note=f"tuned: {tuned.name}")
    app = open_tiny(lang="en", tool="tune")
    assert "Over the backbone" in words(app)
    assert "Kept as version 1" in words(app)
    app.button(key="tune-open").click().run()
    assert app.selectbox(key="prompt-choice").value == "sequential tuned"


def test_trained_vectors_in_words(open_tiny: Open, tuned: Run) -> None:
    app = open_tiny(lang="en", tool="words")
    assert any("pr-words" in body for body in html_of(app))
    app.button(key="discretise-ask").click().run()
    assert not app.exception and not app.error
    assert "The words found make no sentence" in words(app)
    assert "Nearest words" in words(app) and "in words" in words(app)
    assert "discretise-take" not in {button.key for button in app.button}
