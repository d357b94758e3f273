"""Real requests: which conversations count, what is known of a seeker, and what is found."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys.benchmark import SuiteRequest
from recsys.benchmark.conversations import Conversations
from recsys.benchmark.text_neighbours import TextNeighbours
from recsys.benchmark.wishes import BOTH, HISTORY, REQUEST, measure, records, run
from recsys.dataset import Dataset
from recsys.models import MODELS
from recsys.schema import ConfigError

TITLES = ["Ghost Story", "The Haunted House", "Zombies at Night", "Wedding Bells", "Love in Paris"]
LINES = [
    {"id": "1", "request": "a scary ghost film", "mentioned": ["3"], "liked": [], "gold": ["0"]},
    {"id": "2", "request": "hello", "mentioned": ["3"], "liked": ["3"], "gold": ["4", "x", "3"]},
    {"id": "3", "request": "anything", "mentioned": [], "liked": ["0"], "gold": ["x"]},
]


@cache
def films() -> Dataset:
    events = pd.DataFrame(
        [(f"u{u}", str(i), t) for u in range(12) for t, i in enumerate([u % 5, (u + 1) % 5, 2])],
        columns=["user_id", "item_id", "timestamp"],
    )
    kinds = [["Horror"], ["Horror"], ["Horror"], ["Romance"], ["Romance"]]
    items = pd.DataFrame({"item_id": list("01234"), "title": TITLES, "genres": kinds})
    return Dataset.from_frames(events, items, name="films")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "redial-dev.jsonl").write_text("\n".join(map(json.dumps, LINES)), "utf-8")
    return tmp_path


@pytest.fixture
def conversations(folder: Path) -> Conversations:
    return Conversations.read(folder / "redial-dev.jsonl", films())


def test_one_without_a_film_of_the_catalogue_is_left_out(conversations: Conversations) -> None:
    assert conversations.requests == ("a scary ghost film", "hello")


def test_what_was_named_is_neither_listed_nor_to_be_found(conversations: Conversations) -> None:
    position = films().items.position
    assert conversations.left_out.toarray().nonzero()[1].tolist() == [position("3")] * 2
    assert conversations.targets.toarray().nonzero()[1].tolist() == [position("0"), position("4")]


def test_a_history_is_what_a_seeker_likes(conversations: Conversations) -> None:
    known, first = conversations.history, conversations.first
    assert first == films().n_users
    found = [known.history(first + row).tolist() for row in range(2)]
    assert found == [[], [films().items.position("3")]]
    # All that others met is known, too.
    for user in range(first):
        np.testing.assert_array_equal(known.history(user), films().history(user))


def test_each_part_is_known_where_it_should_be(conversations: Conversations) -> None:
    """Text neighbours find the ghosts by the request, the romance by the history."""
    model = TextNeighbours()
    model.fit(films())
    # Of four films that are left all are listed; the place tells what was known.
    found = {part: measure(model, conversations, part)["ndcg@10"] for part in (HISTORY, REQUEST)}
    assert found[REQUEST][0] == 1.0 and found[HISTORY][1] == 1.0
    both = measure(model, conversations, BOTH)["ndcg@10"]
    assert both[0] == found[REQUEST][0]  # nothing is known of the first one but the request


def test_records_have_a_slice_for_what_is_known(conversations: Conversations) -> None:
    asked = SuiteRequest("wishes", ("text-knn", "popularity"), 1)
    found = list(records(asked, films(), conversations))
    slices = [record["slice"] for record in found if record.get("model") == "popularity"]
    assert slices == [HISTORY, REQUEST, BOTH]
    pairs = [(r["a"], r["b"], r["metric"], r["slice"]) for r in found if "a" in r]
    assert ("popularity", "text-knn", "ndcg@10", BOTH) in pairs and len(pairs) == 6


def test_models_are_those_of_the_product() -> None:
    from recsys.benchmark.suites import SUITES

    assert set(SUITES["wishes"].models) <= {*MODELS, "text-knn"}


@pytest.mark.parametrize("line", ["{", "[]", '{"request": "a film"}'])
def test_a_line_of_another_kind_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "redial.jsonl"
    file.write_text(json.dumps(LINES[0]) + "\n" + line, "utf-8")
    with pytest.raises(ConfigError, match="Line 2"):
        Conversations.read(file, films())


def test_a_folder_with_nothing_to_measure_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to measure wishes with"):
        next(run(SuiteRequest("wishes", ("popularity",), 1, tmp_path)))


def test_films_of_another_catalogue_are_refused(folder: Path) -> None:
    other = films().item_frame
    events = pd.DataFrame({"user_id": ["a"] * 5, "item_id": [f"z{i}" for i in range(5)]})
    data = Dataset.from_frames(
        events, other.assign(item_id=[f"z{i}" for i in range(5)]), name="other"
    )
    with pytest.raises(ConfigError, match="other"):
        Conversations.read(folder / "redial-dev.jsonl", data)


def test_the_scores_of_text_neighbours_survive_saving() -> None:
    model = TextNeighbours()
    model.fit(films())
    again = TextNeighbours.from_tensors({}, model.tensors(), films())
    np.testing.assert_array_equal(again.mean, model.mean)
