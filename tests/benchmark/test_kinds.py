"""Kinds asked for in words: catalogues that are read, made visitors, and what is reported."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from recsys.benchmark import SuiteRequest
from recsys.benchmark.catalogues import KindsCatalogue, Wish
from recsys.benchmark.kinds import FAILED, RIGHT_BY_NAME, metrics, nearest_by_name, shares
from recsys.benchmark.suites import PARTS
from recsys.benchmark.wishes import run
from recsys.models import Queries
from recsys.schema import ConfigError

#: Twenty kinds of tea, twenty cheeses, and one that is both.
ITEMS = [
    "item_id,title,kinds,year",
    *(f"t{i},Green leaves {i},Tea,1990" for i in range(20)),
    *(f"c{i},Cheddar {i},Cheese," for i in range(20)),
    "b,Cheese tea,Tea|Cheese,2001",
]
WISHES = [
    {"wish": "a hot drink of leaves", "kind": ["Tea"]},
    {"wish": "cheddar", "kind": ["Cheese"], "part": "dev"},
    {"wish": "both", "kind": ["Tea", "Cheese"], "part": "test"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "kinds" / "pantry"
    folder.mkdir(parents=True)
    (folder / "items.csv").write_text("\n".join(ITEMS), "utf-8")
    (folder / "wishes.json").write_text(json.dumps(WISHES), "utf-8")
    return folder


def test_a_part_has_its_own_wishes_and_those_of_no_part(folder: Path) -> None:
    texts = {
        part: [wish.text for wish in KindsCatalogue.read(folder, part).wishes] for part in PARTS
    }
    assert texts == {
        "dev": ["a hot drink of leaves", "cheddar"],
        "test": ["a hot drink of leaves", "both"],
    }


def test_any_of_the_kinds_is_right(folder: Path) -> None:
    catalogue = KindsCatalogue.read(folder, "test")
    tea, both = map(catalogue.wanted, catalogue.wishes)
    assert tea.sum() == 21 and both.all()
    assert catalogue.data.item_frame["year"].tolist()[-1] == 2001


def test_visitors_mostly_meet_what_they_prefer(folder: Path) -> None:
    """With two kinds both are preferred; a third one is met a fifth of the time."""
    rows = [*ITEMS, *(f"x{i},Brick {i},Brick," for i in range(20))]
    (folder / "items.csv").write_text("\n".join(rows), "utf-8")
    data = KindsCatalogue.read(folder, "dev").data
    again = KindsCatalogue.read(folder, "dev").data
    assert data.content_hash == again.content_hash and data.n_users == 300
    of_kind = np.array([cell[0] for cell in data.attribute_values("kinds")])[data.item]
    met = [of_kind[data.user == user] for user in range(data.n_users)]
    rarest = [min((kinds == name).mean() for name in ("Tea", "Cheese", "Brick")) for kinds in met]
    assert 0.15 < np.mean(rarest) < 0.25
    counts = np.sort(np.bincount(data.item, minlength=data.n_items))
    assert counts[-5:].sum() > 3 * counts[:5].sum()


def test_the_share_is_that_of_the_kinds_asked_for(folder: Path) -> None:
    catalogue = KindsCatalogue.read(folder, "dev")

    def teas(queries: Queries, wish: Wish) -> np.ndarray:
        """Only what is tea and no cheese comes first, whatever is asked for."""
        score = (catalogue.held["Tea"] & ~catalogue.held["Cheese"]).astype(np.float32)
        return np.tile(score, (len(queries.users), 1))

    tea, cheddar = shares(catalogue, teas).values()
    assert 0.9 < tea <= 1.0  # a visitor may have met more than half of the teas
    assert cheddar < 0.1


def test_names_are_compared_with_the_wish(folder: Path) -> None:
    catalogue = KindsCatalogue.read(folder, "dev")
    assert list(nearest_by_name(catalogue).values()) == ["Tea", "Cheese"]


def test_what_is_reported_of_shares() -> None:
    wishes = [Wish(text, (text.upper(),)) for text in "abcd"]
    share = dict(zip(wishes, [1.0, 0.3, 0.2, 0.5], strict=True))
    names = dict(zip(wishes, "ABxx", strict=True))
    found = metrics(share, names)
    assert found["share@10"].value == pytest.approx(0.5)
    assert found[FAILED].value == 0.5  # b and c
    assert found[RIGHT_BY_NAME].value == 0.25  # b


def test_the_suite_measures_names_and_models(folder: Path) -> None:
    events = []
    asked = SuiteRequest("wishes", ("popularity",), 1, folder.parents[1], events.append, "test")
    found = list(run(asked))
    assert [(r["model"], r["slice"]) for r in found] == [
        ("names", "kinds/pantry/test"),
        ("popularity", "kinds/pantry/test"),
    ]
    assert found[1]["wishes"].keys() == {"a hot drink of leaves", "both"}
    (about,) = (event for event in events if event["event"] == "measured on")
    assert (about["data"], about["users"], about["items"]) == ("pantry", 2, 41)


@pytest.mark.parametrize(
    ("file", "text", "match"),
    [
        ("items.csv", "item_id,title\n1,Tea", "columns"),
        ("wishes.json", "[1]", "no list of wishes"),
        ("wishes.json", '[{"wish": "a", "kind": ["Tea"], "part": "test"}]', "no wish of the part"),
        ("wishes.json", '[{"wish": "a", "kind": ["Wine"]}]', "Wine"),
    ],
)
def test_files_of_another_kind_are_named(folder: Path, file: str, text: str, match: str) -> None:
    (folder / file).write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=match):
        KindsCatalogue.read(folder, "dev")
