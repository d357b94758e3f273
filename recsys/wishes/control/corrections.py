"""What a person says of what was understood of their wish: that is a must, this is not meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias, TypeVar

import numpy as np

from recsys.request_text import request_text
from recsys.wishes.intent import LISTED, Compared, Intent, highest, weighed
from recsys.wishes.mentions import Mention
from recsys.wishes.years import Span


class Mark(StrEnum):
    """What a part of a wish is to a person."""

    MUST = "must"
    WANT = "want"
    TASTE = "taste"
    AVOID = "avoid"
    REMOVED = "removed"


@dataclass(frozen=True)
class Corrections:
    """Marks on parts of a wish.

    A part goes by its name: an attribute value of the catalogue, which need not have been
    understood, or of what was understood the first title of a mention, the word of a comparison, or
    a span of years as `span_name` writes it. What the wish and the catalogue have no part for is
    ignored, as are all marks beside another text.

    Attributes:
        text: the wish that they belong to.
        marks: (name, mark); of one name, the last counts.
    """

    text: str = ""
    marks: tuple[tuple[str, Mark], ...] = ()

    def of(self, text: str) -> dict[str, Mark]:
        """The marks by name if they belong to this text, else none."""
        same = request_text(self.text).text == request_text(text).text
        return dict(self.marks) if same else {}

    def marked(self, name: str, mark: Mark | None) -> Corrections:
        """With another mark on a part; None leaves it as it was understood."""
        others = tuple(pair for pair in self.marks if pair[0] != name)
        return replace(self, marks=others if mark is None else (*others, (name, mark)))


#: A value, the titles of a mention, a span of years, or a comparison.
Shown: TypeAlias = str | tuple[str, ...] | Span | Compared
_T = TypeVar("_T")


@dataclass(frozen=True)
class Part:
    """A part of a wish that can be marked.

    Attributes:
        name: what corrections call it.
        mark: what it is to the person, as it was understood or as they corrected it.
        read: the same as it was understood; None for a value that they added.
        shown: what it is.
    """

    name: str
    mark: Mark
    read: Mark | None
    shown: Shown


def span_name(span: Span) -> str:
    """The name of a span of years: "1990-1999", "1990-", "-1969"."""
    first, last = ("" if year is None else str(year) for year in (span.first, span.last))
    return f"{first}-{last}"


def parts(read: Intent, marks: Mapping[str, Mark]) -> list[Part]:
    """The parts of a wish, with the values that were added last; none that was removed.

    Args:
        read: the wish as it was understood, or as it was corrected already.
        marks: what a person said of parts, by name.
    """
    found = [replace(part, mark=marks.get(part.name, part.mark)) for part in _understood(read)]
    known, values = {part.name for part in found}, set(map(str, read.values))
    added = [name for name in marks if name not in known and name in values]
    found += [Part(name, marks[name], None, name) for name in added]
    return [part for part in found if part.mark != Mark.REMOVED]


def _understood(read: Intent) -> list[Part]:
    """The parts of what is asked for, in the order in which people read them."""
    wanted: list[tuple[str, Shown]] = [
        *((one.titles[0], one.titles) for one in read.likes),
        *((one.word, one) for one in read.compared),
        *((value, value) for value in read.wanted),
        *((span_name(span), span) for span in read.years),
    ]
    avoided: list[tuple[str, Shown]] = [
        *((one.titles[0], one.titles) for one in read.unlikes),
        *((value, value) for value in read.avoided),
        *((span_name(span), span) for span in read.not_years),
    ]
    musts = set() if read.must is None else {part.name for part in _understood(read.must)}
    tastes = [] if read.taste is None else _understood(read.taste)
    return [
        *(Part(n, Mark.MUST if n in musts else Mark.WANT, Mark.WANT, s) for n, s in wanted),
        *(replace(part, mark=Mark.TASTE) for part in tastes),
        *(Part(name, Mark.AVOID, Mark.AVOID, shown) for name, shown in avoided),
    ]


def corrected(read: Intent, marks: Mapping[str, Mark]) -> Intent:
    """What is asked for once a person has marked parts of it, by name.

    Where they take back or turn round what the text says, models do not read the text, but the
    names of what is left, and what is meant too unsurely to be shown is not asked for.
    """
    before = {part.name: part.read for part in _understood(read)}
    values = set(map(str, read.values))
    marks = {name: mark for name, mark in marks.items() if before.get(name) != mark}
    marks = {name: mark for name, mark in marks.items() if name in before or name in values}
    if not marks:
        return read
    titles = _by_mark(read.likes, read.unlikes, lambda mention: mention.titles[0], marks)
    spans = _by_mark(read.years, read.not_years, span_name, marks)
    compared = _by_mark(read.compared, (), lambda one: one.word, marks)
    marked = {mark: np.isin(read.values, [n for n in marks if marks[n] == mark]) for mark in Mark}
    likes, unlikes = titles[Mark.WANT] + titles[Mark.MUST], titles[Mark.AVOID]
    contradicts = any(_contradicts(before.get(name), mark) for name, mark in marks.items())
    wanted, avoided = weighed(*_named(read), likes, unlikes)
    if contradicts and not likes:
        wanted, avoided = wanted * (wanted >= LISTED), avoided * (avoided >= LISTED)
    for mark in Mark:
        wanted[marked[mark]] = mark in (Mark.WANT, Mark.MUST)
        avoided[marked[mark]] = mark == Mark.AVOID
    opposite = [replace(one, more=not one.more) for one in compared[Mark.AVOID]]
    must, taste = (
        _aside(read, marked[mark], titles[mark], spans[mark], compared[mark])
        for mark in (Mark.MUST, Mark.TASTE)
    )
    intent = replace(
        read,
        wanted_sure=wanted,
        avoided_sure=avoided,
        years=tuple(spans[Mark.WANT] + spans[Mark.MUST]),
        not_years=tuple(spans[Mark.AVOID]),
        compared=tuple(compared[Mark.WANT] + compared[Mark.MUST] + opposite),
        likes=tuple(likes),
        unlikes=tuple(unlikes),
        says_more=read.says_more and (bool(likes) or not contradicts),
        must=must,
        taste=taste,
    )
    return replace(intent, restated=_names(intent)) if contradicts else intent


def _by_mark(
    wanted: Sequence[_T],
    avoided: Sequence[_T],
    name_of: Callable[[_T], str],
    marks: Mapping[str, Mark],
) -> dict[Mark, list[_T]]:
    """Parts of one kind by what they are to a person."""
    found: dict[Mark, list[_T]] = {mark: [] for mark in Mark}
    for read, group in ((Mark.WANT, wanted), (Mark.AVOID, avoided)):
        for one in group:
            found[marks.get(name_of(one), read)].append(one)
    return found


def _named(read: Intent) -> tuple[np.ndarray, np.ndarray]:
    """How surely words alone name values that are wanted, and that are to be avoided."""
    if read.named_wanted is None or read.named_avoided is None:
        return read.wanted_sure, read.avoided_sure
    return read.named_wanted, read.named_avoided


def _aside(
    read: Intent,
    marked: np.ndarray,
    titles: list[Mention],
    spans: list[Span],
    compared: list[Compared],
) -> Intent | None:
    """The parts with one mark as an intent of their own; None where there are none."""
    sure = highest(marked.astype(np.float32), titles)
    intent = Intent(
        values=read.values,
        wanted_sure=sure,
        avoided_sure=np.zeros_like(sure),
        years=tuple(spans),
        likes=tuple(titles),
        compared=tuple(compared),
    )
    return intent if intent.changes_lists else None


def _contradicts(read: Mark | None, mark: Mark) -> bool:
    """Whether a mark takes back, or turns round, what was understood."""
    return read is not None and (
        mark == Mark.REMOVED or (mark == Mark.AVOID) != (read == Mark.AVOID)
    )


def _names(intent: Intent) -> str:
    """What is wanted, by names alone."""
    return ", ".join([*intent.like, *intent.wanted])
