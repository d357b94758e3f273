"""How a file is to be read, where a person knows better than what is found out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from recsys.schema import N_, ConfigError

#: The options of a source that say how each of its files is to be read.
READ = ("read", "item_read", "user_read")

DayOrMonth = Literal["day", "month"]
Mark = Literal[".", ","]
Shape = Literal["events", "matrix", "lists", "sequences"]
#: Separators of two letters.
DOUBLED = ("::", "||")


@dataclass(frozen=True)
class ReadOptions:
    """What is given about a file; None is found out from its content.

    What was found stands in the same record, see `Table.found`, so that a form can show it, and
    what a person changes in it goes back to the reader.

    Attributes:
        separator: what stands between cells: one letter, "::", "||", or "spaces" for runs of them.
        encoding: of text, such as "cp1251".
        header: whether the first row that is read holds column names.
        skip: rows above that one.
        decimal: the mark before the decimals of numbers.
        dates: whether day or month comes first in dates such as 5/1/2024.
        sheet: of a workbook, or the file within an archive.
        shape: what a row is: an event; a user with a column for each item; a user with lists of
            items in cells; a user followed by items.
    """

    separator: str | None = None
    encoding: str | None = None
    header: bool | None = None
    skip: int | None = None
    decimal: Mark | None = None
    dates: DayOrMonth | None = None
    sheet: str | None = None
    shape: Shape | None = None


def parse_read(text: str) -> ReadOptions:
    """Parse ``separator=;,header=no,skip=2``.

    A comma as separator is written "comma", and a tab "tab".

    Raises:
        ConfigError: there is no such option, or it does not take this value.
    """
    given: dict[str, Any] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, equals, value = (p.strip() for p in part.partition("="))
        if not equals or name in given or name not in _PARSERS:
            raise ConfigError(
                N_('"{part}" says nothing about how to read a file. Give {names}, each once.'),
                part=part,
                names=", ".join(f"{option}=…" for option in _PARSERS),
            )
        try:
            given[name] = _PARSERS[name](value)
        except (KeyError, ValueError) as error:
            raise ConfigError(
                N_('"{value}" is nothing that {name} can be. Try {examples}.'),
                value=value,
                name=name,
                examples=_EXAMPLES[name],
            ) from error
    return ReadOptions(**given)


def _separator(value: str) -> str:
    separator = _SEPARATORS.get(value, value)
    if len(separator) != 1 and separator not in (*DOUBLED, "spaces"):
        raise ValueError(value)
    return separator


def _count(value: str) -> int:
    count = int(value)
    if count < 0:
        raise ValueError(value)
    return count


_SEPARATORS = {"comma": ",", "tab": "\t", "semicolon": ";", "space": " ", "bar": "|", "\\t": "\t"}
_ANSWERS = {"yes": True, "no": False}
_DECIMALS: dict[str, Mark] = {"point": ".", "comma": ",", ".": "."}
_ORDERS: dict[str, DayOrMonth] = {"day": "day", "month": "month"}
_SHAPES: dict[str, Shape] = {
    "events": "events",
    "matrix": "matrix",
    "lists": "lists",
    "sequences": "sequences",
}
_PARSERS: dict[str, Callable[[str], Any]] = {
    "separator": _separator,
    "encoding": str,
    "header": _ANSWERS.__getitem__,
    "skip": _count,
    "decimal": _DECIMALS.__getitem__,
    "dates": _ORDERS.__getitem__,
    "sheet": str,
    "shape": _SHAPES.__getitem__,
}
_EXAMPLES = {
    "separator": "comma, tab, ;, |, ::, spaces",
    "encoding": "utf-8, cp1251, shift_jis, gb18030",
    "header": "yes, no",
    "skip": "0, 2",
    "decimal": "point, comma",
    "dates": "day, month",
    "sheet": "Sheet1",
    "shape": "events, matrix, lists, sequences",
}
