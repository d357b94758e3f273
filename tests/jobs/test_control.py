"""How soon a job is asked to stop."""

from __future__ import annotations

from pathlib import Path

from recsys.jobs.control import ask_stop, asked, stops_at_once


def test_at_once_or_after_the_part_at_work(tmp_path: Path) -> None:
    assert not stops_at_once(tmp_path)
    ask_stop(tmp_path, later=True)
    assert asked(tmp_path) == "stop" and not stops_at_once(tmp_path)
    ask_stop(tmp_path)
    assert asked(tmp_path) == "stop" and stops_at_once(tmp_path)


def test_what_is_asked_at_once_is_not_put_off_again(tmp_path: Path) -> None:
    ask_stop(tmp_path)
    ask_stop(tmp_path, later=True)
    assert stops_at_once(tmp_path)


def test_the_empty_file_of_earlier_versions_means_at_once(tmp_path: Path) -> None:
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / "stop").touch()
    assert asked(tmp_path) == "stop" and stops_at_once(tmp_path)
