"""Words of a prompt exchanged for synonyms."""

from __future__ import annotations

import re

import pytest

from recsys.lab.wording import TAG, reworded, swapped
from recsys.models.word_swaps import WordSwap
from recsys.prompts import LIBRARY, Template
from recsys.prompts.synonyms import SYNONYMS

SOURCE = """{{ soft(2) }}
{# most recently #}Recommend films. The user likes {{ films_job }}; the user.
{% if liked %}Films: {{ liked }}{% endif %}"""
TEMPLATE = Template.parse(SOURCE)


def test_a_word_is_exchanged_wherever_it_stands_and_nowhere_else() -> None:
    (source,) = swapped(TEMPLATE, [WordSwap("films", "movies", 0.1)], 9)
    assert source == SOURCE.replace("Recommend films", "Recommend movies").replace(
        "Films:", "Movies:"
    )
    (source,) = swapped(TEMPLATE, [WordSwap("likes", "enjoys", 0.1)], 9)
    assert source == SOURCE.replace("user likes", "user enjoys")


def test_a_word_that_is_no_synonym_is_never_put_in() -> None:
    """Whatever a gradient promises: the lab once offered “Films that the legion rated highly”."""
    template = Template.parse("Films that the user rated highly: {{ liked }}")
    others = ["legion", "fahrenheit", "impossible", "lara", "longest", "dinner"]
    swaps = [WordSwap(word, other, 9.0) for word in ("films", "user", "the") for other in others]
    assert list(swapped(template, swaps, 99)) == []


def test_the_best_exchanges_come_first_and_only_so_many() -> None:
    swaps = [
        WordSwap("mostly", "mainly", 0.4),
        WordSwap("likes", "loves", 0.3),
        WordSwap("films", "movies", 0.2),
        WordSwap("recommend", "suggest", 0.1),
    ]
    sources = list(swapped(TEMPLATE, swaps, 2))  # no "mostly" stands there
    assert ["user loves" in source for source in sources] == [True, False]
    assert len(sources) == 2
    assert list(swapped(TEMPLATE, swaps, 0)) == []


def test_phrases_are_exchanged_with_the_letter_that_they_begin_with() -> None:
    sources = list(reworded(TEMPLATE))
    assert SOURCE.replace("The user", "This person").replace("the user", "this person") in sources
    assert SOURCE.replace("Recommend", "Suggest") in sources
    assert all("{# most recently #}" in source for source in sources)


def test_chinese_words_need_no_edges() -> None:
    sources = list(reworded(Template.parse("用户最喜欢{{ interests }}。")))
    assert sources == ["使用者最喜欢{{ interests }}。", "用户最喜爱{{ interests }}。"]


@pytest.mark.parametrize(
    "text", ["Those are the user's likes.", "Their likes: {{ liked }}", "Sci-films, films-noir"]
)
def test_another_part_of_speech_or_of_a_compound_stays(text: str) -> None:
    for source in reworded(Template.parse(text)):
        assert ("likes" in source) == ("likes" in text) and "movies" not in source


@pytest.mark.parametrize("name", list(LIBRARY))
def test_all_that_is_exchanged_in_the_library_are_synonyms(name: str) -> None:
    """What is left of both texts without the phrase and without its synonym is the same."""
    template = LIBRARY[name]
    for source in [*reworded(template), *swapped(template, _every_swap(), 999)]:
        assert TAG.findall(source) == TAG.findall(template.source)
        assert any(
            _without(source, phrase, other) == _without(template.source, phrase, other)
            for phrase, others in SYNONYMS.items()
            for other in others
        )


def _every_swap() -> list[WordSwap]:
    return [WordSwap(word, other, 0.1) for word, others in SYNONYMS.items() for other in others]


def _without(text: str, phrase: str, other: str) -> str:
    return re.sub(f"{re.escape(phrase)}|{re.escape(other)}", "", text, flags=re.I)


def test_no_synonym_is_its_own_and_each_is_of_the_same_language() -> None:
    for phrase, others in SYNONYMS.items():
        assert phrase == phrase.lower() and phrase not in others
        assert len(set(others)) == len(others)
        assert all(other.isascii() == phrase.isascii() for other in others)
