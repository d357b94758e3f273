"""Ids: what programs did to them is undone, and what cannot be undone is said."""

from __future__ import annotations

import pandas as pd
import pytest

from recsys.cleaning.ids import as_ids, coded_ids
from recsys.sources.values.cells import plain_ids


def series(*cells: str) -> pd.Series:
    return pd.Series(cells, dtype="str")


@pytest.mark.parametrize(
    ("cells", "plain"),
    [
        (("123.0", "7.0"), ["123", "7"]),
        (("123.0", "007", ""), ["123", "007", ""]),
        (("1.0", "1.1"), ["1.0", "1.1"]),
        (("1.0", "x"), ["1.0", "x"]),
        (("007", "7"), ["007", "7"]),
        ((" a", "a\u00a0", "\ufeffb\u200b", "A"), ["a", "a", "b", "A"]),
        (("1e5", "12"), ["1e5", "12"]),
    ],
)
def test_plain_ids(cells: tuple[str, ...], plain: list[str]) -> None:
    assert plain_ids(series(*cells)).tolist() == plain
    assert as_ids(series(*cells)).tolist() == plain


def test_ids_are_kept_once_and_what_became_one_is_reported() -> None:
    ids, one = coded_ids(series("a", " a", "b ", "", "a"))
    assert ids.astype("str").tolist() == ["a", "a", "b", "", "a"]
    assert one.to_dict() == {"a": "a", " a": "a"}
    ids, one = coded_ids(series("5.0", "5", "6.0"))
    assert ids.astype("str").tolist() == ["5", "5", "6"]
    assert set(one.index) == {"5.0", "5"}
