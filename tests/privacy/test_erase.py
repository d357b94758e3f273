"""Deleting data: afterwards not a byte of it is on the disk, and all other data is still there."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pages._ui.common import store
from pages._ui.prompts.prompt_files import keep_draft
from recsys.cleaning import CleaningReport, CleaningStep, add_knowledge
from recsys.dataset import Dataset
from recsys.jobs.status import this_process
from recsys.lab.grid import Grid
from recsys.lab.grid_job import GridJob
from recsys.lab.grid_store import delete_grid
from recsys.lab.remarks import Remarks
from recsys.lab.version_store import PromptStore
from recsys.language_models.cache import VectorCache
from recsys.privacy.copies import copies_in, kept_data
from recsys.privacy.erase import erase, holding
from recsys.prompts import LIBRARY, Verbaliser
from recsys.runs import Run, create_run, delete_run, execute, list_runs
from recsys.schema import DataError, Message, RunError
from recsys.serving.posted import Posted, PostedEvent
from recsys.serving.service import Service
from recsys.serving.settings import ServiceSettings
from tests.models.tiny import tiny_bert

#: What nobody else would write, one for each place where a person's words can be.
MARKS = [f"zq{place}xj" for place in ("user", "item", "title", "kind", "about", "fact", "row")]
USER, ITEM, TITLE, KIND, ABOUT, FACT, ROW = MARKS


def marked(name: str, marks: list[str]) -> tuple[Dataset, CleaningReport]:
    """Data whose ids, titles, attributes and report hold the marks."""
    user, item, title, kind, about, _fact, row = marks
    events = pd.DataFrame(
        {
            "user_id": [f"{user}{each:02d}" for each in range(12) for _ in range(7)],
            "item_id": [f"{item}{(each + 3 * step) % 10}" for each in range(12)
                        for step in range(7)],
        }
    )  # fmt: skip
    items = pd.DataFrame(
        {
            "item_id": [f"{item}{each}" for each in range(10)],
            "title": [f"{title} {each}" for each in range(10)],
            "kind": [[kind] if each % 2 else [kind, "Drama"] for each in range(10)],
        }
    )
    users = pd.DataFrame({"user_id": events["user_id"].unique(), "about": about})

    dropped = CleaningStep(Message("No user."), 1, pd.DataFrame({"item_id": [row]}), False)
    report = CleaningReport((dropped,), len(events) + 1, len(events))
    return Dataset.from_frames(events, items, users, name=name), report


class Home:
    """Folders of an app of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache, self.runs, self.prompts = (folder / n for n in ("cache", "runs", "prompts"))

    def use(self, data: Dataset, report: CleaningReport, fact: str) -> list[Dataset]:
        """All that a person can do with data: keep, join facts, train, delete, cross."""
        store.save(data, report, "upload")
        table = pd.DataFrame({"s": [data.titles[0]], "r": ["is"], "o": [fact]})
        told, report = add_knowledge(data, report, table, [])
        store.save(told, report, "upload")
        self.train(told, name=f"kept-{data.name}")
        delete_run(self.train(data, name=f"gone-{data.name}"))
        self.train(data, model="mf", name=f"mf-{data.name}")
        self.grid(data, "ease")
        delete_grid(self.grid(data, "popularity"))
        prompts = PromptStore(self.prompts)
        version = prompts.save(f"my {data.name}", "Hello {{ history }}",
                               remarks=Remarks.of("{{ about }}", Verbaliser(data)))  # fmt: skip
        prompts.add_score(version, {"run": f"mf-{data.name}", "data_hash": data.content_hash,
                                    "metrics": {}})  # fmt: skip
        keep_draft("sequential", f"Recommend something like {data.titles[3]}.")
        return [data, told]

    def train(self, data: Dataset, **settings: object) -> Run:
        if "model" not in settings:
            settings |= {"model": "zero-shot", "template": LIBRARY["profile"],
                         "language_model": str(tiny_bert())}  # fmt: skip
        run = create_run(self.runs, data, epochs=1, **settings)  # type: ignore[arg-type]
        assert execute(run).state == "finished", run.log()
        return run

    def grid(self, data: Dataset, model: str) -> GridJob:
        asked = Grid(data=data.name, data_hash=data.content_hash, prompts=(), models=(model,),
                     language_models=(), seed=0, minutes=None, source={})  # fmt: skip
        job = GridJob.create(self.runs, asked, data)
        assert [row.state for row in job.execute()] == ["finished"]
        return job

    def erase(self, data: Dataset) -> None:
        erase(data.content_hash, self.runs, self.prompts)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    made = Home(tmp_path / "home")
    monkeypatch.setenv("RECSYS_CACHE", str(made.cache))
    monkeypatch.setenv("RECSYS_RUNS", str(made.runs))
    monkeypatch.setenv("RECSYS_PROMPTS", str(made.prompts))
    tiny_bert()  # is made for all tests, in the folder for temporary files before this one
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    yield made
    store.st.cache_resource.clear()


