"""Other ways to write a prompt: candidates for a search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from recsys.prompts import GENERIC_TEMPLATES, Template
from recsys.schema import TemplateError


def variants(template: Template) -> list[tuple[str, Template]]:
    """Templates that differ from one in one line, each with what was done to it.

    A line is left out, moved up or down by one, exchanged for a line of the library's templates in
    the same language, or such a line is added. What could not be read is left out.

    Returns:
        (what was done, template) without repeats: "drop", "move", "exchange" or "add".
    """
    edits = _edits(template.source.strip().split("\n"), _lines_of_library(template))
    return readable(template, ((done, "\n".join(lines)) for done, lines in edits))


def readable(template: Template, sources: Iterable[tuple[str, str]]) -> list[tuple[str, Template]]:
    """Those of some (what was done, source) that can be read, and differ from a template."""
    seen = {template.source.strip()}
    found = []
    for done, source in ((done, source.strip()) for done, source in sources):
        if source in seen or not source:
            continue
        seen.add(source)
        try:
            found.append((done, Template.parse(source, template.name)))
        except TemplateError:  # half of an `if` that goes over several lines
            continue
    return found


def _edits(lines: list[str], others: list[str]) -> Iterator[tuple[str, list[str]]]:
    for place in range(len(lines)):
        yield "drop", lines[:place] + lines[place + 1 :]
    for place in range(len(lines) - 1):
        before, after = lines[place : place + 2]
        yield "move", [*lines[:place], after, before, *lines[place + 2 :]]
    variables = [_variables_of(line) for line in lines]
    fresh = {line: _variables_of(line) for line in others if line not in lines}
    for place, shown in enumerate(variables):
        for other, of_other in fresh.items():
            if of_other & shown or not of_other | shown:
                yield "exchange", [*lines[:place], other, *lines[place + 1 :]]
    shown_anywhere = frozenset().union(*variables)
    for other, of_other in fresh.items():
        if of_other and not of_other & shown_anywhere:
            yield "add", [*lines, other]


def _lines_of_library(template: Template) -> list[str]:
    """Whole lines of the library's templates in the same language, soft prompts left out."""
    lines = [
        line
        for other in GENERIC_TEMPLATES.values()
        if other.language == template.language
        for line in other.source.split("\n")
        if line.strip() and "soft(" not in line and not line.startswith("{#")
    ]
    return list(dict.fromkeys(lines))


def _variables_of(line: str) -> frozenset[str]:
    """The variables of a line; none where it cannot stand alone."""
    try:
        return frozenset(Template.parse(line).variables)
    except TemplateError:
        return frozenset()
