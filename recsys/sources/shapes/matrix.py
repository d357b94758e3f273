"""Tables with a column for each item (or each user): what is what in them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID, POSITION, RATING, TIMESTAMP, TITLE, USER_ID
from recsys.sources.columns.choosing import columns_named
from recsys.sources.columns.named import named_items, named_users, row_says
from recsys.sources.columns.names import plain_name
from recsys.sources.columns.vocabulary import ATTRIBUTES
from recsys.sources.shapes.given_names import are_people
from recsys.sources.shapes.matrix_columns import (
    LEAST_MARKED,
    NO,
    MatrixColumn,
    columns_of_one_scale,
    counts_rows,
    looked_at,
    missing_number,
)
from recsys.sources.shapes.ordinals import place_of
from recsys.sources.shapes.picks import picked_columns
from recsys.sources.shapes.sums import says_sum, sum_columns

_SAMPLE_ROWS = 1_000
_SAMPLE_CELLS = 1_000_000
#: So many names are those of people where they are, and where they are not.
_MOST_PEOPLE, _LEAST_PEOPLE = 0.5, 0.2


@dataclass(frozen=True)
class Matrix:
    """What is what in a matrix.

    Attributes:
        columns: the columns that are items, or users where `by_item`.
        key: the column with the ids of the rows; None where rows have none.
        by_item: whether a row is an item.
        rated: whether cells hold ratings; else they say yes or no.
        picks: whether cells hold the items that a user picked, the first one first.
        zeros: whether a zero says that there is nothing.
        missing: a number that stands for nothing, such as 99 beside ratings up to 10; or None.
        rows_named: whether a column name says what the rows are.
        kept: canonical name → column that says something of the whole row.
        left_out: columns that are neither.
    """

    columns: list[str]
    key: str | None
    by_item: bool = False
    rows_named: bool = True
    rated: bool = True
    picks: bool = False
    zeros: bool = False
    missing: float | None = None
    kept: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def find_matrix(frame: pd.DataFrame, *, sure: bool = False) -> Matrix | None:
    """What is what, where a table is a matrix; None where it is none.

    Args:
        sure: whether a person says that it is one; then less is asked for.
    """
    if len(frame.columns) < 2 or (not sure and _has_events(frame)):
        return None
    users, items = named_users(frame), named_items(frame)
    size = max(1, min(_SAMPLE_ROWS, _SAMPLE_CELLS // len(frame.columns)))
    sample = frame.iloc[:: max(1, len(frame) // size)].head(size)
    columns = {c.name: c for c in looked_at(sample)}
    times = columns_named(frame, TIMESTAMP, "interactions")[:1]
    first = next((c for c in columns if c not in times), None)
    said = row_says(first) if first is not None and columns[first].distinct else None
    key = first if said else next((c for c in [*users, *items] if c in columns), None)
    if key is None and first is not None and columns[first].distinct:
        key = first
    aside = {key, *users, *items, *times}
    if not sure:
        aside |= {c for n in (RATING, POSITION) for c in columns_named(frame, n, "interactions")}
    inner = [
        column
        for name, column in columns.items()
        if name not in aside
        and plain_name(name) not in ATTRIBUTES
        and not says_sum(name)
        and not counts_rows(column)
    ]
    explicit = said is not None or key in users or key in items
    if key is None or explicit:
        by_item = said == ITEM_ID if said else key not in users and key in items
    else:
        by_item = _people_in_columns(columns[key], inner)
    kept = {TIMESTAMP: times[0]} if times and not by_item else {}
    if by_item:
        titles = [c for c in columns_named(frame, TITLE, "interactions") if c != key]
        kept |= {TITLE: titles[0]} if titles else {}
    picks = [] if by_item else picked_columns(inner, sample)
    if not picks:
        sums = sum_columns(sample, [c.name for c in inner if c.numeric])
        inner = [c for c in inner if c.name not in sums]
    chosen = picks or columns_of_one_scale(inner, sure)
    names = {c.name for c in chosen}
    known = {key, *kept.values(), *names}
    extra = [c for c in map(str, frame.columns) if c not in known]
    if not chosen or (not sure and not _fits(chosen, extra, key, by_item, bool(picks))):
        return None
    matrix = Matrix(
        [c.name for c in chosen],
        key,
        by_item,
        explicit,
        kept=kept,
        left_out=extra,
        picks=bool(picks),
    )
    return matrix if picks else _with_cells(matrix, chosen)


def _has_events(frame: pd.DataFrame) -> bool:
    """Whether the names say that a row is an event."""
    users, items = named_users(frame), columns_named(frame, ITEM_ID, "interactions")
    rated = columns_named(frame, RATING, "interactions")
    return bool(users and items) or bool((users or items) and rated)


def _people_in_columns(key: MatrixColumn, columns: list[MatrixColumn]) -> bool:
    """Whether columns have the names of people, or their numbers, and rows have not."""
    names = [c.name for c in columns]
    stems = Counter(place[0] for name in names if (place := place_of(name)) is not None)
    stem, count = stems.most_common(1)[0] if stems else ("", 0)
    if count > _MOST_PEOPLE * len(names) and row_says(stem) == USER_ID:
        return True
    return are_people(names) >= _MOST_PEOPLE and are_people(list(key.counts)) <= _LEAST_PEOPLE


def _fits(
    chosen: list[MatrixColumn], extra: list[str], key: str | None, by_item: bool, picks: bool
) -> bool:
    """Whether what stands beside the cells of a matrix lets it be one."""
    others = [c for c in extra if plain_name(c) not in ATTRIBUTES and not says_sum(c)]
    if picks:
        return key is not None and len(others) <= 2
    marked = all(c.marks for c in chosen)
    if key is None:
        return not others and len(chosen) >= LEAST_MARKED
    if by_item and marked:  # items with a column for each genre are no events
        users = [c for c in chosen if re.fullmatch(r"\D{0,12}\d+", c.name)]
        if len(users) < 0.8 * len(chosen):
            return False
    return len(others) <= (1 if marked else max(1, len(chosen) // 4))


def _with_cells(matrix: Matrix, columns: list[MatrixColumn]) -> Matrix:
    """The matrix with what its cells mean."""
    cells = sum(c.rows for c in columns)
    filled = sum(c.filled for c in columns)
    marked = all(c.marks for c in columns)
    noes = sum(n for c in columns for v, n in c.counts.items() if v in NO)
    blank = cells - filled
    # Where there are three states, no is an answer of its own: disliked, not unknown.
    answers = marked and blank > 0.2 * cells and 0 < noes < filled
    numbers = [c.numbers for c in columns if c.numeric and c.filled]
    values = np.unique(np.concatenate(numbers)) if numbers else np.zeros(0)
    rest = values[values != 0]
    zeros = sum(c.number_of(0.0) for c in columns if c.numeric)
    unsaid = blank == 0 and len(rest) > 0 and rest.min() >= 1 and zeros > 0.25 * cells
    return Matrix(
        matrix.columns,
        matrix.key,
        matrix.by_item,
        matrix.rows_named,
        rated=not marked or answers,
        zeros=(marked and not answers) or (not marked and (zeros > 0.5 * cells or unsaid)),
        missing=None if marked else missing_number(columns),
        kept=matrix.kept,
        left_out=matrix.left_out,
    )
