"""Tables with a column for each item (or each user) → a row for each event."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID, N_, POSITION, RATING, TIMESTAMP, TITLE, USER_ID, Message, listed
from recsys.sources.columns.choosing import columns_named
from recsys.sources.columns.named import (
    ATTRIBUTES,
    joined_words,
    named_items,
    named_users,
    row_says,
    words_of,
)
from recsys.sources.limits import MAX_RESHAPED_EVENTS, too_many_events
from recsys.sources.shapes.given_names import are_people
from recsys.sources.shapes.ordinals import place_of
from recsys.sources.shapes.sums import says_sum, sum_columns
from recsys.sources.values.cells import NOTHING, is_nothing, parse_numbers

_SAMPLE_ROWS = 1_000
_SAMPLE_CELLS = 1_000_000
#: So many columns make a matrix: of ratings, and of cells that only say yes or no.
_LEAST_RATED, _LEAST_MARKED = 4, 5
#: Ratings take few values: 1 to 5 in halves are 9, 0 to 10 in halves are 21.
_MOST_VALUES = 30
_MOST_WORDS = 12
_YES = frozenset("1|1.0|true|t|yes|y|x|v|✓|✔|☑|是|有|sí|si|oui|ja|sim|да".split("|"))
_NO = frozenset("0|0.0|false|f|no|n|✗|☐|否|没有|non|nein|não|нет".split("|"))
#: Of a row with a user's picks, no item stands there twice; of ratings, most values do.
_MOST_REPEATS = 0.05
_MOST_PICKS = 200
#: So many names are those of people where they are, and where they are not.
_MOST_PEOPLE, _LEAST_PEOPLE = 0.5, 0.2
#: Words in the names of columns of picks.
_PICKED = frozenset(
    """item items pick picks choice top rank fav favorite favourite recommendation rec history
    place position wish like liked movie film book song track product article game artist title
    电影 商品 书 歌曲 选择 película libro produit livre produkt buch""".split()
)


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
        told: whether a name says what the rows are.
        kept: canonical name → column that says something of the whole row.
        left_out: columns that are neither.
    """

    columns: list[str]
    key: str | None
    by_item: bool = False
    told: bool = True
    rated: bool = True
    picks: bool = False
    zeros: bool = False
    missing: float | None = None
    kept: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Column:
    """What a sample of a column holds: its values in lower case, and how often each."""

    name: str
    counts: dict[str, int]
    rows: int
    numbers: np.ndarray

    @property
    def filled(self) -> int:
        return sum(self.counts.values())

    @property
    def numeric(self) -> bool:
        return not np.isnan(self.numbers).any()

    @property
    def marks(self) -> bool:
        return all(value in _YES or value in _NO for value in self.counts)

    @property
    def distinct(self) -> bool:
        """Whether no value comes twice and none is missing, as in a column of ids."""
        return self.filled == self.rows == len(self.counts)

    def number_of(self, value: float) -> int:
        """How many cells hold a number."""
        pairs = zip(self.counts.values(), self.numbers, strict=True)
        return sum(count for count, number in pairs if number == value)


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
    columns = {c.name: c for c in _look(sample)}
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
        and joined_words(name) not in ATTRIBUTES
        and not says_sum(name)
        and not _counts_rows(column)
    ]
    told = said is not None or key in users or key in items
    if key is None or told:
        by_item = said == ITEM_ID if said else key not in users and key in items
    else:
        by_item = _people_in_columns(columns[key], inner)
    kept = {TIMESTAMP: times[0]} if times and not by_item else {}
    if by_item:
        titles = [c for c in columns_named(frame, TITLE, "interactions") if c != key]
        kept |= {TITLE: titles[0]} if titles else {}
    picks = [] if by_item else _picks(inner, sample)
    if not picks:
        sums = sum_columns(sample, [c.name for c in inner if c.numeric])
        inner = [c for c in inner if c.name not in sums]
    chosen = picks or _scale(inner, sure)
    names = {c.name for c in chosen}
    known = {key, *kept.values(), *names}
    extra = [c for c in map(str, frame.columns) if c not in known]
    if not chosen or (not sure and not _fits(chosen, extra, key, by_item, bool(picks))):
        return None
    matrix = Matrix(
        [c.name for c in chosen], key, by_item, told, kept=kept, left_out=extra, picks=bool(picks)
    )
    return matrix if picks else _with_cells(matrix, chosen)


