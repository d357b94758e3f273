"""The Grid page: what to combine, a grid that fills, and what its controls say."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.common import store
from pages._ui.grid.grid_keep import as_frame
from recsys.cleaning import CleaningReport
from recsys.evaluation import Comparison, Interval
from recsys.jobs.status import Status
from recsys.lab.controls import Control
from recsys.lab.grid import Grid, Row
from recsys.lab.grid_job import GridJob
from recsys.lab.grid_store import list_grids
from recsys.lab.version_store import PromptStore
from recsys.language_models import DEFAULT_LANGUAGE_MODEL
from recsys.prompts import LIBRARY
from recsys.runs import delete_run, list_runs, open_run
from recsys.schema import Message
from recsys.storage.files import append_line, write_json
from tests.app.made_runs import IMAGE, at_work, tiny
from tests.app.support import Open, html_of, link, words

PROMPTS = tuple((name, LIBRARY[name].source) for name in ("sequential", "profile"))
SURE, UNSURE = Comparison(0.1, 0.05, 0.15, 0.001), Comparison(0.01, -0.05, 0.06, 0.7)


@pytest.fixture
def open_grid_page(open_app: Open) -> Open:
    data = tiny()
    store.save(data, CleaningReport((), data.n_events, data.n_events), "upload")

    def opened(**parameters: str) -> AppTest:
        return open_app("grid", data=data.content_hash, **parameters)

    return opened


def made_grid(runs_dir: Path, *models: str, prompts: Any = (), **changes: Any) -> GridJob:
    data = tiny()
    readers = (DEFAULT_LANGUAGE_MODEL,) if prompts else ()
    grid = Grid(data.name, data.content_hash, prompts, models, readers, minutes=0.01)
    return GridJob.create(runs_dir, replace(grid, **changes), data)


def filled(job: GridJob, *rows: Row) -> None:
    """A grid as if its runs had these results."""
    for place, (cell, row) in enumerate(zip(job.grid().cells(), rows, strict=False)):
        told = replace(row, cell=cell).to_dict()
        append_line(job.folder / "events.jsonl", {"event": "row", "cell": place, "row": told})


def result(value: float, **controls: Comparison) -> Row:
    found = {
        name.replace("_", "-"): Control(value - difference.delta, difference)
        for name, difference in controls.items()
    }
    interval = Interval(value, value - 0.01, value + 0.01)
    cell = Grid("", "", (), ("ease",), ()).cells()[0]
    return Row(cell, "finished", "gone", interval, found, 12.0)


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button}


def table(app: AppTest) -> dict[str, list[str]]:
    """The table of runs, column by column, as it stands."""
    body = next(
        body for body in html_of(app) if "Beside its controls" in body or "对照相比" in body
    )
    rows = [re.findall(r"<t[hd][^>]*>(.*?)<small>(.*?)</small>", row) for row in body.split("<tr>")]
    rows = [[unescape(part) for cell in row for part in cell] for row in rows if row]
    titles = ("run", "read", "ndcg", "interval", "verdict", "lead")
    return dict(zip(titles, map(list, zip(*rows, strict=True)), strict=True))


def until(done: Callable[[], bool]) -> None:
    limit = time.monotonic() + 120
    while not done():
        assert time.monotonic() < limit
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("lang", "title", "said"),
    [("en", "Grid", "Nothing was combined yet"), ("zh", "组合实验", "还没有做过组合实验")],
)
def test_nothing_yet(open_grid_page: Open, lang: str, title: str, said: str) -> None:
    app = open_grid_page(lang=lang)
    assert app.title[0].value == title
    assert said in words(app)
    assert {"grid-small", "grid-start"} <= keys(app)


def test_the_form_says_what_it_makes_and_refuses_nonsense(
    open_grid_page: Open, tmp_path: Path
) -> None:
    PromptStore(tmp_path / "prompts").save("Mine", "Films such as {{ history }}.")
    app = open_grid_page(lang="en")
    assert "2 runs, one after the other." in words(app)
    prompts, models, _readers = app.multiselect
    models.set_value(["prompt-tuned"]).run()
    assert "3 runs, one after the other." in words(app)  # two, and what they build on
    assert "builds on Matrix factorisation" in words(app)
    assert "Mine" in prompts.options
    app.multiselect[1].set_value(["ease", "prompt-fusion"]).run()
    assert "Reads no prompts, and so has one run: EASE" in words(app)
    assert "3 runs" in words(app)
    app.multiselect[2].set_value([]).run()
    assert "at least one language model" in app.warning[0].value.replace("\u2060", "")
    assert app.button(key="grid-start").disabled
    app.multiselect[1].set_value([]).run()
    assert "at least one model" in app.warning[0].value
    app.multiselect[1].set_value(["ease"]).run()  # needs neither
    assert not app.warning and not app.button(key="grid-start").disabled


def test_a_grid_is_started_filled_and_opened_again(open_grid_page: Open, tmp_path: Path) -> None:
    runs_dir = tmp_path / "runs"
    app = open_grid_page(lang="en")
    app.multiselect(key="grid-models").set_value(["popularity", "ease"]).run()
    app.button(key="grid-start").click().run()
    (job,) = list_grids(runs_dir)
    assert link(app, "grid") == job.name
    app.button(key="grid-start").click().run()  # a second press starts nothing
    until(lambda: job.status().state == "finished")
    assert len(list_runs(runs_dir)) == 2
    app = open_grid_page(lang="en", grid=job.name)
    assert not app.exception and not app.error
    assert "no better than one of" in words(app)
    by_run = dict(zip(table(app)["run"], table(app)["verdict"], strict=True))
    assert by_run.keys() == {"Popularity", "EASE"}
    assert "no better than shuffled histories" in by_run["Popularity"]
    app.multiselect(key="grid-models").set_value(["popularity", "ease", "slit"]).run()
    assert "2 of them are there already and are taken over." in words(app)


def test_marks_are_in_words(open_grid_page: Open, tmp_path: Path) -> None:
    job = made_grid(tmp_path / "runs", "prompt-fusion", prompts=PROMPTS)
    good = result(0.2, popularity=SURE, shuffled_histories=SURE, empty_prompt=SURE)
    marked = result(0.1, popularity=SURE, shuffled_histories=SURE, empty_prompt=UNSURE)
    filled(job, good, marked)
    job.update(state="finished")
    app = open_grid_page(lang="en")
    assert table(app)["verdict"] == [
        "better than its controls",
        "no better than an empty prompt",
    ]
    assert "1 run of 2 is no better than one of its controls." in words(app)
    assert "Best: " in words(app) and "**0.2000**" in words(app)
    assert "Its run was deleted; the numbers stay." in words(app)
    zh = open_grid_page(lang="zh")
    assert table(zh)["verdict"] == ["优于所有对照", "不优于空提示词"]


def test_what_loses_to_popularity_gets_no_trophy(open_grid_page: Open, tmp_path: Path) -> None:
    job = made_grid(tmp_path / "runs", "prompt-fusion", prompts=PROMPTS)
    filled(job, result(0.2, popularity=UNSURE), result(0.1, popularity=UNSURE))
    job.update(state="finished")
    said = words(open_grid_page(lang="en"))
    assert "No run is better than popularity" in said and "Best: " not in said
    assert "没有一个训练胜过热门榜" in words(open_grid_page(lang="zh"))
    filled(job, result(0.2, popularity=UNSURE), result(0.1, popularity=SURE))
    said = words(open_grid_page(lang="en"))
    assert "Best: " in said and "**0.1000**" in said  # the higher one is no better than popularity


def test_the_table_is_sorted_and_a_run_chosen(open_grid_page: Open, tmp_path: Path) -> None:
    job = made_grid(tmp_path / "runs", "prompt-fusion", "ease", prompts=PROMPTS)
    small, large = Comparison(0.03, 0.01, 0.05, 0.01), Comparison(0.09, 0.05, 0.15, 0.001)
    slow = replace(result(0.2, popularity=large, empty_prompt=small), seconds=60.0)
    sure = result(0.1, popularity=SURE)
    filled(job, slow, replace(sure, seconds=0.25))  # and nothing of the third
    job.update(state="stopped")
    app = open_grid_page(lang="en")
    assert table(app)["ndcg"] == ["0.2000", "0.1000", "–"]
    assert table(app)["lead"] == ["+0.0300 against empty prompt", "+0.1000 against popularity", ""]
    assert [read.rpartition(" · ")[2] for read in table(app)["read"][:2]] == ["1 min 0 s", "0.2 s"]
    firsts = {}
    for by in ("lead", "model", "prompt", "time", "result"):
        app.button_group(key="grid-order").set_value(by).run()
        firsts[by] = table(app)["ndcg"]
    assert firsts["lead"] == firsts["time"] == ["0.1000", "0.2000", "–"]
    assert firsts["model"] == ["–", "0.2000", "0.1000"]  # EASE has no result
    assert firsts["prompt"] == ["0.1000", "0.2000", "–"]  # profile, sequential, none
    chosen = next(box for box in app.selectbox if box.label == "A run in detail")
    assert chosen.value == 0
    assert "same model, with nothing in the prompt" in words(app)
    chosen.set_value(2).run()
    assert "same model, with nothing in the prompt" not in words(app)


def test_a_grid_is_deleted_and_brought_back(open_grid_page: Open, tmp_path: Path) -> None:
    runs_dir = tmp_path / "runs"
    job = made_grid(runs_dir, "popularity")
    job.execute()
    app = open_grid_page(lang="en", grid=job.name)
    app.button(key="delete-grid").click().run()
    assert not app.exception and not app.error
    assert list_grids(runs_dir) == [] and len(list_runs(runs_dir)) == 1
    assert "The grid was deleted. Its runs stay" in words(app)
    assert "Nothing was combined yet" in words(app)
    assert "grid" not in app.session_state["links"]
    app.button(key="undo-grid").click().run()
    assert list_grids(runs_dir) == [job]
    assert link(app, "grid") == job.name and table(app)["run"] == ["Popularity"]
    assert "was deleted" not in words(app)


def test_undo_says_when_it_cannot(open_grid_page: Open, tmp_path: Path) -> None:
    job = made_grid(tmp_path / "runs", "popularity")
    job.execute()
    app = open_grid_page(lang="en")
    app.button(key="delete-grid").click().run()
    made_grid(tmp_path / "runs", "popularity")  # the same one again
    app.button(key="undo-grid").click().run()
    assert "another one has taken its place" in app.error[0].value


def test_the_one_at_work_is_watched_and_stopped(open_grid_page: Open, tmp_path: Path) -> None:
    runs_dir = tmp_path / "runs"
    job = made_grid(runs_dir, "sasrec", "ease")
    run = at_work(runs_dir)
    job.update(state="training")
    filled(job, Row(job.grid().cells()[0], "running", run.name))
    app = open_grid_page(lang="en")
    (bar,) = app.get("progress")
    assert app.button(key="delete-grid").disabled
    assert "Run 1 of 2" in bar.proto.text and "about 1 min 0 s left" in bar.proto.text
    assert table(app)["verdict"] == ["at work", "waiting"]
    app.button(key=f"pause-{job.name}").click().run()
    assert (job.control(), run.control()) == ("pause", "pause")
    app.button(key=f"go-on-{job.name}").click().run()
    assert (job.control(), run.control()) == ("run", "run")
    app.button(key="grid-stop").click().run()
    assert job.stop_requested() and not run.stop_requested()
    assert f"pause-{job.name}" not in {button.key for button in app.button}
    app.button(key="grid-stop-now").click().run()
    assert run.stop_requested() and job.control() == "stop"


def test_one_that_died_goes_on(open_grid_page: Open, tmp_path: Path) -> None:
    job = made_grid(tmp_path / "runs", "popularity", "ease")
    filled(job, result(0.1, shuffled_histories=UNSURE))
    status = Status(state="training", updated=1.0)
    write_json(job.folder / "status.json", status.to_dict())
    app = open_grid_page(lang="en")
    assert "go on with what is missing" in app.warning[0].value
    app.button(key="grid-go-on").click().run()
    until(lambda: job.status().state == "finished")
    assert [row.state for row in job.rows()] == ["finished", "finished"]


def test_an_older_one_can_be_chosen_and_a_run_opened(open_grid_page: Open, tmp_path: Path) -> None:
    runs_dir = tmp_path / "runs"
    first, second = made_grid(runs_dir, "popularity"), made_grid(runs_dir, "ease")
    first.execute()
    second.execute()
    app = open_grid_page(lang="en")
    choice = next(box for box in app.selectbox if (box.key or "").startswith("grid-choice"))
    assert table(app)["run"] == ["EASE"]
    choice.set_value(first.name).run()
    assert link(app, "grid") == first.name
    assert table(app)["run"] == ["Popularity"]
    name = first.rows()[0].run or ""
    app.button(key="grid-to-evaluate").click().run()
    assert app.title[0].value == "Evaluate"
    assert app.session_state["links"]["run"] == name
    delete_run(open_run(runs_dir, name))
    app = open_grid_page(lang="en", grid=first.name)
    assert "Its run was deleted; the numbers stay." in words(app)


@pytest.mark.parametrize("name", ["0" * 12, "../../etc", "x"])
def test_a_link_to_none_says_so(open_grid_page: Open, tmp_path: Path, name: str) -> None:
    app = open_grid_page(lang="en", grid=name)
    assert len(app.error) == 1 and "no such grid" in app.error[0].value
    assert "Nothing was combined yet" in words(app)


def test_words_of_others_stay_words(open_grid_page: Open, tmp_path: Path) -> None:
    job = made_grid(tmp_path / "runs", "prompt-fusion", prompts=((IMAGE, "{{ history }}"),))
    filled(job, result(0.2, popularity=SURE, empty_prompt=UNSURE))
    job.update(state="finished")
    app = open_grid_page(lang="en")
    assert not app.exception
    assert all("<img" not in body.split("<style>")[0] for body in html_of(app))
    assert "<img" not in "".join(str(element.value) for element in app.markdown)
    assert "<img" not in app.get("plotly_chart")[0].proto.spec


def test_the_file_has_every_number(tmp_path: Path) -> None:
    job = made_grid(tmp_path, "ease")
    filled(job, result(0.2, popularity=SURE, shuffled_histories=UNSURE))
    (line,) = as_frame(job.grid(), job.rows()).to_dict("records")
    assert line["model"] == "ease" and line["ndcg@10 value"] == 0.2
    assert line["popularity beaten"] is True and line["shuffled-histories low"] == -0.05
    assert line["no_better_than"] == ["shuffled-histories"]


def test_what_failed_says_why_and_is_tried_again(open_grid_page: Open, tmp_path: Path) -> None:
    job = made_grid(tmp_path / "runs", "popularity")
    filled(job, replace(result(0.1), state="failed", ndcg=None, message=Message("No luck.")))
    job.update(state="finished")
    app = open_grid_page(lang="en")
    assert table(app)["verdict"] == ["failed: No luck."]
    assert "1 run failed" in app.warning[0].value
    app.button(key="grid-go-on").click().run()
    until(lambda: job.status().state == "finished")
    assert job.rows()[0].ndcg is not None
