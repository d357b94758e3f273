"""Items that a model was not trained with: scored by their neighbours, found by what they have."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.models import MODELS, Queries, Recommender
from recsys.models.base import ClosedFormRecommender
from recsys.recommend import allowed_items, recommend
from recsys.serving.errors import RefusedRequest
from recsys.serving.new_items import WithNewItems, check_item, grown_data
from recsys.serving.people import Event, Person, histories
from recsys.serving.posted import PostedItem
from tests.serving.support import films

RAIN = PostedItem("n1", "Rain 99", {"genres": ["Comedy"], "year": 2001.0})
RIDE = PostedItem("n2", "The Long Ride 99", {"genres": "Western"})


@pytest.fixture(scope="module")
def model() -> Recommender:
    made = MODELS["ease"]()
    assert isinstance(made, ClosedFormRecommender)
    made.fit(films())
    return made


@pytest.fixture(scope="module")
def grown(model: Recommender) -> WithNewItems:
    return WithNewItems(model, films(), grown_data(films(), [RAIN, RIDE]))


def test_known_items_keep_their_positions_and_scores(
    model: Recommender, grown: WithNewItems
) -> None:
    data = grown_data(films(), [RAIN, RIDE])
    assert data.items.ids[:20].tolist() == films().items.ids.tolist()
    users = np.arange(data.n_users)
    before = model.score(Queries(films(), users))
    assert np.array_equal(grown.score(Queries(data, users))[:, :20], before)


def test_a_new_item_has_the_weighted_mean_of_its_neighbours(
    model: Recommender, grown: WithNewItems
) -> None:
    data = grown_data(films(), [RAIN, RIDE])
    before = model.score(Queries(films(), np.array([4])))[0]
    found = grown.score(Queries(data, np.array([4])))[0]
    weights = grown.neighbours.toarray()
    assert np.allclose(weights.sum(1), 1.0)
    for new in range(2):
        expected = sum(weights[new, item] * before[item] for item in range(20))
        assert found[20 + new] == pytest.approx(expected, abs=1e-5)
    assert [title.startswith("Rain") for title in data.titles[grown.most_like(20, 2)]] == [True] * 2


def test_what_somebody_did_with_a_new_item_counts_as_met(grown: WithNewItems) -> None:
    data = grown_data(films(), [RAIN, RIDE])
    history = histories(data, [Person(0, (Event(20),)), Person(0)])
    met, free = (recommend(grown, Queries(history, np.array([n])), 30)["item_id"] for n in (0, 1))
    assert "n1" not in set(met)
    assert "n1" in set(free)


def test_filters_and_wishes_find_it_by_what_it_has(grown: WithNewItems) -> None:
    data = grown_data(films(), [RAIN, RIDE])
    assert data.items.ids[allowed_items(data, {"year": ["2001"]})].tolist() == ["n1"]
    stranger = histories(data, [Person(None)])
    wished = recommend(grown, Queries(stranger, np.array([0]), intent="a comedy"), 11)
    comedies = {f"i{item}" for item in range(20) if item % 2} | {"n1"}
    assert set(wished["item_id"]) == comedies


@pytest.mark.parametrize(
    ("item", "status", "said"),
    [
        (PostedItem("i3", "Known", {}), 409, "in the data already"),
        (PostedItem("n", "New", {"colour": "red"}), 422, "no attribute colour. They have: genres"),
        (PostedItem("n", "New", {"year": "1999"}), 422, "year has to be a number"),
        (PostedItem("n", "New", {"genres": 5.0}), 422, "genres has to be a text"),
    ],
)
def test_what_does_not_fit_the_data_is_refused(item: PostedItem, status: int, said: str) -> None:
    with pytest.raises(RefusedRequest, match=said) as refused:
        check_item(films(), item)
    assert refused.value.status == status
