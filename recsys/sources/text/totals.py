"""Rows of a report that add up others, and its titles that come again on each page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.sources.columns.sum_words import OF_SUMS, SUMS
from recsys.sources.text.headers import is_number

_FOR = (
    r"(?:for|of|by|per|de|du|des|del|della|di|do|da|für|von|van|voor|pour|para|por|по|для|za|dla)"
)
_WORD = "|".join(sorted(map(re.escape, SUMS), key=len, reverse=True))
_KINDS_OF = r"(?:(?:grand|overall|general|sub|genel|ara)[ -])?"
#: "Total for M-0012", "M-0012 Total", "小计：张三".
_WITH_REST = re.compile(
    rf"{_KINDS_OF}(?:{_WORD})(?:\s+{_FOR}\s+|\s*[:：\-–]\s*|\s+)(?P<after>\S.*)"
    rf"|(?P<before>.*\S)(?:\s*[:：\-–]\s*|\s+){_KINDS_OF}(?:{_WORD})\W*"
    r"|(?P<cjk>.*\S)(?:合计|总计|小计|合計|小計|總計|합계|소계)",
    re.DOTALL,
)
_ANY = rf"(?i)(?:{_WORD})"
#: A column is one that rows fill where so many do; a name stands between few numbers.
_USUAL = 0.6
#: So many rows that begin alike add up others, whatever they name.
_LEAST_ALIKE = 3
_COUNTED = re.compile(r"[(]?\d[\d.,  ]*\s+[^\W\d]{1,20}\.?[)]?")
#: What names a sum is no longer than that.
_MOST_LETTERS = 200
#: So many lines of titles stand above the heading of a page, at most.
_MOST_TITLES = 6
_SAMPLE_ROWS = 20_000


def is_called_total(cell: str) -> bool:
    """Whether a cell says no more than that others are added up."""
    words = cell.casefold().strip(" :：.*=#").split()
    return not SUMS.isdisjoint(words) and SUMS.union(OF_SUMS).issuperset(words)


def totals_within(frame: pd.DataFrame) -> np.ndarray:
    """Rows anywhere that add up others, (rows,) bool.

    They are called so, hold numbers beside that, and lack a cell that rows have, or have a number
    where the others have words; a film called “Total Recall” does not.

    Args:
        frame: columns are numbered from 0; cells are strings.
    """
    found = np.zeros(len(frame), dtype=bool)
    if len(frame) < 3 or len(frame.columns) < 2 or any(frame[c].dtype == object for c in frame):
        return found
    if len(frame) > _SAMPLE_ROWS and not totals_within(frame.head(_SAMPLE_ROWS)).any():
        return found  # a report has them from its beginning on
    usual, texts = _usual_columns(frame)
    candidates = _rows_with_words(frame)
    if not len(candidates) or len(candidates) > len(frame) // 2:
        return found
    cells_of = _cells(frame, candidates)
    above = _cells(frame, np.maximum(candidates - 1, 0))
    named: dict[int, tuple[int, str | None]] = {}
    for row, cells, before in zip(candidates.tolist(), cells_of, above, strict=True):
        place = _named(cells)
        if place is not None and _adds_up(cells, before, place, usual, texts):
            rest = None if is_called_total(cells[place]) else _rest(cells[place])
            named[row] = (place, rest)
    values = _values(frame, texts) if any(rest for _, rest in named.values()) else set()
    alike = sum(rest is not None for _, rest in named.values()) >= _LEAST_ALIKE
    people = _names(frame, {row: place for row, (place, _) in named.items()})
    for row, cells in zip(candidates.tolist(), cells_of, strict=True):
        if row not in named:
            continue
        place, rest = named[row]
        first = not any(cells[:place])
        known = rest is None or rest in values or (alike and first)
        found[row] = known and (place, cells[place]) not in people
    return found


def titles_above(frame: pd.DataFrame, headings: np.ndarray) -> np.ndarray:
    """Rows with few cells right above headings that come again: titles of pages, (rows,) bool."""
    found = np.zeros(len(frame), dtype=bool)
    places = np.flatnonzero(headings)
    if not len(places):
        return found
    sample = frame.iloc[:_SAMPLE_ROWS][~headings[:_SAMPLE_ROWS]]
    usual = int((sample != "").sum(axis="columns").median()) if len(sample) else 0
    for place in map(int, places):
        for above in range(place - 1, max(place - 1 - _MOST_TITLES, -1), -1):
            filled = [cell for cell in frame.iloc[above] if str(cell).strip()]
            if 2 * len(filled) > usual or any(map(is_number, filled[:1])):
                break
            found[above] = True
    return found


def _usual_columns(frame: pd.DataFrame) -> tuple[list[int], list[int]]:
    """Which columns rows fill, and which of all hold words."""
    sample = frame.head(_SAMPLE_ROWS)
    usual, texts = [], []
    for column in frame.columns:
        filled = sample[column][sample[column].str.strip() != ""]
        if len(filled) >= _USUAL * len(sample):
            usual.append(int(column))
        looked = filled.head(200)
        if len(looked) and sum(map(is_number, looked)) < 0.5 * len(looked):
            texts.append(int(column))
    return usual, texts


def _rows_with_words(frame: pd.DataFrame) -> np.ndarray:
    """Places of rows with a cell in which a word for a sum stands, in order."""
    # One call for all columns, of which a matrix has a thousand: the pattern is compiled once.
    columns = [pa.array(frame[column].astype("str"), pa.large_string()) for column in frame]
    matched = pc.fill_null(pc.match_substring_regex(pa.chunked_array(columns), _ANY), False)
    found = matched.to_numpy().astype(bool).reshape(len(frame.columns), len(frame))
    return np.flatnonzero(found.any(axis=0))


def _named(cells: Sequence[str]) -> int | None:
    """Where the word for a sum stands: alone, or else with what it is the sum of."""
    alone = next((place for place, cell in enumerate(cells) if is_called_total(cell)), None)
    if alone is not None:
        return alone
    return next((place for place, cell in enumerate(cells) if _rest(cell) is not None), None)


def _rest(cell: str) -> str | None:
    """What a cell says beside the word for a sum; None where it has no such word at its edge."""
    match = _WITH_REST.fullmatch(cell.casefold()) if len(cell) <= _MOST_LETTERS else None
    if match is None:
        return None
    return (match["after"] or match["before"] or match["cjk"]).strip(" :：.*=#()")


def _adds_up(
    cells: Sequence[str],
    above: Sequence[str],
    place: int,
    usual: Sequence[int],
    texts: Sequence[int],
) -> bool:
    others = [p for p, cell in enumerate(cells) if p != place and cell]
    counts = [p for p in others if is_number(cells[p]) or _COUNTED.fullmatch(cells[p])]
    if any(p not in counts and cells[p] != above[p] for p in others):
        return False
    lacks = any(not cells[p] for p in usual)
    return lacks or any(p in texts and p in usual for p in counts)


def _values(frame: pd.DataFrame, texts: Sequence[int]) -> set[str]:
    return {
        value.strip().casefold() for column in texts for value in frame[column].unique() if value
    }


def _names(frame: pd.DataFrame, places: dict[int, int]) -> set[tuple[int, str]]:
    """Cells, with their columns, that stand in other rows than these, too: what people are called.

    Args:
        places: row → the column of its cell.
    """
    repeated = Counter((place, str(frame.iat[row, place]).strip()) for row, place in places.items())
    names = set()
    for place in set(places.values()):
        counts = frame.iloc[:, place].str.strip().value_counts()
        mine = [(key, count) for key, count in repeated.items() if key[0] == place]
        names |= {key for key, count in mine if counts[key[1]] > count}
    return names


def _cells(frame: pd.DataFrame, rows: np.ndarray) -> list[list[str]]:
    columns = [frame[column].take(rows).str.strip().tolist() for column in frame.columns]
    return [list(row) for row in zip(*columns, strict=True)]
