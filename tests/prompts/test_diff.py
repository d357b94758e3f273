from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.prompts.diff import word_diff


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("The user likes {{ liked }}.", "The user loves {{ liked }}.",
         ["=The user ", "-likes", "+loves", "= {{ liked }}."]),
        ("{{ history|last(5) }}", "{{ history|last(9) }}",
         ["-{{ history|last(5) }}", "+{{ history|last(9) }}"]),
        ("用户喜欢喜剧。", "用户讨厌喜剧。", ["=用户", "-喜欢", "+讨厌", "=喜剧。"]),
        ("看film吧", "看book吧", ["=看", "-film", "+book", "=吧"]),
        ("a b", "b", ["-a ", "=b"]),
        ("what suits me best.", "something for now.",
         ["-what suits me best", "+something for now", "=."]),
        ("one  two {{ x }}", "1  2 {{ x }}", ["-one  two", "+1  2", "= {{ x }}"]),
        ("", "new", ["+new"]),
        ("same", "same", ["=same"]),
        ("", "", []),
    ],
)  # fmt: skip
def test_words(before: str, after: str, told: list[str]) -> None:
    signs = {"same": "=", "gone": "-", "new": "+"}
    assert [signs[one.kind] + one.text for one in word_diff(before, after)] == told


@given(st.text(alphabet="ab {}%用户\n", max_size=40), st.text(alphabet="ab {}%用户\n", max_size=40))
def test_both_texts_are_whole(before: str, after: str) -> None:
    found = word_diff(before, after)
    assert "".join(one.text for one in found if one.kind != "new") == before
    assert "".join(one.text for one in found if one.kind != "gone") == after
