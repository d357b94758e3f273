"""A template read at many moments at once: its pieces as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from recsys.dataset import Dataset, as_values
from recsys.prompts import Soft, Template, Variable, Words
from recsys.prompts.attributes import Attribute
from recsys.prompts.contexts.contexts import ListToken, Moment, Stream, ValuesToken
from recsys.prompts.counting import count_tokens
from recsys.prompts.facts import Facts
from recsys.prompts.filters import FILTERS, Value, joined
from recsys.prompts.nodes import FilterUse
from recsys.prompts.verbalise import Verbaliser


@dataclass(frozen=True, eq=False)
class Reading:
    """What a template says at n moments.

    Attributes:
        words: the sentences of the template, and of what is known about users and of what they
            met.
        asking: (len(words),) bool, whether a sentence may ask for something; what is known does
            not, even in the same words.
        word_of: (n, s) positions in `words`, -1 where a sentence is not there at that moment.
        lists: the list variables: the items of each, or the attribute values that are picked.
        soft: (n, soft tokens) bool, which trainable vectors are there.
        intent: (n,) bool, whether the template lets the intent be read at that moment.
    """

    words: tuple[str, ...]
    asking: np.ndarray
    word_of: np.ndarray
    lists: tuple[ListToken | ValuesToken, ...]
    soft: np.ndarray
    intent: np.ndarray


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
        self._about: dict[tuple[str, tuple[FilterUse, ...]], np.ndarray | None] = {}
        chosen = {"history": np.ones(history.n_events, dtype=bool), "liked": history.liked}
        if history.rating is None or history.liked_from is None:
            chosen["disliked"] = ~chosen["history"]
        else:
            chosen["disliked"] = history.rating < history.liked_from
        self.streams = {name: Stream.of(history, mask) for name, mask in chosen.items()}
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
        reader = Moment(self, users, begins, known, has_intent, wish)
        others = {
            name: reader.exchanged(name, whose[users]) for name, whose in (exchanged or {}).items()
        }
        words: dict[tuple[str, bool], int] = {}  # with whether they may ask → their position
        columns: list[np.ndarray] = []
        lists: list[ListToken | ValuesToken] = []
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
            elif (about := self.user_texts(piece.name, piece.picks)) is not None:
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

    def now(self, users: np.ndarray) -> Moment:
        """Users after all that is known of them, no wish given."""
        begins, ends = self._history.offsets[users], self._history.offsets[users + 1]
        return Moment(self, users, begins, ends, np.zeros(len(users), dtype=bool), wish="")

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

    def attribute(self, column: str) -> Attribute:
        """The codes of an item attribute."""
        return self._verbalise().attribute(column)

    def is_counted(self, variable: str) -> bool:
        """Whether a variable tells values with how often: "Comedy (12)"."""
        return variable in self._verbalise().count_variables

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

    def user_texts(self, variable: str, picks: tuple[FilterUse, ...] = ()) -> np.ndarray | None:
        """What a user variable says of every user, (n_users,) strings, "" for nothing.

        None for a variable that is not about users.
        """
        if (variable, picks) not in self._about:
            told = self._verbalise().user_variables
            texts = None
            if variable == "about" and told:
                parts = zip(*(_told(self._history, c) for c in told.values()), strict=True)
                texts = [_picked(tuple(filter(None, of_user)), picks) for of_user in parts]
            elif variable in told:
                texts = _told(self._history, told[variable], picks)
            self._about[variable, picks] = None if texts is None else np.array(texts, dtype=object)
        return self._about[variable, picks]


def _places(texts: np.ndarray, words: dict[tuple[str, bool], int]) -> np.ndarray:
    """The positions of texts that ask for nothing, (n,), -1 for ""; new ones are added."""
    of, distinct = pd.factorize(texts)
    places = [words.setdefault((str(t), False), len(words)) if t else -1 for t in distinct]
    return np.array(places, dtype=np.int64)[of]


def _told(history: Dataset, column: str, picks: tuple[FilterUse, ...] = ()) -> list[str]:
    """The attribute and its values for every user, such as "job pilot"; "" for nobody's."""
    name = column.replace("_", " ")
    told = (_picked(tuple(as_values(cell)), picks) for cell in history.user_frame[column])
    return [f"{name} {values}" if values else "" for values in told]


def _picked(value: Value, picks: tuple[FilterUse, ...]) -> str:
    """What is left of a value after `picks`, in one text."""
    for use in picks:
        value = FILTERS[use.name].apply(value, use.argument, ", ")
    return joined(value, ", ")
