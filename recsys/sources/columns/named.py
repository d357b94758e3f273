"""Columns that are known by name: what the shapes of tables share."""

from __future__ import annotations

import re

import pandas as pd

from recsys.schema import ITEM_ID, TITLE, USER_ID
from recsys.sources.columns.choosing import columns_named
from recsys.sources.columns.names import WORD, strength

#: Names of what a user or an item is, in lower case without spaces: such columns hold no items.
ATTRIBUTES = frozenset(
    """age gender sex zip zipcode postcode postalcode city town country region state province
    occupation job profession education income salary children kids household language
    year releaseyear month price cost quantity qty stock length duration weight height width
    latitude longitude lat lon lng email mail phone notes note comment comments edad sexo genero
    género ciudad país pais ocupación ocupacion precio año âge sexe ville pays prix année alter
    geschlecht stadt land beruf preis jahr idade cidade preço ano возраст пол город страна цена год
    年龄 性别 城市 国家 地区 职业 学历 收入 价格 年份 年 年齢 性別 都市 国 職業 価格""".split()
)
#: Names of sums over a row, which are no items, either.
SUMS = frozenset(
    """total totals sum mean average avg median count counts n std all grandtotal subtotal suma
    promedio media somme moyenne summe mittelwert durchschnitt anzahl soma média итого сумма среднее
    总计 合计 总数 平均 平均分 数量 合計 平均値""".split()
)
#: Spellings of a title that are as often the name of a person.
_ANYBODYS = frozenset("name displayname nombre nom nome имя 名称 名字 名稱 名前 氏名".split())


def named_users(frame: pd.DataFrame) -> list[str]:
    """Columns whose name says that they hold users, the surest first."""
    return columns_named(frame, USER_ID, "interactions")


def named_items(frame: pd.DataFrame) -> list[str]:
    """Columns whose name says that they hold items or their titles, the surest first."""
    found = columns_named(frame, ITEM_ID, "interactions")
    titles = columns_named(frame, TITLE, "interactions")
    return list(dict.fromkeys([*found, *(c for c in titles if joined_words(c) not in _ANYBODYS)]))


def called(frame: pd.DataFrame, canonical: str, named: list[str]) -> list[str]:
    """The columns that are `named` so, and behind them those whose names say it less surely."""
    more = [c for c in map(str, frame.columns) if strength(c, canonical)[0] >= WORD]
    return list(dict.fromkeys([*named, *more]))


def row_says(name: str) -> str | None:
    """Whether a column that names the rows names users or items, by what it is called.

    Above a matrix the corner often says both, rows first: "Film \\ Viewer", "Book ↓ Reader →".
    """
    below = re.search(r"([^\\/|→↓]+?)\s*↓", name)
    parts = [part for part in re.split(r"[\\/|→↓×]+", name) if part.strip()]
    said = (below[1] if below else parts[0] if parts else "").strip()
    if joined_words(said) in _ANYBODYS:
        return None
    for canonical, meant in ((USER_ID, USER_ID), (ITEM_ID, ITEM_ID), (TITLE, ITEM_ID)):
        if strength(said, canonical)[0] >= WORD:
            return meant
    return None


def joined_words(name: str) -> str:
    """A name in lower case without spaces or punctuation: ``Birth-Year`` → ``birthyear``."""
    return "".join(words_of(name))


def words_of(name: str) -> list[str]:
    """The words of a column name in lower case: ``historyItem_id`` → history, item, id."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[\W_]+", spaced.casefold()) if word]
