"""The Prompts page: a search for a better prompt."""

from __future__ import annotations

from dataclasses import asdict
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recsys.evaluation import Comparison
from recsys.lab.account import headline
from recsys.lab.explanation import Explanation, Group, Tried
from recsys.lab.search_job import SearchJob, SearchRequest
from recsys.runs import Run
from recsys.schema import Message
from tests.app.made_runs import IMAGE, LINK, made
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


def finished(run: Run, *, holds: bool, leader: str) -> None:
    """A search of the run that ended, as its process writes it."""
    job = SearchJob.create(run, SearchRequest("sequential", START, budget=100))
    low, high = (0.01, 0.09) if holds else (-0.0031, 0.0009)
    change = {"a": 0.2, "b": 0.15, "delta": 0.05 if holds else -0.0013, "low": low, "high": high,
              "p_value": 0.01 if holds else 0.4}  # fmt: skip
    worse, same = Comparison(-0.2, -0.3, -0.1, 0.001), Comparison(0.01, -0.1, 0.12, 0.9)
    about = Message("{users} users whose next item is of the kind {value}",
                    {"users": 20, "value": LINK})  # fmt: skip
    others = Message("{users} users with {low} to {high} events",
                     {"users": 30, "low": 1, "high": 3})  # fmt: skip
    found = Explanation(
        groups=(
            Group(f"genres: {LINK}", LINK, about, 20, 0.1, 0.3, worse),
            Group("history: new", "New users", others, 30, 0.2, 0.19, same),
        ),
        tried=(Tried("drop", 7, 0, same),),
        tried_for=(Tried("drop", 7, 0, same, f"genres: {LINK}"),),
        steps=(),
        refused={"title": 3},
        gains=(),
    )
    confirmed = {"users": 40, "metrics": {"ndcg@10": change}}
    source = leader if holds else START
    job.add_event({"event": "found", "reason": "patience", "spent": 90, "source": source,
                   "leader": leader, "holds": holds, "confirmed": confirmed,
                   "explanation": asdict(found)})  # fmt: skip
    job.update(state="finished")


def test_a_winner_is_told_and_taken_into_the_editor(open_tiny: Open, run: Run) -> None:
    better = START.replace("Only comedies", "No comedies")
    finished(run, holds=True, leader=better)
    app = open_tiny(lang="en", tool="search")
    assert not app.exception and not app.error
    assert "A better wording was found" in words(app)
    assert "It began with “sequential”, scored by: On top of the history." in plain_words(app)
    assert "it gains +0.0500 in NDCG@10 (95% interval +0.0100 to +0.0900)" in plain_words(app)
    assert all("<img" not in body.split("<style>")[0] for body in html_of(app))
    app.button(key="search-take").click().run()
    assert app.text_area(key="prompt-editor").value.strip() == better


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_does_not_hold_is_no_gain_and_not_offered(
    open_tiny: Open, run: Run, lang: str
) -> None:
    finished(run, holds=False, leader=START.replace("Only comedies", "The legion"))
    app = open_tiny(lang=lang, tool="search")
    assert not app.exception and not app.error
    title = "No wording was better than yours beyond chance"
    assert (title if lang == "en" else "没有哪种措辞比您的更好") in words(app)
    assert "search-take" not in {button.key for button in app.button}
    assert "legion" not in words(app) + " ".join(html_of(app))
    assert "−0.0013" in words(app) and "gains −" not in words(app)


def test_for_whom_it_fails_what_was_tried_and_what_helped(open_tiny: Open, run: Run) -> None:
    finished(run, holds=False, leader=START)
    app = open_tiny(lang="en", tool="search")
    told = plain_words(app)
    for title in ("For whom the prompt fails", "What was tried", "What helped"):
        assert title in told
    assert "20 users whose next item is of the kind" in told
    assert "NDCG@10 is 0.1000, for everybody else 0.3000 (difference −0.2000" in told
    assert "a line left out: 7 tried, none better" in told
    assert "Refused, since they copy a title of the catalogue: 3." in told
    assert "[click](javascript" not in words(app)  # a value is words, and no link
    assert "Nothing that holds on users that the search never saw" in told


def test_a_search_that_ran_is_shown(open_tiny: Open, run: Run) -> None:
    found = SearchJob.create(run, SearchRequest("sequential", START, budget=100)).execute()
    app = open_tiny(lang="en", tool="search")
    assert not app.exception and not app.error
    offered = "search-take" in {button.key for button in app.button}
    assert offered is found.holds
    assert str(headline(holds=found.holds)) in words(app)
    assert "What was tried" in words(app)


def plain_words(app: AppTest) -> str:
    """The words of a page as a browser shows them."""
    return unescape(words(app)).replace("\u2060", "")


def test_one_chooses_what_is_scored(
    open_tiny: Open, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr("recsys.jobs.job.spawn", lambda command, folder: commands.append(command))
    app = open_tiny(lang="en", tool="search")
    titles = ["What the words say", "On top of the history"]
    assert app.selectbox(key="search-reading").options == titles
    app.button(key="search-start").click().run()
    job = SearchJob.latest(run)
    assert job is not None and job.request().reading == "words" and len(commands) == 1


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
