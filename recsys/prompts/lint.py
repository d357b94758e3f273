"""What a person should know about a template before using it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, TypeGuard

from recsys.prompts.filters import is_empty
from recsys.prompts.nodes import Place, Use, uses
from recsys.prompts.render import as_value
from recsys.prompts.template import Template
from recsys.schema import N_, Message, TemplateError

#: Variables of which at least one should be used, or the prompt says nothing about the user.
ABOUT_THE_USER = ("history", "liked", "interests", "about", "intent")

#: Remarks about variables at most: after so many, nobody reads more, and each looks for near names.
MOST_FINDINGS = 50

#: Variables that hold titles, and so many of them at least that look like ids tell.
_TITLES = ("history", "liked", "disliked")
_LEAST_IDS = 3

Severity = Literal["error", "warning", "hint"]

_START = Place(1, 1)


@dataclass(frozen=True)
class Finding:
    """One remark about a template: "error" (will not do what it says), "warning" or "hint"."""

    severity: Severity
    message: Message
    line: int
    column: int


def lint(source: str, available: Mapping[str, object]) -> list[Finding]:
    """Everything worth saying about a template, in the order of its places.

    Args:
        source: the template's text; where it is refused, that is the only finding.
        available: the data's variables with the values of the user who is looked at.
    """
    try:
        template = Template.parse(source)
    except TemplateError as error:
        return [Finding("error", error.message, error.line, error.column)]
    found: list[Finding] = []
    seen: set[tuple[str, str]] = set()
    for use in uses(template.body):
        if len(found) == MOST_FINDINGS:
            break
        finding = _about_use(use, available)
        if finding is not None and (use.name, finding.message.template) not in seen:
            seen.add((use.name, finding.message.template))
            found.append(finding)
    return sorted(found, key=lambda f: (f.line, f.column)) + _unused(template, available)


def usable(template: Template, available: Mapping[str, object]) -> Template:
    """The template itself, if the data has what it speaks of.

    Raises:
        TemplateError: for the first error that `lint` finds.
    """
    for finding in lint(template.source, available):
        if finding.severity == "error":
            raise TemplateError(finding.message.template, **finding.message.params)
    return template


def _about_use(use: Use, available: Mapping[str, object]) -> Finding | None:
    if use.name not in available:
        return _unknown(use, available)
    value = as_value(available[use.name])
    if use.as_list and isinstance(value, str) and value:
        return _finding(
            "warning",
            N_(
                "Line {line}, column {column}: “{name}” is a single text, not a list; "
                "it counts as a list of one."
            ),
            use.place,
            name=use.name,
        )
    if use.name in _TITLES and _are_ids(value):
        return _finding(
            "warning",
            N_(
                "Line {line}, column {column}: the titles in “{name}” are ids, such as {example}, "
                "of which the language model understands nothing. Choose a column of titles on "
                "the Data page."
            ),
            use.place,
            name=use.name,
            example=_shown(value[0]),
        )
    if is_empty(value) and not use.guarded:
        return _finding(
            "warning",
            N_(
                "Line {line}, column {column}: “{name}” is empty for this user, so the words "
                "around it stand alone. Put {condition} around them."
            ),
            use.place,
            name=use.name,
            condition=f"{{% if {use.name} %}} … {{% endif %}}",
        )
    return None


def _are_ids(value: object) -> TypeGuard[tuple[str, ...]]:
    """Whether all titles are numbers or codes, without a word; a film "1984" alone is none."""
    return (
        isinstance(value, tuple)
        and len(value) >= _LEAST_IDS
        and all(isinstance(t, str) and re.fullmatch(r"(?=.*\d)[\w.:/\-]+", t) for t in value)
    )


def _unknown(use: Use, available: Mapping[str, object]) -> Finding:
    nearest = get_close_matches(use.name, list(available), n=1, cutoff=0.6)
    if nearest:
        return _finding(
            "error",
            N_(
                "Line {line}, column {column}: the data has no variable “{name}”. "
                "Did you mean “{nearest}”?"
            ),
            use.place,
            name=_shown(use.name),
            nearest=nearest[0],
        )
    if use.guarded:
        return _finding(
            "hint",
            N_(
                "Line {line}, column {column}: the data has no variable “{name}”, "
                "so this part is always left out."
            ),
            use.place,
            name=_shown(use.name),
        )
    return _finding(
        "error",
        N_(
            "Line {line}, column {column}: the data has no variable “{name}”, so nothing stands "
            "here. Pick one from the list of variables."
        ),
        use.place,
        name=_shown(use.name),
    )


def _shown(name: str) -> str:
    """A name that somebody wrote, which may have any length, as it stands in a sentence."""
    return name if len(name) <= 60 else name[:59] + "…"


def _unused(template: Template, available: Mapping[str, object]) -> list[Finding]:
    """What nearly every prompt wants and this one leaves out."""
    useful = [name for name in ABOUT_THE_USER if name in available]
    if useful and not template.variables:
        return [
            _finding(
                "warning",
                N_(
                    "The template uses no variable, so the prompt is the same for every user. "
                    "Use one, such as {example}."
                ),
                _START,
                example=f"{{{{ {useful[0]} }}}}",
            )
        ]
    if "intent" in available and "intent" not in template.variables:
        return [
            _finding(
                "hint",
                N_(
                    "The template does not use “intent”, so what a person asks for in words "
                    "will not be part of the prompt."
                ),
                _START,
            )
        ]
    return []


def _finding(severity: Severity, template: str, place: Place, **params: str) -> Finding:
    message = Message(template, {"line": place.line, "column": place.column, **params})
    return Finding(severity, message, place.line, place.column)
