"""The registry: every suite can be imported, and mistakes are told before anything is trained."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from recsys.benchmark import SUITES, run_suite
from recsys.schema import ConfigError


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_runs_a_file_of_this_folder(name: str) -> None:
    module = import_module(f"recsys.benchmark.{SUITES[name].module}")
    assert callable(module.run)
    assert SUITES[name].models


def test_the_registry_needs_no_torch() -> None:
    code = (
        "import sys, recsys.benchmark.saved, recsys.benchmark.tables; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("suite", "models", "data"),
    [
        ("netflix", None, None),
        ("movielens-small", ["gpt"], None),
        ("movielens-small", None, Path("somewhere")),
        ("movielens-1m", None, None),
        ("movielens-1m", None, Path("no-such-folder")),
        ("speed", ["popularity"], None),
    ],
)
def test_mistakes_are_reported(suite: str, models: list[str] | None, data: Path | None) -> None:
    with pytest.raises(ConfigError):
        next(run_suite(suite, models, 1, data=data))


def test_parts_are_those_of_suites_that_have_some() -> None:
    with pytest.raises(ConfigError, match="has no parts"):
        next(run_suite("steering", part="test"))
    with pytest.raises(ConfigError, match='"final"'):
        next(run_suite("wishes", data=Path("somewhere"), part="final"))
