"""The jobs that `benchmarks/kills.py` kills: a handful of them, at moments that a seed fixes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_killed_jobs_leave_what_is_true_and_go_on() -> None:
    command = "-m benchmarks.kills --times 4 --seed 1 --kinds sasrec,mf-ratings,grid,save".split()
    ended = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr[-2000:]
    table = json.loads(ended.stdout)
    assert table["all"]["kills"] == 4 and table["all"]["wrong"] == 0
    assert {kind["kills"] for kind in table["kinds"].values()} == {1}
