"""Which column of a file means what: by its name in many languages, and by its content."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

import numpy as np
import pandas as pd

from recsys.schema import (
    INTERACTION_COLUMNS,
    ITEM_ID,
    N_,
    RATING,
    REQUIRED_INTERACTION_COLUMNS,
    TIMESTAMP,
    TITLE,
    ConfigError,
    DataError,
    Message,
    listed,
)
from recsys.sources.columns.contents import Content, sample
from recsys.sources.columns.evidence import REQUIRED, WANTED, Kind
from recsys.sources.columns.guessing import Guess, guess_columns, guesses
from recsys.sources.columns.names import known_names, plain_name
from recsys.sources.columns.vocabulary import PLAIN_IDS, SPELLINGS
from recsys.sources.options import DayOrMonth
from recsys.sources.shapes.dates_apart import clock_beside
from recsys.sources.values.cells import decimal_mark
from recsys.sources.values.times import parse_times

__all__ = [
    "Guess",
    "Kind",
    "choose_columns",
    "choose_events",
    "columns_named",
    "guess_columns",
    "guesses",
    "known_names",
    "parse_mapping",
    "plain_name",
    "rename",
    "understood",
]

_LISTED_COLUMNS = 40
_RIVALS = N_("“{column}” was taken for {name}, by its name; {others} might be it, too.")
_DATES_LOOKED_AT = 400
DATES: tuple[DayOrMonth, ...] = ("day", "month")


def understood(frame: pd.DataFrame, guessed: Mapping[str, Guess]) -> dict[str, str | None]:
    """How numbers and dates seem to be written, by some of the cells: `decimal` and `dates`.

    It is what cleaning finds out from all cells, where nobody says it.
    """
    looked = sample(frame)
    found: dict[str, str | None] = {"decimal": None, "dates": None}
    if RATING in guessed:
        cells = Content(looked[guessed[RATING].column]).filled
        found["decimal"] = decimal_mark(cells[cells.str.contains("[.,]")])
    if TIMESTAMP in guessed:
        cells = Content(looked[guessed[TIMESTAMP].column]).filled.head(_DATES_LOOKED_AT)
        of_each = {order: parse_times(cells, order).seconds for order in DATES}
        if not np.array_equal(of_each["day"], of_each["month"], equal_nan=True):
            best = parse_times(cells).seconds
            found["dates"] = next(
                (o for o in DATES if np.array_equal(of_each[o], best, equal_nan=True)), None
            )
    return found


def rename(frame: pd.DataFrame, mapping: Mapping[str, str], kind: Kind) -> pd.DataFrame:
    """Give the columns of `mapping` (canonical → column) their canonical names.

    A column that has a canonical name but is not chosen for it gets an underscore behind it. One
    column can hold both the ids and the titles of items.

    Raises:
        ConfigError: a canonical name that does not exist, or one column chosen twice.
        DataError: a chosen column is not in the file, or a required one is not chosen.
    """
    chosen = {canonical: column for canonical, column in mapping.items() if column}
    for canonical in mapping:
        if canonical not in WANTED[kind]:
            raise ConfigError(
                N_('"{name}" is not a column that can be chosen. Choose among {names}.'),
                name=canonical,
                names=", ".join(WANTED[kind]),
            )
    for canonical, column in chosen.items():
        if column not in frame.columns:
            raise DataError(
                N_('There is no column "{column}" to use as {name}. The columns are: {columns}.'),
                column=column,
                name=canonical,
                columns=listed(list(frame.columns), _LISTED_COLUMNS),
            )
    twice = [c for name, c in chosen.items() if not (name == TITLE and c == chosen.get(ITEM_ID))]
    if len(set(twice)) < len(twice):
        raise ConfigError(
            N_("One column cannot be used twice. Choose a different column for each of {names}."),
            names=", ".join(chosen),
        )
    missing = [name for name in REQUIRED[kind] if name not in chosen]
    if missing:
        raise DataError(
            N_("No column was found for {names}. Say which it is. The columns are: {columns}."),
            names=", ".join(missing),
            columns=listed(list(frame.columns), _LISTED_COLUMNS),
        )
    aside = {
        c: next(name for i in count(1) if (name := f"{c}{'_' * i}") not in frame.columns)
        for c in WANTED[kind]
        if c in frame.columns and chosen.get(c) != c
    }
    both = chosen.get(TITLE) is not None and chosen.get(TITLE) == chosen.get(ITEM_ID)
    names = {column: c for c, column in chosen.items() if not (both and c == TITLE)}
    named = frame.rename(columns={**aside, **names})
    return named.assign(**{TITLE: named[ITEM_ID]}) if both else named


def choose_columns(
    frame: pd.DataFrame, kind: Kind, chosen: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Rename by what a person has `chosen`, and by guess for the rest; "" chooses no column."""
    found = {name: guess.column for name, guess in guesses(frame, kind, chosen).items()}
    return rename(frame, {**(chosen or {}), **found}, kind)


