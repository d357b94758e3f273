"""The separator of items in cells without brackets that hold several."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID, N_, Message
from recsys.sources.columns.choosing import guess_columns
from recsys.sources.columns.names import words_of
from recsys.sources.shapes.brackets import BRACKETED, MOST_COLUMNS
from recsys.sources.shapes.tokens import numbers_beside, tokens_of, without_numbers
from recsys.sources.values.cells import is_nothing

SAMPLE_ROWS = 1_000
_MOST = 0.8
#: What may stand between the items of a cell without brackets, the surest first.
_BETWEEN = ("|", "->", "→", ">", ";", "\t", ",", "、", " ")
_CODE = r"^[\w.:\-]*\d[\w.:\-]*$"
#: Marks that stand in names and titles, too.
_IN_NAMES = (",", " / ", " + ", ">")
#: The share of parts that come again, and of those the share that come at several places, where
#: cells are lists, and where they may be.
_AGAIN, _SOME_AGAIN = 0.6, 0.4
_LONGEST_NAME, _SHOWN = 60, 80
#: Words in the names of columns that hold what a user did, one after the other.
_HISTORY = frozenset(
    """history histories hist sequence sequences seq session sessions basket baskets cart carts
    list lists items movies films products books songs tracks articles clicks clicked viewed views
    watched bought purchased purchases played visited read liked previous prev past context
    interactions events inter historial lista historique verlauf liste история список
    历史 序列 列表 记录 购物篮 履歴 リスト
    articulos productos libros peliculas canciones compras carrito cesta produits livres achats
    panier chansons produkte buecher bucher lieder warenkorb einkaufe bestellungen produtos livros
    filmes musicas compras carrinho prodotti articoli libri canzoni acquisti carrello producten
    boeken artikelen winkelwagen winkelmand produkty ksiazki zakupy koszyk urunler kitaplar sepet
    товары книги фильмы песни покупки корзина""".split()
)


def is_history(name: str) -> bool:
    return not _HISTORY.isdisjoint(words_of(name))


def mixed_between(cells: pd.Series, *, sure: bool = True) -> str | None:
    """The separator of items in most cells, found by the items alone; None for no lists.

    Items of lists come again in other cells and at other places of them. The parts of a name, an
    address or a title with a comma come again at their own place.
    """
    if cells.dtype == object:
        return None
    filled = pd.Series([c.strip() for c in cells if not is_nothing(c)], dtype="str").unique()
    filled = pd.Series(filled, dtype="str")
    if _are_numbers(filled):
        return None
    for between in (*_BETWEEN[:-1], "\n", " / ", " + ", "，", "；"):
        if len(filled) < 3 or filled.str.contains(between, regex=False).mean() <= 0.3:
            continue
        rows = list(tokens_of(filled, between))
        numbers = numbers_beside([token for row in rows for token in row])
        if numbers is not None:
            rows, _ = without_numbers(rows, numbers, between)
        if len(set(map(len, rows))) < 2 and between in _IN_NAMES:
            continue
        places: dict[str, list[int]] = {}
        for row in rows:
            for place, token in enumerate(row):
                places.setdefault(token, []).append(place)
        again = [found for found in places.values() if len(found) > 1]
        moved = sum(len(set(found)) > 1 for found in again)
        repeated_share = sum(map(len, again)) / max(sum(map(len, places.values())), 1)
        short = np.mean([len(token) for token in places] or [0]) <= _LONGEST_NAME
        least = (_AGAIN if sure else _SOME_AGAIN) if numbers is None else 0.0
        if short and len(again) >= 2 and repeated_share >= least and moved >= least * len(again):
            return between
    return None


def between_of(cells: pd.Series, history: bool, items: bool) -> str | None:
    """The separator of items in most cells, or None where they hold one each.

    Args:
        history: whether the name of the column says that it holds lists.
        items: whether it says that it holds items.
    """
    if (between := _known_between(cells, history)) is not None:
        return between
    return mixed_between(cells) if items or history else None


def _known_between(cells: pd.Series, history: bool) -> str | None:
    if cells.dtype == object:
        return None
    filled = pd.Series([c.strip() for c in cells if not is_nothing(c)], dtype="str")
    if len(filled) < 2 or filled.str.contains(BRACKETED).mean() > _MOST:
        return None
    if not history and _are_numbers(filled):
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


def _are_numbers(filled: pd.Series) -> bool:
    """Whether nearly all cells are a number each, whose comma stands before its decimals."""
    return bool(filled.str.fullmatch(r"[-+]?\d+(?:,\d+)?").mean() > 0.95)


def is_ragged(cells: pd.Series, between: str) -> bool:
    """Whether cells hold lists of several lengths, of three items and more on average."""
    lengths = [len(row) for row in tokens_of(cells, between)]
    return bool(np.mean(lengths) >= 3) and len(set(lengths)) > 2


def unread_lists(frame: pd.DataFrame, filename: str) -> list[Message]:
    """What is said where a column that is read as items seems to hold several in a cell."""
    if len(frame.columns) > MOST_COLUMNS:
        return []
    sample = frame.head(SAMPLE_ROWS)
    column = guess_columns(sample, "interactions").get(ITEM_ID)
    if column is None or sample[column].dtype == object:
        return []
    between = mixed_between(sample[column], sure=False)
    if between is None:
        return []
    example = next(c for c in sample[column] if between in c)
    note = N_(
        "{filename}: cells of {column} seem to hold several items, such as “{example}”, but each "
        "was read as one. If they are lists, choose so (shape=lists)."
    )
    params = {"filename": filename, "column": column, "example": _shortened(example)}
    return [Message(note, params, grave=True)]


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
