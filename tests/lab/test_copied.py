"""Titles and training phrases that a prompt copies, case by case."""

from __future__ import annotations

import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.lab.copied import Copies
from recsys.prompts import LIBRARY, Template

TITLES = [
    "Heat (1995)",
    "Usual Suspects, The (1995)",
    "The User",
    "Next",
    "Good to Know",
    "最近的电影院",
]
START = Template.parse("Recommend films. {{ history }}")


def catalogue() -> Dataset:
    events = [(f"u{n}", f"i{m}") for n in range(3) for m in range(len(TITLES))]
    items = pd.DataFrame(
        {
            "item_id": [f"i{m}" for m in range(len(TITLES))],
            "title": TITLES,
            "genres": [["Comedy"], ["Comedy", "Crime"], ["Crime"]] * 2,
        }
    )
    frame = pd.DataFrame(events, columns=["user_id", "item_id"])
    return Dataset.from_frames(frame, items, name="titles")


@pytest.mark.parametrize(
    "source",
    [
        "Recommend The Usual Suspects.",
        "recommend the usual suspects or {{ liked }}",
        "Good to know: {{ knowledge }}",
        "Films like Heat.",
        "{{ history }} 推荐最近的电影院。",
    ],
)
def test_a_title_is_copied(source: str) -> None:
    assert Copies(catalogue(), START).found(source) == "title"


@pytest.mark.parametrize(
    "source",
    [
        "Only comedy, please.",  # wishes for the values that there are
        "{{ liked }}\nCrime",
        "只推荐comedy。",
        "What should I watch tonight?",  # small talk
        "Hello! Recommend films.",
        "{% if liked %}The user liked {{ liked }}.{% endif %}",  # told apart as asking for nothing
    ],
)
def test_a_phrase_is_copied(source: str) -> None:
    assert Copies(catalogue(), START).found(source) == "phrase"


@pytest.mark.parametrize(
    "source",
    [
        "Recommend what the user will choose next.",  # "next" and "user" are words like others
        "Next, the heat of the day.",
        "Heat is what the user likes.",  # any sentence begins with a capital letter
        "Told as usual. Suspects were told. {{ usual }} {{ suspects }}",  # two sentences
        "{# The Usual Suspects #}{{ history|join(' Usual Suspects ') }}",
        "最近的电影",
        "Recommend drama to the user, please.",
    ],
)
def test_words_like_others_are_no_copy(source: str) -> None:
    assert Copies(catalogue(), START).found(source) is None


def test_what_somebody_wrote_at_the_start_is_their_own() -> None:
    start = Template.parse("Films like The Usual Suspects. Hello! Like Heat. {{ history }}")
    copies = Copies(catalogue(), start)
    assert copies.found("Hello! More films like the usual suspects. As Heat. {{ history }}") is None
    assert copies.found("Films like The Usual Suspects. Good to know. {{ history }}") == "title"


@pytest.mark.parametrize("name", list(LIBRARY))
def test_the_library_copies_no_phrase(name: str) -> None:
    assert Copies(catalogue(), START).found(LIBRARY[name].source) != "phrase"
