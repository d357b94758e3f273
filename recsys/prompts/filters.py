"""The filters that a template may use. To add one: a function and a line in `FILTERS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from recsys.prompts.counting import first_tokens, how_many_fit
from recsys.schema import N_

#: What a variable holds while a template is rendered: one text, or a list of texts.
Value = str | tuple[str, ...]
Argument = int | str | None

#: The largest count that a filter takes; a prompt has no room for more.
MAX_COUNT = 1000
#: The longest text that `join` and `default` take.
MAX_ARGUMENT = 500


@dataclass(frozen=True)
class Filter:
    """A filter: how it is written, what it does, and the function.

    Attributes:
        argument: what stands in its parentheses, or None if it takes nothing.
        required: whether the parentheses must be there.
        apply: value, argument, and the text that joins lists in the template's language → value.
        description: a sentence for the palette beside the editor.
        example: what stands in its parentheses to begin with; "" where they may be left out.
    """

    argument: Literal["count", "text"] | None
    required: bool
    apply: Callable[[Value, Argument, str], Value]
    description: str
    example: str = ""


def joined(value: Value, separator: str) -> str:
    """A value as one text; the entries of a list are put together with `separator`."""
    return value if isinstance(value, str) else separator.join(value)


def is_empty(value: Value) -> bool:
    """Whether a value has nothing to say: no entries, or only blank ones."""
    if isinstance(value, str):
        return not value.strip()
    return not any(entry.strip() for entry in value)


def entries(value: Value) -> tuple[str, ...]:
    """A value as a list; a single text is a list of one, a blank text an empty list."""
    if isinstance(value, str):
        return () if is_empty(value) else (value,)
    return value


def _each(change: Callable[[str], str]) -> Callable[[Value, Argument, str], Value]:
    def apply(value: Value, argument: Argument, separator: str) -> Value:
        return change(value) if isinstance(value, str) else tuple(map(change, value))

    return apply


def _capitalised(text: str) -> str:
    # `str.title` makes "Don'T" of "don't".
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def _last(value: Value, argument: Argument, separator: str) -> Value:
    return entries(value)[-(argument if isinstance(argument, int) else 1) :]


def _first(value: Value, argument: Argument, separator: str) -> Value:
    return entries(value)[: argument if isinstance(argument, int) else 1]


def _truncate_tokens(value: Value, argument: Argument, separator: str) -> Value:
    limit = argument if isinstance(argument, int) else 1
    if isinstance(value, str):
        return first_tokens(value, limit)
    return value[: how_many_fit(value, limit)]


def _reverse(value: Value, argument: Argument, separator: str) -> Value:
    return entries(value)[::-1]


def _unique(value: Value, argument: Argument, separator: str) -> Value:
    return tuple(dict.fromkeys(entries(value)))


def _join(value: Value, argument: Argument, separator: str) -> Value:
    return joined(value, argument if isinstance(argument, str) else separator)


def _default(value: Value, argument: Argument, separator: str) -> Value:
    return str(argument) if is_empty(value) else value


FILTERS: dict[str, Filter] = {
    "last": Filter("count", False, _last, N_("The last n entries of a list: last(5)."), "5"),
    "first": Filter("count", False, _first, N_("The first n entries of a list: first(5)."), "5"),
    "reverse": Filter(None, False, _reverse, N_("The list from its end to its beginning.")),
    "unique": Filter(None, False, _unique, N_("The list without repeated entries.")),
    "join": Filter("text", False, _join, N_('A list as one text: join("; ").'), '"; "'),
    "truncate_tokens": Filter(
        "count",
        True,
        _truncate_tokens,
        N_(
            "The first n words and marks of a text; of a list, the first entries that fit whole: "
            "truncate_tokens(60)."
        ),
        "60",
    ),
    "lower": Filter(None, False, _each(str.lower), N_("In small letters.")),
    "upper": Filter(None, False, _each(str.upper), N_("In capital letters.")),
    "title": Filter(None, False, _each(_capitalised), N_("Each word with a capital letter.")),
    "default": Filter(
        "text", True, _default, N_('Words to use instead of nothing: default("…").'), '"…"'
    ),
}
