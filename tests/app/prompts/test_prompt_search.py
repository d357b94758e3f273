"""The Prompts page: a search for a better prompt."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys.lab.search_job import SearchJob, SearchRequest
from recsys.runs import Run
from recsys.schema import Message
from tests.app.made_runs import IMAGE, made
from tests.app.support import Open, html_of, words

START = f"{{{{ soft(2) }}}}\nOnly comedies {IMAGE}.\n{{{{ history }}}}"


@pytest.fixture
def run(runs_dir: Path) -> Run:
    return made(runs_dir, "prompt-fusion", name="fusion")


@pytest.mark.parametrize(
    ("lang", "title"), [("en", "Look for a better prompt"), ("zh", "寻找更好的提示词")]
)
def test_nothing_was_searched_yet(open_tiny: Open, run: Run, lang: str, title: str) -> None:
    app = open_tiny(lang=lang, tool="search")
    assert title in words(app)
    assert not app.button(key="search-start").disabled
    assert "search-stop" not in {button.key for button in app.button}


def test_what_was_found_and_the_way_into_the_editor(open_tiny: Open, run: Run) -> None:
    found = SearchJob.create(run, SearchRequest("sequential", START, budget=100)).execute()
    app = open_tiny(lang="en", tool="search")
    assert not app.exception and not app.error
    if found.best.source == START:
        assert "No variant was better" in words(app)
        return
    assert "users that the search never saw" in words(app)
    assert all("<img" not in body.split("<style>")[0] for body in html_of(app))
    app.button(key="search-take").click().run()
    assert app.text_area(key="prompt-editor").value.strip() == found.best.source.strip()


def test_one_at_work_can_be_paused_and_stopped(open_tiny: Open, run: Run) -> None:
    from recsys.jobs.status import Status, this_process
    from recsys.storage.files import append_line, write_json

    job = SearchJob.create(run, SearchRequest("sequential", START, budget=1000))
    status = Status(state="training", started=1.0, **this_process())
    write_json(job.folder / "status.json", status.to_dict())
    event = {"event": "round", "generation": 2, "users": 64, "candidates": 3, "done": "drop",
             "gain": 0.01, "spent": 500, "budget": 1000, "source": "x"}  # fmt: skip
    append_line(job.folder / "events.jsonl", event)
    app = open_tiny(lang="en", tool="search")
    assert app.button(key="search-start").disabled
    app.button(key=f"pause-{job.name}").click().run()
    assert job.control() == "pause"
    job.update(state="paused")  # as the process says after its step
    app.run()
    assert "it continues where it was" in app.get("progress")[0].proto.text
    app.button(key=f"go-on-{job.name}").click().run()
    assert job.control() == "run"
    app.button(key="search-stop").click().run()
    assert job.stop_requested()


def test_one_that_died_says_how_to_go_on(open_tiny: Open, run: Run) -> None:
    from recsys.jobs.status import Status
    from recsys.storage.files import write_json

    job = SearchJob.create(run, SearchRequest("sequential", START, budget=1000))
    write_json(job.folder / "status.json", Status(state="training", updated=1.0).to_dict())
    app = open_tiny(lang="en", tool="search")
    assert any("goes on where it was" in warning.value for warning in app.warning)
    assert not app.button(key="search-start").disabled


def test_one_that_failed_says_why_and_shows_its_log(open_tiny: Open, run: Run) -> None:
    job = SearchJob.create(run, SearchRequest("sequential", START, budget=1000))
    (job.folder / "log.txt").write_text("Traceback **x** <script>", "utf-8")
    job.update(state="failed", message=Message("The model <b>cannot</b> be read."))
    app = open_tiny(lang="en", tool="search")
    assert len(app.error) == 1 and "be read" in app.error[0].value
    assert "<b>" not in app.error[0].value
    assert app.code[0].value == "Traceback **x** <script>"
    assert not app.button(key="search-start").disabled
