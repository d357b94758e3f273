"""Ablation of a prompt: what the lists lose without each of its parts.

For a variable there is a second ablation, which keeps the part and permutes its values between
users: permutation importance (Breiman 2001, "Random Forests", section 10; Fisher, Rudin & Dominici
2019, "All models are wrong, but many are useful", arXiv:1801.01489). A prompt without the variable
is unlike those of training; with another user's value it keeps its form, so that the loss measures
the content of the variable alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from recsys.lab.effect import Effect, Progress, PromptLab
from recsys.lab.readings import WHOLE, ReadingMode
from recsys.prompts import Template
from recsys.prompts.nodes import Branch, For, If, Node, Output, SoftPrompt, Text
from recsys.prompts.plan import flattened

#: Where a node stands: its place in the body, then, within an `if`, branch and place, and so on.
_Path = tuple[int, ...]
_Body = tuple[Node, ...]


@dataclass(frozen=True)
class Part:
    """A part of a template that can be left out.

    Attributes:
        kind: "words", "variable" or "soft".
        text: the words, the variable's name, or "".
        without: the template with all but this part.
    """

    kind: str
    text: str
    without: Template


@dataclass(frozen=True, eq=False)
class PartAblation:
    """The effect of one part: the whole prompt compared with the prompt changed in that part.

    Attributes:
        without: compared with the prompt without the part.
        permuted: compared with the prompt that has other users' values of the variable; None for
            words, soft prompts, and a variable that fewer than two users have.
    """

    part: Part
    without: Effect
    permuted: Effect | None

    def to_dict(self, metric: str) -> dict[str, Any]:
        """As the command line prints it."""
        permuted = self.permuted
        return {
            "kind": self.part.kind,
            "text": self.part.text,
            **self.without.metrics[metric].comparison.to_dict(),
            "exchanged": None
            if permuted is None
            else permuted.metrics[metric].comparison.to_dict(),
        }


def parts(template: Template) -> list[Part]:
    """The parts of a template in order. A loop is one part: the variable that it runs over."""
    found = []
    for path, node in _leaves(template.body):
        body = _without(template.body, path)
        without = replace(template, body=body, pieces=flattened(body))
        found.append(Part(*_kind_and_text(node), without))
    return found


def ablate(
    lab: PromptLab,
    template: Template,
    progress: Progress | None = None,
    *,
    mode: ReadingMode = WHOLE,
) -> list[PartAblation]:
    """Measure the template without each of its parts, and with each variable permuted.

    Args:
        progress: called with (done, total) parts.
    """
    found = parts(template)
    whole = lab.measure(template, mode=mode)
    ablations = []
    for done, part in enumerate(found, start=1):
        without = Effect(lab.holdout, whole, lab.measure(part.without, mode=mode))
        permuted = None
        if part.kind == "variable" and lab.partners(part.text) is not None:
            other = lab.measure(template, exchanged=part.text, mode=mode)
            permuted = Effect(lab.holdout, whole, other)
        ablations.append(PartAblation(part, without, permuted))
        if progress is not None:
            progress(done, len(found))
    return ablations


def _leaves(body: _Body, above: _Path = ()) -> Iterator[tuple[_Path, Node]]:
    for place, node in enumerate(body):
        path = (*above, place)
        if isinstance(node, If):
            for number, branch in enumerate(_bodies(node)):
                yield from _leaves(branch, (*path, number))
        elif not isinstance(node, Text) or any(letter.isalnum() for letter in node.text):
            yield path, node


def _bodies(node: If) -> list[_Body]:
    return [*(branch.body for branch in node.branches), node.otherwise]


def _without(body: _Body, path: _Path) -> _Body:
    place, *rest = path
    if not rest:
        return body[:place] + body[place + 1 :]
    node = body[place]
    assert isinstance(node, If)
    number, *inner = rest
    if number == len(node.branches):
        changed = replace(node, otherwise=_without(node.otherwise, tuple(inner)))
    else:
        branch = node.branches[number]
        smaller = Branch(branch.expression, branch.negated, _without(branch.body, tuple(inner)))
        branches = (*node.branches[:number], smaller, *node.branches[number + 1 :])
        changed = replace(node, branches=branches)
    return (*body[:place], changed, *body[place + 1 :])


def _kind_and_text(node: Node) -> tuple[str, str]:
    if isinstance(node, Text):
        return "words", " ".join(node.text.split())
    if isinstance(node, SoftPrompt):
        return "soft", ""
    assert isinstance(node, Output | For)
    variable = node.expression.variable
    return ("words", node.expression.literal or "") if variable is None else ("variable", variable)
