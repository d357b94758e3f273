"""Values of attributes in the language of the app."""

from __future__ import annotations

import pytest

from pages._ui.words import value_words


@pytest.mark.parametrize(
    ("value", "chinese"),
    [("Western", "西部"), ("Sci-Fi", "科幻"), ("Nobody's kind", "Nobody's kind"), ("喜剧", "喜剧")],
)
def test_known_kinds_are_called_by_their_chinese_names(
    value: str, chinese: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(value_words, "language", lambda: "zh")
    assert value_words.value_words(value) == chinese
    monkeypatch.setattr(value_words, "language", lambda: "en")
    assert value_words.value_words(value) == value
