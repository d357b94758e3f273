"""The flattened plan of a template: the pieces that a model encodes one by one and adds up.

The flagship does not read a rendered prompt as one text, since it would have to run the language
model for every user and cutoff. It encodes each sentence of the template once, each item title
once, and each intent once, and puts the vectors together as the plan says.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from recsys.prompts.filters import FILTERS, Value, joined
from recsys.prompts.nodes import Expression, FilterUse, For, If, Node, Output, SoftPrompt, Text
from recsys.request_text import folded


@dataclass(frozen=True)
class Condition:
    """A variable that must be there, or (negated) must be empty."""

    variable: str
    negated: bool = False

    def holds(self, present: Container[str]) -> bool:
        """Whether it holds when the variables in `present` have something to say."""
        return (self.variable in present) != self.negated


@dataclass(frozen=True)
class _Conditional:
    """What all pieces share: the conditions of the `if` and `for` around them, outermost first."""

    conditions: tuple[Condition, ...] = field(default=(), kw_only=True)

    @property
    def condition(self) -> str | None:
        """The variable of the innermost condition; see `negated`. None if there is none."""
        return self.conditions[-1].variable if self.conditions else None

    @property
    def negated(self) -> bool:
        """Whether the innermost condition requires its variable to be empty."""
        return bool(self.conditions) and self.conditions[-1].negated

    def holds(self, present: Container[str]) -> bool:
        """Whether the piece is part of a prompt in which the variables in `present` are there."""
        return all(condition.holds(present) for condition in self.conditions)


@dataclass(frozen=True)
class Words(_Conditional):
    """One sentence of the template, or the part of it before or after a variable."""

    text: str


@dataclass(frozen=True)
class Variable(_Conditional):
    """The value of a variable: all of it, or the entries that `picks` leave, from left to right.

    Picks are the filters that select entries: last, first, reverse, truncate_tokens.
    """

    name: str
    picks: tuple[FilterUse, ...] = ()


@dataclass(frozen=True)
class Soft(_Conditional):
    """`n` trainable vectors."""

    n: int


Piece = Words | Variable | Soft

_Conditions = tuple[Condition, ...]

#: After . ! ? with white space, after 。！？, and at line breaks.
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*|\s*\n\s*")
_PICKS = frozenset({"last", "first", "reverse", "truncate_tokens"})
_LEADING_MARKS = " -*•.,;:!?)、，。；：！？）"


def flattened(body: tuple[Node, ...]) -> tuple[Piece, ...]:
    """The pieces of a checked tree in order. A loop's body counts once, for all entries."""
    pieces: list[Piece] = []
    for together, run in groupby(_pieces(body, (), {}), _words_under):
        if together is None:
            pieces += run
            continue
        text = "".join(piece.text for piece in run if isinstance(piece, Words))
        pieces += [Words(sentence, conditions=together) for sentence in sentences_of(text)]
    return tuple(pieces)


def sentences_of(text: str) -> list[str]:
    """The sentences of a text; parts with no letter or digit say nothing."""
    parts = (
        " ".join(part.split()).lstrip(_LEADING_MARKS) for part in _SENTENCE_ENDS.split(folded(text))
    )
    return [part for part in parts if any(character.isalnum() for character in part)]


def _words_under(piece: Piece) -> _Conditions | None:
    """The conditions of words, which belong together where these are the same."""
    return piece.conditions if isinstance(piece, Words) else None


def _pieces(
    body: tuple[Node, ...], conditions: _Conditions, loops: Mapping[str, Variable]
) -> Iterator[Piece]:
    for node in body:
        if isinstance(node, Text):
            yield Words(node.text, conditions=conditions)
        elif isinstance(node, SoftPrompt):
            yield Soft(node.n, conditions=conditions)
        elif isinstance(node, Output):
            yield from _output(node.expression, conditions, loops)
        elif isinstance(node, For):
            entry = _variable(node.expression, conditions, loops)
            inner = _and(conditions, Condition(entry.name))
            yield from _pieces(node.body, inner, {**loops, node.target: entry})
        else:
            yield from _branches(node, conditions, loops)


def _branches(node: If, conditions: _Conditions, loops: Mapping[str, Variable]) -> Iterator[Piece]:
    failed = conditions
    for branch in node.branches:
        variable = branch.expression.variable
        if variable is None:
            continue
        taken = Condition(variable, branch.negated)
        yield from _pieces(branch.body, _and(failed, taken), loops)
        failed = _and(failed, Condition(variable, not branch.negated))
    yield from _pieces(node.otherwise, failed, loops)


def _and(conditions: _Conditions, condition: Condition) -> _Conditions:
    return conditions if condition in conditions else (*conditions, condition)


def _output(
    expression: Expression, conditions: _Conditions, loops: Mapping[str, Variable]
) -> Iterator[Piece]:
    if expression.name is None:
        value: Value = expression.literal or ""
        for use in expression.filters:
            value = FILTERS[use.name].apply(value, use.argument, " ")
        yield Words(joined(value, " "), conditions=conditions)
        return
    variable = _variable(expression, conditions, loops)
    yield variable
    for use in expression.filters:
        if use.name == "default":
            empty = _and(conditions, Condition(variable.name, negated=True))
            yield Words(str(use.argument), conditions=empty)


def _variable(
    expression: Expression, conditions: _Conditions, loops: Mapping[str, Variable]
) -> Variable:
    """The piece for a variable; that it must be there itself goes without saying."""
    name = expression.variable or ""
    entry = loops.get(expression.name or "")
    picks = entry.picks if entry is not None else tuple(_picks(expression.filters))
    others = tuple(condition for condition in conditions if condition != Condition(name))
    return Variable(name, picks, conditions=others)


def _picks(filters: tuple[FilterUse, ...]) -> Iterator[FilterUse]:
    """The filters that pick entries; what is joined is one text, of which only tokens are cut."""
    joined = False
    for use in filters:
        if use.name in _PICKS and (not joined or use.name == "truncate_tokens"):
            yield use
        joined |= use.name == "join"
