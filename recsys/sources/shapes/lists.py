"""Lists in cells, such as "[1, 2, 3]" beside a user → a row for each event.

Files for sequential recommenders repeat a history: a row for each event with all that came before
it, or with the last ten. So what a row adds to the rows before it is looked for, and only that is
an event.
"""

from __future__ import annotations

import re
from itertools import chain

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID, RATING, TIMESTAMP, TITLE, USER_ID
from recsys.sources.columns.choosing import columns_named, guesses, known_names
from recsys.sources.columns.contents import Content
from recsys.sources.columns.named import called, named_items, named_users
from recsys.sources.columns.names import meaning, says_else, words_of
from recsys.sources.shapes.between import (
    SAMPLE_ROWS,
    between_of,
    is_history,
    is_ragged,
    mixed_between,
)
from recsys.sources.shapes.brackets import MOST_COLUMNS, is_bracketed
from recsys.sources.shapes.exploding import Lists
from recsys.sources.shapes.lists_of_users import lists_of_users
from recsys.sources.shapes.tokens import numbers_beside, tokens_of
from recsys.sources.values.cells import is_nothing, parse_numbers

_TITLES = frozenset("title titles name names titulo titre titel 标题 名称 названия".split())
_RATINGS = frozenset("rating ratings score scores stars 评分 打分".split())
_NEXT = frozenset(
    """next target label last following truth y answer siguiente proximo suivant suivante
    nachste nachster nachstes seguinte prossimo volgende nasta следующий 下一个 次""".split()
)
_TIMES = frozenset("time times timestamp timestamps date dates ts 时间 时间戳".split())


def find_lists(frame: pd.DataFrame, *, sure: bool = False) -> Lists | None:
    """What is what, where cells hold lists of items; None where none do.

    Args:
        sure: whether a person says that they do.
    """
    if len(frame.columns) > MOST_COLUMNS:
        return None
    sample = frame.head(SAMPLE_ROWS)
    names = list(map(str, frame.columns))
    users = [c for c in called(frame, USER_ID, named_users(frame)) if frame[c].dtype != object]
    if (of_users := lists_of_users(sample, names)) is not None:
        return of_users
    bracketed = [c for c in names if c not in users and is_bracketed(sample[c])]
    items = called(frame, ITEM_ID, named_items(frame))
    plain = [c for c in items if c not in bracketed and c not in users]
    target = next((c for c in plain if between_of(sample[c], is_history(c), True) is None), None)
    user = users[0] if users else None
    found = _lists(sample, names, bracketed, items, user, target, sure)
    if found is None:
        return None
    column, between = found
    if target is None:
        target = _next_item(sample, [c for c in names if c not in bracketed], column, between, user)
    if user is None:
        before = [c for c in names if c not in bracketed]
        before = [c for c in before if _names_rows(sample[c], c, column, target)]
        user = _likely_user(sample, before)
    if target is not None and not _comes_after(sample, column, between, target):
        return None if not sure else Lists(column, between, user)
    if target is not None and user is not None and not sure:
        if _repeats_rows(sample, column, between, user, target):
            return None
    parallel, single = _beside(sample, names, bracketed, column, between, target)
    if target is None and TIMESTAMP not in {*parallel, *single}:
        chosen = {ITEM_ID: column, USER_ID: user or ""}
        guess = guesses(sample.drop(columns=bracketed), "interactions", chosen).get(TIMESTAMP)
        single |= {TIMESTAMP: guess.column} if guess is not None else {}
    numbers = _numbers(sample[column], between) if target is None else None
    clicked = target is None and numbers is None and _is_clicked(sample[column], between)
    return Lists(column, between, user, target, parallel, single, clicked, numbers)


def _next_item(
    sample: pd.DataFrame, names: list[str], lists: str, between: str | None, user: str | None
) -> str | None:
    """A column that is called the next one and whose cells stand in the lists of other rows."""
    for name in names:
        if name in (lists, user) or not _NEXT & set(words_of(name)):
            continue
        if sample[name].dtype != object and _comes_after(sample, lists, between, name):
            return name
    return None


def _likely_user(sample: pd.DataFrame, columns: list[str]) -> str | None:
    """The column that names the users, among those that no name tells: addresses before others.

    A number of the row, a time, a state of the order or its number is no user where something
    else can be.
    """
    contents = {c: Content(sample[c]) for c in columns}
    for likely in (
        lambda c: contents[c].people,
        lambda c: (
            not (_counts(sample[c]) or contents[c].times or contents[c].kinds) and not says_else(c)
        ),
        lambda c: len(columns) == 1 or not _counts(sample[c]),
    ):
        found = next((c for c in columns if likely(c)), None)
        if found is not None:
            return found
    return None


def _numbers(cells: pd.Series, between: str | None) -> re.Pattern[str] | None:
    """How a number is written beside each item of lists without brackets."""
    if between is None or between == " ":
        return None
    return numbers_beside([token for row in tokens_of(cells, between) for token in row])


