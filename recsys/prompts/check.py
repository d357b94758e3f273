"""From jinja2's tree to ours: whatever is not on the allow-list is refused, with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jinja2 import nodes as jinja

from recsys.prompts.filters import FILTERS, MAX_ARGUMENT, MAX_COUNT, Argument
from recsys.prompts.nodes import (
    Branch,
    Expression,
    FilterUse,
    For,
    If,
    Node,
    Output,
    Place,
    SoftPrompt,
    Text,
)
from recsys.prompts.places import place_of, refuse
from recsys.prompts.plan import sentences_of
from recsys.schema import N_, TemplateError

#: The most trainable vectors that one template may ask for.
MAX_SOFT = 64
#: How many sentences, variables and conditions a template may have in all. A model reads each of
#: them by itself: 200 short sentences take MiniLM about a second, and the longest template of the
#: library has 13 pieces. 200 sentences of 100 letters are as long as a template may be.
MAX_PARTS = 200
#: How many filters one expression may pass through.
MAX_FILTERS = 8

_Scope = Mapping[str, str]  # loop variable → the data variable it runs over


def checked(tree: jinja.Template, source: str) -> tuple[Node, ...]:
    """Our tree of a template.

    Raises:
        TemplateError: for the first thing that is not allowed.
    """
    return _Checker(source).body(tree.body, {})


class _Checker:
    """Walks jinja2's tree once; holds the source to find places and counts what there is."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.soft = 0
        self.parts = 0

    def count(self, parts: int, place: Place) -> None:
        """So many sentences, variables or conditions more; refuses one too many."""
        self.parts += parts
        if self.parts > MAX_PARTS:
            raise refuse(
                N_(
                    "Line {line}, column {column}: here the template has more than {limit} "
                    "sentences, variables and conditions, which are read one by one. Shorten it."
                ),
                place,
                limit=MAX_PARTS,
            )

    def place(self, node: jinja.Node) -> Place:
        return place_of(self.source, node.lineno)

    def body(self, body: Sequence[jinja.Node], scope: _Scope) -> tuple[Node, ...]:
        checked: list[Node] = []
        for node in body:
            if isinstance(node, jinja.Output):
                checked += [self.output(child, scope) for child in node.nodes]
            elif isinstance(node, jinja.If):
                checked.append(self.condition(node, scope))
            elif isinstance(node, jinja.For):
                checked.append(self.loop(node, scope))
            else:
                raise self.refused(node)
        return tuple(checked)

    def output(self, node: jinja.Node, scope: _Scope) -> Node:
        if isinstance(node, jinja.TemplateData):
            self.count_sentences(node)
            return Text(node.data)
        if isinstance(node, jinja.Call):
            return self.soft_prompt(node, scope)
        expression = self.expression(node, scope)
        self.count(len(sentences_of(expression.literal or ".")) or 1, expression.place)
        return Output(expression)

    def count_sentences(self, node: jinja.TemplateData) -> None:
        """Count the sentences of some words; of too many, the first that is too much is found."""
        end = 0
        for sentence in sentences_of(node.data):
            # Its first word, as white space inside it may have been folded.
            end = node.data.find(sentence.split()[0], end)
            self.count(1, place_of(self.source, node.lineno + end))
            end += 1

    def condition(self, node: jinja.If, scope: _Scope) -> If:
        branches = []
        for branch in (node, *node.elif_):
            negated = isinstance(branch.test, jinja.Not)
            test = branch.test.node if isinstance(branch.test, jinja.Not) else branch.test
            if not isinstance(test, jinja.Name):
                raise refuse(
                    N_(
                        "Line {line}, column {column}: a condition is one variable, "
                        "or “not” and one variable, and nothing else."
                    ),
                    self.place(_leftmost(test)),
                )
            expression = self.expression(test, scope)
            self.count(1, expression.place)
            branches.append(Branch(expression, negated, self.body(branch.body, scope)))
        return If(tuple(branches), self.body(node.else_, scope))

    def loop(self, node: jinja.For, scope: _Scope) -> For:
        if node.test is not None or node.recursive or node.else_:
            raise self.refused(node)  # the guard has refused these already
        if not isinstance(node.target, jinja.Name):
            raise refuse(
                N_("Line {line}, column {column}: a “for” takes one name, as in “for x in liked”."),
                self.place(node.target),
            )
        expression = self.expression(node.iter, scope)
        if expression.name is None or expression.element_of is not None:
            raise refuse(
                N_("Line {line}, column {column}: a “for” goes over a list variable."),
                expression.place,
            )
        self.count(1, expression.place)
        inner = {**scope, node.target.name: expression.name}
        return For(node.target.name, expression, self.body(node.body, inner))

    def soft_prompt(self, node: jinja.Call, scope: _Scope) -> SoftPrompt:
        callee = node.node
        if not isinstance(callee, jinja.Name) or callee.name != "soft":
            found = callee.name if isinstance(callee, jinja.Name) else ""
            raise refuse(_CALL_REFUSED, self.place(_leftmost(node)), f"{found}(…)")
        place = self.place(callee)
        count = _constant(node.args)
        plain = not (node.kwargs or node.dyn_args or node.dyn_kwargs)
        if type(count) is not int or not plain or not 1 <= count <= MAX_SOFT:
            raise refuse(
                N_(
                    "Line {line}, column {column}: “soft” takes one number from 1 to {limit}, "
                    "as in soft(8)."
                ),
                place,
                limit=MAX_SOFT,
            )
        if scope:
            raise refuse(
                N_("Line {line}, column {column}: “soft” cannot stand inside a “for”."), place
            )
        self.soft += count
        if self.soft > MAX_SOFT:
            raise refuse(
                N_(
                    "Line {line}, column {column}: the template asks for {total} trainable "
                    "vectors; at most {limit} are allowed in all."
                ),
                place,
                total=self.soft,
                limit=MAX_SOFT,
            )
        return SoftPrompt(count, place)

    def expression(self, node: jinja.Node, scope: _Scope) -> Expression:
        chain: list[jinja.Filter] = []
        while isinstance(node, jinja.Filter) and node.node is not None:
            chain.append(node)
            node = node.node
        if len(chain) > MAX_FILTERS:
            raise refuse(
                N_("Line {line}, column {column}: at most {limit} filters may follow each other."),
                self.place(chain[-MAX_FILTERS - 1]),
                limit=MAX_FILTERS,
            )
        place = self.place(node)
        if isinstance(node, jinja.Name):
            name, literal = node.name, None
        elif isinstance(node, jinja.Const) and isinstance(node.value, str):
            name, literal = None, self.text(node)
        else:
            raise self.refused(node)
        filters = tuple(self.filter(use) for use in reversed(chain))
        self.count(sum(use.name == "default" for use in filters), place)
        return Expression(name, literal, filters, scope.get(name or ""), place)

    def filter(self, node: jinja.Filter) -> FilterUse:
        place = self.place(node)
        known = FILTERS.get(node.name)
        if known is None:
            raise refuse(
                N_("Line {line}, column {column}: there is no filter “{found}”. Use: {filters}."),
                place,
                node.name,
                filters=", ".join(FILTERS),
            )
        plain = not (node.kwargs or node.dyn_args or node.dyn_kwargs)
        argument = _constant(node.args)
        if not node.args and plain and not known.required:
            return FilterUse(node.name, None)
        if plain and known.argument == "count" and type(argument) is int:
            fits = 1 <= argument <= MAX_COUNT
        elif plain and known.argument == "text" and isinstance(argument, str):
            argument = self.text(node.args[0])
            fits = len(argument) <= MAX_ARGUMENT
        else:
            fits = False
        if fits and not isinstance(argument, float):
            return FilterUse(node.name, argument)
        raise refuse(_WRONG_ARGUMENT[known.argument], place, node.name, limit=MAX_COUNT)

    def text(self, node: jinja.Expr) -> str:
        """A literal text; half characters ("\\ud800") could never be written to a file."""
        text: str = node.value if isinstance(node, jinja.Const) else ""
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise refuse(
                N_("Line {line}, column {column}: this text holds a broken character."),
                self.place(node),
            )
        return text

    def refused(self, node: jinja.Node) -> TemplateError:
        """Anything that no other message covers."""
        if isinstance(node, jinja.Call):
            return refuse(_CALL_REFUSED, self.place(_leftmost(node)), "soft(…)")
        if isinstance(node, jinja.Tuple):
            found = ","
        else:
            found = str(getattr(node, "value", type(node).__name__.lower()))
        return refuse(
            N_(
                "Line {line}, column {column}: “{found}” is not allowed in templates; "
                "a variable or a text in quotes is."
            ),
            self.place(node),
            found,
        )


def _constant(args: Sequence[jinja.Expr]) -> Argument | bool | float:
    """The value of a single literal argument; None for anything else."""
    if len(args) == 1 and isinstance(args[0], jinja.Const):
        value: Argument | bool | float = args[0].value
        return value
    return None


def _leftmost(node: jinja.Node) -> jinja.Node:
    """The first thing that a person wrote of a call or of a chain of filters."""
    while isinstance(node, (jinja.Call, jinja.Filter)) and node.node is not None:
        node = node.node
    return node


_CALL_REFUSED = N_(
    "Line {line}, column {column}: the call “{found}” is not allowed in templates; "
    "the only call is soft(n), on its own."
)
_WRONG_ARGUMENT: dict[str | None, str] = {
    "count": N_(
        "Line {line}, column {column}: “{found}” takes one number from 1 to {limit}, as in last(5)."
    ),
    "text": N_(
        'Line {line}, column {column}: “{found}” takes one short text in quotes, as in join("; ").'
    ),
    None: N_("Line {line}, column {column}: “{found}” takes nothing in parentheses."),
}
