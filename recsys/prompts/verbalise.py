"""What is known about a user, as the variables of a template and as sentences."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

import numpy as np

from recsys.dataset import Dataset, as_values
from recsys.prompts.attributes import Attribute, encode, main_attributes
from recsys.prompts.facts import Facts
from recsys.prompts.wording import column_words, described, time_words
from recsys.schema import N_, Message

#: Variables that list item titles, and so grow by an entry with each event.
TITLE_LISTS = ("history", "liked", "disliked")
#: How many values of an attribute a variable lists, the most frequent first.
TOP_VALUES = 5
#: The latest events that a variable such as `recent_genres` looks at.
RECENT_EVENTS = 10

_GENERIC: dict[str, str] = {
    "history": N_("Titles the user met, oldest first, each once."),
    "liked": N_("Titles the user liked, oldest first."),
    "disliked": N_("Titles the user rated below what counts as liked, oldest first."),
    "interests": N_("What the user likes most: the values that stand out among what they liked."),
    "about": N_("What the data says about the user, one entry a column."),
    "intent": N_("What the user asks for, in their own words."),
    "knowledge": N_("Facts about what the user met lately, from the knowledge that you add."),
    "now": N_("The day of the week and the time of day, in words."),
}
#: Words that jinja2 reads as something else than a variable.
_RESERVED = frozenset(
    "and else false False if in is none None not or recursive soft true True".split()
)


class Verbaliser:
    """Turns the histories in a dataset into values for templates.

    Args:
        history: the events that prompts may hold, such as the training part of a split.

    Attributes:
        item_variables: variable name → item attribute column.
        user_variables: variable name → user attribute column.
        count_variables, recent_variables: variable name → item attribute column, of attributes
            whose values items share: the frequent values with their counts, and those of the
            latest events.
        facts: the knowledge that was added to the data.
        interest_columns: the item attribute columns that `interests` is drawn from.
    """

    def __init__(self, history: Dataset) -> None:
        self.dataset = history
        self.item_variables = _named(history.item_attributes, "", taken=_GENERIC)
        self.user_variables = _named(
            history.user_attributes, "user_", taken=[*_GENERIC, *self.item_variables]
        )
        self._attributes: dict[str, Attribute] = {
            name: encode(history, column) for name, column in self.item_variables.items()
        }
        shared = [
            attribute.column for attribute in self._attributes.values() if attribute.is_shared
        ]
        taken = {*_GENERIC, *self.item_variables, *self.user_variables}
        self.count_variables = _named(shared, "", "_counts", taken=taken)
        self.recent_variables = _named(shared, "recent_", taken={*taken, *self.count_variables})
        self.facts = Facts(history)
        self._by_column = {a.column: a for a in self._attributes.values()}
        self._main = main_attributes(list(self._attributes.values()))
        self.interest_columns = tuple(attribute.column for attribute in self._main)
        self._disliked = np.zeros(history.n_events, dtype=bool)
        if history.rating is not None and history.liked_from is not None:
            self._disliked = history.rating < history.liked_from  # an absent rating is neither
        self._user_values = {
            name: [as_values(cell) for cell in history.user_frame[column]]
            for name, column in self.user_variables.items()
        }

    def attribute(self, column: str) -> Attribute:
        """The codes of an item attribute that some variable lists."""
        return self._by_column[column]

    def variables(self) -> dict[str, Message]:
        """Every variable that this data has, with a sentence that says what it holds."""
        descriptions = {name: Message(text) for name, text in _GENERIC.items()}
        for name, column in self.item_variables.items():
            descriptions[name] = Message(
                N_("The {count} most frequent values of “{column}” in the user's history."),
                {"count": TOP_VALUES, "column": column},
            )
        for name, column in self.user_variables.items():
            descriptions[name] = Message(N_("The user's “{column}”."), {"column": column})
        for name, column in self.count_variables.items():
            descriptions[name] = Message(
                N_("The most frequent values of “{column}” with how often: Comedy (12)."),
                {"column": column},
            )
        for name, column in self.recent_variables.items():
            descriptions[name] = Message(
                N_("The values of “{column}” that stand out among the last {count} events."),
                {"column": column, "count": RECENT_EVENTS},
            )
        return descriptions

    def values(
        self,
        user: int,
        *,
        intent: str = "",
        now: datetime | None = None,
        language: str = "en",
        events: slice | None = None,
        exchanged: Mapping[str, np.ndarray] | None = None,
    ) -> dict[str, str | list[str]]:
        """The values of all variables for one user.

        Args:
            user: position of the user in the dataset.
            intent: what the user asks for.
            now: the time of the recommendation; `now` is empty without it.
            language: "en" or "zh", for the words of `now` and `about`.
            events: which of the user's events are used; None for all.
            exchanged: variable → whose value each user gets, (n_users,) positions of users; what
                either of two users lacks is not exchanged.
        """
        data = self.dataset
        events = data.events_of(user) if events is None else events
        items, liked, disliked = data.item[events], data.liked[events], self._disliked[events]
        favoured = items[liked] if liked.any() else items
        values: dict[str, str | list[str]] = {
            "history": self._titles(items),
            "liked": self._titles(items[liked]),
            "disliked": self._titles(items[disliked]),
            "interests": self._interests(favoured),
            "about": self._about(user, language),
            "intent": intent,
            "knowledge": self.facts.of_history(items, intent),
            "now": "" if now is None else time_words(now, language),
        }
        top = {a.column: a.top(items, TOP_VALUES) for a in self._attributes.values()}
        for name, column in self.item_variables.items():
            values[name] = [value for _, value in top[column]]
        for name, of_users in self._user_values.items():
            own = of_users[user]
            values[name] = list(own) if len(own) > 1 else "".join(own)
        form = "{value}（{count}）" if language == "zh" else "{value} ({count})"
        for name, column in self.count_variables.items():
            values[name] = [form.format(value=value, count=count) for count, value in top[column]]
        for name, column in self.recent_variables.items():
            latest = self._by_column[column].top(items[-RECENT_EVENTS:], TOP_VALUES)
            values[name] = [value for _, value in latest]
        for name, whose in (exchanged or {}).items():
            theirs = self.values(int(whose[user]), intent=intent, now=now, language=language)
            if values.get(name) and theirs.get(name):
                values[name] = theirs[name]
        return values

    def sentences(
        self, user: int, language: str, *, noun: str | None = None, verb: str | None = None
    ) -> list[str]:
        """What the data says about one user, in words.

        Args:
            language: "en" or "zh".
            noun: what the items are, in that language: "films", “景点”; “物品” if not given.
            verb: what users do with them: "visited", “浏览了”; "met" or “浏览了” if not given.

        Returns:
            Such as “用户喜欢旅游，最近浏览了故宫、长城等景点。” or
            "The user likes Comedy and recently met Toy Story and Heat.", then what is known of
            ratings, of the user, and of when they were last active (UTC).
        """
        values = self.values(user, language=language)
        rated = self.dataset.rating is not None and self.dataset.liked_from is not None
        return described(
            values,
            language,
            rated=rated,
            last_active=self._last_active(user),
            noun=noun,
            verb=verb,
        )

    def _titles(self, items: np.ndarray) -> list[str]:
        """Titles of distinct items, each where it was met last."""
        _, age = np.unique(items[::-1], return_index=True)
        titles: list[str] = self.dataset.titles[items[np.sort(len(items) - 1 - age)]].tolist()
        return titles

    def _interests(self, items: np.ndarray) -> list[str]:
        counted = [pair for attribute in self._main for pair in attribute.top(items, TOP_VALUES)]
        counted.sort(key=lambda pair: -pair[0])  # stable: more recent ones stay first
        return list(dict.fromkeys(value for _, value in counted))[:TOP_VALUES]

    def _about(self, user: int, language: str) -> list[str]:
        parts = []
        for name, column in self.user_variables.items():
            value = ("、" if language == "zh" else ", ").join(self._user_values[name][user])
            if value:
                parts.append(
                    f"{column_words(column, language)}{'为' if language == 'zh' else ' '}{value}"
                )
        return parts

    def _last_active(self, user: int) -> datetime | None:
        events = self.dataset.events_of(user)
        if self.dataset.dates is None or events.start == events.stop:
            return None
        try:
            return datetime.fromtimestamp(int(self.dataset.dates[events.stop - 1]), UTC)
        except (OverflowError, ValueError, OSError):
            return None  # a number that is no date, such as milliseconds


def _named(
    columns: list[str], prefix: str, suffix: str = "", *, taken: Collection[str]
) -> dict[str, str]:
    """A variable name for each column that jinja2 can read and that nothing else has."""
    named: dict[str, str] = {}
    for column in columns:
        name = prefix + (re.sub(r"\W+", "_", str(column)).strip("_") or "column") + suffix
        if name in taken or name in _RESERVED or not name.isidentifier():
            name = f"item_{name}" if not prefix else name
        unique, copy = name, 2
        while unique in named or unique in taken:
            unique, copy = f"{name}_{copy}", copy + 1
        named[unique] = str(column)
    return named
