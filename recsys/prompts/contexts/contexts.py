"""A batch of prompt contexts: users, each at a cutoff, and what a prompt's variables hold there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from recsys.prompts import Piece, Variable
from recsys.prompts.attributes import Attribute
from recsys.prompts.contexts.picking import needs_lengths, picked, span
from recsys.prompts.contexts.variables import Variables
from recsys.prompts.counting import count_tokens
from recsys.prompts.facts import RECENT
from recsys.prompts.verbalise import RECENT_EVENTS, TITLE_LISTS, TOP_VALUES

#: The most entries of a list variable that are read; the last ones, if there are more.
LIST_LENGTH = 20

#: Tokens of a count behind a value: “(”, the number and “)”.
_COUNT_TOKENS = 3

#: Events looked at for every entry of a list, where users meet items again: a title is listed once.
LOOK_BACK = 4


@dataclass(frozen=True, eq=False)
class ListToken:
    """A list variable in n contexts: the items whose vectors are averaged.

    Attributes:
        kind: "history", "liked", "disliked", or "facets" for attribute values of the items.
        columns: for "facets", the attributes that are listed.
        items: (n, length) item positions, any where not `held`.
        held: (n, length) bool.
    """

    kind: str
    columns: tuple[str, ...]
    items: np.ndarray
    held: np.ndarray


@dataclass(frozen=True, eq=False)
class ValuesToken:
    """Attribute values that the picks of a variable leave in n contexts.

    Attributes:
        columns, names: (m,) the attribute and the value that a position stands for.
        values: (n, k) positions in `names`.
        counts: (n, k) how often each was met; 0 where there is none.
    """

    columns: np.ndarray
    names: np.ndarray
    values: np.ndarray
    counts: np.ndarray

    @property
    def held(self) -> np.ndarray:
        """Which places have a value: (n, k) bool."""
        return self.counts > 0


@dataclass(frozen=True, eq=False)
class PromptContexts:
    """n prompt contexts: a user, and the cutoff before which their events are known.

    Attributes:
        variables: what variables hold over the events of the data.
        users: (n,) user positions.
        begins: (n,) position in the data of each user's first event.
        cutoffs: (n,) position in the data before which events are known.
        has_intent: (n,) bool, whether there is a wish.
        wish: its text, where all contexts have the same one.
        exact: whether lists hold no more than the rendered prompt says: values are those that it
            lists, counted over all events, and a title that several items share stands for one of
            them. Without it the last `LIST_LENGTH` events do, which is quicker.
    """

    variables: Variables
    users: np.ndarray
    begins: np.ndarray
    cutoffs: np.ndarray
    has_intent: np.ndarray
    wish: str
    exact: bool = False

    @classmethod
    def now(cls, variables: Variables, users: np.ndarray) -> Self:
        """Users after their last event, without a wish."""
        offsets = variables.history.offsets
        begins, ends = offsets[users], offsets[users + 1]
        return cls(variables, users, begins, ends, np.zeros(len(users), dtype=bool), wish="")

    def holds(self, piece: Piece) -> np.ndarray:
        """Whether each context's prompt has the piece: (n,) bool."""
        there = np.ones(len(self.users), dtype=bool)
        for condition in piece.conditions:
            there &= self.present(condition.variable) != condition.negated
        return there

    def present(self, variable: str) -> np.ndarray:
        """Whether a variable is not empty: (n,) bool."""
        if variable == "intent":
            return self.has_intent
        if variable in TITLE_LISTS:
            begin, end = self._stretch(variable)
            return end > begin
        if variable == "knowledge":
            return np.asarray((self._facts >= 0).any(1))
        if columns := self.variables.columns_of(variable):
            since = self._latest if self.variables.is_recent(variable) else self.begins
            is_present = self._counted(self.variables.count_before("history", columns), since) > 0
            if variable == "interests":
                of_liked = self._counted(self.variables.count_before("liked", columns), since) > 0
                is_present = np.where(self.present("liked"), of_liked, is_present)
            return is_present
        texts = self.variables.user_texts(variable)
        if texts is None:
            return np.zeros(len(self.users), dtype=bool)
        return texts[self.users] != ""

    def exchanged(self, variable: str, others: np.ndarray) -> PromptContexts:
        """The contexts of `others` (n,) where both have a value of a variable, else these."""
        theirs = self.now(self.variables, others)
        both = self.present(variable) & theirs.present(variable)
        return replace(
            self,
            users=np.where(both, theirs.users, self.users),
            begins=np.where(both, theirs.begins, self.begins),
            cutoffs=np.where(both, theirs.cutoffs, self.cutoffs),
        )

    def list_token(self, piece: Variable, there: np.ndarray) -> ListToken | ValuesToken | None:
        """The items or values of a list variable; None for a variable that is no list."""
        columns = self.variables.columns_of(piece.name)
        if piece.name not in TITLE_LISTS and not columns:
            return None
        if not columns:
            return self._titles(piece, there)
        whole = self._longest if self.exact else LIST_LENGTH
        items, held = self._entries(
            "history", RECENT_EVENTS if self.variables.is_recent(piece.name) else whole
        )
        if piece.name == "interests":  # of what the user liked, if there is anything
            liked = self.present("liked")[:, None]
            of_liked = self._entries("liked", whole)
            items, held = np.where(liked, of_liked[0], items), np.where(liked, of_liked[1], held)
        held = held & there[:, None]
        attributes = [self.variables.attribute(column) for column in columns]
        valued = [attribute for attribute in attributes if len(attribute.values)]
        if valued and (piece.picks or self.exact):
            return self._picked_values(piece, valued, items, held)
        return None if self.exact else ListToken("facets", columns, items, held)

    def _titles(self, piece: Variable, there: np.ndarray) -> ListToken:
        """The items of a list of titles, at most `LIST_LENGTH`; where `exact`, the latest first."""
        at_end, count = (True, self._longest) if self.exact else span(piece.picks, LIST_LENGTH)
        items, held = self._entries(piece.name, count, first=not at_end, once=True)
        tokens = self.variables.title_lengths[items] if needs_lengths(piece.picks) else None
        held = picked(held, tokens, piece.picks, backwards=at_end) & there[:, None]
        if self.exact:
            latest = np.argsort(~held, axis=1, kind="stable")[:, :LIST_LENGTH]
            items, held = (np.take_along_axis(part, latest, 1) for part in (items, held))
            items = self.variables.namesakes[items]
        return ListToken(piece.name, (), items, held)

    def _picked_values(
        self, piece: Variable, attributes: list[Attribute], items: np.ndarray, held: np.ndarray
    ) -> ValuesToken:
        """The values that picks leave of the most frequent ones, as a rendered prompt lists them.

        Picks count values, not the items (n, length) that have them.
        """
        names = np.concatenate([attribute.values for attribute in attributes])
        sizes = [len(attribute.values) for attribute in attributes]
        of = np.repeat(np.array([a.column for a in attributes], dtype=object), sizes)
        begins = np.cumsum([0, *sizes])
        tops = [attribute.tops(items, held, TOP_VALUES) for attribute in attributes]
        values = np.concatenate(
            [top + begin for (top, _), begin in zip(tops, begins, strict=False)], 1
        )
        counts = np.concatenate([often for _, often in tops], 1)
        order = np.argsort(-counts, axis=1, kind="stable")[:, :TOP_VALUES]
        values, counts = (np.take_along_axis(part, order, 1) for part in (values, counts))
        tokens = None
        if needs_lengths(piece.picks):
            lengths = np.array([count_tokens(name) for name in names])
            tokens = lengths[values] + (
                _COUNT_TOKENS if self.variables.is_counted(piece.name) else 0
            )
        left = picked(counts > 0, tokens, piece.picks, backwards=False)
        if self.exact and not self.variables.is_counted(piece.name):
            counts = np.minimum(counts, 1)  # how often is not said
        return ValuesToken(of, names, values, counts * left)

    def facts_of(self, piece: Variable, there: np.ndarray) -> np.ndarray:
        """The facts that `knowledge` lists, best first: (n, length) positions, -1 for none."""
        facts, held = self._facts, self._facts >= 0
        tokens = None
        if needs_lengths(piece.picks):
            distinct, of = np.unique(facts, return_inverse=True)
            lengths = [
                count_tokens(str(self.variables.facts.texts[f])) if f >= 0 else 0 for f in distinct
            ]
            tokens = np.array(lengths)[of].reshape(facts.shape)
        held = picked(held, tokens, piece.picks, backwards=False)
        return np.where(held & there[:, None], facts, -1)

    @cached_property
    def _facts(self) -> np.ndarray:
        """The facts that fit each context: (n, most facts), see `Facts.chosen`."""
        items, held = self._entries("history", RECENT)
        return self.variables.facts.chosen(items, held, self.wish)

    def _entries(
        self, name: str, count: int, *, first: bool = False, once: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """The last `count` events of a stream, or the first: items and whether held, (n, length).

        With `once`, an item stands only where it was met last.
        """
        stream = self.variables.streams[name]
        begin, end = self._stretch(name)
        once &= stream.has_repeats
        steps = np.arange(min(count * (LOOK_BACK if once else 1), self._longest))
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
        """Where each context's entries of a stream begin and end: (n,) each."""
        before = self.variables.streams[stream].before
        return before[self.begins], before[self.cutoffs]

    @property
    def _longest(self) -> int:
        """The events of the longest history, at least 1."""
        return max(int((self.cutoffs - self.begins).max(initial=0)), 1)

    @property
    def _latest(self) -> np.ndarray:
        """Where the latest events of each context begin: (n,)."""
        return np.maximum(self.begins, self.cutoffs - RECENT_EVENTS)

    def _counted(self, before: np.ndarray, since: np.ndarray) -> np.ndarray:
        """How many events lie between `since` (n,) and each cutoff, by a running count: (n,)."""
        counted: np.ndarray = before[self.cutoffs] - before[since]
        return counted
