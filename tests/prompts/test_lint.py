"""What the lint says about a template, and where."""

from __future__ import annotations

import pytest

from recsys.prompts import lint

AVAILABLE = {"history": ["Heat"], "liked": [], "intent": "", "now": "a Friday evening"}


def found(source: str) -> list[tuple[str, int, int]]:
    return [(f.severity, f.line, f.column) for f in lint(source, AVAILABLE)]


def test_a_good_template_is_clean() -> None:
    assert found("Met {{ history }}{% if intent %}{{ intent }}{% endif %}") == []


def test_a_refused_template_has_one_finding() -> None:
    assert found("a\n {{ history.x }} {{ hystory }}") == [("error", 2, 12)]


def test_unknown_variables_are_named_once_with_the_nearest() -> None:
    source = "{{ hystory }} {{ hystory }}\n{{ zzz }}{% if intent %}{% endif %}"
    findings = lint(source, AVAILABLE)
    assert [(f.severity, f.line, f.column) for f in findings] == [("error", 1, 4), ("error", 2, 4)]
    assert "“history”" in str(findings[0].message)


def test_an_unknown_variable_behind_a_condition_is_only_a_hint() -> None:
    source = "{{ history }}{% if user_zip %}{{ user_zip }}{% endif %}{{ intent|default('-') }}"
    assert found(source) == [("hint", 1, 20)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ liked }}", [("warning", 1, 4)]),
        ("{% if liked %}{{ liked }}{% endif %}", []),
        ("{% for x in liked %}{{ x }}{% endfor %}", []),
        ("{{ liked|default('nothing') }}", []),
        ("{% if not liked %}{{ liked }}{% endif %}", [("warning", 1, 22)]),
        ("{{ now|last(3) }}", [("warning", 1, 4)]),
        ("{% for x in now %}{{ x }}{% endfor %}", [("warning", 1, 13)]),
    ],
)
def test_empty_variables_and_texts_used_as_lists(source: str, expected: object) -> None:
    assert found(source + "{% if intent %}{% endif %}") == expected


def test_what_is_left_out() -> None:
    assert found("{{ history }}") == [("hint", 1, 1)]
    assert found("the same for all") == [("warning", 1, 1)]


def test_knowledge_summaries_and_lengths() -> None:
    available = {**AVAILABLE, "knowledge": [], "genres_counts": ["Comedy (2)"], "recent_genres": []}
    clean = (
        "{% if knowledge %}{{ knowledge|truncate_tokens(60)|join }}{% endif %}"
        "{{ genres_counts|first(2) }}{{ now|truncate_tokens(2) }}{{ intent|default('-') }}"
    )
    assert lint(clean, available) == []
    told = lint("{{ knowledge }}{{ recent_genre }}{{ history|truncate(3) }}", available)
    assert [(f.severity, f.line) for f in told] == [("error", 1)]  # there is no such filter
    told = lint("{{ knowledge }}{{ recent_genre }}{{ intent|default('-') }}", available)
    assert [f.severity for f in told] == ["warning", "error"]
    assert "“recent_genres”" in str(told[1].message)


@pytest.mark.parametrize(
    ("titles", "warned"),
    [
        (["124", "110", "117"], True),
        (["i25", "B00005N7P0", "sku-17"], True),
        (["1984", "Brazil", "300"], False),
        (["1984"], False),
        (["Amber meadow", "Se7en", "8½"], False),
    ],
)
def test_titles_that_are_ids_are_warned_of(titles: list[str], warned: bool) -> None:
    found = lint("She saw {{ history }}. {{ intent }}", {"history": titles, "intent": "x"})
    assert any("are ids" in str(f.message) for f in found) == warned
