"""What a click in the palette writes."""

from __future__ import annotations

import pytest

from recsys.prompts import FILTERS, LIBRARY, Template, lint
from recsys.prompts.writing import with_filter, with_variable, written


@pytest.mark.parametrize(
    "source", ["", "\n", "Met {{ history }}.", *(t.source for t in LIBRARY.values())]
)
def test_a_variable_becomes_a_line_that_is_left_out_where_it_is_empty(source: str) -> None:
    found = with_variable(source, "liked")
    assert found.startswith(source.rstrip())
    assert found.endswith("{% if liked %}{{ liked }}{% endif %}")
    template = Template.parse(found)
    assert "Heat" in template.render({"liked": ["Heat"]}).text
    told = lint(found, {"liked": [], "history": ["x"], "intent": ""})
    assert "liked" not in [finding.message.params.get("name") for finding in told]


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_can_be_added_and_then_reads_as_it_stands(name: str) -> None:
    for template in LIBRARY.values():
        found = with_filter(template.source, name)
        assert f"|{written(name)}" in found
        Template.parse(found)


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        ("{{ a }} {{ b }}.", "last", "{{ a }} {{ b|last(5) }}."),
        ("{{ b|first(3)}}", "upper", "{{ b|first(3)|upper}}"),
        ("{{b}}", "truncate_tokens", "{{b|truncate_tokens(60)}}"),
        ('{{ b|join("|join ") }}', "last", '{{ b|last(5)|join("|join ") }}'),
        ('{{ b | join("; ")|upper }}', "truncate_tokens", None),
        ('{{ b|join("; ") }}', "default", '{{ b|join("; ")|default("…") }}'),
        (
            '{{ b|join("}} ") }} {{ soft(8) }}',
            "reverse",
            '{{ b|reverse|join("}} ") }} {{ soft(8) }}',
        ),
        ("{{- b -}}", "lower", "{{- b|lower -}}"),
        ("no place {{ soft(8) }}", "last", "no place {{ soft(8) }}"),
        ("{% if a %}x{% endif %}", "last", "{% if a %}x{% endif %}"),
    ],
)
def test_where_a_filter_goes(source: str, name: str, expected: str | None) -> None:
    found = with_filter(source, name)
    assert found == (expected or '{{ b|truncate_tokens(60) | join("; ")|upper }}')
    if source != found:
        Template.parse(found)
