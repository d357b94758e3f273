"""Lengths without a language model, and the filter that cuts by them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.prompts import Template
from recsys.prompts.counting import count_tokens, first_tokens
from recsys.prompts.filters import FILTERS, Value
from recsys.schema import TemplateError

TEXTS = st.text(max_size=60) | st.lists(
    st.sampled_from(["Heat", "the", "，", "长", "城", " ", "don't", "1995", "_", "!?", "é"])
).map("".join)


def cut(value: Value, n: int) -> Value:
    return FILTERS["truncate_tokens"].apply(value, n, ", ")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        (" \n", 0),
        ("Toy Story", 2),
        ("Léon: The Professional (1994)", 7),
        ("don't", 3),
        ("长城和故宫。", 6),
        ("看Heat吧", 3),
        ("snake_case", 1),
    ],
)
def test_words_marks_and_chinese_characters_count(text: str, tokens: int) -> None:
    assert count_tokens(text) == tokens


@settings(deadline=None)
@given(TEXTS, st.integers(1, 30))
def test_a_cut_text_is_a_prefix_that_fits_and_is_cut_no_further(text: str, n: int) -> None:
    short = first_tokens(text, n)
    assert text.startswith(short)
    assert count_tokens(short) == min(n, count_tokens(text))
    assert first_tokens(short, n) == short


@settings(deadline=None)
@given(st.lists(TEXTS).map(tuple), st.integers(1, 30))
def test_of_a_list_whole_entries_are_left_as_long_as_they_fit(value: Value, n: int) -> None:
    short = cut(value, n)
    assert short == value[: len(short)]
    assert sum(map(count_tokens, short)) <= n
    assert cut(short, n) == short
    if len(short) < len(value):  # and no fewer than could be
        assert sum(map(count_tokens, value[: len(short) + 1])) > n


def test_in_a_template() -> None:
    values = {"history": ["Toy Story", "Heat", "长城"], "intent": "a film, please"}
    written = "{{ history|truncate_tokens(3) }} / {{ history|reverse|truncate_tokens(3) }} / "
    template = Template.parse(written + "{{ intent|truncate_tokens(3) }}")
    assert template.render(values).text == "Toy Story, Heat / 长城, Heat / a film,"


@pytest.mark.parametrize("argument", ["", "()", "(0)", "('x')", "(1001)"])
def test_it_takes_a_count(argument: str) -> None:
    with pytest.raises(TemplateError):
        Template.parse(f"{{{{ history|truncate_tokens{argument} }}}}")
