"""A table of knowledge as read → what each row says, and about what."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID, N_, TITLE, DataError
from recsys.sources.columns.choosing import columns_named, plain_name
from recsys.sources.values.cells import tidy_text

#: Names of the three columns of triples, in lower case without spaces or punctuation.
_SUBJECTS = frozenset("subject head entity s h source 主体 主语 头实体 实体 头".split())
_RELATIONS = frozenset(
    "relation relationship predicate property p r edge attribute 关系 谓词 谓语 属性".split()
)
_OBJECTS = frozenset("object tail value o t target 客体 宾语 尾实体 属性值 值 尾".split())
#: Names of columns whose cells are facts as they stand.
_FACTS = frozenset(
    "fact facts text knowledge description note notes 事实 知识 文本 描述 说明 简介 备注".split()
)
_CHINESE = re.compile("[\u3400-\u9fff]")
#: What reads like a sentence rather than like a value: an end mark, or many words.
_PROSE = re.compile(r".*[.!?。！？]|(?:\S+\s+){5,}\S+|.*[\u3400-\u9fff]{12,}.*", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Statements:
    """What the rows of a table say; a row of several columns says several things.

    Attributes:
        column: the item attribute whose values the subjects are, "" where they are items, None
            where each may be an item or a value of any attribute.
        subjects: (n,) what each statement is about, as written.
        words: (n,) what it says, without a full stop; "" for nothing.
        rows: (n,) the position of its row in `table`.
        table: the rows, of which the first may have been taken for column names at first.
    """

    column: str | None
    subjects: np.ndarray
    words: np.ndarray
    rows: np.ndarray
    table: pd.DataFrame


def read_statements(table: pd.DataFrame, attributes: list[str]) -> Statements:
    """What a table says: triples, or a column that names something and columns that say what of it.

    Triples are three columns called subject, relation and object, or called nothing known at all;
    then the first row is one of them. Otherwise one column names an item (its id or title) or
    holds values of one of the items' `attributes`; of every other column a cell is a fact, such as
    "director John Lasseter", and prose in a single column is the fact itself.

    Raises:
        DataError: the table is neither.
    """
    names = [str(name) for name in table.columns]
    plain = {name: plain_name(name) for name in names}
    relation = next((n for n in names if plain[n] in _RELATIONS), None)
    object_column = next((n for n in names if plain[n] in _OBJECTS), None)
    item = [c for kind in (ITEM_ID, TITLE) for c in columns_named(table, kind, "items")]
    if relation is not None and object_column is not None:
        subject = next((n for n in names if plain[n] in _SUBJECTS), None)
        left = [*item, *(n for n in names if n not in (relation, object_column))]
        if subject is not None or left:
            return _triples(table, [subject or left[0], relation, object_column])
    value = _attribute_column(names, attributes)
    if item:
        # A second column that names the items, such as a title beside the id, is no fact.
        return _columns(table, item[0], "", [n for n in names if n not in item])
    if value is not None:
        column, attribute = value
        return _columns(table, column, attribute, [n for n in names if n != column])
    if len(names) == 3:
        return _triples(_with_header(table), names)
    raise DataError(
        N_(
            "No column names what its facts are about. Call one of them item_id or title, or as "
            "an attribute of the items ({attributes}), or give three columns: subject, relation, "
            "object."
        ),
        attributes=", ".join(attributes) or "–",
    )


def is_chinese(text: str) -> bool:
    """Whether there is any Chinese in a text, and so its marks are Chinese, too."""
    return bool(_CHINESE.search(text))


def _triples(table: pd.DataFrame, names: list[str]) -> Statements:
    subject, relation, objects = (_cells(table[name]) for name in names)
    words = [
        (f"{r}{o}" if is_chinese(r) else f"{r} {o}") if r and o else ""
        for r, o in zip(relation, objects, strict=True)
    ]
    return _statements(table, None, subject, [words])


def _columns(table: pd.DataFrame, key: str, column: str, facts: list[str]) -> Statements:
    if not facts:
        raise DataError(
            N_("There is nothing beside the column “{column}”. Add a column that holds facts."),
            column=key,
        )
    statements = []
    for name in facts:
        cells = _cells(table[name])
        filled = [cell for cell in cells if cell]
        prose = len(facts) == 1 and sum(map(bool, map(_PROSE.fullmatch, filled))) > len(filled) / 2
        statements.append(cells if prose or plain_name(name) in _FACTS else _said_of(name, cells))
    return _statements(table, column, _cells(table[key]), statements)


def _said_of(name: str, cells: list[str]) -> list[str]:
    """ "director John Lasseter", or “导演为约翰·拉塞特”."""
    label = name.replace("_", " ").strip()
    label = f"{label}为" if is_chinese(label) else f"{label} "
    return [label + cell if cell else "" for cell in cells]


def _statements(
    table: pd.DataFrame, column: str | None, subjects: list[str], objects: list[list[str]]
) -> Statements:
    """One statement for each row and each list of `objects`, row by row."""
    words = [word.rstrip(".。 ") for of_row in zip(*objects, strict=True) for word in of_row]
    rows = np.repeat(np.arange(len(table)), len(objects))
    return Statements(
        column,
        np.array(subjects, dtype=object)[rows],
        np.array(words, dtype=object),
        rows,
        table,
    )


def _cells(column: pd.Series) -> list[str]:
    """Cells as tidy texts; lists, as Parquet has them, with commas."""
    if column.dtype == object:
        column = column.map(lambda v: ", ".join(map(str, v)) if isinstance(v, list) else v)
    cells: list[str] = tidy_text(column).tolist()
    return cells


def _attribute_column(names: list[str], attributes: list[str]) -> tuple[str, str] | None:
    """The first column that is called like an attribute, "genre" like "genres", and which."""
    known = {_singular(attribute): attribute for attribute in reversed(attributes)}
    return next(((n, known[_singular(n)]) for n in names if _singular(n) in known), None)


def _singular(name: str) -> str:
    return plain_name(name).removesuffix("s")


def _with_header(table: pd.DataFrame) -> pd.DataFrame:
    """The table with what was taken for its column names as its first row."""
    if all(re.fullmatch(r"column_\d+", str(name)) for name in table.columns):
        return table  # the reader saw that there is no header
    first = pd.DataFrame([list(table.columns)], columns=table.columns, dtype="str")
    first.index = pd.Index([1], name=table.index.name)
    return pd.concat([first, table])
