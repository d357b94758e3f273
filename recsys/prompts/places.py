"""Places in a template, and the errors that begin with them."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from recsys.prompts.nodes import Place
from recsys.schema import N_, TemplateError


def normalised(source: str) -> str:
    """The source with one kind of line break, as jinja2 reads it, and without a byte order mark."""
    return re.sub(r"\r\n?", "\n", source.removeprefix("\ufeff"))


def place_of(source: str, offset: int) -> Place:
    """The line and column of an offset."""
    begins = _line_begins(source)
    line = bisect_right(begins, offset)
    return Place(line, offset - begins[line - 1] + 1)


def offset_of(source: str, line: int, column: int) -> int:
    """The offset of a place."""
    return _line_begins(source)[line - 1] + column - 1


@lru_cache(maxsize=4)
def _line_begins(source: str) -> list[int]:
    """Where the lines begin: every token of a template is asked for its place."""
    return [0, *(match.end() for match in re.finditer("\n", source))]


def refuse(template: str, place: Place, found: str = "", **params: object) -> TemplateError:
    """An error that begins with its place; `found` is what stood there, shortened."""
    found = found if len(found) <= 40 else found[:39] + "…"
    return TemplateError(template, line=place.line, column=place.column, found=found, **params)


def never_closed(source: str, offset: int, opening: str, closing: str) -> TemplateError:
    """An error about something that the template ends inside of."""
    return refuse(
        N_(
            "Line {line}, column {column}: “{found}” is opened but never closed. "
            "Add “{closing}” where it should end."
        ),
        place_of(source, offset),
        opening,
        closing=closing,
    )


def unreadable(source: str, offset: int) -> TemplateError:
    """An error about text that is not a template at all."""
    found = re.compile(r"\w+|[}%#]}|.?").match(source, offset)
    return refuse(
        N_("Line {line}, column {column}: the template cannot be read at “{found}”."),
        place_of(source, offset),
        found.group() if found else "",
    )
