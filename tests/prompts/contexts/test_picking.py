"""Picks over many lists at once, against the filters on each list."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.prompts.contexts.picking import picked, span
from recsys.prompts.counting import count_tokens
from recsys.prompts.filters import FILTERS, Value
from recsys.prompts.nodes import FilterUse

COUNTS = st.integers(1, 8)
PICKS = st.lists(
    st.one_of(
        st.builds(FilterUse, st.sampled_from(["first", "last", "truncate_tokens"]), COUNTS),
        st.just(FilterUse("reverse", None)),
        st.just(FilterUse("last", None)),
    ),
    max_size=5,
)
#: Entries that differ, of one to four tokens.
LENGTHS = st.lists(st.integers(1, 4), max_size=9)


@settings(deadline=None)
@given(LENGTHS, PICKS)
def test_the_same_entries_are_left(lengths: list[int], picks: list[FilterUse]) -> None:
    entries = [" ".join([f"e{place}"] * length) for place, length in enumerate(lengths)]
    value: Value = tuple(entries)
    for use in picks:
        value = FILTERS[use.name].apply(value, use.argument, ", ")
    limit = 20
    at_end, count = span(picks, limit)
    window = entries[::-1][:count] if at_end else entries[:count]
    padded = [*window, *[""] * (limit - len(window))]
    held = np.array([[bool(entry) for entry in padded]])
    tokens = np.array([[count_tokens(entry) for entry in padded]])
    left = picked(held, tokens, picks, backwards=at_end)[0]
    assert sorted(np.array(padded)[left]) == sorted(value)