def _has_events(frame: pd.DataFrame) -> bool:
    """Whether the names say that a row is an event."""
    users, items = named_users(frame), columns_named(frame, ITEM_ID, "interactions")
    rated = columns_named(frame, RATING, "interactions")
    return bool(users and items) or bool((users or items) and rated)


def _look(sample: pd.DataFrame) -> Iterator[_Column]:
    """What the columns of a sample hold; each different value is understood once."""
    told: dict[str, dict[str, int]] = {}
    for name, cells in sample.items():
        if cells.dtype != object:
            met = Counter(cell.strip().casefold() for cell in cells.tolist())
            told[str(name)] = {v: n for v, n in met.items() if v not in NOTHING}
    values = list({value for counts in told.values() for value in counts})
    numbers = dict(zip(values, parse_numbers(pd.Series(values, dtype="str")), strict=True))
    for name, counts in told.items():
        yield _Column(name, counts, len(sample), np.array([numbers[v] for v in counts]))


def _people_in_columns(key: _Column, columns: list[_Column]) -> bool:
    """Whether columns have the names of people, or their numbers, and rows have not."""
    names = [c.name for c in columns]
    stems = Counter(place[0] for name in names if (place := place_of(name)) is not None)
    stem, count = stems.most_common(1)[0] if stems else ("", 0)
    if count > _MOST_PEOPLE * len(names) and row_says(stem) == USER_ID:
        return True
    return are_people(names) >= _MOST_PEOPLE and are_people(list(key.counts)) <= _LEAST_PEOPLE


def _counts_rows(column: _Column) -> bool:
    """Whether a column numbers the rows, as programs write it beside a table."""
    if not column.numeric or not column.distinct or column.rows < 3:
        return False
    steps = np.diff(column.numbers)
    return bool((steps > 0).all() and (steps == steps[0]).all())


def _picks(columns: list[_Column], sample: pd.DataFrame) -> list[_Column]:
    """Columns such as item_1, item_2 … with the items that a user picked, in their order."""
    stem, numbered = _numbered(columns)
    if not 3 <= len(numbered) <= _MOST_PICKS or len(numbered) < 0.6 * len(columns):
        return []
    cells = sample[[c.name for c in numbered]].apply(lambda c: c.str.strip())
    filled = ~cells.map(is_nothing).to_numpy()
    pairs = zip(cells.to_numpy(dtype=object), filled, strict=True)
    rows = [row[there] for row, there in pairs if there.sum() > 1]
    gaps = np.mean([not there[: there.sum()].all() for there in filled])
    if (
        not rows
        or gaps > 0.1
        or np.mean([len(set(row)) < len(row) for row in rows]) > _MOST_REPEATS
    ):
        return []
    union = set().union(*(c.counts for c in numbered))
    comes_back = len(union) < 0.9 * sum(len(c.counts) for c in numbered)
    telling = bool(set(words_of(stem)) & _PICKED) or row_says(stem) == ITEM_ID
    return numbered if comes_back and len(union) > (1 if telling else 2) * len(numbered) else []


def _numbered(columns: list[_Column]) -> tuple[str, list[_Column]]:
    """The name that most columns share beside a number, and those columns, by their number.

    One of that name without a number comes first: "choice", "choice 2", "choice 3".
    """
    stems: dict[str, list[tuple[int, _Column]]] = {}
    for column in columns:
        if (found := place_of(column.name)) is not None:
            stems.setdefault(found[0], []).append((found[1], column))
    if not stems:
        return "", []
    stem = max(stems, key=lambda s: len(stems[s]))
    bare = [(-1, c) for c in columns if stem and c.name.strip().casefold() == stem]
    return stem, [c for _, c in sorted([*bare, *stems[stem]], key=lambda n: n[0])]


def _scale(columns: list[_Column], sure: bool) -> list[_Column]:
    """The columns whose cells are of one scale; none where there is no such scale."""
    rated = [c for c in columns if c.numeric or c.marks]
    if any(c.filled for c in rated) and len(rated) >= 0.5 * len(columns):
        return rated if sure or _one_scale(rated) else []
    words = [c for c in columns if c.filled == 0 or len(c.counts) <= _MOST_WORDS]
    union = set().union(*(c.counts for c in words))
    shared = sum(len(c.counts) for c in words) >= 0.4 * len(words) * max(len(union), 1)
    few = len(words) >= _LEAST_RATED and len(union) <= _MOST_WORDS and shared
    return words if words and (sure or few) else []


