"""What the variables of a prompt hold over one set of events, for all contexts at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recsys.dataset import Dataset, as_values
from recsys.prompts.attributes import Attribute, encode
from recsys.prompts.counting import count_tokens
from recsys.prompts.facts import Facts
from recsys.prompts.filters import FILTERS, Value, joined
from recsys.prompts.nodes import FilterUse
from recsys.prompts.verbalise import Verbaliser


@dataclass(frozen=True, eq=False)
class Stream:
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
    def of(cls, history: Dataset, mask: np.ndarray) -> Stream:
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


class Variables:
    """The variables of prompts over the events of `history`.

    Attributes:
        history: the events.
        streams: "history", "liked", "disliked" → the events that each lists.
    """

    def __init__(self, history: Dataset) -> None:
        self.history = history
        self._verbaliser: Verbaliser | None = None
        self._about: dict[tuple[str, tuple[FilterUse, ...]], np.ndarray | None] = {}
        chosen = {"history": np.ones(history.n_events, dtype=bool), "liked": history.liked}
        if history.rating is None or history.liked_from is None:
            chosen["disliked"] = ~chosen["history"]
        else:
            chosen["disliked"] = history.rating < history.liked_from
        self.streams = {name: Stream.of(history, mask) for name, mask in chosen.items()}
        self._counts_before: dict[tuple[str, tuple[str, ...]], np.ndarray] = {}

    def _verbalise(self) -> Verbaliser:
        if self._verbaliser is None:
            self._verbaliser = Verbaliser(self.history)
        return self._verbaliser

    def columns_of(self, variable: str) -> tuple[str, ...]:
        """The item attributes that a variable lists values of; () for any other variable."""
        if variable == "interests":
            return self._verbalise().interest_columns
        verbaliser = self._verbalise()
        for variables in (
            verbaliser.item_variables,
            verbaliser.count_variables,
            verbaliser.recent_variables,
        ):
            if variable in variables:
                return (variables[variable],)
        return ()

    def is_recent(self, variable: str) -> bool:
        """Whether a variable covers only the latest events."""
        return variable in self._verbalise().recent_variables

    def attribute(self, column: str) -> Attribute:
        """The codes of an item attribute."""
        return self._verbalise().attribute(column)

    def is_counted(self, variable: str) -> bool:
        """Whether a variable lists values with their counts: "Comedy (12)"."""
        return variable in self._verbalise().count_variables

    @property
    def facts(self) -> Facts:
        """The knowledge that was added to the data."""
        return self._verbalise().facts

    @cached_property
    def title_lengths(self) -> np.ndarray:
        """How many tokens each title has, (n_items,)."""
        return np.array([count_tokens(str(title)) for title in self.history.titles])

    @cached_property
    def namesakes(self) -> np.ndarray:
        """For each item, the one most met among those with the same title: (n_items,)."""
        met = np.bincount(self.history.item, minlength=self.history.n_items)
        most_met = np.argsort(-met, kind="stable")
        titles = self.history.titles.astype(str)[most_met]
        _, first, of = np.unique(titles, return_index=True, return_inverse=True)
        namesakes = np.empty(self.history.n_items, dtype=np.int64)
        namesakes[most_met] = most_met[first][of]
        return namesakes

    def count_before(self, stream: str, columns: tuple[str, ...]) -> np.ndarray:
        """How many events of a stream with a value in `columns` lie before each event."""
        if (stream, columns) not in self._counts_before:
            data = self.history
            valued = np.any(
                [np.diff(encode(data, column).offsets) > 0 for column in columns], axis=0
            )  # (n_items,)
            counted = np.diff(self.streams[stream].before) * valued[data.item]
            self._counts_before[stream, columns] = np.concatenate([[0], np.cumsum(counted)])
        return self._counts_before[stream, columns]

    def user_texts(self, variable: str, picks: tuple[FilterUse, ...] = ()) -> np.ndarray | None:
        """The value of a user variable for every user, (n_users,) strings, "" where there is none.

        None for a variable that is not about users.
        """
        if (variable, picks) not in self._about:
            columns = self._verbalise().user_variables
            texts = None
            if variable == "about" and columns:
                parts = zip(
                    *(_attribute_texts(self.history, c) for c in columns.values()), strict=True
                )
                texts = [_picked(tuple(filter(None, of_user)), picks) for of_user in parts]
            elif variable in columns:
                texts = _attribute_texts(self.history, columns[variable], picks)
            self._about[variable, picks] = None if texts is None else np.array(texts, dtype=object)
        return self._about[variable, picks]


def _attribute_texts(history: Dataset, column: str, picks: tuple[FilterUse, ...] = ()) -> list[str]:
    """The attribute and its values for every user, such as "job pilot"; "" where it is unknown."""
    name = column.replace("_", " ")
    values_of = (_picked(tuple(as_values(cell)), picks) for cell in history.user_frame[column])
    return [f"{name} {values}" if values else "" for values in values_of]


def _picked(value: Value, picks: tuple[FilterUse, ...]) -> str:
    """What is left of a value after `picks`, in one text."""
    for use in picks:
        value = FILTERS[use.name].apply(value, use.argument, ", ")
    return joined(value, ", ")
