"""Titles that a wish mentions."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from recsys.wishes import mentions
from recsys.wishes.mentions import Mentions

ANIMATION, HORROR, ADVENTURE = range(3)
FILMS = {
    "Toy Story (1995)": [ANIMATION, ADVENTURE],
    "Alien": [HORROR],
    "Matrix, The": [ADVENTURE],
    "The Others": [HORROR],
    "2001: A Space Odyssey": [ADVENTURE],
    "The Good, the Bad and the Ugly": [ADVENTURE],
    "Indiana Jones and the Last Crusade": [ADVENTURE],
    "Indiana Jones and the Temple of Doom": [ADVENTURE, HORROR],
    "Good Morning, Vietnam": [ADVENTURE],
    "千与千寻": [ANIMATION],
    "Nothing Known": [],
    "Amelie (Le Fabuleux destin d'Amélie Poulain)": [ANIMATION],
    "Sunset Blvd. (a.k.a. Sunset Boulevard)": [HORROR],
}


@pytest.fixture(scope="module")
def films() -> Mentions:
    held = np.zeros((len(FILMS), 3), dtype=np.float32)
    for row, values in enumerate(FILMS.values()):
        held[row, values] = 1
    return Mentions(np.array(list(FILMS), dtype=object), sp.csr_matrix(held))


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("something like Toy Story", ["Toy Story (1995)"]),
        ("something like toy story, but darker", ["Toy Story (1995)"]),
        ("Toy Story", ["Toy Story (1995)"]),
        ("a film like Alien", ["Alien"]),
        ('similar to "alien"', ["Alien"]),
        ("I loved The Matrix", ["Matrix, The"]),
        ("I really loved Alien, something new", ["Alien"]),
        ("I loved Amelie", ["Amelie (Le Fabuleux destin d'Amélie Poulain)"]),
        ("like sunset boulevard", ["Sunset Blvd. (a.k.a. Sunset Boulevard)"]),
        ("2001: A Space Odyssey", ["2001: A Space Odyssey"]),
        ("The Good, the Bad and the Ugly", ["The Good, the Bad and the Ugly"]),
        ("再来一部类似《千与千寻》的电影", ["千与千寻"]),
        ("have you seen toy story (1995)?", ["Toy Story (1995)"]),
        ("I loved Toy Story (2042)", ["Toy Story (1995)"]),
        ("like Alien or like Toy Story", ["Alien", "Toy Story (1995)"]),
    ],
)
def test_titles_are_found(films: Mentions, text: str, titles: list[str]) -> None:
    assert [title for mention in films.find(text) for title in mention.titles] == titles


def test_a_series_is_what_its_films_share(films: Mentions) -> None:
    (mention,) = films.find("some Indiana Jones tonight")
    assert mention.titles == tuple(title for title in FILMS if title.startswith("Indiana"))
    assert mention.values.tolist() == [0, 0.5, 0.5]  # half of them are horror


@pytest.mark.parametrize(
    "text",
    [
        "an alien from outer space",  # no capital, and nothing says that it is a title
        "a toy story for kids",
        "a toy story (2042) for kids",
        "The others are asleep.",
        "The Others were fine.",
        "Good Morning",  # one title begins so: that is no series
        "something like Nothing Known",  # no values: nothing to have in common
        "I would like comedies.",
        "",
    ],
)
def test_other_words_are_left_alone(films: Mentions, text: str) -> None:
    assert films.find(text) == []


def test_where_it_stands(films: Mentions) -> None:
    text = "funny, something like Toy Story please"
    (mention,) = films.find(text)
    assert text[mention.begin : mention.end] == "like Toy Story"
    assert mention.likened
    assert not films.find("I saw Toy Story twice")[0].likened


def test_a_catalogue_too_large_has_no_titles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "_MOST_TITLES", 1)
    held = sp.csr_matrix(np.ones((2, 1), dtype=np.float32))
    found = Mentions(np.array(["Toy Story", "Alien"], dtype=object), held)
    assert found.find("something like Toy Story") == []


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    held = sp.csr_matrix(np.ones((3, 1), dtype=np.float32))
    found = Mentions(np.array([text, "A B", ""], dtype=object), held).find(text)
    ends = [0, *(place for mention in found for place in (mention.begin, mention.end))]
    assert ends == sorted(ends) and ends[-1] <= len(text)