def _one_scale(columns: list[_Column]) -> bool:
    if all(c.marks for c in columns):
        return len(columns) >= _LEAST_MARKED
    filled = [c for c in columns if c.filled]
    if len(columns) < _LEAST_RATED or not all(c.numeric for c in filled):
        return False
    missing = _missing(columns)
    values = np.unique(np.concatenate([c.numbers for c in filled]))
    values = values[values != missing] if missing is not None else values
    low, high = float(values.min()), float(values.max())
    cells = sum(c.rows for c in columns)
    empty = cells - sum(c.filled - c.number_of(0.0) for c in filled)
    if len(values) <= _MOST_VALUES and low >= -10 and high <= 100:
        return empty > 0.5 * cells or _alike(filled, low, high)
    if empty > 0.5 * cells and len(columns) >= _LEAST_MARKED and low >= 0:
        return True
    ten = len(columns) >= 10 and low >= -10 and high <= 100
    return ten and _alike(filled, low, high)


def _alike(columns: list[_Column], low: float, high: float) -> bool:
    """Whether most columns reach over most of one scale."""
    full = [c for c in columns if c.filled >= 5]
    middle = (low + high) / 2
    over = [c.numbers.max() >= middle and c.numbers.min() <= middle for c in full]
    return not over or sum(over) >= 0.75 * len(over)


def _missing(columns: list[_Column]) -> float | None:
    """A number far from the ratings, or below them, that stands for nothing."""
    cells = sum(c.filled for c in columns)
    filled = [c for c in columns if c.filled]
    numbers = np.unique(np.concatenate([c.numbers for c in filled])) if filled else np.zeros(0)
    others = numbers[(numbers != 99) & (numbers != -1)]
    if not len(others):
        return None
    if 99 in numbers and others.max() <= 10:
        return 99.0
    if -1 in numbers and others.min() >= 0 and sum(c.number_of(-1.0) for c in columns) > cells / 4:
        return -1.0
    return None