def _lists(
    sample: pd.DataFrame,
    names: list[str],
    bracketed: list[str],
    items: list[str],
    user: str | None,
    target: str | None,
    sure: bool,
) -> tuple[str, str | None] | None:
    """The column with lists of items, and what stands between them."""
    unnamed = [c for c in bracketed if not _role(c)] or ([] if target else bracketed)
    ids = [c for c in unnamed if "id" in words_of(c) or "ids" in words_of(c)]
    overlap = [c for c in unnamed if target and _comes_after(sample, c, None, target)]
    named = [c for c in unnamed if c in items or is_history(c)]
    meant = [
        c for c in unnamed if meaning(c)[0] == ITEM_ID
    ]  # "article_id_fixed", beside other lists
    sure_ids = [c for c in ids if c in named] or [c for c in ids if c in meant]
    rest = unnamed if target is None else []
    for columns in (overlap, sure_ids, named, [c for c in rest if c in meant], rest):
        if columns:
            return columns[0], None
    for column in names:
        if column in bracketed or column in (user, target) or sample[column].dtype == object:
            continue
        history = column in items or is_history(column)
        between = between_of(sample[column], is_history(column) or sure, column in items)
        if between is None or not (history or sure or target is None):
            continue
        if Content(sample[column]).times:  # "2024-01-05 10:30" is no list of two
            continue
        if history or sure or (user is not None and len(names) <= 3) or len(names) <= 2:
            return column, between
        if not known_names(names) and is_ragged(sample[column], between):
            return column, between
    if target is None:  # by content alone: where nothing else can be the items
        chosen = {USER_ID: user} if user is not None else {}
        guess = guesses(sample, "interactions", chosen).get(ITEM_ID)
        if guess is not None and sample[guess.column].dtype != object:
            between = mixed_between(sample[guess.column])
            return None if between is None else (guess.column, between)
    return None


def _names_rows(cells: pd.Series, name: str, lists: str, target: str | None) -> bool:
    """Whether a column without a telling name can hold the users: it comes before the lists."""
    if name in (lists, target) or cells.dtype == object or _role(name):
        return False
    return all(not is_nothing(c) for c in cells) and cells.str.len().mean() <= 64


def _counts(cells: pd.Series) -> bool:
    """Whether cells count the rows, one after the other."""
    numbers = parse_numbers(cells)
    return len(numbers) > 1 and bool((np.diff(numbers) == 1).all())


def _comes_after(sample: pd.DataFrame, lists: str, between: str | None, target: str) -> bool:
    """Whether the items of a column stand in the lists of other rows, too."""
    known = {item for row in tokens_of(sample[lists], between) for item in row}
    if not known:
        return False
    targets = {c.strip() for c in sample[target] if not is_nothing(c)}
    return len(targets & known) >= min(0.3 * len(targets), 0.9 * len(known))


def _repeats_rows(
    sample: pd.DataFrame, lists: str, between: str | None, user: str, target: str
) -> bool:
    """Whether lists hold what other rows of the same user say, and so no events of their own."""
    rows = sample.groupby(user)[target].agg(lambda cells: set(cells.str.strip()))
    listed = list(tokens_of(sample[lists], between))
    repeating = [
        item in rows[who] for who, items in zip(sample[user], listed, strict=True) for item in items
    ]
    return bool(repeating) and bool(np.mean(repeating) > 0.95)


def _role(name: str) -> str | None:
    """What a list beside the items says of them, by its name."""
    words = set(words_of(name))
    for canonical, known in ((TITLE, _TITLES), (RATING, _RATINGS), (TIMESTAMP, _TIMES)):
        if words & known:
            return canonical
    return None


def _beside(
    sample: pd.DataFrame,
    names: list[str],
    bracketed: list[str],
    items: str,
    between: str | None,
    target: str | None,
) -> tuple[dict[str, str], dict[str, str]]:
    """Lists that run beside the items, and columns that say the same of the target or the row."""
    lengths = [len(row) for row in tokens_of(sample[items], between)]
    parallel: dict[str, str] = {}
    single: dict[str, str] = {}
    timed = [c for c in bracketed if _role(c) == TIMESTAMP and c != items]
    if len(timed) > 1:  # "read_time" says how long
        timed = [c for c in timed if _holds_times(sample[c])] or timed
    for name in names:
        role = _role(name)
        if name in (items, target) or role is None:
            continue
        if role == TIMESTAMP and name in bracketed and name not in timed:
            continue
        listed = bracketed if between is None else names
        if name in listed and role not in parallel:
            others = [len(row) for row in tokens_of(sample[name], between)]
            if np.mean([a == b for a, b in zip(lengths, others, strict=True)]) > 0.95 and (
                name in bracketed or max(lengths, default=0) > 1
            ):
                parallel[role] = name
                continue
        if name not in bracketed:
            single.setdefault(role, name)
    for role in (RATING, TIMESTAMP):  # a surer name than one with such a word in it
        named = [c for c in columns_named(sample, role, "interactions") if c not in bracketed]
        if named and named[0] not in (items, target, *parallel.values()):
            single[role] = named[0]
    return parallel, single


def _holds_times(cells: pd.Series) -> bool:
    """Whether lists hold times, and no durations."""
    return bool(Content(pd.Series(list(chain.from_iterable(tokens_of(cells, None))))).times)


def _is_clicked(cells: pd.Series, between: str | None) -> bool:
    tokens = list(chain.from_iterable(tokens_of(cells, between)))
    return bool(tokens) and all(re.search(r"-[01]$", token) for token in tokens)
