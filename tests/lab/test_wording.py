"""Words of a prompt exchanged and reworded."""

from __future__ import annotations

import pytest

from recsys.lab.rewriter import Rewriter, _tidy
from recsys.lab.wording import reworded, swapped
from recsys.models.word_swaps import WordSwap
from recsys.prompts import LIBRARY, Template

SOURCE = """{{ soft(2) }}
{# user #}Recommend films. The user likes {{ user_job }}; the user.
{% if liked %}Films: {{ liked }}{% endif %}"""
TEMPLATE = Template.parse(SOURCE)


class Shouting(Rewriter):
    """Says everything louder."""

    def reword(self, text: str, n: int) -> list[str]:
        return [text.upper() + "!" * k for k in range(n)]


def test_a_word_is_exchanged_wherever_it_stands_and_nowhere_else() -> None:
    (source,) = swapped(TEMPLATE, [WordSwap("user", "viewer", 0.1)], 9)
    assert source == SOURCE.replace("The user likes", "The viewer likes").replace(
        "the user.", "the viewer."
    )
    (source,) = swapped(TEMPLATE, [WordSwap("films", "books", 0.1)], 9)
    assert source == SOURCE.replace("Recommend films", "Recommend books").replace(
        "Films:", "Books:"
    )


def test_the_best_exchanges_come_first_and_only_so_many() -> None:
    swaps = [WordSwap(word, "other", 0.1) for word in ("likes", "film", "user", "recommend")]
    sources = list(swapped(TEMPLATE, swaps, 2))  # no "film" stands there as a word
    assert ["other {{ user_job }}" in source for source in sources] == [True, False]
    assert len(sources) == 2
    assert list(swapped(TEMPLATE, swaps, 0)) == []


def test_chinese_words_need_no_edges() -> None:
    template = Template.parse("用户喜欢{{ interests }}。")
    assert list(swapped(template, [WordSwap("喜欢", "爱看", 0.1)], 1)) == [
        "用户爱看{{ interests }}。"
    ]


def test_every_stretch_of_words_is_reworded_alone() -> None:
    sources = list(reworded(TEMPLATE, Shouting("en"), 1))
    assert sources == [
        SOURCE.replace("Recommend films. The user likes", "RECOMMEND FILMS. THE USER LIKES"),
        SOURCE.replace("the user.", "THE USER."),
    ]
    assert len(list(reworded(TEMPLATE, Shouting("en"), 3))) == 6


@pytest.mark.parametrize(
    ("answer", "text", "tidy"),
    [
        (" This person enjoys\n\nSentence: x", "The user likes", "This person enjoys"),
        (" The viewer enjoys.", "The user likes", "The viewer enjoys"),
        (" Suggest a film.", "Recommend a film.", "Suggest a film."),
        (" the user likes", "The user likes", ""),
        (" {{ history }}", "The user likes", ""),
        (" <b>bold</b>", "The user likes", ""),
        ("\n", "The user likes", ""),
        (" no end" * 20, "The user likes", ""),
    ],
)
def test_what_may_stand_in_a_template(answer: str, text: str, tidy: str) -> None:
    assert _tidy(answer, text) == tidy


def test_a_local_model_finds_other_words() -> None:
    text = "Recommend what the user will choose next."
    told = Rewriter("en").reword(text, 3)
    assert told
    assert text not in told
    assert told == Rewriter("en").reword(text, 3)
    sources = list(reworded(LIBRARY["sequential"], Rewriter("en"), 1))
    assert all(Template.parse(source).variables for source in sources)


def test_without_a_model_for_the_language_nothing_is_reworded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("recsys.lab.rewriter.is_installed", lambda name: False)
    assert Rewriter("zh").reword("用户喜欢电影", 3) == []
