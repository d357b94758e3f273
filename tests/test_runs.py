"""Runs: names, files, states, the life of a run in this process and in another."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.dataset import Dataset
from recsys.jobs.status import SILENCE_SECONDS, observed, process_start, this_process
from recsys.models import MODELS
from recsys.prompts import Template, load_template
from recsys.runs import (
    STATES,
    Run,
    RunSettings,
    Status,
    check_name,
    create_run,
    default_name,
    delete_run,
    execute,
    list_runs,
    open_run,
    restore_run,
    start,
    unreadable_runs,
)
from recsys.runs.measure import evaluate_model, validation_ndcg
from recsys.schema import N_, ConfigError, DataError, RunError
from recsys.storage.files import append_line, read_json, read_lines, write_json
from recsys.storage.trash import contents


class TestNames:
    @pytest.mark.parametrize(
        "name", ["a", "My run 2", "sasrec-v1.2_final", "电影推荐 第一次", "7", "x" * 80, "é"]
    )
    def test_allowed(self, name: str) -> None:
        assert check_name(name) == name

    def test_outer_spaces_go_and_letters_are_composed(self) -> None:
        assert check_name("  Cafe\u0301 ") == "Café"

    @pytest.mark.parametrize(
        "name",
        [
            *["", "   ", ".", "..", ".trash", "../../x", "a/b", "a\\b", "/etc/passwd", "C:\\x"],
            *["x" * 81, "字" * 80, "end.", "nul", "CON", "com1.txt", "a\nb", "a\0b", "a~1", "😀"],
            *["<img onerror=1>", "=1+1", "\ud800"],
        ],
    )
    def test_refused(self, name: str) -> None:
        with pytest.raises(ConfigError):
            check_name(name)

    @given(st.text(max_size=30))
    def test_what_is_allowed_stays_in_the_folder(self, name: str) -> None:
        try:
            allowed = check_name(name)
        except ConfigError:
            return
        assert (Path("/runs") / allowed).resolve().parent == Path("/runs")

    @given(st.text(max_size=60))
    def test_the_default_is_always_allowed(self, data: str) -> None:
        name = default_name("prompt-fusion", data, 0.0)
        assert check_name(name) == name


class TestFiles:
    def test_json_is_replaced_whole_and_leaves_nothing_behind(self, tmp_path: Path) -> None:
        path = tmp_path / "status.json"
        write_json(path, {"a": 1})
        write_json(path, {"a": np.float32(0.5), "b": float("nan"), "c": (np.int64(3),)})
        assert read_json(path) == {"a": 0.5, "b": None, "c": [3]}
        assert [p.name for p in tmp_path.iterdir()] == ["status.json"]

    def test_what_cannot_be_written_leaves_the_old(self, tmp_path: Path) -> None:
        path = tmp_path / "status.json"
        write_json(path, {"a": 1})
        (tmp_path / "folder").mkdir()
        with pytest.raises(OSError):
            write_json(tmp_path / "folder" / "none" / "x.json", {})
        with pytest.raises(OSError):
            write_json(tmp_path / "folder", {})
        assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "status.json"]

    def test_lines_are_read_on_from_where_one_was(self, tmp_path: Path) -> None:
        path = tmp_path / "events.jsonl"
        assert read_lines(path) == ([], 0)
        append_line(path, {"step": 1, "title": "故宫\n"})
        first, since = read_lines(path)
        append_line(path, {"step": 2})
        assert first == [{"step": 1, "title": "故宫\n"}]
        assert read_lines(path, since) == ([{"step": 2}], path.stat().st_size)

    @given(cut=st.integers(min_value=0, max_value=60))
    def test_a_torn_last_line_waits(
        self, cut: int, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        path = tmp_path_factory.mktemp("torn") / "events.jsonl"
        lines = [{"step": n, "t": "é"} for n in range(3)]
        for line in lines:
            append_line(path, line)
        whole = path.read_bytes()
        path.write_bytes(whole[:cut])
        found, since = read_lines(path)
        assert found == lines[: whole[:cut].count(b"\n")]
        path.write_bytes(whole)
        assert found + read_lines(path, since)[0] == lines

    def test_a_damaged_line_hides_no_other(self, tmp_path: Path) -> None:
        path = tmp_path / "events.jsonl"
        path.write_bytes(b'{"a": 1}\n\xff\xfe{{\n[1]\n{"a": 2}\n')
        assert read_lines(path)[0] == [{"a": 1}, {"a": 2}]


class TestStatus:
    def test_round_trip(self) -> None:
        status = Status(state="failed", message=DataError(N_("No {x}."), x=1).message, pid=3)
        assert Status.from_dict(json.loads(json.dumps(status.to_dict()))) == status

    def test_this_process_is_alive(self) -> None:
        status = Status(state="training", **this_process())
        assert observed(status, 1000.0, now=1001.0).state == "training"
        assert observed(status, None, now=1e12).state == "training"

    def test_one_that_gives_no_sign_of_life_does_not_respond(self) -> None:
        status = Status(state="training", updated=1000.0, **this_process())
        assert observed(status, 1005.0, now=1064.0).state == "training"
        assert observed(status, 1005.0, now=1066.0).state == "unresponsive"
        assert observed(status, 1005.0, now=1008.0, silence=2.0).state == "unresponsive"
        assert observed(status, 1066.0, now=1067.0).state == "training"

    @pytest.mark.parametrize("host", [None, "another-machine"])
    def test_a_time_far_ahead_says_nothing(self, host: str | None) -> None:
        process = {**this_process(), **({} if host is None else {"host": host})}
        silent = "unresponsive" if host is None else "interrupted"
        status = Status(state="training", updated=5000.0, **process)
        assert observed(status, 9000.0, now=1000.0).state == silent
        assert observed(status, 1050.0, now=1000.0).state == "training"  # clocks differ a little

    def test_of_another_boot_it_is_another_process(self) -> None:
        status = Status(state="training", **{**this_process(), "boot": "another"})
        assert observed(status, 1000.0, now=1000.0).state == "interrupted"
        before = Status(state="training", **{**this_process(), "boot": None})  # an older version's
        assert observed(before, 1000.0, now=1000.0).state == "training"

    def test_an_unknown_state_reads_as_interrupted_and_says_so(self) -> None:
        status = Status.from_dict({"state": "queued", "epoch": 2.0})
        assert (status.state, status.epoch) == ("interrupted", 2.0)
        assert status.message is not None and "state" in str(status.message)

    def test_a_process_that_ended_is_gone(self) -> None:
        process = subprocess.Popen([sys.executable, "-c", ""])
        began = process_start(process.pid)
        process.wait()
        status = Status(
            "training", pid=process.pid, process_started=began, host=socket.gethostname()
        )
        assert observed(status, time.time()).state == "interrupted"

    def test_another_process_with_the_same_number_is_not_it(self) -> None:
        status = Status(state="training", **{**this_process(), "process_started": "1"})
        assert observed(status, time.time()).state == "interrupted"

    @pytest.mark.parametrize(
        ("age", "state"), [(1.0, "training"), (SILENCE_SECONDS + 1, "interrupted")]
    )
    def test_elsewhere_the_heartbeat_tells(self, age: float, state: str) -> None:
        status = Status("training", pid=1, process_started="1", host="another-machine")
        assert observed(status, 1000.0, now=1000.0 + age).state == state

    def test_a_run_that_nobody_began_does_not_wait_for_ever(self) -> None:
        waiting = Status(updated=1000.0)
        assert observed(waiting, None, now=1001.0).state == "waiting"
        assert observed(waiting, None, now=1000.0 + SILENCE_SECONDS + 1).state == "interrupted"

    def test_what_ended_stays_so(self) -> None:
        assert observed(Status("finished"), None).state == "finished"


class TestStore:
    def test_a_new_run_holds_everything_to_repeat_it(self, small: Dataset, runs_dir: Path) -> None:
        template = load_template("sequential")
        run = create_run(
            runs_dir, small, template=template, seed=7, epochs=3, source={"data": "x.csv"}
        )
        config = json.loads((run.folder / "config.json").read_text("utf-8"))
        assert config["data_hash"] == small.content_hash
        assert config["prompt_source"] == template.source
        assert (config["seed"], config["epochs"], config["minutes"]) == (7, 3, None)
        assert {"python", "recsys", "torch", "transformers", "numpy", "pandas"} <= set(
            config["versions"]
        )
        assert run.status().state == "waiting"
        assert run.config.template == template
        assert run.config.name == run.name
        reread = run.dataset()
        assert reread.content_hash == small.content_hash
        assert [list(v) for v in reread.attribute_values("genres")][:2] == [
            ["Drama", "Western"],
            ["Comedy"],
        ]

    def test_trained_again_it_says_how_the_data_was_cleaned(
        self, small: Dataset, runs_dir: Path
    ) -> None:
        cleaning = {"min_item_events": 5, "liked_from": 4.0}
        run = create_run(runs_dir, small, model="ease", source={"data": "x"}, cleaning=cleaning)
        again = RunSettings.of(run).create(runs_dir, run.dataset()).config
        assert again.cleaning == cleaning
        told = {field.name for field in dataclasses.fields(run.config)}
        assert {name for name in told if getattr(again, name) != getattr(run.config, name)} <= {
            *("name", "created")
        }

    def test_it_reads_with_what_reads_data_and_prompt(self, small: Dataset, runs_dir: Path) -> None:
        for prompt, read_with in (("sequential", "minilm"), ("sequential-zh", "use")):
            run = create_run(runs_dir, small, template=load_template(prompt))
            assert run.config.language_model == read_with

    def test_many_at_once_get_names_of_their_own(self, small: Dataset, runs_dir: Path) -> None:
        with ThreadPoolExecutor(8) as pool:
            runs = list(pool.map(lambda _: create_run(runs_dir, small, model="ease"), range(8)))
        assert len({run.name for run in runs}) == 8
        assert len(list_runs(runs_dir)) == 8

    def test_a_name_is_not_given_twice(self, small: Dataset, runs_dir: Path) -> None:
        create_run(runs_dir, small, model="ease", name="mine")
        with pytest.raises(ConfigError, match="already"):
            create_run(runs_dir, small, model="ease", name="mine")

    @pytest.mark.parametrize(
        "setting",
        [
            *[{"model": "gpt"}, {"protocol": "guess"}, {"epochs": 0}, {"minutes": 0}],
            *[{"minutes": float("nan")}, {"name": "../../x"}, {"name": ""}],
        ],
    )
    def test_bad_settings_leave_nothing(
        self, setting: dict[str, Any], small: Dataset, runs_dir: Path
    ) -> None:
        with pytest.raises(ConfigError):
            create_run(runs_dir, small, **setting)
        assert not runs_dir.exists() or not list(runs_dir.iterdir())

    def test_a_file_is_no_folder_for_runs(self, small: Dataset, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(ConfigError, match="cannot be written"):
            create_run(tmp_path / "file", small, model="ease")

    def test_the_list_has_the_latest_first_and_only_runs(
        self, small: Dataset, runs_dir: Path
    ) -> None:
        assert list_runs(runs_dir) == []
        first, second = (create_run(runs_dir, small, model="ease", name=n) for n in "zy")
        (runs_dir / "empty").mkdir()
        (runs_dir / "damaged").mkdir()
        (runs_dir / "damaged" / "config.json").write_text("{", "utf-8")
        (runs_dir / "file").touch()
        assert list_runs(runs_dir) == [second, first]
        assert [run.name for run in unreadable_runs(runs_dir)] == ["damaged"]
        delete_run(unreadable_runs(runs_dir)[0])
        assert unreadable_runs(runs_dir) == []

    def test_the_second_who_deletes_is_reported(self, small: Dataset, runs_dir: Path) -> None:
        run = create_run(runs_dir, small, model="ease", name="mine")
        run.update(state="finished")
        delete_run(run)
        with pytest.raises(RunError, match="deleted already"):
            delete_run(run)
        for work in (run.request_stop, lambda: run.update(epoch=1), lambda: run.add_event({})):
            with pytest.raises(RunError, match="deleted meanwhile"):
                work()

    def test_files_are_as_open_as_the_umask_says(self, small: Dataset, runs_dir: Path) -> None:
        before = os.umask(0o022)
        try:
            run = create_run(runs_dir, small, model="ease", name="mine")
        finally:
            os.umask(before)
        modes = {path.stat().st_mode & 0o777 for path in run.folder.rglob("*.*") if path.is_file()}
        assert modes == {0o644}

    def test_no_name_leads_out(self, small: Dataset, runs_dir: Path, tmp_path: Path) -> None:
        elsewhere = create_run(tmp_path / "other", small, model="ease", name="secret")
        (runs_dir).mkdir()
        (runs_dir / "link").symlink_to(elsewhere.folder)
        with pytest.raises(ConfigError):
            open_run(runs_dir, "../other/secret")
        with pytest.raises(RunError):
            open_run(runs_dir, "link")
        with pytest.raises(RunError):
            open_run(runs_dir, "none")
        assert list_runs(runs_dir) == []
        assert open_run(tmp_path / "other", "secret") == elsewhere

    def test_deleted_and_brought_back(self, small: Dataset, runs_dir: Path) -> None:
        run = create_run(runs_dir, small, model="ease", name="mine")
        run.update(state="finished")
        token = delete_run(run)
        assert list_runs(runs_dir) == []
        assert contents(runs_dir) == [token]
        assert restore_run(runs_dir, token).config.name == "mine"
        assert contents(runs_dir) == []

    def test_a_run_at_work_is_not_deleted(self, small: Dataset, runs_dir: Path) -> None:
        run = create_run(runs_dir, small, model="ease")
        run.update(state="training", **this_process())
        with pytest.raises(RunError, match="Stop it first"):
            delete_run(run)

    def test_not_brought_back_over_another(self, small: Dataset, runs_dir: Path) -> None:
        run = create_run(runs_dir, small, model="ease", name="mine")
        run.update(state="finished")
        token = delete_run(run)
        create_run(runs_dir, small, model="ease", name="mine")
        with pytest.raises(RunError, match="another one"):
            restore_run(runs_dir, token)


class TestBackbone:
    """Building on the model of another run."""

    def test_what_cannot_be_built_on_is_refused(self, small: Dataset, runs_dir: Path) -> None:
        done = create_run(runs_dir, small, model="ease", name="ease")
        execute(done)
        with pytest.raises(ConfigError, match="cannot be a backbone"):
            create_run(runs_dir, small, model="prompt-tuned", backbone=done)
        waiting = create_run(runs_dir, small, model="mf", name="mf")
        with pytest.raises(RunError, match="no model yet"):
            create_run(runs_dir, small, model="prompt-tuned", backbone=waiting)
        other = small.select(np.arange(small.n_events) > 0)
        with pytest.raises(ConfigError, match="other data"):
            create_run(runs_dir, other, model="prompt-tuned", backbone=waiting)
        with pytest.raises(ConfigError, match="other data"):
            create_run(
                runs_dir, small, model="prompt-tuned", backbone=waiting, protocol="global-time"
            )
        assert {run.name for run in list_runs(runs_dir)} == {"ease", "mf"}

    def test_it_has_its_settings_and_needs_it_no_more(self, small: Dataset, runs_dir: Path) -> None:
        backbone = create_run(
            runs_dir, small, model="mf", model_config={"dimension": 8}, epochs=1, name="backbone"
        )
        execute(backbone)
        run = create_run(runs_dir, small, model="prompt-tuned", backbone=backbone, epochs=1)
        seen: list[dict[str, Any]] = []
        assert execute(run, seen.append).state == "finished", run.log()
        assert [e["stage"] for e in seen if e["event"] == "stage"] == [2]
        delete_run(backbone)
        again = open_run(runs_dir, run.name)
        assert again.model().backbone is not None
        assert dict(again.config.model_config["backbone_settings"])["dimension"] == 8
        assert set(again.per_user()) == {"model", "popularity", "ease", "mf"}
        gain = again.evaluation()["gain"]
        self.rename(run.folder / "config.json", "backbone_run", "general_run")
        self.rename(run.folder / "config.json", "backbone", "general")
        self.rename(run.folder / "config.json", "backbone_settings", "general_settings")
        self.rename(run.folder / "evaluation.json", "backbone", "general")
        older = open_run(runs_dir, run.name)
        assert older.config == again.config and older.config.backbone_run is not None
        assert older.evaluation()["gain"] == gain

    def rename(self, file: Path, key: str, before: str) -> None:
        """Write a key as versions before called it."""
        text = file.read_text("utf-8")
        assert f'"{key}":' in text
        file.write_text(text.replace(f'"{key}":', f'"{before}":'), "utf-8")

    def test_one_that_is_gone_is_said_so(self, small: Dataset, runs_dir: Path) -> None:
        backbone = create_run(runs_dir, small, model="mf", epochs=1, name="backbone")
        execute(backbone)
        run = create_run(runs_dir, small, model="prompt-tuned", backbone=backbone, epochs=1)
        delete_run(backbone)
        status = execute(run)
        assert status.state == "failed" and "no readable run" in str(status.message)


class TestExecute:
    def test_a_whole_run(self, small: Dataset, runs_dir: Path) -> None:
        run = create_run(runs_dir, small, model="popularity")
        seen: list[dict[str, Any]] = []
        status = execute(run, seen.append)
        assert status.state == run.status().state == "finished"
        assert status.has_model
        assert status.ended is not None
        assert status.started is not None
        assert status.ended >= status.started
        events, _ = run.events()
        assert [e["event"] for e in events] == [e["event"] for e in seen]
        states = [e["state"] for e in events if e["event"] == "state"]
        assert states == ["preparing", "evaluating", "finished"]
        results = run.evaluation()
        assert {"run", "data", "protocol", "users", "items", "metrics", "baselines"} <= set(results)
        assert results["users"] == 12
        assert results["metrics"]["ndcg@10"] == results["baselines"]["popularity"]["ndcg@10"]
        assert status.test_ndcg == results["metrics"]["ndcg@10"]
        per_user = run.per_user()
        assert set(per_user) == {"model", "popularity", "ease"}
        assert per_user["ease"]["recall@10"].shape == (12,)
        assert json.loads((run.folder / "config.json").read_text("utf-8"))["model_config"] == {}
        assert not list(run.folder.glob("*.pkl"))

    def test_the_model_comes_back_as_it_was(self, small: Dataset, runs_dir: Path) -> None:
        from recsys.models.base import Queries

        run = create_run(runs_dir, small, model="ease")
        execute(run)
        split = run.split()
        fitted = MODELS["ease"]()
        fitted.fit(split.train)  # type: ignore[attr-defined]
        queries = Queries(split.test.history, split.test.users)
        again = open_run(runs_dir, run.name).model()
        np.testing.assert_array_equal(again.score(queries), fitted.score(queries))

    def test_prompt_fusion_keeps_its_prompt(self, small: Dataset, runs_dir: Path) -> None:
        from recsys.models.base import Queries

        template = Template.parse("They saw {{ history | last(3) }}. {{ intent }}", "mine")
        run = create_run(runs_dir, small, template=template, epochs=1)
        assert execute(run).state == "finished", run.log()
        again = open_run(runs_dir, run.name)
        assert again.config.template == template
        assert again.config.model_config["prompt"] == template.source
        scores = again.model().score(Queries(again.dataset(), np.arange(2), intent="a comedy"))
        assert scores.shape == (2, 10)
        assert np.isfinite(scores).all()

    def test_it_is_done_once(self, small: Dataset, runs_dir: Path) -> None:
        run = create_run(runs_dir, small, model="popularity")
        execute(run)
        with pytest.raises(RunError, match="started before"):
            execute(run)
        assert run.status().state == "finished"

    def test_no_results_before_the_end(self, small: Dataset, runs_dir: Path) -> None:
        run = create_run(runs_dir, small, model="popularity")
        for ask in (run.model, run.evaluation, run.per_user):
            with pytest.raises(RunError):
                ask()

    def test_a_mistake_is_said_in_words_that_can_be_translated(self, runs_dir: Path) -> None:
        import pandas as pd

        lonely = pd.DataFrame({"user_id": ["a", "b"], "item_id": ["x", "y"]})
        run = create_run(runs_dir, Dataset.from_frames(lonely, name="lonely"), model="ease")
        status = execute(run)
        assert status.state == "failed"
        assert status.message is not None
        assert status.message.template.startswith("No user has three different items")
        assert run.status() == dataclasses.replace(status, updated=run.status().updated)
        assert run.log() == ""

    def test_the_unexpected_is_in_the_log_only(
        self, small: Dataset, runs_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def explode(*_: Any, **__: Any) -> Iterator[Any]:
            raise ZeroDivisionError("secret detail")
            yield

        monkeypatch.setattr("recsys.training.fit", explode)
        run = create_run(runs_dir, small, model="popularity")
        status = execute(run)
        assert status.state == "failed"
        assert "secret" not in str(status.message)
        assert "secret detail" in run.log()

    def test_ctrl_c_twice_leaves_it_interrupted(
        self, small: Dataset, runs_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(*_: Any, **__: Any) -> Iterator[Any]:
            raise KeyboardInterrupt
            yield

        monkeypatch.setattr("recsys.training.fit", interrupted)
        run = create_run(runs_dir, small, model="popularity")
        with pytest.raises(KeyboardInterrupt):
            execute(run)
        assert run.status().state == "interrupted"

    def test_stopped_while_texts_are_read(
        self, small: Dataset, runs_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def reading(*_: Any, progress: Callable[[int, int], None], **__: Any) -> Iterator[Any]:
            progress(1, 2)
            run.request_stop()
            progress(2, 2)
            yield

        monkeypatch.setattr("recsys.training.fit", reading)
        run = create_run(runs_dir, small, model="popularity")
        status = execute(run)
        assert status.state == "interrupted"
        assert str(status.message) == "It was stopped before there was a model to keep."
        assert {"event": "reading", "done": 1, "total": 2}.items() <= run.events()[0][1].items()

    def test_stopped_keeps_the_best(self, small: Dataset, runs_dir: Path) -> None:
        run = create_run(runs_dir, small, model="sasrec", epochs=500)

        def stop_after_two_epochs(event: dict[str, Any]) -> None:
            if event["event"] == "validated" and event["epoch"] == 2:
                run.request_stop()

        status = execute(run, stop_after_two_epochs)
        assert status.state == "stopped"
        assert status.best_ndcg is not None
        assert status.epoch is not None
        assert status.epoch < 10
        # The model that is kept is that of the best epoch, and has the figures that stand there.
        kept = run.model()
        assert validation_ndcg(run.split())(kept) == pytest.approx(status.best_ndcg)
        measured = evaluate_model(kept, run.split()).metrics["ndcg@10"]
        assert run.evaluation()["metrics"]["ndcg@10"]["value"] == pytest.approx(measured.value)


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


class TestProcess:
    def test_detached_from_start_to_end(self, small: Dataset, runs_dir: Path) -> None:
        run = create_run(runs_dir, small, model="popularity")
        start(run)
        wait_for(lambda: not run.status().active)
        assert run.status().state == "finished", run.log()
        assert run.status().pid != os.getpid()
        # The last line is printed after the run has ended.
        wait_for(lambda: run.log().rstrip().endswith(str(run.folder.resolve())))

    def test_two_at_once_then_one_is_stopped_and_one_is_killed(
        self, slow: Dataset, runs_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OMP_NUM_THREADS", "1")
        stopped, killed = (
            create_run(runs_dir, slow, model="sasrec", epochs=100_000, name=n)
            for n in ("stopped", "killed")
        )
        for run in (stopped, killed):
            start(run)
        for run in (stopped, killed):
            wait_for(lambda run=run: run.status().best_ndcg is not None)  # type: ignore[misc]
        stopped.request_stop()
        pid = killed.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not killed.status().active)
        wait_for(lambda: not stopped.status().active)
        assert killed.status().state == "interrupted"
        assert stopped.status().state == "stopped", stopped.log()
        # What was best when the process died is there.
        assert Run(killed.folder).model().score is not None


def test_every_state_has_words() -> None:
    assert set(STATES) >= {"waiting", "training", "finished", "stopped", "failed", "interrupted"}


def test_the_list_of_runs_does_not_wait_for_torch() -> None:
    code = "import sys, recsys.runs; print({'torch', 'streamlit'} & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "set()"
