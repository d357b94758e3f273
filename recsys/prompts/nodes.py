"""The checked tree of a template: the only things that the interpreter knows how to do.

The tree is made by :mod:`recsys.prompts.check` out of jinja2's own tree, and holds no code: names,
literals, listed filters with literal arguments, conditions and loops.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A place in a template; `line` and `column` count characters from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class FilterUse:
    """One filter in a chain, with its literal argument if it has one."""

    name: str
    argument: int | str | None


@dataclass(frozen=True)
class Expression:
    """A variable or a literal text, passed through filters.

    Attributes:
        name: the variable (or loop variable); None for a literal.
        literal: the literal text; None for a variable.
        filters: applied from left to right.
        element_of: the list variable that a loop variable runs over; None for anything else.
        place: where the name or the literal stands.
    """

    name: str | None
    literal: str | None
    filters: tuple[FilterUse, ...]
    element_of: str | None
    place: Place

    @property
    def variable(self) -> str | None:
        """The data variable that this reads, seen through loops; None for a literal."""
        return self.element_of or self.name


@dataclass(frozen=True)
class Text:
    """Words of the template itself."""

    text: str


@dataclass(frozen=True)
class Output:
    """`{{ variable|filter }}`."""

    expression: Expression


@dataclass(frozen=True)
class SoftPrompt:
    """`{{ soft(n) }}`: a place for `n` trainable vectors."""

    n: int
    place: Place


@dataclass(frozen=True)
class Branch:
    """One `if` or `elif`: its body counts when the variable is there (or, negated, is empty)."""

    expression: Expression
    negated: bool
    body: tuple[Node, ...]


@dataclass(frozen=True)
class If:
    """`{% if %} … {% elif %} … {% else %} … {% endif %}`."""

    branches: tuple[Branch, ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True)
class For:
    """`{% for target in list %} … {% endfor %}`."""

    target: str
    expression: Expression
    body: tuple[Node, ...]


Node = Text | Output | SoftPrompt | If | For


@dataclass(frozen=True)
class Use:
    """One mention of a data variable.

    Attributes:
        guarded: an enclosing `if` or `for`, or a `default`, looks after the case that it is empty.
        as_list: it is looped over, or cut by a filter that counts entries.
    """

    name: str
    place: Place
    guarded: bool
    as_list: bool


#: Filters that pick entries of a list, and so mean nothing on a single text.
LIST_FILTERS = frozenset({"last", "first", "reverse", "unique"})


def uses(body: tuple[Node, ...], guards: frozenset[str] = frozenset()) -> Iterator[Use]:
    """Every mention of a data variable in source order; `guards` are known to be there."""
    for node in body:
        if isinstance(node, Output):
            yield from _mention(node.expression, guards, is_test=False)
        elif isinstance(node, For):
            variable = node.expression.variable
            if variable is not None:
                yield Use(variable, node.expression.place, guarded=True, as_list=True)
                yield from uses(node.body, guards | {variable})
        elif isinstance(node, If):
            for branch in node.branches:
                yield from _mention(branch.expression, guards, is_test=True)
                variable = branch.expression.variable
                known = {variable} if variable is not None and not branch.negated else set()
                yield from uses(branch.body, guards | known)
            yield from uses(node.otherwise, guards)


def _mention(expression: Expression, guards: frozenset[str], *, is_test: bool) -> Iterator[Use]:
    name = expression.variable
    if name is None:
        return
    filters = {use.name for use in expression.filters}
    guarded = is_test or name in guards or "default" in filters
    as_list = expression.element_of is None and bool(filters & LIST_FILTERS)
    yield Use(name, expression.place, guarded=guarded, as_list=as_list)
