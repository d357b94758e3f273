"""What of the items and users joins the events, and what to do where little does."""

from __future__ import annotations

import html

import pandas as pd

from recsys.cleaning.report import Journal
from recsys.schema import ITEM_ID, N_, TITLE, USER_ID

_EXAMPLES = 3
#: Ids of numbers, or of letters with digits in them, mean nothing to a reader.
_CODE = r"^(?=.*\d)\S+$"
_MOST = 0.9
_FEW = {
    ITEM_ID: N_(
        "Only {joined} of the {total} items of the events stand in the table of items. The events "
        "have ids such as {ours}, the items such as {theirs}. Choose the column of the items that "
        "holds the ids of the events (--item-columns item_id=…)."
    ),
    USER_ID: N_(
        "Only {joined} of the {total} users of the events stand in the table of users. The events "
        "have ids such as {ours}, the users such as {theirs}. Choose the column of the users that "
        "holds the ids of the events (--user-columns user_id=…)."
    ),
}


def joined(
    table: pd.DataFrame | None, key: str, ids: pd.Index, journal: Journal
) -> pd.DataFrame | None:
    """Items or users by the ids of the events, written alike; how many join is noted.

    Args:
        table: has the column `key`.
        ids: the different ids of the events.
    """
    if table is None or table.empty:
        return table
    known = ids.isin(table[key])
    if not known.any():
        table = _alike(table, key, ids, journal)
        known = ids.isin(table[key])
    count, total = int(known.sum()), len(ids)
    if count < total / 2:
        ours, theirs = ids[~known], table[key][~table[key].isin(ids)]
        params = {"ours": _shown(ours), "theirs": _shown(pd.Index(theirs))}
        journal.note(_FEW[key], grave=True, joined=f"{count:,}", total=f"{total:,}", **params)
    elif count < total and key == ITEM_ID:
        note = N_("Items without a row among the items: {count} of {total}. Their id is shown.")
        journal.note(note, count=total - count, total=total)
    return table


def _alike(table: pd.DataFrame, key: str, ids: pd.Index, journal: Journal) -> pd.DataFrame:
    """The table with the ids of the events, where they differ only in case or in zeros before."""
    ways = (
        (str.casefold, N_("Ids were joined whatever the case of their letters.")),
        (_without_zeros, N_("Ids were joined whatever zeros stand before them.")),
    )
    for plain, note in ways:
        ours = pd.Series(ids, index=[plain(i) for i in ids])
        theirs = pd.Series([plain(i) for i in table[key]], index=table.index)
        if not ours.index.is_unique or not theirs.is_unique or not theirs.isin(ours.index).any():
            continue
        journal.note(note)
        return table.assign(**{key: theirs.map(ours).fillna(table[key]).astype("str")})
    return table


def _without_zeros(text: str) -> str:
    return text.lstrip("0") or "0"


def _shown(ids: pd.Index) -> str:
    return ", ".join(f'"{i if len(i) <= 30 else i[:29] + "…"}"' for i in map(str, ids[:_EXAMPLES]))


def readable(titles: pd.Series) -> pd.Series:
    """Titles with HTML entities, as shops and web pages write them, as the letters they stand for.

    The letters stay data: whoever shows them escapes them anew.
    """
    text = titles.astype("str")
    coded = text.str.contains(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8}\d?);").fillna(
        False
    )
    coded = coded.astype(bool)
    if not coded.any():
        return titles
    return text.where(~coded, text[coded].map(html.unescape).reindex(text.index))


def note_codes(items: pd.DataFrame | None, ids: pd.Index, journal: Journal) -> None:
    """Say so where titles are only ids, of which a language model understands nothing."""
    if not pd.Series(ids, dtype="str").str.contains(_CODE).mean() > _MOST:
        return
    if items is None or TITLE not in items:
        note = N_(
            "There are no titles, so items are shown by their ids, which a language model cannot "
            "read. Add a file of items with titles."
        )
        journal.note(note, grave=True)
        return
    met = items[items[ITEM_ID].isin(ids) & items[TITLE].notna()]
    if len(met) and (met[TITLE].astype("str") == met[ITEM_ID]).mean() > _MOST:
        note = N_(
            "The titles of the items are their ids, which a language model cannot read. Choose "
            "the column that holds the titles."
        )
        journal.note(note, grave=True)
