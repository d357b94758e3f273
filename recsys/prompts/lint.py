"""What a person should know about a template before using it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import TypeGuard

from recsys.prompts.filters import is_empty
from recsys.prompts.findings import Finding, Severity, finding
from recsys.prompts.foreign import parses, tag_at
from recsys.prompts.names import GENERIC, is_translated, meant
from recsys.prompts.nodes import Place, Use, uses
from recsys.prompts.places import normalised, offset_of
from recsys.prompts.render import as_value
from recsys.prompts.stray import stray_variables
from recsys.prompts.template import Template
from recsys.schema import N_, TemplateError

__all__ = ["Finding", "Severity", "lint", "usable"]

#: Variables of which at least one should be used, or the prompt says nothing about the user.
ABOUT_THE_USER = ("history", "liked", "interests", "about", "intent")

#: Remarks about variables at most: after so many, nobody reads more, and each looks for near names.
MOST_FINDINGS = 50

#: Variables that hold titles, and so many of them at least that look like ids tell.
_TITLES = ("history", "liked", "disliked")
_LEAST_IDS = 3
#: Refused places that are named at once; the rest are named once these are mended.
MOST_REFUSALS = 8
#: Attributes that many data have, as examples in messages and for what is checked without data.
OFTEN_THERE = (
    *("genres", "genre", "category", "categories", "topic", "topics", "tags", "year", "brand"),
    *("genres_counts", "recent_genres", "user_age", "user_gender", "user_name", "user_country"),
)

_START = Place(1, 1)


def lint(source: str, available: Mapping[str, object] | None = None) -> list[Finding]:
    """Everything worth saying about a template, in the order of its places.

    Args:
        source: the template's text.
        available: the data's variables with the values of the user who is looked at; None where
            there are no data: then names that are near one which all data have are misspelt, and
            others may be attributes.
    """
    source = normalised(source)
    known = (*GENERIC, *OFTEN_THERE) if available is None else tuple(available)
    refused, template = _refusals(source, known)
    found = [*refused, *islice(stray_variables(source, known), MOST_FINDINGS)]
    seen: set[tuple[str, str]] = set()
    for use in uses(template.body) if template else ():
        if len(found) >= MOST_FINDINGS:
            break
        problem = _without_data(use) if available is None else _about_use(use, available)
        if problem is not None and (use.name, problem.message.template) not in seen:
            seen.add((use.name, problem.message.template))
            found.append(problem)
    found.sort(key=lambda f: (f.line, f.column))
    return found if refused or template is None else found + _unused(template, available)


def _refusals(source: str, known: Collection[str]) -> tuple[list[Finding], Template | None]:
    """What is refused, and the template without it; None where the rest cannot be read.

    Behind an output that is refused the reading goes on as if it were not there.
    """
    found: list[Finding] = []
    while True:
        try:
            return found, Template.parse(source)
        except TemplateError as error:
            found.append(Finding("error", error.message, error.line, error.column))
            offset = offset_of(source, error.line, error.column)
            tag = tag_at(source, offset)
            is_output = tag is not None and tag.group().startswith("{{")
            if tag is None or not is_output or len(found) == MOST_REFUSALS or parses(tag.group()):
                return found, None
            blank = re.sub(r"[^\n]", " ", tag.group())
            source = source[: tag.start()] + blank + source[tag.end() :]


def usable(template: Template, available: Mapping[str, object]) -> Template:
    """The template itself, if the data has all of its variables.

    Raises:
        TemplateError: for the first error that `lint` finds.
    """
    for problem in lint(template.source, available):
        if problem.severity == "error":
            raise TemplateError(problem.message.template, **problem.message.params)
    return template


def _about_use(use: Use, available: Mapping[str, object]) -> Finding | None:
    if use.name not in available:
        return _unknown(use, available)
    value = as_value(available[use.name])
    if use.as_list and isinstance(value, str) and value:
        return finding(
            "warning",
            N_(
                "Line {line}, column {column}: “{name}” is a single text, not a list; "
                "it counts as a list of one."
            ),
            use.place,
            name=use.name,
        )
    if use.name in _TITLES and _are_ids(value):
        return finding(
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
        return finding(
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
    if use.name in _ENDS:
        instead = "{% for x in history %}{{ x }}{% endfor %}, {% if liked %} … {% endif %}"
        return finding("error", _NO_TAG, use.place, name=use.name, example=instead)
    if use.name in _ENTRIES:
        loop = f"{{% for {use.name} in history %}}{{{{ {use.name} }}}}, {{% endfor %}}"
        return finding("error", _NO_LOOP, use.place, name=use.name, loop=loop)
    near = get_close_matches(use.name, list(available), n=1, cutoff=0.6)
    nearest = near[0] if near else None if use.guarded else meant(use.name, available)
    if nearest:
        return finding(
            "error",
            N_(
                "Line {line}, column {column}: the data has no variable “{name}”. "
                "Did you mean “{nearest}”?"
            ),
            use.place,
            name=_shown(use.name),
            nearest=nearest,
        )
    if use.guarded:
        return finding(
            "hint",
            N_(
                "Line {line}, column {column}: the data has no variable “{name}”, "
                "so this part is always left out."
            ),
            use.place,
            name=_shown(use.name),
        )
    return finding(
        "error",
        N_(
            "Line {line}, column {column}: the data has no variable “{name}”, so nothing stands "
            "here. Pick one from the list of variables."
        ),
        use.place,
        name=_shown(use.name),
    )


#: What ends a block elsewhere, and what an entry of a list is called in loops.
_ENDS = frozenset("end done fi endeach endunless endforeach endwith".split())
_ENTRIES = frozenset("this it x i entry element each".split())
_NO_TAG = N_(
    "Line {line}, column {column}: “{name}” ends nothing here. "
    "Loops and conditions are written {example}"
)
_NO_LOOP = N_(
    "Line {line}, column {column}: “{name}” stands for nothing outside of a loop. Write {loop}"
)


def _without_data(use: Use) -> Finding | None:
    """What can be said of a name before any data are there."""
    if use.name in GENERIC or use.name in OFTEN_THERE:
        return None
    if use.name in _ENDS or use.name in _ENTRIES:
        return _unknown(use, {})
    nearest = meant(use.name, (*GENERIC, *OFTEN_THERE), 0.75)
    misspelt = get_close_matches(use.name.lower(), GENERIC, n=1, cutoff=0.75)
    if nearest in GENERIC and (misspelt or is_translated(use.name)):
        return _unknown(use, dict.fromkeys(GENERIC))
    if nearest is not None:
        return finding(
            "hint" if nearest in GENERIC else "warning",
            N_(
                "Line {line}, column {column}: is there a column “{name}”? "
                "If “{nearest}” is meant, write that."
            ),
            use.place,
            name=_shown(use.name),
            nearest=nearest,
        )
    if use.guarded or re.fullmatch(r"user_\w+|recent_\w+|\w+_counts", use.name):
        return None
    return finding(
        "hint",
        N_(
            "Line {line}, column {column}: “{name}” is no variable that all data have; without a "
            "column of that name nothing stands here."
        ),
        use.place,
        name=_shown(use.name),
    )


def _shown(name: str) -> str:
    """A name that somebody wrote, which may have any length, as it stands in a sentence."""
    return name if len(name) <= 60 else name[:59] + "…"


def _unused(template: Template, available: Mapping[str, object] | None) -> list[Finding]:
    """What nearly every prompt wants and this one leaves out."""
    useful = [name for name in ABOUT_THE_USER if available is None or name in available]
    if useful and not template.variables:
        return [
            finding(
                "warning",
                N_(
                    "The template uses no variable, so the prompt is the same for every user. "
                    "Use one, such as {example}."
                ),
                _START,
                example=f"{{{{ {useful[0]} }}}}",
            )
        ]
    if available and "intent" in available and "intent" not in template.variables:
        return [
            finding(
                "hint",
                N_(
                    "The template does not use “intent”, so what a person asks for in words "
                    "will not be part of the prompt."
                ),
                _START,
            )
        ]
    return []
