"""A run that cannot be read, one that does not respond, and a good one beside them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from benchmarks.broken_runs import Way, broken_copy, ways
from pages._ui.train import run_list
from recsys.jobs.status import named_process
from recsys.lab.grid import Grid
from recsys.lab.grid_job import GridJob
from recsys.lab.version_store import PromptStore
from recsys.runs import Run, create_run, list_runs, unreadable_runs
from recsys.runs.curves import follow
from recsys.schema import RecsysError
from recsys.storage.files import read_json, write_json
from tests.app.made_runs import made, tiny
from tests.app.support import Open, words

#: Ways that stand for their kind on whole pages; all are tried on the folder alone.
SHOWN = (
    "created as text",
    "a state of another version",
    "a score that is a number",
    "a model of another version",
    "a protocol of another version",
    "a prompt that no longer parses",
    "events.jsonl is a folder",
    "events.jsonl, loss: text",
    "evaluation.json: empty",
    "users as text",
    "per-user values of other columns",
    "dataset/items.parquet is missing",
    "model/model.safetensors: garbage",
    "a message that reaches attributes",
    "config.json: half of a character",
)


def looks(run: Run) -> list[Callable[[], object]]:
    """All that is asked of a run."""
    return [
        *(lambda: run.config.template, run.status, run.evaluation, run.per_user, run.split),
        *(run.model, run.log, run.events, run.stop_requested, run.request_stop, run.has_model),
        *(run.has_results, lambda: str(run.status().message), lambda: follow(run.folder).share),
    ]


@pytest.mark.parametrize("part", range(4))
def test_whatever_lies_there_is_reported_in_a_sentence(runs_dir: Path, part: int) -> None:
    """Nothing but a `RecsysError` comes out, and the good run stays in the list.

    `python -m benchmarks.broken_runs` tries every way, these are one of five.
    """
    good = made(runs_dir, "popularity", name="good")
    for way in ways()[part::20]:
        run = Run(broken_copy(good, "odd", way))
        for look in looks(run):
            with suppress(RecsysError):
                look()
        assert good in list_runs(runs_dir), way.name
        run.folder.chmod(0o700)
        shutil.rmtree(run.folder)


def test_the_good_runs_stay_in_every_list(open_app: Open, runs_dir: Path) -> None:
    good = made(runs_dir, "popularity", name="good")
    shown = [way for way in ways() if way.name in SHOWN]
    assert len(shown) == len(SHOWN)
    for at, way in enumerate(shown):
        broken_copy(good, f"odd-{at}", way)
    odd = {run.name for run in unreadable_runs(runs_dir)}
    assert odd
    for page in ("train", "recommend", "evaluate", "grid"):
        app = open_app(page, lang="en")
        if page == "train":
            table = app.dataframe[0].value.set_index("name")["state"]
            assert table["good"] == "finished" and len(table) == len(SHOWN) + 1
            assert {name for name in table.index if table[name] == "cannot be read"} == odd
            assert "They can only be deleted" in words(app)
        elif page == "recommend":
            assert any("good" in option for option in app.selectbox(key="recommend-run").options)
        elif page == "evaluate":
            assert "cannot be read" in words(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_that_does_not_respond_can_be_forced_to_stop(
    open_app: Open, runs_dir: Path, lang: str
) -> None:
    run = create_run(runs_dir, tiny(), model="sasrec", name="hangs")
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        run.update(state="training", **named_process(process.pid))
        then = time.time() - 120
        status = read_json(run.folder / "status.json")
        write_json(run.folder / "status.json", {**status, "updated": then})
        app = open_app("train", lang=lang, run="hangs")
        assert ("没有响应" if lang == "zh" else "not responding") in set(
            app.dataframe[0].value["state"]
        )
        app.button(key="force-hangs").click().run()
        assert not app.exception and not app.error
        assert process.wait(timeout=60) != 0
        assert Run(run.folder).status().state == "interrupted"
    finally:
        process.kill()
        process.wait()


def test_a_folder_that_cannot_be_read_can_be_deleted(runs_dir: Path, open_app: Open) -> None:
    (runs_dir / "odd").mkdir(parents=True)
    (runs_dir / "odd" / "config.json").write_text("{", "utf-8")
    app = open_app("train", lang="en")
    assert "odd" in set(app.dataframe[0].value["name"])
    run_list.delete_run(unreadable_runs(runs_dir)[0])
    assert unreadable_runs(runs_dir) == []


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"prompts": 3}', b"\xff\xfe{", b"[" * 99_999]
)
def test_a_grid_that_cannot_be_read(open_app: Open, runs_dir: Path, content: bytes) -> None:
    data = tiny()
    good = GridJob.create(runs_dir, Grid("tiny", data.content_hash, (), ("popularity",), ()), data)
    (good.folder / "events.jsonl").write_bytes(
        b'{"event": "row"}\n{"event": "row", "cell": 0, "row": {"state": 3}}\n'
        b'{"event": "row", "cell": 9}\n{"event": "scoring", "what": []}\n{}\n'
    )
    odd = runs_dir / ".grids" / ("f" * 12)
    odd.mkdir()
    (odd / "grid.json").write_bytes(content)
    app = open_app("grid", lang="en", grid=odd.name)
    assert "no readable grid" in words(app) and not app.exception
    app = open_app("grid", lang="en", grid=good.name)
    assert "1 model" in words(app) and not app.exception


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"{# prompt: x; version: " + b"9" * 5_000 + b" #}\ntext",
        b"{# prompt: x; created: nan #}\ntext",
        b"{# prompt: x; created: 1e300 #}\ntext",
        b"x" * 10**6,
    ],
)
def test_a_version_that_cannot_be_read(open_app: Open, tmp_path: Path, content: bytes) -> None:
    prompts = PromptStore(tmp_path / "prompts")
    prompts.save("mine", "the first text")
    (prompts.folder / "mine" / "0002.j2").write_bytes(content)
    for name in ("labels.json", "0001.lint.json"):
        (prompts.folder / "mine" / name).write_bytes(b"[3]")
    (prompts.folder / "mine" / "scores.jsonl").write_bytes(b'{"version": 1, "metrics": [1]}\n[]\n')
    app = open_app("prompts", lang="en", prompt="mine")
    assert not app.exception
    read = {version.number for version in prompts.versions("mine")}
    assert 1 in read and read | set(prompts.unreadable("mine")) == {1, 2}
    if 2 not in read:
        assert "These versions cannot be read: 2" in words(app)


def test_kept_data_that_cannot_be_read_is_made_anew(open_app: Open, cache_folder: Path) -> None:
    open_app("data", lang="en")
    reports = list(cache_folder.rglob("report.json"))
    assert reports
    for report in reports:
        report.write_text('{"origin": 3, "steps": {}}', "utf-8")
    import streamlit as st

    st.cache_resource.clear()
    app = open_app("data", lang="en")
    assert not app.exception


def test_files_are_copied_as_they_are(runs_dir: Path) -> None:
    """The ways damage what they name: a test of the tests."""
    good = made(runs_dir, "popularity", name="good")
    folder = broken_copy(good, "odd", Way("x", lambda folder: os.remove(folder / "status.json")))
    assert not (folder / "status.json").exists() and (good.folder / "status.json").exists()
