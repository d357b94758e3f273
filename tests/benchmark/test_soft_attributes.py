"""Which of two films is more of something: judgements that are read, and what is reported."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys.benchmark import SuiteRequest
from recsys.benchmark.soft_attributes import ABOVE, ORDER, in_order, left_out, read, records
from recsys.dataset import Dataset
from recsys.schema import ConfigError

HEAD = "reference_title,soft_attribute,less_than,about_as,more_than"
LINES = [
    HEAD,
    'Alien (1979),scary,"[""Babe (1995)"", ""Unknown (1990)""]",,"[""The Shining (1980)""]"',
    'Alien (1979),scary,"[""Babe (1995)""]",,"[""Ring, The (a.k.a. Ringu) (1998)""]"',
    'Babe (1995),sweet,"[""Alien (1979)""]",,"[""Bambi (1942)""]"',
    'Babe (1995),long,,,"[""Bambi (1942)""]"',
]


@cache
def films() -> Dataset:
    rows = [("Alien", 1979), ("Babe", 1995), ("Shining, The", 1980), ("Ring, The", 1998)]
    rows += [("Bambi", 1942), ("The Shining", 1997)]
    items = pd.DataFrame(rows, columns=["title", "year"]).assign(item_id=list("abcdef"))
    items["genres"] = [["Horror"], ["Children"], ["Horror"], ["Horror"], ["Children"], ["Horror"]]
    events = pd.DataFrame({"user_id": ["u"] * 6, "item_id": list("abcdef")})
    return Dataset.from_frames(events, items, name="films")


@pytest.fixture
def judged(tmp_path: Path) -> dict[str, np.ndarray]:
    file = tmp_path / "soft-attributes-dev.csv"
    file.write_text("\n".join(LINES), "utf-8")
    return read(file, films())


def test_pairs_are_of_films_of_the_year_and_of_one_comparison(
    judged: dict[str, np.ndarray],
) -> None:
    assert {attribute: pairs.tolist() for attribute, pairs in judged.items()} == {
        "scary": [[2, 1], [3, 1]],
        "sweet": [[4, 0]],
    }


def test_the_order_of_equal_ones_is_half_right() -> None:
    assert in_order(np.array([1.0, 2.0, 2.0]), np.array([[1, 0], [0, 2], [1, 2]])) == 0.5


def test_nothing_judged_of_an_attribute_is_used_for_it(judged: dict[str, np.ndarray]) -> None:
    turned = {**judged, "scary": judged["scary"][:, ::-1]}
    before, after = left_out(films(), judged), left_out(films(), turned)
    np.testing.assert_allclose(before[0], after[0], atol=1e-6)
    assert not np.allclose(before[1], after[1])


def test_records_are_of_both_ways_and_of_their_difference(judged: dict[str, np.ndarray]) -> None:
    cosine, graded, difference = records(SuiteRequest("wishes", (), 1), films(), judged)
    assert (cosine["model"], graded["model"]) == ("text-cosine", "graded")
    assert cosine["attributes"].keys() == {"scary", "sweet"}
    value = graded["metrics"][ORDER]["value"]
    assert value == pytest.approx(np.mean(list(graded["attributes"].values())))
    assert set(graded["metrics"]) == {ORDER, ABOVE}
    assert difference["delta"] == pytest.approx(value - cosine["metrics"][ORDER]["value"])


@pytest.mark.parametrize("lines", [["a,b", "1,2"], [HEAD, "Alien (1979),scary,[,,"], LINES[:1]])
def test_a_file_of_another_kind_is_named(tmp_path: Path, lines: list[str]) -> None:
    file = tmp_path / "soft-attributes.csv"
    file.write_text("\n".join(lines), "utf-8")
    with pytest.raises(ConfigError, match="soft-attributes"):
        read(file, films())