def _fits(
    chosen: list[_Column], extra: list[str], key: str | None, by_item: bool, picks: bool
) -> bool:
    """Whether what stands beside the cells of a matrix lets it be one."""
    others = [c for c in extra if joined_words(c) not in ATTRIBUTES and not says_sum(c)]
    if picks:
        return key is not None and len(others) <= 2
    marked = all(c.marks for c in chosen)
    if key is None:
        return not others and len(chosen) >= _LEAST_MARKED
    if by_item and marked:  # items with a column for each genre are no events
        users = [c for c in chosen if re.fullmatch(r"\D{0,12}\d+", c.name)]
        if len(users) < 0.8 * len(chosen):
            return False
    return len(others) <= (1 if marked else max(1, len(chosen) // 4))


def _with_cells(matrix: Matrix, columns: list[_Column]) -> Matrix:
    """The matrix with what its cells mean."""
    cells = sum(c.rows for c in columns)
    filled = sum(c.filled for c in columns)
    marked = all(c.marks for c in columns)
    noes = sum(n for c in columns for v, n in c.counts.items() if v in _NO)
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
        matrix.told,
        rated=not marked or answers,
        zeros=(marked and not answers) or (not marked and (zeros > 0.5 * cells or unsaid)),
        missing=None if marked else _missing(columns),
        kept=matrix.kept,
        left_out=matrix.left_out,
    )


def melted(
    frame: pd.DataFrame, matrix: Matrix, filename: str
) -> tuple[pd.DataFrame, list[Message]]:
    """One row for each cell that holds something, by row and then by column.

    Raises:
        DataError: there are too many of them, which are counted before any is built.
    """
    places: list[np.ndarray] = []
    total = 0
    known: dict[str, bool] = {}
    for column in matrix.columns:
        cells = frame[column].astype("str").tolist()
        known |= {cell: _is_event(cell, matrix) for cell in set(cells) - known.keys()}
        found = np.flatnonzero(np.fromiter(map(known.__getitem__, cells), bool, len(cells)))
        total += len(found)
        if total > MAX_RESHAPED_EVENTS:
            raise too_many_events(filename)
        places.append(found)
    rows = np.concatenate(places)
    columns = np.repeat(np.arange(len(places)), [len(p) for p in places])
    order = np.argsort(rows, kind="stable")
    rows, columns = rows[order], columns[order]
    index = frame.index[rows]
    if matrix.key is None:
        keys = pd.Series(pd.array([str(n) for n in range(1, len(frame) + 1)], dtype="str"))
    else:
        keys = frame[matrix.key].reset_index(drop=True)
        if keys.str.fullmatch(r"[^:]+:\s*").all():  # "ann:" before a list
            keys = keys.str.strip().str.removesuffix(":")
    told = {USER_ID: keys.iloc[rows].array}
    pairs = zip(matrix.columns, places, strict=True)
    said = [frame[column].iloc[place] for column, place in pairs if len(place)]
    values = pd.concat(said).iloc[order].str.strip().array if said else pd.array([], dtype="str")
    if matrix.picks:
        told |= {ITEM_ID: values, POSITION: pd.array(columns.astype(str), dtype="str")}
    else:
        names = pd.array(_names(matrix.columns), dtype="str")
        told[ITEM_ID] = names.take(columns)
        if matrix.rated:
            told[RATING] = values
    if matrix.by_item:
        told[USER_ID], told[ITEM_ID] = told[ITEM_ID], told[USER_ID]
    told |= {name: frame[column].iloc[rows].array for name, column in matrix.kept.items()}
    events = pd.DataFrame(told)
    events.index = index
    return events, _notes(frame, matrix, len(events), filename)


def _is_event(cell: str, matrix: Matrix) -> bool:
    text = cell.strip().casefold()
    if is_nothing(text):
        return False
    if not matrix.rated and not matrix.picks:
        return text in _YES
    if matrix.zeros or matrix.missing is not None:
        number = float(parse_numbers(pd.Series([text], dtype="str"))[0])
        return not (matrix.zeros and number == 0) and number != matrix.missing
    return True


def _names(columns: list[str]) -> list[str]:
    """Names of items, freed of the question that forms repeat: ``How was it? [Amber]``."""
    found = [re.fullmatch(r"(.*)\[(.+)\]\s*", name, re.DOTALL) for name in columns]
    if len(columns) > 1 and all(found) and len({m[1] for m in found if m}) == 1:
        inner = [m[2].strip() for m in found if m]
        if len(set(inner)) == len(inner):
            return inner
    return columns


def _notes(frame: pd.DataFrame, matrix: Matrix, events: int, filename: str) -> list[Message]:
    rows, columns = f"{len(frame):,}", f"{len(matrix.columns):,}"
    if matrix.picks:
        note = N_(
            "{filename} has a row for each user with {count} columns of items: it was read as "
            "{events} events, in the order of the columns."
        )
        params = {"filename": filename, "count": columns, "events": f"{events:,}"}
        notes = [Message(note, params)]
    else:
        note = N_(
            "{filename} is a matrix of {users} users and {items} items: it was read as {events} "
            "events. It does not say what came first, so the last event of a user is only the "
            "last column. If a row is an event, choose so (shape=events)."
        )
        users, items = (columns, rows) if matrix.by_item else (rows, columns)
        params = {"filename": filename, "users": users, "items": items, "events": f"{events:,}"}
        notes = [Message(note, params, grave=True)]
        if matrix.key is not None and not matrix.told:
            notes.append(_taken(frame[matrix.key], matrix, filename))
    if matrix.key is None:
        note = N_("{filename} has no column of users: each is called by the number of the row.")
        notes.append(Message(note, {"filename": filename}))
    if matrix.left_out:
        note = N_("{filename}: columns that are no items were left out: {names}.")
        shown = listed(matrix.left_out, 10)
        notes.append(Message(note, {"filename": filename, "names": shown}))
    return notes


def _taken(keys: pd.Series, matrix: Matrix, filename: str) -> Message:
    """What rows and columns were taken for, where no name says what they are."""
    row = next((cell.strip() for cell in keys if not is_nothing(cell)), "")
    params = {"filename": filename, "row": row, "column": _names(matrix.columns)[0]}
    if matrix.by_item:
        note = N_(
            "{filename}: no name says what rows and columns are: each row, such as “{row}”, was "
            "taken for an item, and each column, such as “{column}”, for a user. If it is the "
            "other way round, call the first column user_id."
        )
    else:
        note = N_(
            "{filename}: no name says what rows and columns are: each row, such as “{row}”, was "
            "taken for a user, and each column, such as “{column}”, for an item. If it is the "
            "other way round, call the first column item_id."
        )
    return Message(note, params, grave=True)
