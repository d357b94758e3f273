"""Other ways to write a prompt, of whole sentences: candidates for a search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from recsys.prompts import GENERIC_TEMPLATES, Template
from recsys.schema import TemplateError

#: How many entries of a list are tried.
_AMOUNTS = (3, 5, 10, 20)
_AMOUNT = re.compile(r"(?<=\|last\()\d+(?=\))|(?<=\|first\()\d+(?=\))")
#: What opens and closes a stretch of a template that has to stay together.
_OPENS, _CLOSES = re.compile(r"\{%-?\s*(?:if|for)\b"), re.compile(r"\{%-?\s*end(?:if|for)\b")
_TAGS = re.compile(r"\{%.*?%\}|\{#.*?#\}")
#: A line that begins so goes on with the sentence of the line before.
_GOES_ON = re.compile(r"[a-z,;.:!?)，。；：！？）、]")

#: A line with such words makes sense only after another one.
_LEANS = re.compile(
    r"\b(?:they|them|otherwise|other one|the request|the question)\b|要求|问题|其他", re.I
)


def variants(template: Template) -> list[tuple[str, Template]]:
    """Templates that differ from one in one line, each with what was done to it.

    A line is left out, moved up or down by one, exchanged for a line of the library's templates in
    the same language, or such a line is added; or a list in it gets longer or shorter. Lines that
    are one sentence, or one condition, stay together. What could not be read is left out.

    Returns:
        (what was done, template) without repeats: "drop", "move", "exchange", "add" or "amount".
    """
    edits = _edits(blocks_of(template.source.strip()), _lines_of_library(template))
    return readable(template, ((done, "\n".join(lines)) for done, lines in edits))


def blocks_of(source: str) -> list[str]:
    """The lines of a source; those that make sense only together are one."""
    blocks: list[str] = []
    depth = 0
    for line in source.split("\n"):
        if blocks and (depth or _GOES_ON.match(_TAGS.sub("", line).lstrip())):
            blocks[-1] += f"\n{line}"
        else:
            blocks.append(line)
        depth += len(_OPENS.findall(line)) - len(_CLOSES.findall(line))
    return blocks


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
        except TemplateError:
            continue
    return found


def _edits(lines: list[str], others: list[str]) -> Iterator[tuple[str, list[str]]]:
    for place in range(len(lines)):
        yield "drop", lines[:place] + lines[place + 1 :]
    for place in range(len(lines) - 1):
        before, after = lines[place : place + 2]
        yield "move", [*lines[:place], after, before, *lines[place + 2 :]]
    for place, line in enumerate(lines):
        for found in _AMOUNT.finditer(line):
            for amount in _AMOUNTS:
                changed = f"{line[: found.start()]}{amount}{line[found.end() :]}"
                yield "amount", [*lines[:place], changed, *lines[place + 1 :]]
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
    """Lines of the library's templates in the same language that make sense anywhere."""
    lines = [
        line
        for other in GENERIC_TEMPLATES.values()
        if other.language == template.language
        for line in blocks_of(other.source)
        if line.strip() and "soft(" not in line and not line.startswith("{#")
        if not _LEANS.search(_TAGS.sub("", line))
    ]
    return list(dict.fromkeys(lines))


def _variables_of(line: str) -> frozenset[str]:
    """The variables of a line."""
    try:
        return frozenset(Template.parse(line).variables)
    except TemplateError:
        return frozenset()
