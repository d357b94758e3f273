"""Small edits of a template's text, as a palette beside an editor makes them."""

from __future__ import annotations

import re

from recsys.prompts.filters import FILTERS
from recsys.prompts.nodes import LIST_FILTERS

#: `{{ … }}` but not a soft prompt; a text in quotes may hold braces.
_PLACEHOLDER = re.compile(
    r"""\{\{-?\s*+(?!soft\s*\()((?:\s*+(?:[^\s{}"']|"[^"]*"|'[^']*'))*?)\s*+-?\}\}"""
)
#: A text in quotes, or a `join` outside of them, which is the group.
_JOIN = re.compile(r"""\"[^"]*"|'[^']*'|((?:(?<!\s)\s+)?\|\s*join\b)""")
#: Of a joined text, neither entries can be picked nor does a whole entry have to fit.
_BEFORE_JOIN = LIST_FILTERS | {"truncate_tokens"}


def with_variable(source: str, name: str) -> str:
    """The template with a line at its end that shows a variable, where it is not empty."""
    kept = source.rstrip()
    line = f"{{% if {name} %}}{{{{ {name} }}}}{{% endif %}}"
    return f"{kept}\n{line}" if kept else line


def with_filter(source: str, name: str) -> str:
    """The template with a filter on its last `{{ … }}`; the same template where there is none.

    A filter that picks entries of a list goes before the `join` that makes it one text.
    """
    places = list(_PLACEHOLDER.finditer(source))
    if not places:
        return source
    at = places[-1].end(1)
    joins = (place for place in _JOIN.finditer(places[-1][1]) if place[1])
    if name in _BEFORE_JOIN and (join := next(joins, None)):
        at = places[-1].start(1) + join.start()
    return f"{source[:at]}|{written(name)}{source[at:]}"


def written(name: str) -> str:
    """A filter as it is written to begin with, such as `last(5)`."""
    example = FILTERS[name].example
    return f"{name}({example})" if example else name
