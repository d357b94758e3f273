"""What the page says of a service, and the code that it shows: each runs as it is."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys.runs import Run
from recsys.schema import RunError
from recsys.serving.client import Counts, ask, counts, ready_run
from recsys.serving.service import Service
from recsys.serving.settings import ServiceSettings
from recsys.serving.snippets import snippets
from tests.serving.support import Running, films, running, trained

WISH = 'it\'s "funny" – 有趣的 $HOME `ls` \\n {} </script>'
INFINITY = float("inf")


@pytest.fixture(scope="module")
def token_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("a folder's name") / "token"
    file.write_text("a-token-of-24-characters\n")
    return file


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return trained(films(), tmp_path_factory.mktemp("runs"), "films")


@pytest.fixture(scope="module")
def started(run: Run, token_file: Path) -> Iterator[Running]:
    token = token_file.read_text().strip()
    with running(run, "--token-file", str(token_file), token=token) as service:
        service.wait_until_ready()
        yield service


@pytest.fixture
def service(started: Running, run: Run) -> Service:
    return Service.at(int(started.client.base_url.port or 0), run.folder.parent)


@pytest.mark.parametrize("language", ["curl", "Python", "JavaScript"])
def test_code_runs_as_it_is_copied(service: Service, language: str, tmp_path: Path) -> None:
    settings = service.settings()
    assert settings is not None
    request = {"user_id": "u1", "wish": WISH, "k": 3}
    expected = ask(service, request)["items"]
    code = snippets(settings, request)[language]
    file = tmp_path / "copied.cjs"
    file.write_text(code, "utf-8")
    program = {"curl": "sh", "Python": sys.executable, "JavaScript": "node"}[language]
    if shutil.which(program) is None:
        pytest.skip(f"no {program} here")
    ran = subprocess.run([program, str(file)], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    if language == "curl":
        assert json.loads(ran.stdout)["items"] == expected
    else:
        listed = [f"{item['rank']} {item['title']}" for item in expected]
        assert ran.stdout.splitlines() == listed


def test_counts_are_those_of_lists(service: Service) -> None:
    before = counts(service)
    assert before is not None
    ask(service, {"user_id": "u1"})
    assert "error" in ask(service, {"user_id": "nobody"})
    after = counts(service)
    assert after is not None
    new = after.since(before)
    assert (new.answered, new.refused) == (1, 1)
    assert 0 < (new.quantile(0.5) or 0) < 5
    assert ready_run(service) == "films"


def test_a_service_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    service = Service.create(ServiceSettings("films", port=9), tmp_path)
    assert counts(service) is None
    assert ready_run(service) is None
    with pytest.raises(RunError, match="port 9 does not answer"):
        ask(service, {"user_id": "u1"})


def test_quantiles_are_drawn_from_the_buckets() -> None:
    found = Counts(within={0.01: 50, 0.02: 90, 0.1: 99, INFINITY: 100})
    assert found.quantile(0.25) == pytest.approx(0.005)
    assert found.quantile(0.7) == pytest.approx(0.015)
    assert found.quantile(0.999) == 0.1
    assert Counts().quantile(0.5) is None
    assert Counts(within={0.01: 0, INFINITY: 0}).quantile(0.5) is None


def test_a_service_that_was_started_anew_counts_from_its_begin() -> None:
    before, after = Counts(9, 1, {INFINITY: 10}), Counts(2, 0, {INFINITY: 2})
    assert after.since(before) == after
    assert before.since(after) == Counts(7, 1, {INFINITY: 8})