def choose_events(
    frame: pd.DataFrame, chosen: Mapping[str, str] | None = None
) -> tuple[pd.DataFrame, list[Message]]:
    """`choose_columns` of events, without rows that repeat the names; says what was a guess.

    Raises:
        DataError, ConfigError: as `rename`.
    """
    found = guesses(frame, "interactions", chosen)
    mapping = {**(chosen or {}), **{name: guess.column for name, guess in found.items()}}
    named = rename(frame, mapping, "interactions")
    notes = []
    repeated = np.ones(len(frame), dtype=bool)
    for name in REQUIRED_INTERACTION_COLUMNS:
        repeated &= (named[name].astype("str") == mapping[name]).to_numpy(dtype=bool)
    if repeated.any():
        note = N_("Rows that repeat the column names were left out: {count}.")
        notes.append(Message(note, {"count": int(repeated.sum())}))
        named = named[~repeated]
    clock = clock_beside(named, mapping)
    if clock is not None:
        note = N_("The time of day was taken from “{column}”, the day from “{date}”.")
        notes.append(Message(note, {"column": clock, "date": mapping[TIMESTAMP]}))
        day, of_day = (named[c].astype("str").str.strip() for c in (TIMESTAMP, clock))
        whole = (day + " " + of_day).where(day != "", day)
        named = named.assign(**{TIMESTAMP: whole}).drop(columns=clock)
    notes += [
        Message(_RIVALS, {"column": g.column, "name": name, "others": ", ".join(others)})
        for name, g in found.items()
        if name in INTERACTION_COLUMNS
        and (others := [c for c in g.rivals if c not in mapping.values()])
    ]
    doubtful = {name: guess for name, guess in found.items() if guess.how != "name"}
    if doubtful:
        note = N_(
            "Which column is what was told by their content: {columns}. If that is wrong, say it: "
            "in the form, or by --columns user_id=…,item_id=…."
        )
        columns = ", ".join(f"{name} = “{guess.column}”" for name, guess in doubtful.items())
        ids = [doubtful[c].how for c in REQUIRED_INTERACTION_COLUMNS if c in doubtful]
        notes.append(Message(note, {"columns": columns}, "guess" in ids))
    return named, notes


def parse_mapping(text: str) -> dict[str, str]:
    """Parse ``user_id=u,item_id=m`` into a dict. Raises `ConfigError` where it is not that."""
    mapping: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        canonical, equals, column = (p.strip() for p in part.partition("="))
        if not equals or not canonical or canonical in mapping:
            raise ConfigError(
                N_('Columns are given as "user_id=u,item_id=m", each once; "{part}" is not.'),
                part=part,
            )
        mapping[canonical] = column
    return mapping


def columns_named(frame: pd.DataFrame, canonical: str, kind: Kind) -> list[str]:
    """Columns whose name is a spelling of `canonical`, the surest first."""
    spellings = SPELLINGS[canonical]
    if kind != "interactions" and canonical in REQUIRED[kind]:
        spellings += PLAIN_IDS
    places = [
        (-1 if c == canonical else spellings.index(plain_name(c)), c)
        for c in map(str, frame.columns)
        if c == canonical or plain_name(c) in spellings
    ]
    return [column for _, column in sorted(places, key=lambda p: p[0])]