def found_in(folder: Path, words: list[str]) -> list[str]:
    """Where any of the words is, in the bytes of any file or in its name."""
    sought = [w.encode(code) for w in words for code in ("utf-8", "utf-16-le", "utf-16-be")]
    found = []
    for where, folders, files in os.walk(folder):
        found += [f"{where}/{name}" for name in folders + files if any(w in name for w in words)]
        for name in files:
            content = (Path(where) / name).read_bytes()
            found += [f"{where}/{name}: {w!r}" for w in sought if w in content]
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_not_a_byte_of_it_is_left_and_all_else_is(home: Home, tmp_path: Path) -> None:
    others = [mark.replace("zq", "yk") for mark in MARKS]
    mine = home.use(*marked("mine", MARKS), FACT)
    home.use(*marked("theirs", others), others[5])
    hashes = [data.content_hash for data in mine]
    # The marks are where they are looked for: this test can fail.
    for mark in (*MARKS, *hashes):
        assert found_in(tmp_path, [mark]), mark
    assert len(kept_data()) == 4
    before = {run.name for run in list_runs(home.runs)}

    home.erase(mine[0])

    assert found_in(tmp_path, [*MARKS, *hashes]) == []
    assert {run.name for run in list_runs(home.runs)} == {n for n in before if "mine" not in n}
    assert {copy.name for copy in [*kept_data(), *copies_in(home.runs)]} == {"theirs"}
    for mark in others:
        assert found_in(tmp_path, [mark]), mark
    for run in list_runs(home.runs):
        run.model()
        assert run.evaluation()["users"]
    prompts = PromptStore(home.prompts)
    assert prompts.latest("my mine").source == "Hello {{ history }}"
    assert not prompts.scores("my mine", 1)
    assert prompts.remarks(prompts.latest("my mine")) is None
    assert prompts.scores("my theirs", 1)
    assert prompts.remarks(prompts.latest("my theirs")) is not None
    with pytest.raises(DataError):
        home.erase(mine[0])


def test_facts_belong_to_the_data_whichever_is_named(home: Home) -> None:
    data, report = marked("mine", MARKS)
    store.save(data, report, "upload")
    table = pd.DataFrame({"s": [TITLE + " 0"], "r": ["is"], "o": [FACT]})
    told, report = add_knowledge(data, report, table, [])
    store.save(told, report, "upload")
    home.erase(told)
    assert kept_data() == []


def test_facts_of_a_sample_go_and_the_sample_stays(home: Home) -> None:
    data, report = marked("films", MARKS)
    store.save(data, report, "movielens")
    table = pd.DataFrame({"s": [TITLE + " 0"], "r": ["is"], "o": [FACT]})
    told, report = add_knowledge(data, report, table, [])
    store.save(told, report, "movielens")
    home.erase(told)
    assert [copy.key for copy in kept_data()] == [data.content_hash]
    assert found_in(home.folder, [FACT]) == []


def test_vectors_of_texts_are_not_in_the_file_any_more(home: Home) -> None:
    data, report = marked("mine", MARKS)
    store.save(data, report, "upload")
    vector = np.linspace(0.1234567, 0.7654321, 384, dtype=np.float32)
    file = home.cache / "vectors.sqlite"
    cache = VectorCache(file, "space")
    cache.put([TITLE], vector[None])
    assert vector.tobytes()[:64] in file.read_bytes()
    home.erase(data)
    assert vector.tobytes()[:64] not in file.read_bytes()
    assert cache.get([TITLE]) == {}
    cache.put([TITLE], vector[None])  # whoever had it open goes on
    assert len(cache.get([TITLE])) == 1


def test_what_is_at_work_on_it_is_named_and_nothing_is_deleted(home: Home) -> None:
    data, report = marked("mine", MARKS)
    store.save(data, report, "upload")
    run = create_run(home.runs, data, model="ease", name="busy")
    run.update(state="training", started=time.time(), **this_process())
    before = contents(home.folder)
    assert holding(data.content_hash, home.runs, home.prompts).at_work == ("busy",)
    with pytest.raises(RunError, match="busy"):
        home.erase(data)
    assert contents(home.folder) == before


def test_what_was_sent_to_a_service_goes_with_its_data(home: Home) -> None:
    data, _report = marked("mine", MARKS)
    run = home.train(data, model="ease", name="served")
    service = Service.create(ServiceSettings(str(run.folder), port=8699), home.runs)
    service.begin_with(run.config)
    posted = Posted(service.posted_file)
    posted.add_events([PostedEvent(USER, ITEM)])
    service.update(state="serving", **this_process())
    with pytest.raises(RunError, match="8699"):
        home.erase(data)
    posted.close()
    service.update(state="finished")
    assert found_in(service.folder, [USER])
    home.erase(data)
    assert found_in(home.folder, MARKS) == []
    assert not service.folder.exists()


def test_what_was_left_half_made_goes_too(home: Home) -> None:
    data, report = marked("mine", MARKS)
    store.save(data, report, "upload")
    half = home.runs / ".new-one"
    data.save(half / "dataset")
    damaged = create_run(home.runs, data, model="ease")
    damaged.update(state="failed")
    (damaged.folder / "config.json").write_text("{")
    killed = home.cache / "studio" / "data-1" / "tmpabc"
    data.save(killed / "data")
    long_ago = time.time() - 3600
    os.utime(killed, (long_ago, long_ago))
    home.erase(data)
    assert found_in(home.folder, MARKS) == []


def test_prompts_that_name_something_are_reported(home: Home) -> None:
    data, report = marked("mine", MARKS)
    store.save(data, report, "upload")
    prompts = PromptStore(home.prompts)
    prompts.save("named", f"As good as {TITLE} 4, please")
    prompts.save("not named", "As good as a Drama, please")
    assert holding(data.content_hash, home.runs, home.prompts).prompts == ("named",)
    home.erase(data)
    assert prompts.names() == ["named", "not named"]
