"""The interpreter: a checked tree and values → words for a language model.

Nothing is evaluated: values are only ever copied into the text, each on one line, so a title that
looks like template code stays a title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from recsys.prompts.filters import FILTERS, Value, entries, is_empty, joined
from recsys.prompts.nodes import Expression, For, If, Node, Output, SoftPrompt, Text

#: The longest rendered prompt, in characters; no language model here reads more.
MAX_RENDERED = 50_000

#: The most steps (words, variables, conditions, turns of loops) that a rendering takes: a loop in a
#: loop may write nothing at all, millions of times.
MAX_STEPS = 100_000

#: What joins a list that the template does not join itself.
SEPARATORS = {"en": ", ", "zh": "、"}


@dataclass(frozen=True)
class Segment:
    """A stretch of a rendered prompt.

    Attributes:
        kind: "words" of the template, the value of a "variable", or a "soft" prompt.
        text: what the language model reads; empty for "soft".
        variable: the variable's name for kind "variable".
        n: the number of trainable vectors for kind "soft".
    """

    kind: Literal["words", "variable", "soft"]
    text: str
    variable: str | None = None
    n: int = 0


@dataclass(frozen=True)
class RenderedPrompt:
    """A prompt for one user.

    Attributes:
        text: the segments' texts put together: what a language model reads.
        segments: where each part comes from, in order.
        cut: whether the rendering stopped at `MAX_RENDERED` characters, or `MAX_STEPS`.
    """

    text: str
    segments: tuple[Segment, ...]
    cut: bool = False


def as_value(raw: object) -> Value:
    """A value as a text or a tuple of texts, each without line breaks; None is empty."""
    if raw is None:
        return ""
    if isinstance(raw, str):
        return " ".join(raw.split())
    if isinstance(raw, Iterable):
        return tuple(" ".join(str(entry).split()) for entry in raw)
    return str(raw)


def render(body: tuple[Node, ...], values: Mapping[str, object], language: str) -> RenderedPrompt:
    """Render a checked tree; a variable that `values` lacks counts as empty."""
    writer = _Writer({name: as_value(raw) for name, raw in values.items()}, SEPARATORS[language])
    with suppress(_Full):  # what was written up to the limit is the prompt, and `cut` says so
        writer.write(body, {})
    segments = _tidy(writer.parts)
    text = "".join(segment.text for segment in segments)
    return RenderedPrompt(text, tuple(segments), cut=writer.room <= 0)


class _Full(Exception):
    """The prompt has reached its limit."""


class _Writer:
    """Writes the parts of a prompt until there is no more room."""

    def __init__(self, values: Mapping[str, Value], separator: str) -> None:
        self.values = values
        self.separator = separator
        self.parts: list[Segment] = []
        self.room = MAX_RENDERED
        self.steps = MAX_STEPS
        self.computed: dict[int, Value] = {}  # of expressions that no loop changes, by id

    def write(self, body: Sequence[Node], loop: Mapping[str, str]) -> None:
        """Write nodes; `loop` holds the loop variables' present entries."""
        for node in body:
            self.steps -= 1
            if self.steps < 0:
                self.room = 0
                raise _Full
            if isinstance(node, Text):
                self.add(Segment("words", node.text))
            elif isinstance(node, Output):
                self.output(node.expression, loop)
            elif isinstance(node, SoftPrompt):
                self.add(Segment("soft", "", n=node.n))
            elif isinstance(node, If):
                self.condition(node, loop)
            elif isinstance(node, For):
                for entry in entries(self.value(node.expression, loop)):
                    self.add(Segment("words", ""))  # an empty body takes room too
                    self.write(node.body, {**loop, node.target: entry})

    def output(self, expression: Expression, loop: Mapping[str, str]) -> None:
        text = joined(self.value(expression, loop), self.separator)
        given = expression.variable is not None and not is_empty(self.look_up(expression, loop))
        if given:
            self.add(Segment("variable", text, expression.variable))
        else:  # a literal, or the words of `default`
            self.add(Segment("words", text))

    def condition(self, node: If, loop: Mapping[str, str]) -> None:
        for branch in node.branches:
            if is_empty(self.look_up(branch.expression, loop)) == branch.negated:
                self.write(branch.body, loop)
                return
        self.write(node.otherwise, loop)

    def look_up(self, expression: Expression, loop: Mapping[str, str]) -> Value:
        if expression.name is None:
            return expression.literal or ""
        if expression.name in loop:
            return loop[expression.name]
        return self.values.get(expression.name, "")

    def value(self, expression: Expression, loop: Mapping[str, str]) -> Value:
        if id(expression) in self.computed:
            return self.computed[id(expression)]
        value = self.look_up(expression, loop)
        for use in expression.filters:
            value = FILTERS[use.name].apply(value, use.argument, self.separator)
        if expression.element_of is None:
            self.computed[id(expression)] = value
        return value

    def add(self, part: Segment) -> None:
        if len(part.text) >= self.room:
            part = Segment(part.kind, part.text[: self.room], part.variable, part.n)
        self.parts.append(part)
        self.room -= max(1, len(part.text))
        if self.room <= 0:
            raise _Full


def _tidy(parts: Sequence[Segment]) -> list[Segment]:
    """Trim lines, make one space of many, keep at most one blank line between lines.

    A line that holds tags but no text once rendered, like a lone `{% endif %}` or a condition that
    does not hold, vanishes with its line break; a line left blank on purpose stays.
    """
    tidy: list[Segment] = []
    gap = _Gap()
    for part in parts:
        gap.tagged = True  # a tag begins or ends between any two parts
        if part.kind == "soft":
            tidy.append(part)
        text = ""
        for chunk in re.findall(r"\s+|\S+", part.text):
            if chunk.isspace():
                gap.widen(chunk)
                continue
            before = gap.close()
            if part.kind == "variable" and not text:
                _append_words(tidy, before)
                before = ""
            text += before + chunk
        if part.kind == "words":
            _append_words(tidy, text)
        elif text:
            tidy.append(Segment(part.kind, text, part.variable))
    return _merged(tidy)


@dataclass
class _Gap:
    """The white space between two stretches of text, and what kind of line we are on."""

    started: bool = False  # some text was written
    line_has_text: bool = False
    tagged: bool = False  # a tag stands on this line
    breaks: int = 0
    space: bool = False

    def widen(self, white: str) -> None:
        for character in white:
            if character != "\n":
                self.space = True
            else:
                if self.line_has_text or not self.tagged:
                    self.breaks += 1
                self.line_has_text = self.tagged = False

    def close(self) -> str:
        """The white space to write before the next text."""
        gap = "\n" * min(self.breaks, 2) or (" " if self.space else "")
        written = gap if self.started else ""
        self.started = self.line_has_text = True
        self.breaks, self.space = 0, False
        return written


def _append_words(tidy: list[Segment], text: str) -> None:
    if text:
        tidy.append(Segment("words", text))


def _merged(segments: Sequence[Segment]) -> list[Segment]:
    """Words that follow each other as one segment."""
    merged: list[Segment] = []
    for are_words, run in groupby(segments, lambda segment: segment.kind == "words"):
        if are_words:
            merged.append(Segment("words", "".join(segment.text for segment in run)))
        else:
            merged += run
    return merged
