"""Prompts × models × language models, on data that trains in a second."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recsys.dataset import Dataset
from recsys.evaluation import Comparison
from recsys.lab.controls import CONTROLS, Control
from recsys.lab.grid import Cell, Grid, Row
from recsys.lab.grid_job import GridJob
from recsys.lab.grid_store import delete_grid, list_grids, open_grid, restore_grid
from recsys.prompts import LIBRARY
from recsys.runs import delete_run, list_runs, open_run
from recsys.schema import ConfigError, LanguageModelError, Message, RunError
from recsys.storage.files import locked, read_json, write_json
from tests.app.made_runs import made
from tests.models.support import planted
from tests.models.tiny import tiny_bert

PROMPTS = tuple((name, LIBRARY[name].source) for name in ("sequential", "profile"))


def asked(data: Dataset, models: tuple[str, ...], **changes: Any) -> Grid:
    grid = Grid(data.name, data.content_hash, PROMPTS, models, (str(tiny_bert()),), minutes=0.005)
    return replace(grid, **changes)


def made_grid(folder: Path, *models: str, **changes: Any) -> GridJob:
    data = planted()
    return GridJob.create(folder, asked(data, models, **changes), data)


def until(done: Callable[[], bool], seconds: float = 600.0) -> None:
    limit = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < limit
        time.sleep(0.05)


class TestCells:
    def test_a_run_for_every_prompt_and_language_model(self) -> None:
        grid = asked(planted(), ("zero-shot", "ease"), language_models=("minilm", "smollm2"))
        readers = [
            Cell("zero-shot", prompt, name) for name in ("minilm", "smollm2") for prompt in PROMPTS
        ]
        assert grid.cells() == [*readers, Cell("ease")]

    def test_what_is_built_on_is_trained_once_and_first(self) -> None:
        models = [cell.model for cell in asked(planted(), ("ease", "prompt-tuned")).cells()]
        assert models == ["mf", "ease", "prompt-tuned", "prompt-tuned"]

    def test_the_name_tells_grids_apart(self) -> None:
        grid = asked(planted(), ("ease",))
        names = {
            grid.name,
            replace(grid, seed=1).name,
            replace(grid, minutes=1.0).name,
            replace(grid, models=("slit",)).name,
            replace(grid, prompts=()).name,
            replace(grid, data_hash="other").name,
        }
        assert len(names) == 6
        assert replace(grid, data="renamed", source={"origin": "x"}).name == grid.name
        assert Grid.from_dict(grid.to_dict()) == grid

    def test_repeats_are_one(self) -> None:
        data = planted()
        grid = asked(data, ("ease", "ease", "zero-shot"), prompts=(*PROMPTS, *PROMPTS))
        assert grid.checked(data).cells() == [
            Cell("ease"),
            *(Cell("zero-shot", prompt, str(tiny_bert())) for prompt in PROMPTS),
        ]

    def test_prompts_that_nothing_reads_make_no_other_grid(self) -> None:
        data = planted()
        plain = asked(data, ("ease",), prompts=(), language_models=())
        assert asked(data, ("ease",)).checked(data) == plain.checked(data)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"models": ()}, "at least one model"),
            ({"models": ("gpt-5",)}, "no model called"),
            ({"prompts": ()}, "at least one prompt"),
            ({"language_models": ()}, "at least one language model"),
            ({"prompts": (("bad", "{{ hystory }}"),)}, "“bad” cannot be used.*hystory"),
            ({"prompts": (("evil", "{{ ''.__class__ }}"),)}, "“evil” cannot be used"),
            ({"minutes": 0.0}, "time limit"),
            ({"seed": -1}, "seed"),
            ({"prompts": tuple((f"p{n}", f"{n}") for n in range(101))}, "101 runs"),
        ],
    )
    def test_nonsense_is_refused_in_words(
        self, changes: dict[str, Any], words: str, tmp_path: Path
    ) -> None:
        data = planted()
        with pytest.raises(ConfigError, match=words):
            GridJob.create(tmp_path, replace(asked(data, ("zero-shot",)), **changes), data)
        assert not list(tmp_path.iterdir())

    def test_a_language_model_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(LanguageModelError):
            made_grid(tmp_path, "zero-shot", language_models=("nobody/knows",))


class TestExecute:
    def test_rows_are_filled_with_runs_and_controls(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "popularity", "slit", "zero-shot")
        assert [row.state for row in job.rows()] == ["waiting"] * 4
        assert job.status().active
        told: list[Row] = []
        rows = job.execute(told.append)
        assert told == rows == job.rows() == open_grid(tmp_path, job.name).rows()
        assert job.status().state == "finished" and job.current() is None
        assert {row.run for row in rows} == {run.name for run in list_runs(tmp_path)}
        popularity, slit, *readers = rows
        assert popularity.unbeaten == ["shuffled-histories"]
        assert slit.unbeaten == []
        assert [row.cell.prompt for row in readers] == list(PROMPTS)
        for row in rows:
            assert row.state == "finished" and not row.taken_over and row.ndcg is not None
            run = open_run(tmp_path, row.run or "")
            assert run.evaluation()["metrics"]["ndcg@10"] == row.ndcg.to_dict()
            assert row.seconds is not None and row.seconds > 0
        own = [name for name in CONTROLS if name != "backbone"]
        assert all(list(row.controls) == own for row in readers)
        # An untrained model with random weights knows nothing of anybody.
        assert all("popularity" in row.unbeaten for row in readers)

    def test_asked_again_everything_is_taken_over(self, tmp_path: Path) -> None:
        first = made_grid(tmp_path, "slit", "zero-shot").execute()
        again = made_grid(tmp_path, "slit", "zero-shot").execute()
        assert again == [replace(row, taken_over=True) for row in first]
        assert len(list_runs(tmp_path)) == 3

    def test_only_what_is_the_same_is_taken_over(self, tmp_path: Path) -> None:
        rows = made_grid(tmp_path, "slit", "zero-shot").execute()
        larger = made_grid(tmp_path, "slit", "zero-shot", prompts=PROMPTS[:1]).execute()
        assert [row.taken_over for row in larger] == [True, True]
        for changes in ({"seed": 1}, {"minutes": 1.0}):
            others = made_grid(tmp_path, "slit", **changes).execute()
            assert not others[0].taken_over
        edited = ((PROMPTS[0][0], PROMPTS[0][1] + " Please."),)
        assert not made_grid(tmp_path, "zero-shot", prompts=edited).execute()[0].taken_over
        other = shutil.copytree(tiny_bert(), tmp_path / "other-language-model")
        elsewhere = made_grid(tmp_path, "zero-shot", language_models=(str(other),))
        assert not any(row.taken_over for row in elsewhere.execute())
        delete_run(open_run(tmp_path, rows[0].run or ""))
        others = made_grid(tmp_path, "slit", "zero-shot").execute()
        assert [row.taken_over for row in others] == [False, True, True]

    def test_prompts_are_tuned_on_one_backbone(self, tmp_path: Path) -> None:
        backbone, *tuned = made_grid(tmp_path, "prompt-tuned").execute()
        assert [row.state for row in (backbone, *tuned)] == ["finished"] * 3
        on = open_run(tmp_path, backbone.run or "")
        for row in tuned:
            config = open_run(tmp_path, row.run or "").config
            assert config.backbone_run == str(on.folder.resolve())
            assert config.minutes == 0.005
        assert all(row.taken_over for row in made_grid(tmp_path, "prompt-tuned").execute())

    def test_a_run_of_before_a_setting_was_added_counts(self, tmp_path: Path) -> None:
        (row,) = made_grid(tmp_path, "slit").execute()
        path = open_run(tmp_path, row.run or "").folder / "config.json"
        config = read_json(path)
        del config["model_config"]["recency"]  # it was trained with what is the default now
        write_json(path, config)
        assert made_grid(tmp_path, "slit").execute()[0].taken_over
        config["model_config"]["recency"] = 0.1
        write_json(path, config)
        assert not made_grid(tmp_path, "slit").execute()[0].taken_over

    def test_a_run_of_somebody_else_counts(self, tmp_path: Path) -> None:
        own = made(tmp_path, "slit", planted(), epochs=None, minutes=0.005, name="mine")
        (row,) = made_grid(tmp_path, "slit").execute()
        assert (row.run, row.taken_over) == (own.name, True)

    def test_what_fails_does_not_keep_others_from_their_turn(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "zero-shot", "slit")
        gone = replace(job.grid(), language_models=("/no/such/folder",))
        write_json(job.folder / "grid.json", gone.to_dict())
        *failed, slit = job.execute()
        assert [row.state for row in failed] == ["failed"] * 2
        assert all("/no/such/folder" in str(row.message) for row in failed)
        assert slit.state == "finished" and job.status().state == "finished"


class TestStopping:
    def test_before_it_began(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "popularity", "slit")
        job.request_stop()
        assert [row.state for row in job.execute()] == ["waiting"] * 2
        assert job.status().state == "stopped"
        again = made_grid(tmp_path, "popularity", "slit")  # asked for anew: no longer stopped
        assert [row.state for row in again.execute()] == ["finished"] * 2

    def test_after_a_run(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "popularity", "slit")
        rows = job.execute(lambda row: job.request_stop_later())
        assert [row.state for row in rows] == ["finished", "waiting"]
        job.wait()
        assert [row.taken_over for row in job.execute()] == [True, False]

    def test_within_a_run(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "sasrec", "popularity", minutes=5.0)
        told: list[dict[str, Any]] = []

        def say(event: dict[str, Any]) -> None:
            told.append(event)
            if event["event"] == "validated":
                job.request_stop()

        stopped, waiting = job.execute(say=say)
        assert (stopped.state, waiting.state) == ("stopped", "waiting")
        assert stopped.ndcg is not None and stopped.controls
        assert open_run(tmp_path, stopped.run or "").status().state == "stopped"
        assert job.status().state == "stopped"
        job.wait()
        assert not job.rows()[0].taken_over and not job.stop_requested()

    def test_a_run_told_to_stop_before_it_has_a_model(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "zero-shot", prompts=PROMPTS[:1])
        rows = job.execute(say=lambda event: job.request_stop())
        assert rows[0].state in ("stopped", "finished")  # it may have been quicker
        assert job.status().state == rows[0].state


class TestPause:
    def test_within_a_run(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "sasrec", minutes=5.0)
        told: list[tuple[str, str, str, str]] = []

        def say(event: dict[str, Any]) -> None:
            (run,) = list_runs(tmp_path)
            if event["event"] == "validated":
                job.request_stop() if told else job.request_pause()
            elif event["event"] in ("paused", "resumed"):
                job.request_go_on()
                states = job.status().state, run.status().state
                told.append((event["event"], *states, run.control()))
                run.request_go_on()  # or the test would wait for ever where the grid did not

        job.execute(say=say)
        assert told == [
            ("paused", "paused", "paused", "run"),
            ("resumed", "training", "training", "run"),
        ]
        assert job.status().state == "stopped"

    def test_between_runs_none_is_made(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "popularity", "slit")
        made: list[int] = []

        def go_on() -> None:
            until(lambda: job.status().state == "paused")
            time.sleep(0.5)
            made.append(len(list_runs(tmp_path)))
            job.request_go_on()

        def observe(row: Row) -> None:
            if not made:
                job.request_pause()
                threading.Thread(target=go_on).start()

        rows = job.execute(observe)
        assert made == [1] and [row.state for row in rows] == ["finished"] * 2
        assert job.status().state == "finished"

    @pytest.mark.parametrize("within", [False, True])
    def test_another_grid_has_its_turn_meanwhile(self, tmp_path: Path, within: bool) -> None:
        models = ("sasrec",) if within else ("popularity", "slit")
        first, other = made_grid(tmp_path, *models, minutes=5.0), made_grid(tmp_path, "ease")
        ended: list[str] = []

        def meanwhile() -> None:
            until(lambda: first.status().state == "paused")
            other.start()
            with suppress(AssertionError):
                until(lambda: other.status().state == "finished", 60.0)
            ended.append(other.status().state)
            other.request_stop()
            first.request_go_on()
            if within:
                until(lambda: first.status().state == "training")
                first.request_stop()

        waiting = threading.Thread(target=meanwhile)

        def pause() -> None:
            if waiting.ident is None:
                first.request_pause()
                waiting.start()

        def say(event: dict[str, Any]) -> None:
            if within and event["event"] == "validated":
                pause()

        first.execute(lambda row: None if within else pause(), say)
        waiting.join()
        assert ended == ["finished"]
        assert first.status().state == ("stopped" if within else "finished")

    def test_asked_before_the_run_is_there_it_waits(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "sasrec", minutes=5.0)
        told: list[str] = []

        def say(event: dict[str, Any]) -> None:
            told.append(event["event"])
            if told == ["state"]:
                job.request_pause()
            elif event["event"] == "paused":
                job.request_stop_later()  # which lets it go on, to its end
            elif event["event"] == "resumed":
                job.request_stop()

        job.execute(say=say)
        assert "paused" in told and told.index("paused") < told.index("resumed")
        assert job.control() == "stop" and job.status().state == "stopped"


class TestProcesses:
    def test_who_does_the_work_is_known_at_once(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "popularity")
        assert job.status().pid is None
        job.start()
        begun = job.status()
        # The page starts nothing while there is one: two would do the same work in turn.
        assert begun.active and begun.pid is not None
        until(lambda: job.status().state == "finished")
        assert job.status().pid == begun.pid

    def test_with_all_its_runs_there_it_is_asked_for_once_more(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "popularity", "ease")
        assert not job.complete()
        rows = job.execute()
        assert job.complete()
        again = made_grid(tmp_path, "popularity", "ease")
        assert again.status().state == "finished" and again.rows() == rows  # nothing is emptied
        assert rows[1].run is not None
        delete_run(open_run(tmp_path, rows[1].run))
        assert not job.complete()
        assert made_grid(tmp_path, "popularity", "ease").status().pid is None  # to be started

    def test_killed_it_goes_on_with_what_is_missing(self, tmp_path: Path, slow: Dataset) -> None:
        grid = asked(slow, ("popularity", "sasrec", "slit"), minutes=20.0)
        job = GridJob.create(tmp_path, grid, slow)
        job.start()
        until(lambda: [row.state for row in job.rows()][:2] == ["finished", "running"])
        at_work = job.current()
        assert at_work is not None
        until(lambda: at_work.status().best_ndcg is not None)
        pid = job.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        until(lambda: job.status().state == "interrupted")
        assert at_work.status().state == "interrupted"
        assert [row.state for row in job.rows()] == ["finished", "waiting", "waiting"]

        again = GridJob.create(tmp_path, grid, slow)
        assert again == job
        again.start()
        until(lambda: [row.state for row in job.rows()][:2] == ["finished", "running"])
        assert job.rows()[0].taken_over and len(list_runs(tmp_path)) == 3
        run = job.current()
        assert run is not None and run.name != at_work.name
        until(lambda: run.status().best_ndcg is not None)
        job.request_stop_later()
        run.request_stop()  # as the Train page would
        until(lambda: not job.status().active)
        assert [row.state for row in job.rows()] == ["finished", "stopped", "waiting"]

    def test_one_that_crashes_says_why(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "popularity")
        (job.folder / "dataset" / "dataset.json").write_text("{", "utf-8")
        job.start()
        until(lambda: not job.status().active)
        status = job.status()
        assert status.state == "failed" and status.message is not None, job.log()
        assert "Traceback" in job.log()

    def test_nobody_starts_it_twice(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "popularity")
        with locked(job.folder / "owner.lock") as mine:
            assert mine
            job.update(state="training")
            with pytest.raises(RunError, match="at work already"):
                job.execute()
            assert job.status().state == "training"  # whose process it is says how it stands
            assert made_grid(tmp_path, "popularity").status().state == "training"
        assert job.execute()[0].state == "finished"

    def test_grids_wait_for_each_other(self, tmp_path: Path) -> None:
        first, second = made_grid(tmp_path, "popularity"), made_grid(tmp_path, "slit")
        with locked(first.folder.parent / "lock"):
            second.start()
            until(lambda: second.status().pid is not None)
            time.sleep(1)
            assert second.status().state == "waiting"
            assert second.events()[0] == []
        until(lambda: second.status().state == "finished")
        assert second.rows()[0].ndcg is not None

    def test_one_that_waits_can_be_stopped(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "popularity")
        with locked(job.folder.parent / "lock"):
            job.start()
            until(lambda: job.status().pid is not None)
            job.request_stop()
            until(lambda: job.status().state == "stopped")


def test_grids_are_no_runs_and_the_latest_comes_first(tmp_path: Path) -> None:
    first, second = made_grid(tmp_path, "popularity"), made_grid(tmp_path, "slit")
    assert list_runs(tmp_path) == []
    assert list_grids(tmp_path) == [second, first]
    first.execute()
    made_grid(tmp_path, "popularity")
    assert list_grids(tmp_path) == [first, second]
    assert list_grids(tmp_path / "nowhere") == []


class TestDeleting:
    def test_its_runs_stay_and_it_comes_back_as_it_was(self, tmp_path: Path) -> None:
        job, other = made_grid(tmp_path, "popularity"), made_grid(tmp_path, "slit")
        rows = job.execute()
        token = delete_grid(job)
        assert list_grids(tmp_path) == [other]
        assert [run.name for run in list_runs(tmp_path)] == [rows[0].run]
        with pytest.raises(RunError, match="no such grid"):
            open_grid(tmp_path, job.name)
        assert restore_grid(tmp_path, token) == job
        assert job.rows() == rows and list_grids(tmp_path) == [other, job]

    def test_not_while_it_is_at_work(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "popularity")
        with pytest.raises(RunError, match="Stop it first"):
            delete_grid(job)
        job.update(state="training")
        with pytest.raises(RunError, match="Stop it first"):
            delete_grid(job)
        job.update(state="stopped")
        delete_grid(job)
        assert list_grids(tmp_path) == []

    def test_made_again_meanwhile(self, tmp_path: Path) -> None:
        job = made_grid(tmp_path, "popularity")
        first = job.execute()
        token = delete_grid(job)
        again = made_grid(tmp_path, "popularity")
        with pytest.raises(RunError, match="another one"):
            restore_grid(tmp_path, token)
        assert again.execute() == [replace(first[0], taken_over=True)]


@pytest.mark.parametrize("name", ["", "..", "../../etc", "0" * 12, "a/b", "x" * 500])
def test_no_such_grid(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunError, match="no such grid"):
        open_grid(tmp_path, name)


def test_a_damaged_grid_is_one_sentence(tmp_path: Path) -> None:
    job = made_grid(tmp_path, "popularity")
    (job.folder / "grid.json").write_text("{}", "utf-8")
    with pytest.raises(RunError, match="no readable grid"):
        job.rows()


def test_the_control_that_comes_closest() -> None:
    far, near = (Comparison(delta, 0.0, 1.0, 0.1) for delta in (0.2, -0.1))
    controls = {"popularity": Control(0.1, far), "empty-prompt": Control(0.4, near)}
    assert Row(Cell("ease"), controls=controls).nearest == "empty-prompt"
    assert Row(Cell("ease")).nearest is None


def test_a_row_is_kept_as_it_is() -> None:
    row = Row(Cell("ease"), "failed", "run", message=Message("No {what}.", {"what": "luck"}))
    assert Row.from_dict(row.cell, row.to_dict()) == row
