"""Where a prompt that is too long is cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recsys.prompts import fit_tokens


def words(text: str) -> int:
    return len(text.split())


def test_everything_fits() -> None:
    fitted = fit_tokens("one two three", words, 3)
    assert (fitted.kept, fitted.cut, fitted.tokens) == ("one two three", "", 3)


def test_the_end_is_cut_between_words() -> None:
    fitted = fit_tokens("one two three four", words, 2)
    assert (fitted.kept, fitted.cut, fitted.tokens) == ("one two ", "three four", 4)


def test_chinese_is_cut_between_characters() -> None:
    assert fit_tokens("用户喜欢旅游", len, 4).kept == "用户喜欢"


@given(st.text(), st.integers(0, 10))
def test_nothing_is_lost(text: str, limit: int) -> None:
    fitted = fit_tokens(text, words, limit)
    assert fitted.kept + fitted.cut == text
    assert words(fitted.kept) <= limit
