"""Many save, delete and bring back the same at once: told in a sentence, never a raw `OSError`."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recsys.dataset import Dataset
from recsys.lab.grid import Grid
from recsys.lab.grid_job import GridJob
from recsys.lab.grid_store import delete_grid, list_grids, restore_grid
from recsys.lab.version_store import PromptStore
from recsys.runs import Run, create_run, delete_run, list_runs, restore_run, unreadable_runs
from recsys.runs.curves import follow
from recsys.schema import RecsysError
from recsys.storage.trash import contents

_TIMES = 200


def raced(works: Sequence[Callable[[], object]], said: list[str]) -> None:
    """Do each of the works 200 times, in a thread of its own; what people are told goes to `said`.

    Anything but a `RecsysError` comes out.
    """

    def often(work: Callable[[], object]) -> None:
        for _time in range(_TIMES):
            try:
                work()
            except RecsysError as error:
                said.append(str(error))

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(often, work) for work in works]:
            done.result()


@pytest.fixture
def said() -> list[str]:
    return []


def any_token(home: Path) -> str:
    return random.choice(contents(home) or ["none~1"])


def test_a_run(small: Dataset, runs_dir: Path, said: list[str]) -> None:
    folder = create_run(runs_dir, small, model="ease", name="mine").folder
    Run(folder).update(state="finished")
    raced(
        [
            lambda: Run(folder).update(state="finished"),
            lambda: Run(folder).add_event({"event": "x"}),
            lambda: Run(folder).request_stop(),
            lambda: delete_run(Run(folder)),
            lambda: delete_run(Run(folder)),
            lambda: restore_run(runs_dir, any_token(runs_dir)),
            lambda: restore_run(runs_dir, any_token(runs_dir)),
            lambda: (list_runs(runs_dir), unreadable_runs(runs_dir), follow(folder)),
        ],
        said,
    )
    assert len(list_runs(runs_dir)) + len(contents(runs_dir)) == 1  # nothing is lost, or twice
    assert any("deleted" in words for words in said)
    assert not [words for words in said if "cannot be written" in words]


def test_a_prompt(tmp_path: Path, said: list[str]) -> None:
    prompts = PromptStore(tmp_path)
    texts = iter(range(10**6))
    raced(
        [
            lambda: prompts.save("mine", f"text {next(texts)}", note="x"),
            lambda: prompts.save("mine", f"text {next(texts)}"),
            lambda: prompts.label("mine", "production", 1),
            lambda: prompts.add_score(prompts.latest("mine"), {"run": "r", "metrics": {}}),
            lambda: prompts.delete("mine"),
            lambda: prompts.delete("mine"),
            lambda: prompts.restore(any_token(tmp_path)),
            lambda: [prompts.versions(name) for name in prompts.names()],
        ],
        said,
    )
    assert said and not [words for words in said if "cannot be written" in words]


def test_a_grid(small: Dataset, runs_dir: Path, said: list[str]) -> None:
    grid = Grid("small", small.content_hash, (), ("popularity",), (), minutes=0.1)
    job = GridJob.create(runs_dir, grid, small)
    home = job.folder.parent
    job.update(state="stopped")
    raced(
        [
            lambda: job.update(state="stopped"),
            lambda: job.request_stop(),
            lambda: delete_grid(job),
            lambda: delete_grid(job),
            lambda: restore_grid(runs_dir, any_token(home)),
            lambda: [each.rows() for each in list_grids(runs_dir)],
        ],
        said,
    )
    assert len(list_grids(runs_dir)) + len(contents(home)) == 1
    assert not [words for words in said if "cannot be written" in words]
