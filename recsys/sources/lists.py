"""Lists in cells, such as "[1, 2, 3]" beside a user → a row for each event.

Files for sequential recommenders repeat a history: a row for each event with all that came before
it, or with the last ten. So what a row adds to the rows before it is looked for, and only that is
an event.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID, RATING, TIMESTAMP, TITLE, USER_ID
from recsys.sources.cells import called, named_items, named_users, row_says, words_of
from recsys.sources.columns import columns_named, known_names
from recsys.sources.contents import Content
from recsys.sources.ordinals import place_of
from recsys.sources.tokens import QUOTED, tokens_of
from recsys.sources.values import is_nothing, parse_numbers

_SAMPLE_ROWS = 1_000
_MOST = 0.8
#: A wider table holds one value in a cell.
_MOST_COLUMNS = 200
_BRACKETED = r"(?s)^\s*(?:array)?\(?\s*[\[({].*[\])}]\s*\)?\s*$"
_NESTED = re.compile(r"""^\s*[\[({]\s*[\[({]|:""")
#: What may stand between the items of a cell without brackets, the surest first.
_BETWEEN = ("|", "->", "→", ">", ";", "\t", ",", "、", " ")
_CODE = r"^[\w.:\-]*\d[\w.:\-]*$"
#: Words in the names of columns that hold what a user did, one after the other.
_HISTORY = frozenset(
    """history histories hist sequence sequences seq session sessions basket baskets cart carts
    list lists items movies films products books songs tracks articles clicks clicked viewed views
    watched bought purchased purchases played visited read liked previous prev past context
    interactions events inter historial lista historique verlauf liste история список
    历史 序列 列表 记录 购物篮 履歴 リスト""".split()
)
_TITLES = frozenset("title titles name names título titulo titre titel 标题 名称 названия".split())
_RATINGS = frozenset("rating ratings score scores stars 评分 打分".split())
_TIMES = frozenset("time times timestamp timestamps date dates ts 时间 时间戳".split())


@dataclass(frozen=True)
class Lists:
    """What is what in a table with lists.

    Attributes:
        items: the column with lists of items, oldest first.
        between: what stands between them where there are no brackets.
        user: the column of users; None where each row is somebody's.
        target: the column with the one item that comes after the list; or None.
        parallel: title, rating or timestamp → the column with a list of them.
        single: title, rating or timestamp → the column with that of the target, or of the row.
        clicked: whether items carry "-1" where they were clicked, and "-0" where only shown.
    """

    items: str
    between: str | None
    user: str | None
    target: str | None = None
    parallel: dict[str, str] = field(default_factory=dict)
    single: dict[str, str] = field(default_factory=dict)
    clicked: bool = False


def find_lists(frame: pd.DataFrame, *, sure: bool = False) -> Lists | None:
    """What is what, where cells hold lists of items; None where none do.

    Args:
        sure: whether a person says that they do.
    """
    if len(frame.columns) > _MOST_COLUMNS:
        return None
    sample = frame.head(_SAMPLE_ROWS)
    names = list(map(str, frame.columns))
    users = [c for c in called(frame, USER_ID, named_users(frame)) if frame[c].dtype != object]
    bracketed = [c for c in names if c not in users and _is_bracketed(sample[c])]
    items = named_items(frame)
    target = next(
        (
            c
            for c in called(frame, ITEM_ID, items)
            if c not in bracketed and c not in users and _between(sample[c], _is_history(c)) is None
        ),
        None,
    )
    user = users[0] if users else None
    found = _lists(sample, names, bracketed, items, user, target, sure)
    if found is None:
        return None
    column, between = found
    if user is None:
        before = [c for c in names if c not in bracketed]
        before = [c for c in before if _names_rows(sample[c], c, column, target)]
        # A number of the row is no user where something else can be.
        user = next((c for c in before if len(before) == 1 or not _counts(sample[c])), None)
    if target is not None and not _comes_after(sample, column, between, target):
        return None if not sure else Lists(column, between, user)
    if target is not None and user is not None and not sure:
        if _repeats_rows(sample, column, between, user, target):
            return None
    parallel, single = _beside(sample, names, bracketed, column, between, target)
    clicked = target is None and _is_clicked(sample[column], between)
    return Lists(column, between, user, target, parallel, single, clicked)


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
    told = [c for c in bracketed if not _role(c)] or ([] if target else bracketed)
    ids = [c for c in told if "id" in words_of(c) or "ids" in words_of(c)]
    overlap = [c for c in told if target and _comes_after(sample, c, None, target)]
    named = [c for c in told if c in items or _is_history(c)]
    for columns in (overlap, [c for c in ids if c in named], named, told if target is None else []):
        if columns:
            return columns[0], None
    for column in names:
        if column in bracketed or column in (user, target) or sample[column].dtype == object:
            continue
        history = column in items or _is_history(column)
        between = _between(sample[column], _is_history(column))
        if between is None or not (history or sure or target is None):
            continue
        if Content(sample[column]).times:  # "2024-01-05 10:30" is no list of two
            continue
        if history or sure or (user is not None and len(names) <= 3) or len(names) <= 2:
            return column, between
        if not known_names(names) and _is_ragged(sample[column], between):
            return column, between
    return None


def _is_bracketed(cells: pd.Series) -> bool:
    if cells.dtype == object:
        return bool(cells.map(lambda v: isinstance(v, (list, tuple, np.ndarray))).mean() > _MOST)
    filled = cells[[not is_nothing(cell) for cell in cells]]
    if filled.empty:
        return False
    text = filled.astype("str")
    return bool(text.str.contains(_BRACKETED).mean() > _MOST) and not _is_nested(text)


def nested_column(frame: pd.DataFrame) -> str | None:
    """A column of lists within lists, or of records, where nothing else can be the items."""
    if len(frame.columns) > _MOST_COLUMNS:
        return None
    sample = frame.head(100)
    items = [c for c in named_items(frame) if frame[c].dtype != object]
    deep = [c for c in map(str, frame.columns) if sample[c].dtype != object and _is_deep(sample[c])]
    return deep[0] if deep and not set(items) - set(deep) else None


def _is_deep(cells: pd.Series) -> bool:
    filled = pd.Series([cell for cell in cells if not is_nothing(cell)], dtype="str")
    told = filled.str.contains(_BRACKETED)
    return bool(len(filled)) and told.mean() > _MOST and _is_nested(filled)


def _is_nested(text: pd.Series) -> bool:
    head = text.head(100)
    return head.map(lambda cell: bool(_NESTED.search(_without_quoted(cell)))).mean() > 0.2


def users_of_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """A row for each user, where a table has a column for each, with the items below the name.

    So is a table of one row with a list in each cell, as JSON that names users gives it.
    """
    names = list(map(str, frame.columns))
    if not 1 < len(names) <= _MOST_COLUMNS or known_names(names):
        return frame
    stems = [place[0] for name in names if (place := place_of(name)) is not None]
    if 2 * len(stems) >= len(names) and row_says(stems[0]) != USER_ID:
        return frame  # "1st choice", "2nd choice": places in the list of each row
    if len(frame) == 1 and all(_is_bracketed(frame[c]) for c in names):
        cells = [frame[c].iloc[0] for c in names]
    elif len(names) < 3 or not 1 < len(frame) <= _SAMPLE_ROWS or not _share_words(frame):
        return frame
    else:
        cells = [[v for v in frame[c].str.strip() if not is_nothing(v)] for c in names]
    told = {USER_ID: pd.array(names, dtype="str"), "items": pd.Series(cells, dtype=object)}
    return pd.DataFrame(told).set_axis(pd.Index([frame.index[0]] * len(names), name="row"))


def _share_words(frame: pd.DataFrame) -> bool:
    """Whether columns hold words of one kind that come again in other columns, never in one."""
    columns = []
    for name in frame.columns:
        if frame[name].dtype == object:
            return False
        filled = [v for v in frame[name].str.strip() if not is_nothing(v)]
        if len(set(filled)) < len(filled) or frame[name].str.fullmatch(r"[\d.,\s]*").all():
            return False
        columns.append(filled)
    total = sum(map(len, columns))
    return total > len(columns) and len(set(chain.from_iterable(columns))) < 0.6 * total


def _without_quoted(cell: str) -> str:
    return re.sub(f"(?s){QUOTED}", "", cell[:10_000])


def _is_history(name: str) -> bool:
    return any(word in _HISTORY for word in words_of(name))


def _between(cells: pd.Series, history: bool) -> str | None:
    """What stands between the items of most cells, or None where they hold one each.

    Args:
        history: whether the name of the column says that it holds lists.
    """
    if cells.dtype == object:
        return None
    filled = pd.Series([c.strip() for c in cells if not is_nothing(c)], dtype="str")
    if len(filled) < 2 or filled.str.contains(_BRACKETED).mean() > _MOST:
        return None
    for between in _BETWEEN:
        if filled.str.contains(between, regex=False).mean() <= (0.3 if history else 0.5):
            continue
        tokens = filled.str.split(between, regex=False).explode().str.strip()
        codes = bool(tokens.str.contains(_CODE).mean() > 0.95)
        if between in (" ", "、") and not codes:
            continue
        again = tokens.nunique() <= 0.7 * len(tokens)
        mixed = filled.nunique() >= 0.7 * len(filled) and tokens.nunique() < filled.nunique() * 3
        mixed = mixed or (codes and len(tokens) >= 3 * len(filled))
        short = tokens.str.len().mean() <= 40
        if short and again and (history or (mixed and (codes or between != ","))):
            return between
        if history and codes:
            return between
    return None


def _is_ragged(cells: pd.Series, between: str) -> bool:
    """Whether cells hold lists of several lengths, of three items and more on average."""
    lengths = [len(row) for row in tokens_of(cells, between)]
    return bool(np.mean(lengths) >= 3) and len(set(lengths)) > 2


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
    told = [
        item in rows[who] for who, items in zip(sample[user], listed, strict=True) for item in items
    ]
    return bool(told) and bool(np.mean(told) > 0.95)


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
    for name in names:
        role = _role(name)
        if name in (items, target) or role is None:
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


def _is_clicked(cells: pd.Series, between: str | None) -> bool:
    tokens = list(chain.from_iterable(tokens_of(cells, between)))
    return bool(tokens) and all(re.search(r"-[01]$", token) for token in tokens)
