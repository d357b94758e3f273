"""Sentences for people, whose templates may come from a file of a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages._ui.common.i18n import say
from recsys.schema import Message, fill


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{x} and {x}", "1 and 1"),
        ("{y}", "{y}"),
        ("{{x}} {{% if a %}}", "{x} {% if a %}"),
        ("{x.__class__} {x[0]} {x!r} {x:999999999}", "{x.__class__} {x[0]} {x!r} {x:999999999}"),
        ("{ } {} {0} { x", "{ } {} {0} { x"),
    ],
)
def test_only_plain_places_are_filled(template: str, told: str) -> None:
    message = Message(template, {"x": 1})
    assert str(message) == told
    assert say(message) == told


@given(st.text(max_size=40), st.dictionaries(st.text(max_size=5), st.integers() | st.text()))
def test_it_never_raises(template: str, values: dict[str, Any]) -> None:
    assert isinstance(fill(template, values), str)


def test_values_that_cannot_be_written_are_left_out() -> None:
    deep: list[Any] = []
    for _level in range(100_000):
        deep = [deep]
    assert fill("{a} {b}", {"a": 10**10_000, "b": deep}) == "… …"
