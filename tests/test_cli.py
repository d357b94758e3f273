"""The command line: what it prints where, and what it says about mistakes."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from recsys.cli import main
from recsys.cli.progress import ProgressLines, duration, printable
from recsys.dataset import Dataset
from recsys.lab.version_store import PromptStore
from recsys.prompts import LIBRARY
from recsys.runs import Run, create_run, list_runs, open_run
from tests.app.made_runs import made
from tests.models.tiny import tiny_bert, tiny_gpt2

ROOT = Path(__file__).parents[1]


def python(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, **options
    )


@pytest.fixture(scope="module")
def trained(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of EASE on the small data, made through the command line."""
    runs = tmp_path_factory.mktemp("trained")
    command = ["train", "--data", str(small_folder), "--model", "ease", "--name", "tiny"]
    assert main([*command, "--runs", str(runs)]) == 0
    return runs / "tiny"


@pytest.fixture(scope="module")
def reader(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run of a model that reads prompts, ready at once."""
    runs = tmp_path_factory.mktemp("readers")
    command = ["train", "--data", str(small_folder), "--model", "zero-shot", "--name", "reader"]
    language_model = ["--language-model", str(tiny_bert())]
    assert main([*command, *language_model, "--runs", str(runs)]) == 0
    return str(runs / "reader")


class TestTrain:
    def test_a_language_model_of_ones_own(
        self,
        small_folder: Path,
        runs_dir: Path,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        own = Path(shutil.copytree(tiny_gpt2(), tmp_path / "own"))
        command = ["train", "--data", str(small_folder), "--model", "soft-prompt", "--epochs", "1"]
        assert main([*command, "--language-model", str(own), "--runs", str(runs_dir)]) == 0
        folder = capsys.readouterr().out.splitlines()[-1]
        config = json.loads(Path(folder, "config.json").read_text("utf-8"))
        assert config["language_model"] == config["model_config"]["language_model"] == str(own)
        asked = ["recommend", folder, "--user", "u00", "-k", "2", "--intent", "western"]
        assert main(asked) == 0
        assert "Film" in capsys.readouterr().out
        question = ["ask", folder, "--user", "u00", "-k", "2", "A western?"]
        assert main(question) == main([*question, "--json"]) == 0
        *_said, last = capsys.readouterr().out.splitlines()
        items = json.loads(last)["items"]
        assert items and all(item["has"] == ["Western"] for item in items)
        shutil.rmtree(own)
        assert main(asked) == 2
        _out, err = capsys.readouterr()
        assert str(own) in err and err.count("\n") == 1

    def test_chinese_data_and_an_english_reader(
        self, runs_dir: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        command = ["train", "--data", "attractions-zh", "--epochs", "1", "--runs", str(runs_dir)]
        assert main([*command, "--language-model", "minilm", "--model", "zero-shot"]) == 0
        assert "MiniLM reads English, and this data is in Chinese" in capsys.readouterr().err
        (run,) = list_runs(runs_dir)
        assert (run.config.prompt_name, run.config.language_model) == ("sequential-zh", "minilm")

    def test_chinese_data_is_read_in_chinese(
        self, runs_dir: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        command = ["train", "--data", "attractions-zh", "--epochs", "1", "--runs", str(runs_dir)]
        assert main(command) == 0
        assert "reads English" not in capsys.readouterr().err
        (run,) = list_runs(runs_dir)
        assert (run.config.prompt_name, run.config.language_model) == ("sequential-zh", "use")

    def test_the_last_line_is_the_run_directory(
        self, small_folder: Path, runs_dir: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        command = ["train", "--data", str(small_folder), "--model", "popularity"]
        assert main([*command, "--runs", str(runs_dir)]) == 0
        out, err = capsys.readouterr()
        (run,) = list_runs(runs_dir)
        assert out.splitlines()[-1] == str(run.folder)
        assert "12 users, 10 items, 84 events" in err
        assert "ndcg@10" in err
        assert run.config.source["data"] == str(small_folder)
        assert run.config.data == "small"

    def test_without_a_folder_a_run_lies_where_the_app_looks_and_is_found_by_name(
        self,
        small_folder: Path,
        runs_dir: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("RECSYS_RUNS", str(runs_dir))
        command = ["train", "--data", str(small_folder), "--model", "popularity"]
        assert main([*command, "--name", "tiny"]) == 0
        assert [run.name for run in list_runs(runs_dir)] == ["tiny"]
        assert main(["evaluate", "tiny", "--json"]) == 0
        assert "ndcg@10" in capsys.readouterr().out

    def test_columns_can_be_named(self, tmp_path: Path, runs_dir: Path, small_folder: Path) -> None:
        text = (small_folder / "interactions.csv").read_text("utf-8")
        odd = text.replace("user_id,item_id,timestamp", "a,b,c")
        (tmp_path / "odd.csv").write_text(odd, "utf-8")
        columns = "user_id=a,item_id=b,timestamp=c"
        command = ["train", "--data", str(tmp_path / "odd.csv"), "--columns", columns]
        command += ["--items", str(small_folder / "items.csv"), "--item-columns", "title=title"]
        assert main([*command, "--model", "popularity", "--runs", str(runs_dir)]) == 0
        (run,) = list_runs(runs_dir)
        assert run.dataset().titles[0] == "Film 0"

    def test_knowledge_is_joined_told_and_part_of_the_run(
        self,
        small_folder: Path,
        tmp_path: Path,
        runs_dir: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        path = tmp_path / "facts.csv"
        path.write_text("title,director\nFilm 3,X\nFilm 99,Y\n", "utf-8")
        command = ["train", "--data", str(small_folder), "--knowledge", str(path)]
        command += ["--model", "popularity", "--runs", str(runs_dir)]
        assert main(command) == 0
        err = capsys.readouterr().err
        assert "1 rows: Nothing in the data has this id, title or value" in err
        assert "Facts that join the data: 1." in err
        (run,) = list_runs(runs_dir)
        assert run.config.source["knowledge"] == str(path)
        data = run.dataset()
        assert data.content_hash == run.config.data_hash
        assert data.knowledge is not None
        assert data.knowledge["fact"].tolist() == ["Film 3: director X"]
        assert main(["prompts", "lint", "profile", "--run", str(run.folder)]) == 0

    @pytest.mark.parametrize(
        "options",
        [
            ["--model", "gpt-5"],
            ["--knowledge", "no-such-file.csv"],
            ["--name", "../../x"],
            ["--name", ""],
            ["--epochs", "0"],
            ["--epochs", "many"],
            ["--minutes", "-1"],
            ["--minutes", "nan"],
            ["--seed", "-1"],
            ["--device", "tpu"],
            ["--prompt", "no-such-prompt"],
            ["--model", "ease", "--prompt", "sequential"],
            ["--model", "ease", "--language-model", "minilm"],
            ["--model", "prompt-fusion", "--language-model", "nobody/knows"],
            ["--model", "soft-prompt", "--language-model", "/no/such/folder"],
            ["--columns", "user_id"],
            ["--columns", "user_id=nobody"],
            ["--columns", "nobody=user_id"],
            ["--columns", "user_id=item_id,item_id=item_id"],
            ["--encoding", "utf-16"],
            ["--encoding", "nonsense"],
            ["--items", "no-such-file.csv"],
            ["--no-such-option"],
            ["--model", "mf", "--objective", "stars"],
            ["--model", "mf", "--objective", "ratings"],  # the data has none
            ["--model", "ease", "--objective", "ratings"],
            ["--model", "ncf", "--hidden", "8,-1"],
            ["--model", "ncf", "--hidden", "wide"],
            ["--model", "prompt-tuned", "--backbone", "ease"],
            ["--model", "mf", "--backbone", "mf"],
        ],
    )
    def test_a_mistake_is_one_sentence_and_leaves_nothing(
        self,
        options: list[str],
        small_folder: Path,
        runs_dir: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        command = ["train", "--data", str(small_folder), "--runs", str(runs_dir), *options]
        try:
            status = main(command)
        except SystemExit as error:  # how argparse ends
            status = int(error.code or 0)
        out, err = capsys.readouterr()
        assert status == 2
        assert out == ""
        assert err.splitlines()[-1].startswith("recsys")
        assert "Traceback" not in err
        assert list_runs(runs_dir) == []

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("empty.csv", b""),
            ("header.csv", b"user_id,item_id\n"),
            ("one-user.csv", b"user_id,item_id\na,1\na,2\na,3\na,4\n"),
            ("one-item.csv", b"user_id,item_id\na,1\nb,1\nc,1\n"),
            ("junk.csv", bytes(range(256)) * 8),
            ("junk.xlsx", b"PK\x03\x04 not really"),
            ("junk.parquet", b"PAR1 not really"),
            ("no-columns.csv", b"alpha,beta\nx,y\n"),
            ("short.csv", b"user_id,item_id\na,1\nb,2\nc,1\n"),
            ("only-a-mark.csv", b"\xff\xfe"),
            ("blank.csv", b"\n\n  \n"),
            ("ragged.csv", b"user_id,item_id,rating\n" + b"a\n" * 20),
            ("packed.csv", b"\x1f\x8b\x08\x00" + bytes(range(200))),
            ("no-items.csv", b"user_id,rating\na,1\nb,2\n"),
            ("one-event-often.csv", b"user_id,item_id\n" + b"a,1\n" * 50),
        ],
    )
    def test_bad_data_is_one_sentence(
        self,
        name: str,
        content: bytes,
        tmp_path: Path,
        runs_dir: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        (tmp_path / name).write_bytes(content)
        command = ["train", "--data", str(tmp_path / name), "--model", "popularity"]
        assert main([*command, "--runs", str(runs_dir)]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.splitlines()[-1].startswith("recsys: ")
        assert "Traceback" not in err

    def test_a_prompt_that_tries_to_get_out_is_refused_with_its_place(
        self,
        small_folder: Path,
        tmp_path: Path,
        runs_dir: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        (tmp_path / "evil.j2").write_text("Hello {{ ''.__class__ }}", "utf-8")
        command = ["train", "--data", str(small_folder), "--prompt", str(tmp_path / "evil.j2")]
        assert main([*command, "--runs", str(runs_dir)]) == 2
        assert "ine 1, column" in capsys.readouterr().err

    def test_no_data_and_no_run(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["train"]) == 2
        assert "--data" in capsys.readouterr().err

    def test_a_runs_folder_that_is_a_file(self, small_folder: Path, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        command = ["train", "--data", str(small_folder), "--model", "ease"]
        assert main([*command, "--runs", str(tmp_path / "file")]) == 2

    def test_ctrl_c_keeps_the_best_model(self, slow_file: Path, runs_dir: Path) -> None:
        command = ["-m", "recsys", "train", "--data", str(slow_file), "--model", "sasrec"]
        command += ["--epochs", "100000", "--runs", str(runs_dir), "--name", "cut"]
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            runs = list_runs(runs_dir)
            if runs and runs[0].status().best_ndcg is not None:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 130, err
        assert out.splitlines()[-1] == str(runs_dir / "cut")
        (run,) = list_runs(runs_dir)
        assert run.status().state == "stopped"
        assert run.model() is not None


@pytest.mark.parametrize("options", [["--model", "mf"], ["--model", "ncf", "--hidden", "8,4"]])
def test_ratings_are_trained_and_measured(
    options: list[str], tmp_path: Path, runs_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"u{u},i{(u + 3 * n) % 10},{1 + (u + n) % 5}" for u in range(12) for n in range(7)]
    (tmp_path / "stars.csv").write_text("\n".join(["user_id,item_id,rating", *rows]), "utf-8")
    command = ["train", "--data", str(tmp_path / "stars.csv"), *options, "--epochs", "2"]
    assert main([*command, "--objective", "ratings", "--runs", str(runs_dir)]) == 0
    err = capsys.readouterr().err
    assert "rmse" in err and "user and item mean" in err and "12 held-out ratings" in err
    (run,) = list_runs(runs_dir)
    assert main(["evaluate", str(run.folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["ratings"]["metrics"]) == {"rmse", "mae", "liked_accuracy"}
    for metric in told["ratings"]["metrics"].values():
        assert metric["low"] <= metric["value"] <= metric["high"] and metric["ratings"] == 12
    tested = [event for event in run.events()[0] if event["event"] == "tested"]
    assert [event["epoch"] for event in tested] == [1, 2]
    assert run.config.model_config["objective"] == "ratings"


def test_a_prompt_is_tuned_on_a_run(
    small_folder: Path, runs_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "--data", str(small_folder), "--runs", str(runs_dir), "--epochs", "2"]
    assert main([*command, "--model", "mf", "--name", "backbone"]) == 0
    capsys.readouterr()
    on_it = ["--model", "prompt-tuned", "--backbone", str(runs_dir / "backbone"), "--name", "tuned"]
    assert main([*command, *on_it]) == 0
    err = capsys.readouterr().err
    assert "stage 2 of 2" in err and "stage 1" not in err
    assert "gain over mf: ndcg@10" in err
    assert main(["evaluate", str(runs_dir / "tuned"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    gain = told["gain"]
    assert gain["over"] == "mf" and gain["low"] <= gain["delta"] <= gain["high"]
    alone = json.loads((runs_dir / "backbone" / "evaluation.json").read_text("utf-8"))
    assert gain["backbone"] == alone["metrics"]["ndcg@10"] == told["baselines"]["mf"]["ndcg@10"]
    assert gain["delta"] == pytest.approx(
        told["metrics"]["ndcg@10"]["value"] - gain["backbone"]["value"]
    )


class TestEvaluate:
    def test_json(self, trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["evaluate", str(trained), "--json"]) == 0
        results = json.loads(capsys.readouterr().out)
        assert list(results) == [
            "run",
            "data",
            "protocol",
            "users",
            "items",
            "metrics",
            "baselines",
        ]
        assert (results["run"], results["users"], results["items"]) == ("tiny", 12, 10)
        wanted = {f"{m}@10" for m in ("ndcg", "recall", "mrr", "hit_rate", "coverage")}
        for metrics in (results["metrics"], *results["baselines"].values()):
            assert wanted <= set(metrics)
            assert all(set(metrics[m]) == {"value", "low", "high"} for m in wanted)
        assert set(results["baselines"]) == {"popularity", "ease"}

    def test_the_table_names_the_protocol(
        self, trained: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["evaluate", str(trained)]) == 0
        out = capsys.readouterr().out
        assert "leave-last-out, full catalogue, seen items filtered" in out
        assert "popularity" in out

    def test_measured_again_where_the_results_are_gone(
        self, trained: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["evaluate", str(trained), "--json"])
        before = capsys.readouterr().out
        (trained / "evaluation.json").unlink()
        assert main(["evaluate", str(trained), "--json"]) == 0
        assert capsys.readouterr().out == before

    @pytest.mark.parametrize("run", ["no-such-run", "no/such/run", "../..", "", "/"])
    def test_no_such_run(self, run: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["evaluate", run]) == 2
        assert capsys.readouterr().err.startswith("recsys: ")

    @pytest.mark.parametrize(
        ("called", "said"),
        [("/usr/bin/promptrec", "promptrec"), ("promptrec.exe", "promptrec"), ("pytest", "recsys")],
    )
    def test_a_mistake_begins_with_the_name_that_was_called(
        self,
        called: str,
        said: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr("sys.argv", [called])
        assert main(["evaluate", "no-such-run"]) == 2
        assert capsys.readouterr().err.startswith(f"{said}: ")


class TestRecommend:
    def test_json_is_a_line_a_user(self, trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["recommend", str(trained), "--all-users", "-k", "2", "--json"]) == 0
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [line["user_id"] for line in lines] == [f"u{n:02d}" for n in range(12)]
        for line in lines:
            assert [item["rank"] for item in line["items"]] == [1, 2]
            for item in line["items"]:
                assert set(item) == {"item_id", "title", "score", "rank"}
                assert item["title"] == f"Film {item['item_id'][1:]}"

    def test_what_was_met_is_not_recommended(
        self, trained: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recommend", str(trained), "--user", "u00", "-k", "50", "--json"]) == 0
        items = json.loads(capsys.readouterr().out)["items"]
        assert {item["item_id"] for item in items} == {"i1", "i4", "i7"}

    def test_several_users_in_the_order_asked(
        self, trained: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recommend", str(trained), "--user", "u03", "u01", "--user=u02"]) == 0
        out = capsys.readouterr().out
        assert [line for line in out.splitlines() if line.startswith("user")] == [
            "user u03",
            "user u01",
            "user u02",
        ]

    def test_a_wish_is_corrected_and_weakened(
        self, trained: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lists = []
        for options in (
            ["--intent", "a western"],
            ["--intent", "a western", "--correct", "Western=avoid", "Opera=must"],
            ["--intent", "a western", "--wish-strength", "0"],
            [],
        ):
            assert main(["recommend", str(trained), "--user", "u01", "--json", *options]) == 0
            items = json.loads(capsys.readouterr().out)["items"]
            lists.append([item["item_id"] for item in items])
        wanted, avoided, weak, plain = lists  # of i2, i5 and i8, the even ones are westerns
        assert wanted[-1] == "i5" == avoided[0] and weak == plain

    def test_an_unknown_user_and_near_ids(
        self, trained: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recommend", str(trained), "--user", "u1"]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert 'no user "u1"' in err
        assert "u01" in err

    def test_a_model_that_reads_no_prompts_answers_too(
        self, trained: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["ask", str(trained), "--user", "u01", "A western?", "--json"]) == 0
        items = json.loads(capsys.readouterr().out.splitlines()[-1])["items"]
        assert items and all(item["has"] == ["Western"] for item in items)

    @pytest.mark.parametrize(
        "options",
        [
            ["--user", "u01", "--prompt", "sequential"],
            ["--user", "u01", "--all-users"],
            ["--user", "u01", "-k", "0"],
            ["--user", "u01", "--intent", "a western", "--wish-strength", "2"],
            ["--user", "u01", "--intent", "a western", "--correct", "Western=never"],
            ["--user", "u01", "--intent", "a western", "--correct", "Western"],
            [],
        ],
    )
    def test_what_cannot_be_done_is_said(
        self, options: list[str], trained: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        try:
            status = main(["recommend", str(trained), *options])
        except SystemExit as error:
            status = int(error.code or 0)
        assert status == 2
        assert len(capsys.readouterr().err.splitlines()) == 1

    def test_a_reader_that_stops_early_is_no_failure_of_ours(self, trained: Path) -> None:
        script = f"{sys.executable} -m recsys recommend {trained} --all-users --json | head -1"
        ended = subprocess.run(
            ["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert json.loads(ended.stdout)["user_id"] == "u00"
        assert ended.stderr == ""


def test_benchmark_prints_models_then_comparisons(
    small: Dataset, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recsys.benchmark.quality.prepare", lambda *_, **__: (small, None))
    monkeypatch.setattr("recsys.benchmark.quality.REFERENCE", "popularity")
    command = ["benchmark", "movielens-small", "--models", "popularity,ease", "--seeds", "2"]
    assert main([*command, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    keys = (
        "suite model seed metrics train_seconds positions_per_second peak_mb trainable_parameters"
    )
    assert [set(line) == set(keys.split()) for line in lines] == [True] * 4 + [False] * 4
    assert [(r["model"], r["seed"]) for r in lines[:4]] == [
        ("popularity", 0),
        ("popularity", 1),
        ("ease", 0),
        ("ease", 1),
    ]
    assert {" ".join(line) for line in lines[4:]} == {"suite a b metric delta low high p_value"}
    metrics = [r["metrics"]["ndcg@10"]["value"] for r in lines[:4]]
    delta = next(line for line in lines[4:] if line["metric"] == "ndcg@10")["delta"]
    assert delta == pytest.approx(metrics[2] - metrics[0])
    assert main(command) == 0
    assert "ease - popularity: ndcg@10" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options", [["netflix"], ["movielens-small", "--models", "popularity,gpt"], []]
)
def test_benchmark_of_what_is_not_there(options: list[str]) -> None:
    try:
        status = main(["benchmark", *options])
    except SystemExit as error:
        status = int(error.code or 0)
    assert status == 2


class TestPrompts:
    def said(self, capsys: pytest.CaptureFixture[str], *command: str, status: int = 0) -> str:
        capsys.readouterr()
        assert main(["prompts", *command]) == status
        return capsys.readouterr().out

    def test_list_and_show(self, capsys: pytest.CaptureFixture[str]) -> None:
        lines = self.said(capsys, "list", "--json").splitlines()
        assert [json.loads(line)["name"] for line in lines] == list(LIBRARY)
        shown = json.loads(self.said(capsys, "show", "sequential", "--json"))
        assert shown["source"] == LIBRARY["sequential"].source
        assert (shown["soft_tokens"], "history" in shown["variables"]) == (8, True)
        assert self.said(capsys, "show", "sequential").strip() == shown["source"].strip()

    def test_lint(self, tmp_path: Path, reader: str, capsys: pytest.CaptureFixture[str]) -> None:
        bad, unknown = tmp_path / "bad.j2", tmp_path / "unknown.j2"
        bad.write_text("Hello\n{{ history.append }}")
        unknown.write_text("{{ hystory }}")
        found = json.loads(self.said(capsys, "lint", str(bad), "--json", status=1))
        assert (found["severity"], found["line"]) == ("error", 2)
        assert "history" in self.said(capsys, "lint", str(unknown), status=1)
        assert "history" in self.said(capsys, "lint", str(unknown), "--run", reader, status=1)

    def test_saved_prompts_and_their_versions(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("RECSYS_PROMPTS", str(tmp_path))
        for words in ("one", "two"):
            PromptStore.default().save("Mine", words)
        first = json.loads(self.said(capsys, "list", "--json").splitlines()[0])
        assert first == {"name": "Mine", "versions": 2, "labels": {}}
        assert self.said(capsys, "show", "Mine") == "two\n"
        assert self.said(capsys, "show", "Mine@1") == "one\n"
        assert self.said(capsys, "diff", "Mine@1", "Mine") == "[-one-]{+two+}\n"
        assert main(["prompts", "show", "Mine@3"]) == 2
        assert "no version 3" in capsys.readouterr().err
        shown = json.loads(self.said(capsys, "show", "Mine@1", "--json"))
        assert (shown["version"], shown["parent"], shown["lint"], shown["scores"]) == (
            1, None, None, [],
        )  # fmt: skip

    def test_saved_prompts_are_found_by_words(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("RECSYS_PROMPTS", str(tmp_path))
        PromptStore.default().save("Mine", "A calm evening with {{ liked }}", note="quiet")
        PromptStore.default().save("Mine", "安静的夜晚")
        told = json.loads(self.said(capsys, "list", "--search", "EVENING", "quiet", "--json"))
        assert told == {
            "prompt": "Mine@1", "name": "Mine", "version": 1, "note": "quiet",
            "excerpt": "A calm evening with {{ liked }}",
        }  # fmt: skip
        assert self.said(capsys, "list", "--search", "夜晚") == "Mine@2\n    安静的夜晚\n"
        assert self.said(capsys, "list", "--search", "evening", "nobody", status=1) == ""
        library = self.said(capsys, "list", "--search", "rating-question")
        assert library.splitlines()[0] == "rating-question"

    def test_diff(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        paths = [tmp_path / "a.j2", tmp_path / "b.j2"]
        for path, words in zip(paths, ("The user likes it.", "The user loves it."), strict=True):
            path.write_text(words)
        names = [str(path) for path in paths]
        assert self.said(capsys, "diff", *names) == "The user [-likes-]{+loves+} it.\n"
        words = json.loads(self.said(capsys, "diff", *names, "--json"))["words"]
        assert [word["kind"] for word in words] == ["same", "gone", "new", "same"]

    def test_score(self, reader: str, capsys: pytest.CaptureFixture[str]) -> None:
        command = ["score", reader, "--prompt", "profile", "--against", "sequential"]
        told = json.loads(self.said(capsys, *command, "--json"))
        assert list(told) == ["users", "metrics", "seconds"]
        numbers = told["metrics"]["ndcg@10"]
        assert list(numbers) == ["a", "b", "delta", "low", "high", "p_value"]
        assert numbers["delta"] == pytest.approx(numbers["a"] - numbers["b"])
        table = self.said(capsys, *command)
        assert "profile" in table and f"{told['users']} users; leave-last-out" in table

    def test_ablate(self, reader: str, capsys: pytest.CaptureFixture[str]) -> None:
        command = ["ablate", reader, "--prompt", "sequential"]
        told = [json.loads(line) for line in self.said(capsys, *command, "--json").splitlines()]
        assert [one["kind"] for one in told][:3] == ["soft", "words", "variable"]
        assert list(told[0]) == ["kind", "text", "delta", "low", "high", "p_value", "exchanged"]
        assert {one["text"] for one in told if one["exchanged"]} == {"interests", "history"}
        assert list(told[2]["exchanged"]) == ["delta", "low", "high", "p_value"]
        table = self.said(capsys, "blame", *command[1:]).splitlines()  # the name it had before
        assert len(table) == len(told) + 2
        assert f"{told[4]['exchanged']['delta']:+.4f}" in table[5]

    def test_a_model_that_reads_prompts_alone_is_measured_both_ways(
        self, runs_dir: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run = str(made(runs_dir, "prompt-fusion", name="fusion").folder)
        command = ["score", run, "--prompt", "profile"]
        told = json.loads(self.said(capsys, *command, "--json"))
        assert list(told) == ["users", "metrics", "words", "seconds"]
        table = self.said(capsys, *command)
        words, whole = table.split("On top of the history:\n")
        assert words.startswith("What the words say:\n")
        for part, metrics in ((words, told["words"]), (whole, told["metrics"])):
            assert f"{metrics['recall@10']['a']:.4f}" in part
        assert "has read the history anyway" in table

        command = ["ablate", run, "--prompt", "sequential"]
        parts = [json.loads(line) for line in self.said(capsys, *command, "--json").splitlines()]
        measured = ["kind", "text", "delta", "low", "high", "p_value", "exchanged"]
        for part in parts:
            assert list(part) == [*measured, "words"] and list(part["words"]) == measured
            assert part["text"] == part["words"]["text"]
        lines = self.said(capsys, *command).splitlines()
        assert len(lines) == 2 * (len(parts) + 2) + 2
        assert f"{parts[4]['words']['exchanged']['delta']:+.4f}" in lines[6]
        assert f"{parts[4]['exchanged']['delta']:+.4f}" in lines[6 + len(parts) + 2]

    def test_search(
        self,
        reader: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("RECSYS_PROMPTS", str(tmp_path))
        (tmp_path / "short.j2").write_text("{{ soft(2) }}\nOnly comedies.\n{{ history }}", "utf-8")
        prompt = str(tmp_path / "short.j2")
        command = ["search", reader, "--prompt", prompt, "--budget", "120"]
        lines = self.said(capsys, *command, "--save", "better", "--json").splitlines()
        *rounds, found = map(json.loads, lines)
        assert {told["event"] for told in rounds} == {"round"}
        assert found["event"] == "found" and found["reason"] in ("budget", "patience")
        assert list(found["confirmed"]["metrics"]["ndcg@10"]) == [
            "a", "b", "delta", "low", "high", "p_value",
        ]  # fmt: skip
        names = PromptStore.default().names()
        if found["holds"]:
            saved = PromptStore.default().latest("better").source.strip()
            assert saved == found["source"].strip() == found["leader"].strip()
        else:  # nothing is offered
            assert names == [] and "Only comedies." in found["source"]
        again = self.said(capsys, *command)  # goes on where it was
        assert found["reading"] == "whole" and "Scored: On top of the history" in again
        best = "A better wording was found"
        assert again.startswith((best, "No wording was better than yours beyond chance"))
        for title in ("For whom the prompt fails", "What was tried", "What helped"):
            assert f"\n{title}\n- " in again

    def test_grid(
        self, small_folder: Path, runs_dir: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        command = ["grid", "--data", str(small_folder), "--runs", str(runs_dir)]
        command += ["--prompts", "sequential,profile", "--models", "popularity, zero-shot"]
        command += ["--language-models", str(tiny_bert())]
        lines = [json.loads(line) for line in self.said(capsys, *command, "--json").splitlines()]
        assert [(told["model"], told["prompt"]) for told in lines] == [
            ("popularity", None),
            ("zero-shot", "sequential"),
            ("zero-shot", "profile"),
        ]
        assert {told["run"] for told in lines} == {run.name for run in list_runs(runs_dir)}
        for told in lines:
            assert told["seconds"] > 0 and told["message"] is None
            metric = told["metrics"]["ndcg@10"]
            assert metric["low"] <= metric["value"] <= metric["high"]
            for control in told["controls"].values():
                assert list(control) == ["value", "delta", "low", "high", "p_value", "beaten"]
                assert control["delta"] == pytest.approx(
                    metric["value"] - control["value"], abs=1e-6
                )
                assert control["beaten"] is (control["low"] > 0)
        reader = lines[1]
        assert list(reader["controls"]) == ["popularity", "shuffled-histories", "empty-prompt"]
        assert reader["language_model"] == str(tiny_bert())
        assert lines[0]["no_better_than"] == ["shuffled-histories"]
        table = self.said(capsys, *command)  # everything is taken over
        assert "no better than shuffled histories" in table and "over popularity" in table
        assert len(list_runs(runs_dir)) == 3
        folder = table.splitlines()[-1]
        again = self.said(capsys, "grid", "--into", folder, "--json").splitlines()
        assert all(json.loads(line)["taken_over"] for line in again)

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ([], "--data"),
            (["--data", "movielens", "--models", "zero-shot", "--prompts", "nope"], "“nope”"),
            (["--data", "DATA"], "at least one model"),
            (["--data", "DATA", "--models", "zero-shot"], "at least one prompt"),
            (["--data", "DATA", "--models", "gpt-5"], "gpt-5"),
            (["--data", "DATA", "--models", "ease", "--minutes", "0"], "time limit"),
        ],
    )
    def test_a_grid_of_nonsense_is_one_sentence(
        self,
        options: list[str],
        words: str,
        small_folder: Path,
        runs_dir: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        given = [str(small_folder) if option == "DATA" else option for option in options]
        assert main(["prompts", "grid", *given, "--runs", str(runs_dir)]) == 2
        out, err = capsys.readouterr()
        assert out == "" and words in err.splitlines()[-1]
        assert not runs_dir.exists()

    @pytest.fixture
    def backbone(self, small_folder: Path, runs_dir: Path) -> Run:
        """A trained model that a prompt can be tuned on."""
        command = ["train", "--data", str(small_folder), "--runs", str(runs_dir), "--epochs", "1"]
        assert main([*command, "--model", "mf", "--name", "backbone"]) == 0
        return open_run(runs_dir, "backbone")

    def test_tune(
        self,
        backbone: Run,
        runs_dir: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("RECSYS_PROMPTS", str(tmp_path / "prompts"))
        asked = ["tune", str(backbone.folder), "--prompt", "profile", "--save", "mine"]
        told = json.loads(self.said(capsys, *asked, "--json"))
        assert told["gain"]["over"] == "mf"
        assert Path(told["run"]).parent == runs_dir
        version = PromptStore.default().latest("mine")
        assert version.source == LIBRARY["profile"].source
        remarks = PromptStore.default().remarks(version)
        assert remarks is not None and remarks.data_hash == Run(Path(told["run"])).config.data_hash
        (score,) = PromptStore.default().scores("mine", version.number)
        assert score["gain"]["delta"] == told["gain"]["delta"]
        assert "->" in self.said(capsys, "tune", str(backbone.folder), "--prompt", "profile")
        assert main(["prompts", "tune", told["run"], "--prompt", "profile"]) == 2
        assert "cannot be a backbone" in capsys.readouterr().err

    def test_a_tuning_that_the_app_has_made(
        self,
        backbone: Run,
        runs_dir: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("RECSYS_PROMPTS", str(tmp_path / "prompts"))
        made = create_run(
            runs_dir,
            backbone.dataset(),
            model="prompt-tuned",
            backbone=backbone,
            template=LIBRARY["profile"],
            name="tuned",
        )
        told = self.said(capsys, "tune", "--into", str(made.folder), "--save", "mine")
        assert str(made.folder) in told
        assert PromptStore.default().latest("mine").source == LIBRARY["profile"].source
        assert main(["prompts", "tune", "backbone"]) == 2
        assert "Name a run" in capsys.readouterr().err

    def test_discretise(
        self,
        small_folder: Path,
        reader: str,
        runs_dir: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("RECSYS_PROMPTS", str(tmp_path / "prompts"))
        command = ["train", "--data", str(small_folder), "--runs", str(runs_dir), "--epochs", "1"]
        assert main([*command, "--model", "prompt-tuned", "--name", "tuned"]) == 0
        tuned = str(runs_dir / "tuned")
        told = json.loads(self.said(capsys, "discretise", tuned, "--save", "words", "--json"))
        assert len(told["near"]) == len(told["chosen"]) == 8
        assert "soft(" not in told["source"]
        assert {"a", "b", "delta", "low", "high", "p_value"} == set(told["metrics"]["ndcg@10"])
        assert PromptStore.default().latest("words").source == told["source"]
        assert "in words" in self.said(capsys, "harden", tuned)
        assert main(["prompts", "discretise", reader]) == 2
        assert "no trained vectors" in capsys.readouterr().err

    def test_the_trained_prompt_is_compared_with_by_default(
        self, reader: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        table = self.said(capsys, "score", reader, "--prompt", "sequential")
        assert "not distinguishable" in table
        assert "trained" in table

    def test_what_cannot_be_scored_is_said(
        self, trained: Path, reader: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["prompts", "score", str(trained), "--prompt", "sequential"]) == 2
        assert "ease reads no prompts" in capsys.readouterr().err
        unknown = tmp_path / "unknown.j2"
        unknown.write_text("{{ hystory }}")
        assert main(["prompts", "score", reader, "--prompt", str(unknown)]) == 2
        assert "hystory" in capsys.readouterr().err


class TestQuick:
    def test_datasets_without_torch(self) -> None:
        code = "from recsys.cli import main; main(['datasets'])"
        code += "; import sys; print('torch' in sys.modules)"
        ended = python("-c", code, check=True)
        *lines, torch = ended.stdout.splitlines()
        assert torch == "False"
        assert {"movielens", "groceries", "attractions-zh", "news"} <= set(lines)

    @pytest.mark.parametrize(
        "command",
        [
            [],
            ["evaluate"],
            ["recommend"],
            ["train"],
            ["prompts"],
            ["prompts", "score"],
            ["prompts", "tune"],
            ["prompts", "grid"],
        ],
    )
    def test_help_imports_nothing_heavy(self, command: list[str]) -> None:
        code = (
            "import sys\nfrom recsys.cli import main\n"
            f"try: main({[*command, '--help']!r})\n"
            "except SystemExit: print({'torch', 'pandas', 'numpy'} & set(sys.modules))"
        )
        ended = python("-c", code, check=True)
        assert ended.stdout.splitlines()[-1] == "set()"
        assert "--into" not in ended.stdout

    @pytest.mark.parametrize(
        "command",
        [
            ["train", "--data", "movielens", "--epochs", "none"],
            ["train", "--data"],
            ["prompts", "grid", "--minutes", "long"],
            ["prompts", "tune", "--seed", "x", "--guidance", "3"],
            ["train", "--epoch", "3"],
            ["prompts", "grid", "--dimensoin=64"],
        ],
    )
    def test_wrong_values_are_told_without_anything_heavy(self, command: list[str]) -> None:
        code = (
            "import sys\nfrom recsys.cli import main\n"
            f"try: main({command!r})\n"
            "except SystemExit as ended:\n"
            "    print(ended.code, {'torch', 'pandas', 'numpy'} & set(sys.modules))"
        )
        ended = python("-c", code, check=True)
        assert ended.stdout.splitlines()[-1] == "2 set()"
        assert len(ended.stderr.splitlines()) == 1

    def test_settings_of_models_are_listed_where_they_are_asked_for(self) -> None:
        ended = python("-m", "recsys", "prompts", "tune", "--help-settings", check=True)
        assert "settings of prompt-tuned" in ended.stdout and "--guidance X" in ended.stdout
        assert "--help-settings" in python("-m", "recsys", "train", "--help").stdout

    def test_as_a_module(self) -> None:
        ended = python("-m", "recsys", "--version")
        assert ended.stdout.startswith("recsys ")

    def test_no_command(self) -> None:
        ended = python("-m", "recsys")
        assert ended.returncode == 2
        assert len(ended.stderr.splitlines()) == 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


STEP = {
    "event": "step",
    "elapsed": 3.0,
    "epoch": 2,
    "step": 10,
    "loss": 6.125,
    "positions_per_second": 12_700.0,
    "eta_seconds": 95.0,
}


class TestProgress:
    def test_a_terminal_has_one_line_rewritten(self) -> None:
        stream = Terminal()
        progress = ProgressLines(stream)
        progress.show(STEP)
        progress.show(STEP)
        progress.say("done")
        assert stream.getvalue().count("\n") == 1
        assert "loss 6.125" in stream.getvalue()
        assert "12,700 positions/s" in stream.getvalue()
        assert "1 min 35 s left" in stream.getvalue()

    def test_a_log_has_a_line_now_and_then(self) -> None:
        stream = io.StringIO()
        progress = ProgressLines(stream)
        for _ in range(100):
            progress.show(STEP)
        assert stream.getvalue().count("\n") == 1
        assert "\x1b" not in stream.getvalue()

    def test_a_second_training_does_not_show_the_quality_of_the_first(self) -> None:
        stream = Terminal()
        progress = ProgressLines(stream)
        progress.show({"event": "validated", "epoch": 1, "ndcg": 0.4, "best": True, "elapsed": 2.0})
        counts = {"epochs": 3, "positions_per_epoch": 9, "trainable_parameters": 7}
        progress.show({"event": "started", "model": "mf", **counts})
        progress.show(STEP)
        assert "NDCG@10" not in stream.getvalue().split("\r")[-1]

    def test_counting_has_a_rate(self) -> None:
        stream = io.StringIO()
        progress = ProgressLines(stream)
        progress.counting("texts", 0, 100)
        progress.counting("texts", 100, 100)
        assert "100 of 100" in stream.getvalue().splitlines()[-1]

    def test_a_second_count_has_a_rate_of_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = 0.0
        clock = SimpleNamespace(monotonic=lambda: now)
        monkeypatch.setattr("recsys.cli.progress.time", clock)
        stream = Terminal()
        progress = ProgressLines(stream)
        for now, done in ((0.0, 0), (100.0, 50), (200.0, 0), (201.0, 50)):  # noqa: B007
            progress.counting("texts", done, 100)
        assert "50/s  1 s left" in stream.getvalue().split("\r")[-1]

    @pytest.mark.parametrize(
        ("seconds", "words"),
        [(0.2, "0 s"), (59.4, "59 s"), (61, "1 min 01 s"), (3660, "1 h 01 min"), (-5, "0 s")],
    )
    def test_durations(self, seconds: float, words: str) -> None:
        assert duration(seconds) == words

    def test_nothing_printed_can_steer_a_terminal(self) -> None:
        assert printable("a\x1b[2Jb\nc\u202ed") == "a [2Jb c d"
