"""The flattened plan that models read."""

from __future__ import annotations

from recsys.prompts import Condition, Piece, Soft, Template, Variable, Words
from recsys.prompts.nodes import FilterUse


def pieces(source: str) -> list[Piece]:
    return list(Template.parse(source).pieces)


def test_words_are_split_into_sentences() -> None:
    assert pieces("One. Two! Three? 3.5 four\nfive 一。二！三") == [
        *(Words(text) for text in ("One.", "Two!", "Three?", "3.5 four", "five 一。", "二！", "三"))
    ]


def test_variables_keep_their_counts() -> None:
    assert pieces('{{ soft(8) }}Met {{ history|last(5)|join("; ") }}. Next? {{ liked|first }}') == [
        Soft(8),
        Words("Met"),
        Variable("history", (FilterUse("last", 5),)),
        Words("Next?"),
        Variable("liked", (FilterUse("first", None),)),
    ]


def test_a_loop_is_one_variable() -> None:
    found = pieces("{% for x in history|last(5) %}- saw {{ x }}\n{% endfor %}")
    seen = Words("saw", conditions=(Condition("history"),))
    assert found == [seen, Variable("history", (FilterUse("last", 5),))]


def test_conditions() -> None:
    found = pieces("{% if a %}A{% elif not b %}B{% else %}C{{ d }}{% endif %}E")
    assert found == [
        Words("A", conditions=(Condition("a"),)),
        Words("B", conditions=(Condition("a", negated=True), Condition("b", negated=True))),
        Words("C", conditions=(Condition("a", negated=True), Condition("b"))),
        Variable("d", conditions=(Condition("a", negated=True), Condition("b"))),
        Words("E"),
    ]
    assert (found[1].condition, found[1].negated) == ("b", True)
    assert (found[2].condition, found[2].negated) == ("b", False)
    assert (found[4].condition, found[4].negated) == (None, False)
    assert [piece.holds({"b"}) for piece in found] == [False, False, True, True, True]


def test_that_a_variable_needs_itself_is_left_out() -> None:
    assert pieces("{% if intent %}Wants {{ intent }}{% endif %}") == [
        Words("Wants", conditions=(Condition("intent"),)),
        Variable("intent"),
    ]


def test_default_words_stand_in_for_an_empty_variable() -> None:
    assert pieces('{{ intent|default("Anything.") }}') == [
        Variable("intent"),
        Words("Anything.", conditions=(Condition("intent", negated=True),)),
    ]
