"""Dates in several columns: a day beside a time of day, and year, month and day apart."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from recsys.schema import INTERACTION_COLUMNS, N_, TIMESTAMP, TITLE, Message
from recsys.sources.columns.contents import Content, sample
from recsys.sources.columns.evidence import READABLE
from recsys.sources.columns.names import meaning, words_of

#: Letters of 20240131, and at most of a date such as "31. September 2024".
_BARE_DATE, _LONGEST_DATE = 8, 20
_CANONICAL = frozenset((*INTERACTION_COLUMNS, TITLE))
_MOST_COLUMNS = 200
#: Parts of a date, the words for them without accents, and the numbers that they may be.
_PARTS: dict[str, tuple[str, int, int]] = {
    "year": ("year yr ano anio annee an jahr anno jaar rok ar yil god год 年 年份", 1900, 2100),
    "month": ("month mes mois monat mese maand miesiac manad ay mesiac месяц 月 月份", 1, 12),
    "day": ("day dia jour tag giorno dag dzien gun den день 日", 1, 31),
    "hour": ("hour hr hora heure stunde ora uur godzina timme saat час 时 時", 0, 23),
    "minute": ("minute min minuto minuten minuut minuta dakika минута 分", 0, 59),
    "second": ("second sec segundo seconde sekunde secondo saniye секунда 秒", 0, 60),
}
_PART_OF = {word: part for part, (words, _, _) in _PARTS.items() for word in words.split()}


def with_whole_dates(frame: pd.DataFrame, filename: str) -> tuple[pd.DataFrame, list[Message]]:
    """A column of dates in place of those of year, month and day (hour, minute, second).

    Only where no other column holds times: beside one, they are attributes of it.
    """
    found = _parts_of_a_date(frame)
    if found is None:
        return frame, []
    padded = {
        part: frame[column].str.strip().str.replace(r"\.0+$", "", regex=True).str.zfill(2)
        for part, column in found.items()
    }
    whole = padded["year"] + "-" + padded["month"] + "-" + padded["day"]
    if "hour" in found:
        minute, second = (padded.get(part, "00") for part in ("minute", "second"))
        whole = whole + " " + padded["hour"] + ":" + minute + ":" + second
    columns = list(found.values())
    name = "date" if "date" not in frame.columns or "date" in columns else "date of the row"
    place = min(frame.columns.get_loc(c) for c in columns)
    rest = frame.drop(columns=columns)
    rest.insert(place, name, pd.array(whole, dtype="str"))
    note = N_("{filename}: the columns {columns} were put together as one date.")
    return rest, [Message(note, {"filename": filename, "columns": ", ".join(columns)})]


def _parts_of_a_date(frame: pd.DataFrame) -> dict[str, str] | None:
    """Part of a date → its column, where year, month and day are there and hold such numbers."""
    if len(frame.columns) > _MOST_COLUMNS:
        return None
    named: dict[tuple[str, ...], dict[str, str]] = {}
    for column in map(str, frame.columns):
        *before, last = words_of(column) or [""]
        if last in _PART_OF and frame[column].dtype != object:
            named.setdefault(tuple(before), {}).setdefault(_PART_OF[last], column)
    whole = [parts for parts in named.values() if {"year", "month", "day"} <= parts.keys()]
    if len(whole) != 1:
        return None
    looked = sample(frame)
    parts = {
        part: column
        for part, column in whole[0].items()
        if _holds(Content(looked[column]), *_PARTS[part][1:])
    }
    others = [c for c in map(str, frame.columns) if c not in parts.values()]
    if not {"year", "month", "day"} <= parts.keys() or any(
        Content(looked[c]).times for c in others
    ):
        return None
    return parts


def _holds(content: Content, low: int, high: int) -> bool:
    numbers = content.numbers
    fits = (numbers >= low) & (numbers <= high) & (numbers % 1 == 0)
    return len(numbers) > 0.5 * content.rows and bool(fits.mean() > 0.95)


def clock_beside(named: pd.DataFrame, mapping: Mapping[str, str]) -> str | None:
    """A column with the times of day of events whose `timestamp` is a date without one.

    Args:
        named: events whose columns have their canonical names.
        mapping: canonical name → the column that it was.
    """
    if not mapping.get(TIMESTAMP):
        return None
    looked = sample(named)
    dates = Content(looked[TIMESTAMP])
    if dates.lists or not dates.times or dates.filled.str.contains(":").any():
        return None
    if dates.length > _LONGEST_DATE or (dates.numeric > READABLE and dates.length != _BARE_DATE):
        return None  # there is a time of day in it, or it counts seconds
    others = [c for c in map(str, named.columns) if c not in mapping and c not in _CANONICAL]
    clocks = [c for c in others[:_MOST_COLUMNS] if _is_clock(c, Content(looked[c]))]
    return clocks[0] if len(clocks) == 1 else None


def _is_clock(name: str, content: Content) -> bool:
    return content.clock or (content.dotted_clock and meaning(name)[0] == TIMESTAMP)
