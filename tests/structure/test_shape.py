"""The shape of the code: short files, in folders that can be looked over."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = [file for top in ("recsys", "pages") for file in (ROOT / top).rglob("*.py")]


def test_no_file_is_longer_than_400_lines() -> None:
    long = {relative(file) for file in CODE if lines(file) > 400}
    assert not long


def test_half_of_the_files_have_120_lines_at_most() -> None:
    assert statistics.median(map(lines, CODE)) <= 120


@pytest.mark.parametrize("top", ["recsys", "pages", "tests", "benchmarks", "docs"])
def test_no_folder_has_more_than_25_files(top: str) -> None:
    folders = [ROOT / top, *(path for path in (ROOT / top).rglob("*") if path.is_dir())]
    assert not [relative(folder) for folder in folders if n_files(folder) > 25]


def n_files(folder: Path) -> int:
    return sum(path.is_file() and path.suffix != ".pyc" for path in folder.iterdir())


def lines(file: Path) -> int:
    return len(file.read_text("utf-8").splitlines())


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))
