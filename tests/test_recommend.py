"""Lists for people: filters, joins, reasons."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd
import pytest

from recsys import recommend as room
from recsys.dataset import Dataset
from recsys.models.base import Queries, Recommender
from recsys.recommend import allowed_items, has_all, reasons, recommend, values_had
from recsys.schema import ConfigError
from recsys.wishes.intent import Intent
from tests.intents import intent_of


class Fixed:
    """Scores given in advance, a row a user."""

    def __init__(self, scores: list[list[float]]) -> None:
        self.scores = np.array(scores, dtype=np.float32)

    def score(self, queries: Queries) -> np.ndarray:
        return self.scores[queries.users]


@pytest.fixture
def data() -> Dataset:
    events = pd.DataFrame({"user_id": ["007", "007", "NA"], "item_id": list("abc")})
    items = pd.DataFrame(
        {
            "item_id": list("abcd"),
            "title": ["Heat", "Alien", "Big", "Jaws"],
            "genres": [["Crime"], ["Horror", "Sci-Fi"], ["Comedy"], ["Horror"]],
            "year": [1995.0, 1979.0, 1988.0, np.nan],
        }
    )
    return Dataset.from_frames(events, items, name="small")


@pytest.fixture
def model() -> Recommender:
    return cast(Recommender, Fixed([[1, 2, 3, 4], [1, 2, 3, 4]]))


def test_a_list_for_each_user(data: Dataset, model: Recommender) -> None:
    got = recommend(model, Queries(data, np.array([1, 0])), k=2)
    assert got.to_dict("list") == {
        "user_id": ["NA", "NA", "007", "007"],
        "item_id": ["d", "b", "d", "c"],
        "score": [4, 2, 4, 3],
        "rank": [1, 2, 1, 2],
        "title": ["Jaws", "Alien", "Jaws", "Big"],
    }


def test_only_what_is_allowed(data: Dataset, model: Recommender) -> None:
    horror = allowed_items(data, {"genres": ["Horror"]})
    got = recommend(model, Queries(data, np.array([0])), allowed=horror)
    assert got["title"].tolist() == ["Jaws"]  # Alien was met


def test_nothing_left_and_nobody_asked(data: Dataset, model: Recommender) -> None:
    none = np.zeros(4, dtype=bool)
    assert recommend(model, Queries(data, np.array([0])), allowed=none).empty
    nobody = recommend(model, Queries(data, np.zeros(0, dtype=int)))
    assert list(nobody.columns) == ["user_id", "item_id", "score", "rank", "title"]
    assert nobody.empty


def test_users_are_scored_in_parts(
    data: Dataset, model: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = Queries(data, np.array([0, 1, 0]))
    whole = recommend(model, queries)
    monkeypatch.setattr(room, "_MAX_SCORES", 1)
    pd.testing.assert_frame_equal(recommend(model, queries), whole)


def test_values_of_one_attribute_add_up_and_attributes_narrow(data: Dataset) -> None:
    assert allowed_items(data, {}).tolist() == [True] * 4
    assert allowed_items(data, {"genres": []}).tolist() == [True] * 4
    either = allowed_items(data, {"genres": ["Horror", "Crime"]})
    assert either.tolist() == [True, True, False, True]
    both = allowed_items(data, {"genres": ["Horror", "Crime"], "year": ["1995", "1988"]})
    assert both.tolist() == [True, False, False, False]


def test_an_unknown_attribute_is_named(data: Dataset) -> None:
    with pytest.raises(ConfigError, match="no attribute mood"):
        allowed_items(data, {"mood": ["dark"]})


def test_reasons_are_the_nearest_history_items() -> None:
    vectors = np.array([[1, 0], [0, 2], [3, 3], [0, 5], [0, 0]], dtype=np.float32)
    nearest, cosines = reasons(vectors, np.array([1, 0, 1]), np.array([3, 2, 4]), nearest=2)
    assert nearest.tolist() == [[1, 0], [0, 1], [0, 1]]
    np.testing.assert_allclose(cosines, [[1, 0], [0.5**0.5] * 2, [0, 0]], atol=1e-6)


def test_reasons_from_a_short_or_empty_history() -> None:
    vectors = np.eye(3, dtype=np.float32)
    assert reasons(vectors, np.array([0]), np.array([2]))[0].tolist() == [[0, -1]]
    assert reasons(vectors, np.array([]), np.array([2]))[0].tolist() == [[-1, -1]]


@pytest.mark.parametrize(
    ("asked", "all_of_it"),
    [
        (intent_of(), [True, True, True, True]),
        (intent_of(wanted=("Horror",)), [False, True, False, True]),
        (intent_of(wanted=("Horror", "Sci-Fi")), [False, True, False, False]),
        (intent_of(wanted=("Crime", "Comedy")), [True, False, True, False]),  # no film is both
        (intent_of(avoided=("Horror",)), [True, False, True, False]),
        (intent_of(years=((1980, 1989), (None, 1979))), [False, True, True, False]),
        (intent_of(wanted=("Horror",), years=((1970, 1979),)), [False, True, False, False]),
        (intent_of(not_years=((1990, None),)), [False, True, True, True]),  # unknown is not new
    ],
)
def test_which_items_have_all_of_a_wish(
    data: Dataset, asked: Intent, all_of_it: list[bool]
) -> None:
    assert has_all(data, np.arange(4), asked).tolist() == all_of_it
    assert has_all(data, np.array([3, 1]), asked).tolist() == [all_of_it[3], all_of_it[1]]


def test_values_that_items_have_of_those_wanted(data: Dataset) -> None:
    assert values_had(data, np.array([1, 2]), ("Sci-Fi", "Horror")) == [("Sci-Fi", "Horror"), ()]
    assert values_had(data, np.array([1, 2]), ()) == [(), ()]
