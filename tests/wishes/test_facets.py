"""Items and attribute values as texts and as vectors of the real encoder."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.language_models import load_encoder
from recsys.language_models.item_texts import item_texts
from recsys.language_models.whitening import whitened
from recsys.wishes.facets import Facets
from recsys.wishes.requests import WISHES, value_meanings, wish_texts


def dataset(items: pd.DataFrame) -> Dataset:
    events = pd.DataFrame({"user_id": "u", "item_id": items["item_id"]})
    return Dataset.from_frames(events, items, name="items")


def films() -> Dataset:
    return dataset(
        pd.DataFrame(
            {
                "item_id": ["1", "2", "3", "4"],
                "title": ["Toy Story", "Heat", "Nobody knows", "Twins {x}"],
                "genres": [["Animation", "Comedy"], ["Crime", "Comedy"], [], ["Crime", "Crime"]],
                "year": [1995.0, 1995.0, None, 1988.0],
                "plot": ["Toys.", "Thieves.", "", "Two."],
            }
        )
    )


def test_item_texts() -> None:
    assert item_texts(films()) == [
        "Toy Story. Animation, Comedy. year 1995. Toys..",
        "Heat. Crime, Comedy. year 1995. Thieves..",
        "Nobody knows.",
        "Twins {x}. Crime, Crime. year 1988. Two..",
    ]


def test_facets_are_the_shared_values_that_are_no_numbers() -> None:
    facets = Facets.of(films())
    assert facets.columns.tolist() == ["genres"] * 3
    assert facets.values.tolist() == ["Animation", "Comedy", "Crime"]
    assert facets.held.toarray().tolist() == [[1, 1, 0], [0, 1, 1], [0, 0, 0], [0, 0, 1]]
    assert facets.held.dtype == np.float32


def test_facets_of_items_without_attributes() -> None:
    facets = Facets.of(dataset(pd.DataFrame({"item_id": ["a", "b"]})))
    assert facets.n_values == 0
    assert facets.held.shape == (2, 0)
    assert wish_texts(facets) == []
    assert value_meanings(facets, load_encoder(), None).shape == (0, 384)


def test_the_meaning_of_a_value_is_the_mean_of_the_wishes_for_it() -> None:
    facets = Facets.of(films())
    wishes = wish_texts(facets)
    assert len(wishes) == 3 * len(WISHES)
    assert wishes[len(WISHES) + 1] == "something comedy"  # value by value
    vectors = load_encoder().encode(wishes[len(WISHES) : 2 * len(WISHES)])
    meanings = value_meanings(facets, load_encoder(), None)
    assert meanings.shape == (3, 384)
    np.testing.assert_allclose(meanings[1], vectors.mean(0), atol=1e-6)


def test_item_vectors_are_centred_and_of_mean_square_one() -> None:
    vectors = whitened(load_encoder().encode(item_texts(films())))
    assert vectors.shape == (4, 384) and vectors.dtype == np.float32
    np.testing.assert_allclose(vectors[:, :4].mean(0), 0, atol=1e-5)
    assert not vectors[:, 4:].any()  # four items span no more than that
    full = np.mean(vectors[:, :4] ** 2)
    assert full == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize("n", [1, 2])
def test_item_vectors_of_very_few_or_equal_items(n: int) -> None:
    items = pd.DataFrame({"item_id": list("ab")[:n], "title": ["Same"] * n})
    vectors = whitened(load_encoder().encode(item_texts(dataset(items))))
    assert vectors.shape == (n, 384)
    assert np.isfinite(vectors).all()
