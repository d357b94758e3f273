"""Column names, messages for people, and the errors that carry them.

Every sentence that `recsys` addresses to a person is a :class:`Message`: an English template and
its parameters kept apart, so that the app can translate the template through gettext while the
command line prints it as it stands. `N_` marks the templates for extraction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

USER_ID = "user_id"
ITEM_ID = "item_id"
RATING = "rating"
TIMESTAMP = "timestamp"
POSITION = "position"
TITLE = "title"

#: Columns of an interactions file that have a meaning here; anything else is ignored.
INTERACTION_COLUMNS = (USER_ID, ITEM_ID, RATING, TIMESTAMP, POSITION)
#: Columns without which an interactions file cannot be read.
REQUIRED_INTERACTION_COLUMNS = (USER_ID, ITEM_ID)
#: Columns of `Dataset.knowledge`.
KNOWLEDGE_COLUMNS = ("column", "subject", "fact")


def N_(template: str) -> str:
    """Mark `template` for extraction by gettext; it is translated where it is shown."""
    return template


#: A brace that stands for itself, written twice, or a place such as `{name}`.
_PLACE = re.compile(r"\{\{|\}\}|\{(\w+)\}")


def fill(template: str, values: Mapping[str, Any]) -> str:
    """`template` with its `{name}` places filled, and `{{` and `}}` as single braces.

    A template may come from a file of a stranger. So, unlike `str.format`, nothing else has a
    meaning: no attribute, index, conversion or width; and a place without a value stays as it is.
    """
    if not values:
        return template

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return match[0][0]
        return _in_words(values[name]) if name in values else match[0]

    return _PLACE.sub(filled, template)


def _in_words(value: object) -> str:
    try:
        return str(value)
    except (ValueError, RecursionError):  # a number of more than 4,300 digits, a list too deep
        return "…"


@dataclass(frozen=True)
class Message:
    """A sentence for a person: an English `template` with `{named}` places and their values.

    `grave` ones say what changes what is learned (order, identity, ratings): they are shown first.
    """

    template: str
    params: dict[str, Any] = field(default_factory=dict)
    grave: bool = False

    def __str__(self) -> str:
        return fill(self.template, self.params)


def listed(names: Sequence[object], most: int) -> str:
    """Names as a message says them: the first `most`, and "…" where there are more."""
    return ", ".join(map(str, names[:most])) + (", …" if len(names) > most else "")


class RecsysError(Exception):
    """A mistake that the person at the keyboard can mend: says what, where and what to do."""

    def __init__(self, template: str, **params: Any) -> None:
        self.message = Message(template, params)
        super().__init__(str(self.message))


class DataError(RecsysError):
    """The uploaded data cannot be used."""


class TemplateError(RecsysError):
    """A prompt template uses something that is refused; `line` and `column` count from 1."""

    def __init__(self, template: str, *, line: int, column: int, **params: Any) -> None:
        super().__init__(template, line=line, column=column, **params)
        self.line = line
        self.column = column


class ConfigError(RecsysError):
    """A setting has a value that is not allowed."""


class RunError(RecsysError):
    """A run does not exist, is not finished, or cannot be read."""


class TrainingError(RecsysError):
    """A training came to nothing."""


class LanguageModelError(RecsysError):
    """A language model cannot be had on this machine."""
