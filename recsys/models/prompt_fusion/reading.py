"""A template read at many moments at once: its pieces as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from recsys.dataset import Dataset, as_values
from recsys.models.prompt_fusion.picking import asks_for_length, picked, span
from recsys.prompts import Piece, Soft, Template, Variable, Words
from recsys.prompts.counting import count_tokens
from recsys.prompts.facts import RECENT, Facts
from recsys.prompts.verbalise import RECENT_EVENTS, Verbaliser

#: The most entries of a list variable that are read; the last ones, if there are more.
LIST_LENGTH = 20

#: Events looked at for every entry of a list, where users meet items again: a title is told once.
LOOK_BACK = 4

#: Variables that list item titles, and the stream of events each one follows.
TITLE_LISTS = ("history", "liked", "disliked")


@dataclass(frozen=True, eq=False)
class ListToken:
    """A list variable at n moments: the items whose vectors are averaged.

    Attributes:
        kind: "history", "liked", "disliked", or "facets" for attribute values of the items.
        columns: for "facets", the attributes that are told.
        items: (n, length) item positions, any where not `held`.
        held: (n, length) bool.
    """

    kind: str
    columns: tuple[str, ...]
    items: np.ndarray
    held: np.ndarray


@dataclass(frozen=True, eq=False)
class Reading:
    """What a template says at n moments.

    Attributes:
        words: the sentences of the template, and of what is known about users and of what they
            met.
        asking: (len(words),) bool, whether a sentence may ask for something; what is known does
            not, even in the same words.
        word_of: (n, s) positions in `words`, -1 where a sentence is not there at that moment.
        lists: the list variables.
        soft: (n, soft tokens) bool, which trainable vectors are there.
        intent: (n,) bool, whether the template lets the intent be read at that moment.
    """

    words: tuple[str, ...]
    asking: np.ndarray
    word_of: np.ndarray
    lists: tuple[ListToken, ...]
    soft: np.ndarray
    intent: np.ndarray


@dataclass(frozen=True, eq=False)
class _Stream:
    """The m events that a list variable follows.

    Attributes:
        items: (m,) item positions.
        before: (n_events + 1,) how many of them lie before each event of the data.
        again: (m,) where the user meets the item next within the stream; m for never.
    """

    items: np.ndarray
    before: np.ndarray
    again: np.ndarray

    @classmethod
    def of(cls, history: Dataset, mask: np.ndarray) -> _Stream:
        items = history.item[mask]
        pair = history.user[mask].astype(np.int64) * history.n_items + items
        order = np.argsort(pair, kind="stable")
        again = np.full(len(items), len(items))
        same = pair[order[1:]] == pair[order[:-1]]
        again[order[:-1][same]] = order[1:][same]
        return cls(items, np.concatenate([[0], np.cumsum(mask)]), again)

    @property
    def has_repeats(self) -> bool:
        return bool(np.any(self.again < len(self.items)))


class PromptReader:
    """Reads templates over one set of events.

    A moment is a user and the number of events (of the whole data, so a position in its arrays)
    that lie before it: everything of that user before the position is known.

    Args:
        history: the events.
    """

    def __init__(self, history: Dataset) -> None:
        self._history = history
        self._verbaliser: Verbaliser | None = None
        self._about: dict[str, np.ndarray | None] = {}
        chosen = {"history": np.ones(history.n_events, dtype=bool), "liked": history.liked}
        if history.rating is None or history.liked_from is None:
            chosen["disliked"] = ~chosen["history"]
        else:
            chosen["disliked"] = history.rating < history.liked_from
        self.streams = {name: _Stream.of(history, mask) for name, mask in chosen.items()}
        self._told: dict[tuple[str, tuple[str, ...]], np.ndarray] = {}

    def read(
        self,
        template: Template,
        users: np.ndarray,
        events: np.ndarray,
        *,
        has_intent: np.ndarray,
        wish: str = "",
        forget: np.ndarray | None = None,
        exchanged: Mapping[str, np.ndarray] | None = None,
    ) -> Reading:
        """Read `template` at n moments.

        Args:
            users, events: (n,) the moments.
            has_intent: (n,) bool, whether something is asked for.
            wish: what is asked for at all of them, if it is the same: facts about it come first.
            forget: (n,) bool, moments at which no event may be used.
            exchanged: as in `Queries`; of others all that is known is read.
        """
        n = len(users)
        begins = self._history.offsets[users]
        known = events if forget is None else np.where(forget, begins, events)
        reader = _Moment(self, users, begins, known, has_intent, wish)
        others = {
            name: reader.exchanged(name, whose[users]) for name, whose in (exchanged or {}).items()
        }
        words: dict[tuple[str, bool], int] = {}  # with whether they may ask → their position
        columns: list[np.ndarray] = []
        lists: list[ListToken] = []
        soft: list[np.ndarray] = []
        intent = np.zeros(n, dtype=bool)
        for piece in template.pieces:
            there = reader.holds(piece)
            told_of = others.get(piece.name, reader) if isinstance(piece, Variable) else reader
            if isinstance(piece, Words):
                columns.append(
                    np.where(there, words.setdefault((piece.text, True), len(words)), -1)
                )
            elif isinstance(piece, Soft):
                soft += [there] * piece.n
            elif piece.name == "intent":
                intent |= there & has_intent
            elif piece.name == "knowledge":
                facts = told_of.facts_told(piece, there)
                for told_at in facts.T[(facts >= 0).any(0)]:
                    texts = np.append(self.facts.texts, "")[told_at]  # -1 tells nothing
                    columns.append(_places(texts, words))
            elif (told := told_of.list_token(piece, there)) is not None:
                lists.append(told)
            elif (about := self.user_texts(piece.name)) is not None:
                columns.append(np.where(there, _places(about[told_of.users], words), -1))
        return Reading(
            words=tuple(text for text, _ in words),
            asking=np.array([asks for _, asks in words], dtype=bool),
            word_of=np.stack(columns, 1) if columns else np.zeros((n, 0), dtype=np.int64),
            lists=tuple(lists),
            soft=np.stack(soft, 1) if soft else np.zeros((n, 0), dtype=bool),
            intent=intent,
        )

    def read_now(
        self,
        template: Template,
        users: np.ndarray,
        *,
        wish: str,
        exchanged: Mapping[str, np.ndarray] | None = None,
    ) -> Reading:
        """Read `template` for n users (positions), after all that is known of them.

        Args:
            wish: what they ask for, or "".
            exchanged: as in `Queries`.
        """
        users = np.asarray(users)
        now = self.now(users)
        wishes = np.full(len(users), bool(wish))
        reading = self.read(
            template, users, now.known, has_intent=wishes, wish=wish, exchanged=exchanged
        )
        if wish:
            # A wish is heard even where the template has no place for it.
            reading.intent[:] = True
        return reading

    def holders(self, variable: str) -> np.ndarray:
        """The users of whom a variable has something to say by now: positions."""
        everybody = np.arange(self._history.n_users)
        return np.flatnonzero(self.now(everybody).present(variable))

    def now(self, users: np.ndarray) -> _Moment:
        """Users after all that is known of them, no wish given."""
        begins, ends = self._history.offsets[users], self._history.offsets[users + 1]
        return _Moment(self, users, begins, ends, np.zeros(len(users), dtype=bool), wish="")

    def _verbalise(self) -> Verbaliser:
        if self._verbaliser is None:
            self._verbaliser = Verbaliser(self._history)
        return self._verbaliser

    def columns_of(self, variable: str) -> tuple[str, ...]:
        """The item attributes that a variable lists values of; () for any other variable."""
        if variable == "interests":
            return self._verbalise().interest_columns
        told = self._verbalise()
        for variables in (told.item_variables, told.count_variables, told.recent_variables):
            if variable in variables:
                return (variables[variable],)
        return ()

    def is_recent(self, variable: str) -> bool:
        """Whether a variable looks at the latest events alone."""
        return variable in self._verbalise().recent_variables

    @property
    def facts(self) -> Facts:
        """The knowledge that was added to the data."""
        return self._verbalise().facts

    @cached_property
    def title_lengths(self) -> np.ndarray:
        """How many tokens each title has, (n_items,)."""
        return np.array([count_tokens(str(title)) for title in self._history.titles])

    def told_before(self, stream: str, columns: tuple[str, ...]) -> np.ndarray:
        """How many events of a stream with a value in `columns` lie before each event."""
        if (stream, columns) not in self._told:
            data = self._history
            cells = zip(*(data.attribute_values(column) for column in columns), strict=True)
            valued = np.array([any(of_item) for of_item in cells])  # (n_items,)
            counted = np.diff(self.streams[stream].before) * valued[data.item]
            self._told[stream, columns] = np.concatenate([[0], np.cumsum(counted)])
        return self._told[stream, columns]

    def user_texts(self, variable: str) -> np.ndarray | None:
        """What a user variable says of every user, (n_users,) strings, "" for nothing.

        None for a variable that is not about users.
        """
        if variable not in self._about:
            columns = self._verbalise().user_variables
            names = list(columns.values()) if variable == "about" else [columns.get(variable)]
            self._about[variable] = _told(self._history, [n for n in names if n is not None])
        return self._about[variable]


def _places(texts: np.ndarray, words: dict[tuple[str, bool], int]) -> np.ndarray:
    """The positions of texts that ask for nothing, (n,), -1 for ""; new ones are added."""
    of, distinct = pd.factorize(texts)
    places = [words.setdefault((str(t), False), len(words)) if t else -1 for t in distinct]
    return np.array(places, dtype=np.int64)[of]


def _told(history: Dataset, columns: list[str]) -> np.ndarray | None:
    if not columns:
        return None
    told = [
        [
            f"{column.replace('_', ' ')} {', '.join(v)}" if (v := as_values(cell)) else ""
            for cell in cells
        ]
        for column in columns
        for cells in [history.user_frame[column]]
    ]
    joined = [", ".join(filter(None, parts)) for parts in zip(*told, strict=True)]
    return np.array(joined, dtype=object)


@dataclass(frozen=True, eq=False)
class _Moment:
    """n moments, and what is there at each."""

    reader: PromptReader
    users: np.ndarray
    begins: np.ndarray
    known: np.ndarray
    has_intent: np.ndarray
    wish: str

    def holds(self, piece: Piece) -> np.ndarray:
        """Whether each moment's prompt has the piece: (n,) bool."""
        there = np.ones(len(self.users), dtype=bool)
        for condition in piece.conditions:
            there &= self.present(condition.variable) != condition.negated
        return there

    def present(self, variable: str) -> np.ndarray:
        """Whether a variable has something to say: (n,) bool."""
        if variable == "intent":
            return self.has_intent
        if variable in TITLE_LISTS:
            begin, end = self._stretch(variable)
            return end > begin
        if variable == "knowledge":
            return np.asarray((self._facts >= 0).any(1))
        if columns := self.reader.columns_of(variable):
            since = self._latest if self.reader.is_recent(variable) else self.begins
            told = self._counted(self.reader.told_before("history", columns), since) > 0
            if variable == "interests":
                of_liked = self._counted(self.reader.told_before("liked", columns), since) > 0
                told = np.where(self.present("liked"), of_liked, told)
            return told
        texts = self.reader.user_texts(variable)
        if texts is None:
            return np.zeros(len(self.users), dtype=bool)
        return texts[self.users] != ""

    def exchanged(self, variable: str, others: np.ndarray) -> _Moment:
        """The moments of `others` (n,) where both have a value of a variable, else these."""
        theirs = self.reader.now(others)
        both = self.present(variable) & theirs.present(variable)
        return replace(
            self,
            users=np.where(both, theirs.users, self.users),
            begins=np.where(both, theirs.begins, self.begins),
            known=np.where(both, theirs.known, self.known),
        )

    def list_token(self, piece: Variable, there: np.ndarray) -> ListToken | None:
        """The items behind a list variable; None for a variable that is no list."""
        columns = self.reader.columns_of(piece.name)
        if piece.name not in TITLE_LISTS and not columns:
            return None
        if not columns:
            at_end, count = span(piece.picks, LIST_LENGTH)
            items, held = self._entries(piece.name, count, first=not at_end, once=True)
            tokens = self.reader.title_lengths[items] if asks_for_length(piece.picks) else None
            held = picked(held, tokens, piece.picks, backwards=at_end)
            return ListToken(piece.name, (), items, held & there[:, None])
        # Of attribute values, "first" and "last" count values, not the items that have them.
        count = RECENT_EVENTS if self.reader.is_recent(piece.name) else LIST_LENGTH
        items, held = self._entries("history", count)
        if piece.name == "interests":  # of what the user liked, if there is anything
            liked = self.present("liked")[:, None]
            of_liked = self._entries("liked", LIST_LENGTH)
            items, held = np.where(liked, of_liked[0], items), np.where(liked, of_liked[1], held)
        return ListToken("facets", columns, items, held & there[:, None])

    def facts_told(self, piece: Variable, there: np.ndarray) -> np.ndarray:
        """The facts that `knowledge` tells, best first: (n, length) positions, -1 for none."""
        facts, held = self._facts, self._facts >= 0
        tokens = None
        if asks_for_length(piece.picks):
            distinct, of = np.unique(facts, return_inverse=True)
            lengths = [
                count_tokens(str(self.reader.facts.texts[f])) if f >= 0 else 0 for f in distinct
            ]
            tokens = np.array(lengths)[of].reshape(facts.shape)
        held = picked(held, tokens, piece.picks, backwards=False)
        return np.where(held & there[:, None], facts, -1)

    @cached_property
    def _facts(self) -> np.ndarray:
        """The facts to tell at each moment: (n, most facts), see `Facts.told`."""
        items, held = self._entries("history", RECENT)
        return self.reader.facts.told(items, held, self.wish)

    def _entries(
        self, name: str, count: int, *, first: bool = False, once: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """The last `count` events of a stream, or the first: items and whether held, (n, length).

        With `once`, an item stands only where it was met last.
        """
        stream = self.reader.streams[name]
        begin, end = self._stretch(name)
        once &= stream.has_repeats
        steps = np.arange(count * (LOOK_BACK if once else 1))
        places = begin[:, None] + steps if first else end[:, None] - 1 - steps
        held = (places >= begin[:, None]) & (places < end[:, None])
        if not len(stream.items):
            return np.zeros_like(places), held
        places = np.where(held, places, 0)
        if once:
            held &= stream.again[places] >= end[:, None]
            held &= held.cumsum(1) <= count
        return stream.items[places], held

    def _stretch(self, stream: str) -> tuple[np.ndarray, np.ndarray]:
        """Where each moment's entries of a stream begin and end: (n,) each."""
        before = self.reader.streams[stream].before
        return before[self.begins], before[self.known]

    @property
    def _latest(self) -> np.ndarray:
        """Where the latest events of each moment begin: (n,)."""
        return np.maximum(self.begins, self.known - RECENT_EVENTS)

    def _counted(self, before: np.ndarray, since: np.ndarray) -> np.ndarray:
        """How many events lie between `since` (n,) and each moment, by a running count: (n,)."""
        counted: np.ndarray = before[self.known] - before[since]
        return counted
