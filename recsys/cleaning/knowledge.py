"""Knowledge that a person adds: rows of a table, joined to items and to values of attributes."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from recsys.cleaning.report import CleaningReport, Journal
from recsys.cleaning.statements import Statements, is_chinese, read_statements
from recsys.dataset import Dataset
from recsys.schema import KNOWLEDGE_COLUMNS, N_, DataError, Message

#: A longer fact is cut: a prompt has room for a few sentences.
MAX_FACT_CHARACTERS = 300

#: The pattern below takes time quadratic in a title that is nothing but brackets.
_MAX_TITLE_CHARACTERS = 1000
_BRACKETS = re.compile(r"(?:\s*[（(][^()（）]*[)）])+\s*$")


def add_knowledge(
    data: Dataset, report: CleaningReport, table: pd.DataFrame, notes: list[Message]
) -> tuple[Dataset, CleaningReport]:
    """Clean data with facts beside those that it has, and its report with what became of the rows.

    Args:
        table, notes: as `read_table` gives them.

    Raises:
        DataError: see :func:`join_knowledge`.
    """
    journal = Journal(list(notes))
    joined = join_knowledge(data, table, journal)
    return joined, replace(
        report,
        steps=(*report.steps, *journal.steps),
        notes=(*report.notes, *journal.notes),
    )


def join_knowledge(data: Dataset, table: pd.DataFrame, journal: Journal) -> Dataset:
    """The data with the facts that a table states; each row that joins nothing is recorded.

    A subject is an item's id, else its title, whatever the case, with or without what stands in
    brackets at its end; where the table leaves that open, else a value of an attribute.

    Raises:
        DataError: the table cannot be understood, or nothing in it is about this data.
    """
    said = read_statements(table, data.item_attributes)
    known = _Subjects(data, said.column)
    found = {subject: known.find(subject) for subject in pd.unique(said.subjects)}
    blank = (said.subjects == "") | (said.words == "")
    unknown = ~blank & np.array([not found[subject] for subject in said.subjects], dtype=bool)
    _record(said, blank, unknown, journal)
    joined = np.flatnonzero(~blank & ~unknown)
    if not len(joined):
        raise DataError(
            N_(
                "None of the {count} rows of knowledge is about this data: “{example}” is no item "
                "and no value in it. Write ids or titles as they are in the data."
            ),
            count=len(said.table),
            example=str(said.subjects[0])[:40] if len(said.subjects) else "",
        )
    rows = [
        (column, subject, _sentence(name, said.words[place]), said.rows[place])
        for place in joined
        for column, subject, name in found[said.subjects[place]]
    ]
    facts = pd.DataFrame(rows, columns=[*KNOWLEDGE_COLUMNS, "row"])
    longer = (facts["fact"].str.len() > MAX_FACT_CHARACTERS).to_numpy()
    reason = N_("The fact has more than {limit} characters: it was cut.")
    _step(reason, said, facts["row"][longer], journal, repaired=True, limit=MAX_FACT_CHARACTERS)
    facts["fact"] = facts["fact"].map(_shortened)
    before = data.knowledge
    everything = facts if before is None else pd.concat([before, facts], ignore_index=True)
    again = everything.duplicated(list(KNOWLEDGE_COLUMNS)).to_numpy()
    reason = N_("The same fact occurred before: it was dropped.")
    _step(reason, said, everything["row"][again], journal, repaired=False)
    fresh = facts[~again[len(everything) - len(facts) :]]
    if several := sum(len(of_title) > 1 for of_title in found.values()):
        note = N_("Titles that more than one item has: {count}. What is said counts for each.")
        journal.note(note, count=several)
    of_items = fresh["column"] == ""
    journal.note(
        N_("Facts that join the data: {facts}. Items they are about: {items}; values: {values}."),
        facts=len(fresh),
        items=int(fresh["subject"][of_items].nunique()),
        values=int((~fresh[~of_items].duplicated(["column", "subject"])).sum()),
    )
    return data.with_knowledge(everything[~again])


def without_knowledge(data: Dataset, report: CleaningReport) -> tuple[Dataset, CleaningReport]:
    """The data without facts, and the report without what was said of them."""
    steps = tuple(step for step in report.steps if step.table != "knowledge")
    return data.with_knowledge(None), replace(report, steps=steps)


def keep_knowledge(
    data: Dataset, report: CleaningReport, before: Dataset, reported: CleaningReport
) -> tuple[Dataset, CleaningReport]:
    """Data that was cleaned anew, with the facts that it had `before` and what was said of them."""
    steps = tuple(step for step in reported.steps if step.table == "knowledge")
    kept = replace(report, steps=(*report.steps, *steps))
    return data.with_knowledge(before.knowledge), kept


class _Subjects:
    """Finds what a subject is: items by id or title, values by their words.

    Args:
        column: as that of `Statements`.
    """

    def __init__(self, data: Dataset, column: str | None) -> None:
        self._data = data
        self._items = not column
        self._titles = _by_words(data.titles.tolist()) if self._items else {}
        bare = [_without_brackets(title) for title in data.titles] if self._items else []
        self._bare = _by_words(bare)
        self._values: dict[str, tuple[str, str]] = {}
        columns = data.item_attributes if column is None else [column] if column else []
        for name in columns:
            for cell in data.attribute_values(name):
                for value in cell:
                    self._values.setdefault(_words(value), (name, value))

    def find(self, subject: str) -> list[tuple[str, str, str]]:
        """(attribute or "", id or value, what it is called) of all that a subject is."""
        if not subject:
            return []
        if self._items:
            ids = self._data.items
            if subject in ids:
                return [self._item(ids.position(subject))]
            places = self._titles.get(_words(subject), [])
            if not places:  # "Heat (1995)", or "Seven" for "Seven (a.k.a. Se7en)", if it is one
                places = self._bare.get(_words(_without_brackets(subject)), [])
                places = places if len(places) == 1 else []
            if places:
                return [self._item(place) for place in places]
        value = self._values.get(_words(subject))
        return [] if value is None else [(*value, value[1])]

    def _item(self, place: int) -> tuple[str, str, str]:
        return "", str(self._data.items.ids[place]), str(self._data.titles[place])


def _without_brackets(title: str) -> str:
    """A title without what stands in brackets at its end; a whole text has no such end."""
    return title if len(title) > _MAX_TITLE_CHARACTERS else _BRACKETS.sub("", title)


def _by_words(texts: list[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        found[_words(text)].append(place)
    return found


def _words(text: str) -> str:
    return " ".join(text.casefold().split())


def _sentence(name: str, words: str) -> str:
    """ "Toy Story: directed by John Lasseter", or “玩具总动员：导演为约翰·拉塞特”."""
    return f"{name}：{words}" if is_chinese(words) else f"{name}: {words}"


def _shortened(fact: str) -> str:
    if len(fact) <= MAX_FACT_CHARACTERS:
        return fact
    kept = fact[: MAX_FACT_CHARACTERS - 1]
    return (kept if is_chinese(kept) else kept.rpartition(" ")[0] or kept) + "…"


def _record(said: Statements, blank: np.ndarray, unknown: np.ndarray, journal: Journal) -> None:
    """The rows of which nothing is left."""
    saying = np.zeros(len(said.table), dtype=bool)
    saying[said.rows[~blank]] = True
    reason = N_("No subject, or nothing said about it: the row was dropped.")
    _step(reason, said, pd.Series(np.flatnonzero(~saying)), journal, repaired=False)
    reason = N_("Nothing in the data has this id, title or value: the row was left out.")
    _step(reason, said, pd.Series(said.rows[unknown]), journal, repaired=False)


def _step(
    reason: str,
    said: Statements,
    rows: pd.Series,
    journal: Journal,
    *,
    repaired: bool,
    **params: Any,
) -> None:
    places = np.unique(rows.to_numpy(dtype=np.int64))
    journal.step(reason, said.table, places, repaired=repaired, table="knowledge", **params)
