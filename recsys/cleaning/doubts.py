"""Notes on unused columns of events, and on ids that may stand for no single user or item."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from recsys.cleaning.cells import examples, percent, shortened, without
from recsys.cleaning.ids import placeholders, rounded, totals
from recsys.cleaning.report import Journal
from recsys.schema import (
    INTERACTION_COLUMNS,
    ITEM_ID,
    N_,
    RATING,
    TIMESTAMP,
    TITLE,
    USER_ID,
)
from recsys.sources.columns.contents import Content, sample
from recsys.sources.columns.names import meaning, says_else, words_of
from recsys.sources.columns.vocabulary import COUNT, EVENT
from recsys.sources.values.cells import parse_numbers

#: Of a table with hundreds of columns only so many are looked at.
_MAX_COLUMNS = 60
_MAX_KINDS = 20
_SHOWN_KINDS = 6
#: What shops and logs call what people do; a column with two of them holds such words.
_DEEDS = frozenset(
    """view views viewed click clicks clicked cart add_to_cart addtocart remove_from_cart purchase
    purchased buy bought order ordered transaction pv fav impression impressions exposure play
    played skip skipped like liked share shared save saved bookmark wishlist favorite favourite
    search rate rated review reviewed download downloaded install watch watched read listen finish
    complete start detail visit pageview refund return returned ver vista compra carrito clic
    achat panier vue vu ansicht kauf warenkorb klick gekauft visualizacao compra carrinho clique
    visualizzazione acquisto carrello просмотр покупка корзина клик 浏览 点击 加购 收藏 购买 下单
    閲覧 クリック カート 購入 조회 클릭 구매""".split()
)
#: Words in the name of a column that says whether it happened.
_DID = _DEEDS | {"label", "target", "conversion", "converted", "response", "reaction", "listened"}
_LAST_ROWS = 3


def note_ids(column: str, ids: pd.Series, one: pd.Series, journal: Journal) -> None:
    """Note where different ids became one, and where one may stand for several people or none.

    Args:
        ids: of all rows (n,), categorical.
        one: the plain id of each that was written in several ways, see `coded_ids`.
    """
    if len(one):
        note = N_(
            '{column}: ids that differ only in spaces at their ends, or in ".0", are the same: '
            "{count} were written in several ways, such as “{written}” for “{plain}”."
        )
        other = next((w for w in one.index if w != one[w]), str(one.index[0]))
        plain = shortened(one[other])
        params = {"count": one.nunique(), "written": str(other)[:40], "plain": plain}
        journal.note(note, grave=True, column=column, **params)
    distinct = pd.Series(ids.cat.categories, dtype="str")
    large = rounded(distinct)
    if len(large):
        note = N_(
            "{column}: {count} ids such as {examples} were rounded by a spreadsheet, and different "
            "ones may have become one. Export them as text, with all their digits."
        )
        journal.note(note, grave=True, column=column, count=len(large), examples=examples(large))
    unknown = placeholders(distinct)
    if len(unknown):
        rows = int(np.isin(ids.cat.codes.to_numpy(), unknown.index.to_numpy()).sum())
        note = N_(
            "{column}: {examples} may stand for nobody known; its rows ({share}) were kept, as "
            "those of one. If it does, leave them out."
        )
        params = {"examples": examples(unknown), "share": percent(rows / max(1, len(ids)))}
        journal.note(note, grave=True, column=column, **params)


def without_totals(events: pd.DataFrame, raw: pd.DataFrame, journal: Journal) -> pd.DataFrame:
    """Drop rows at the end that add up the others: their user or item is called “Total”."""
    if events.empty:
        return events
    last = events.iloc[-_LAST_ROWS:]
    adding = np.zeros(len(events), dtype=bool)
    for column in (USER_ID, ITEM_ID):
        ids = last[column].astype("str").reset_index(drop=True)
        adding[len(events) - len(last) + totals(ids).index.to_numpy(dtype=np.int64)] = True
    reason = N_("The row adds up others: it was dropped.")
    journal.step(reason, raw, events.index.to_numpy()[adding], repaired=False)
    return without(events, adding)


def note_unused(raw: pd.DataFrame, journal: Journal) -> None:
    """Note columns that are not used though a person might expect it."""
    known = {*INTERACTION_COLUMNS, TITLE}
    names = [c for c in map(str, raw.columns) if c not in known]
    names = [c for c in names[:_MAX_COLUMNS] if (raw.columns == c).sum() == 1]
    if not names:
        return
    looked = sample(raw[names])
    for name in names:
        content = Content(looked[name])
        if content.lists or content.filled.empty:
            continue
        said = meaning(name)[0]
        plain = shortened(name if name.rstrip("_") not in known else name.rstrip("_"))
        if _holds_event_kinds(content, said):
            _note_deeds(name, raw[name], journal)
        elif said == COUNT or (said is None and not says_else(name) and RATING not in raw):
            _note_numbers(name, raw[name], content, journal)
        elif said == TIMESTAMP and TIMESTAMP not in raw and not content.maybe_times:
            note = N_(
                "“{column}” is called like a time, but cells such as {examples} cannot be read as "
                "one: it was not used. Write times as 2024-01-31 18:30."
            )
            journal.note(note, grave=True, column=plain, examples=examples(content.filled))
        elif said == RATING and RATING not in raw and content.rated < 0.5:
            note = N_(
                "“{column}” is called like a rating, but cells such as {examples} cannot be read "
                "as one: it was not used. Write ratings as numbers."
            )
            journal.note(note, grave=True, column=plain, examples=examples(content.filled))


def _holds_event_kinds(content: Content, said: str | None) -> bool:
    """Whether the cells are kinds of events, such as "view" and "buy": few distinct words."""
    if not 1 < content.distinct <= min(_MAX_KINDS, content.rows / 2) or content.numeric > 0.5:
        return False
    words = {str(word).casefold().replace(" ", "_") for word in content.filled.unique()}
    return said == EVENT or len(words & _DEEDS) > 1


def _note_deeds(name: str, cells: pd.Series, journal: Journal) -> None:
    counts = cells.astype("str").str.strip().value_counts()
    counts = counts[counts.index != ""].head(_SHOWN_KINDS)
    kinds = ", ".join(f"{shortened(str(kind))} {count:,}" for kind, count in counts.items())
    note = N_(
        "“{column}” says what was done ({kinds}): all rows count the same, whatever it was. Keep "
        "only the rows that mean most to you, where that matters."
    )
    journal.note(note, grave=True, column=shortened(name), kinds=kinds)


def _note_numbers(name: str, cells: pd.Series, content: Content, journal: Journal) -> None:
    """Note that counts are not used, and how many of them are 0 or negative."""
    if content.numeric < 0.8 or content.distinct < 2 or content.times:
        return
    counts = meaning(name)[0] == COUNT
    if content.unique and not counts and not (content.numbers % 1).any():  # they number the rows
        return
    values = parse_numbers(cells)
    known = values[~np.isnan(values)]
    params: dict[str, Any] = {
        "column": shortened(name),
        "low": f"{known.min():g}",
        "high": f"{known.max():g}",
    }
    none = int((known <= 0).sum())
    if none and set(np.unique(known)) == {0.0, 1.0}:
        if not counts and not _DID.intersection(words_of(name)):
            return
        note = N_(
            "“{column}” is 0 in {share} of the rows, and 1 in the others; it is not used, and all "
            "rows count as events. If 0 means that it did not happen, choose it as the rating, "
            "liked from 1, or leave these rows out."
        )
        share = percent(none / len(known))
        journal.note(note, grave=True, column=shortened(name), share=share)
        return
    if none and counts:
        note = N_(
            "The numbers in “{column}” ({low} to {high}) are not used: each row is one event. In "
            "{count} rows they are zero or less, such as returned goods, and these count as "
            "events, too. Leave them out if they are none."
        )
        journal.note(note, grave=True, count=none, **params)
        return
    note = N_(
        "The numbers in “{column}” ({low} to {high}) are not used: each row is one event. If they "
        "are ratings, choose it as the rating."
    )
    journal.note(note, **params)
