"""Items and attribute values as texts and as vectors of the real encoder."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.language_models import load_encoder
from recsys.models.prompt_fusion.grounding import Grounding
from recsys.models.prompt_fusion.texts import (
    WISHES,
    Facets,
    item_text_vectors,
    item_texts,
    value_meanings,
    wish_texts,
)
from recsys.models.prompt_fusion.tokens import Tokeniser
from recsys.prompts import LIBRARY, Words

GENRES = (
    "Action Adventure Animation Children Comedy Crime Documentary Drama Fantasy Film-Noir "
    "Horror Musical Mystery Romance Sci-Fi Thriller War Western"
).split()


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
    vectors = item_text_vectors(films(), load_encoder(), None)
    assert vectors.shape == (4, 384) and vectors.dtype == np.float32
    np.testing.assert_allclose(vectors[:, :4].mean(0), 0, atol=1e-5)
    assert not vectors[:, 4:].any()  # four items span no more than that
    full = np.mean(vectors[:, :4] ** 2)
    assert full == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize("n", [1, 2])
def test_item_vectors_of_very_few_or_equal_items(n: int) -> None:
    items = pd.DataFrame({"item_id": list("ab")[:n], "title": ["Same"] * n})
    vectors = item_text_vectors(dataset(items), load_encoder(), None)
    assert vectors.shape == (n, 384)
    assert np.isfinite(vectors).all()


@pytest.fixture(scope="module")
def grounding() -> Grounding:
    items = pd.DataFrame({"item_id": list("ab"), "genres": [GENRES, GENRES]})
    facets = Facets.of(dataset(items))
    meanings = value_meanings(facets, load_encoder(), None)
    return Tokeniser(None, facets, meanings, load_encoder())._grounding  # type: ignore[arg-type]


class TestGrounding:
    def named(self, grounding: Grounding, words: str) -> dict[str, float]:
        weights = grounding.named([words], load_encoder().encode([words]))
        assert weights.shape == (1, len(GENRES)) and weights.dtype == np.float32
        return dict(zip(GENRES, weights[0].tolist(), strict=True))

    @pytest.mark.parametrize(
        ("words", "genre"),
        [
            ("something funny that makes me laugh", "Comedy"),
            ("a scary film for Halloween night", "Horror"),
            ("cowboys and gunfights", "Western"),
            ("Recommend comedy films only.", "Comedy"),
            ("spaceships and aliens", "Sci-Fi"),
            ("a love story", "Romance"),
        ],
    )
    def test_finds_what_is_meant(self, grounding: Grounding, words: str, genre: str) -> None:
        weights = self.named(grounding, words)
        assert max(weights, key=weights.__getitem__) == genre
        assert 0.1 < sum(weights.values()) <= 1 + 1e-5

    @pytest.mark.parametrize("genre", GENRES)
    def test_finds_every_genre_by_its_name(self, grounding: Grounding, genre: str) -> None:
        weights = self.named(grounding, f"I would like to see {genre.lower()} tonight.")
        assert max(weights, key=weights.__getitem__) == genre

    @pytest.mark.parametrize(
        "words",
        ["What should I watch tonight?", "Good morning.", "Tell me what to choose.", "42"],
    )
    def test_neutral_words_name_nothing(self, grounding: Grounding, words: str) -> None:
        assert sum(self.named(grounding, words).values()) < 0.1

    @pytest.mark.parametrize("name", LIBRARY)
    def test_sentences_of_the_library_name_nothing(self, grounding: Grounding, name: str) -> None:
        for piece in LIBRARY[name].pieces:
            if isinstance(piece, Words):
                assert sum(self.named(grounding, piece.text).values()) < 0.1, piece.text

    @pytest.mark.parametrize(
        "words",
        ["Recommend comedy films only.", "COMEDY!", "a comedy, for once", "我想看comedy电影"],
    )
    def test_what_stands_in_the_words_is_named_alone(
        self, grounding: Grounding, words: str
    ) -> None:
        weights = self.named(grounding, words)
        assert {genre for genre, weight in weights.items() if weight} == {"Comedy"}
        assert weights["Comedy"] == 1

    def test_several_that_stand_there_share(self, grounding: Grounding) -> None:
        weights = self.named(grounding, "crime thrillers, or film-noir")
        named = {genre: weight for genre, weight in weights.items() if weight}
        assert named == pytest.approx({"Crime": 1 / 3, "Thriller": 1 / 3, "Film-Noir": 1 / 3})

    def test_one_text_does_not_speak_for_another(self, grounding: Grounding) -> None:
        words = ["western", "What should I watch tonight?", "cowboys and gunfights"]
        together = grounding.named(words, load_encoder().encode(words))
        for row, text in enumerate(words):
            alone = list(self.named(grounding, text).values())
            np.testing.assert_allclose(together[row], alone, atol=1e-4)

    def test_without_values_nothing_is_named(self) -> None:
        grounding = Grounding([], np.zeros((0, 384), dtype=np.float32))
        assert grounding.named(["a", "b"], np.ones((2, 384), dtype=np.float32)).shape == (2, 0)

    def test_without_words_nothing_is_named(self, grounding: Grounding) -> None:
        named = grounding.named([], np.zeros((0, 384), dtype=np.float32))
        assert named.shape == (0, len(GENRES)) and named.dtype == np.float32


@pytest.mark.parametrize(
    ("value", "text", "stands"),
    [
        ("War", "war", True),
        ("War", "a warm day", False),
        ("War", "a film-war!", True),
        ("War", "post-war-film", True),
        ("War", "software", False),
        ("War", "2war", False),
        ("War", "Wars and more", True),
        ("Western", "Westerns only", True),
        ("Class", "classes", True),
        ("Comedy", "Recommend comedy films only.", True),
        ("Comedy", "comedies", False),  # told by its meaning instead
        ("Sci-Fi", "some SCI-FI please", True),
        ("C++", "I write c++.", True),
        ("(none)", "say (none) now", True),
        ("Science Fiction", "science fiction", True),
        ("博物馆", "想去博物馆", True),
        ("博物馆", "博物馆很好", True),
        ("博物馆", "博物", False),
        ("K歌", "去k歌吧", True),
        ("War", "看war片", True),
        ("전쟁", "전쟁을 보고 싶다", True),
        ("мир", "мирный", False),
        ("мир", "хочу мир!", True),
        ("Été", "un été chaud", True),
        ("Été", "répété", False),
        ("cor", "décor", False),
    ],
)
def test_a_value_stands_in_words_as_a_word(value: str, text: str, stands: bool) -> None:
    grounding = Grounding([value], np.zeros((1, 4), dtype=np.float32))
    named = grounding.named([text], np.zeros((1, 4), dtype=np.float32))
    assert named.tolist() == [[float(stands)]]
