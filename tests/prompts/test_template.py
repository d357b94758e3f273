"""The template language: what it renders, and what it refuses where."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.prompts import FILTERS, Segment, Template
from recsys.prompts.render import MAX_RENDERED
from recsys.prompts.syntax import MAX_SOURCE
from recsys.schema import TemplateError

VALUES = {"history": ["Heat", "Toy Story", "Alien"], "intent": "funny", "liked": [], "now": ""}


def rendered(source: str, **values: object) -> str:
    return Template.parse(source).render({**VALUES, **values}).text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain words", "plain words"),
        ("{{ intent }}", "funny"),
        ("{{ history }}", "Heat, Toy Story, Alien"),
        ("喜欢{{ history }}", "喜欢Heat、Toy Story、Alien"),
        ('{{ history|last(2)|join("; ") }}', "Toy Story; Alien"),
        ("{{ history|first }}", "Heat"),
        ("{{ history|reverse|first(2) }}", "Alien, Toy Story"),
        ("{{ twice|unique }}", "a, b"),
        ("{{ intent|upper }} {{ history|first|lower }}", "FUNNY heat"),
        ("{{ apostrophe|title }}", "Don't Look"),
        ('{{ liked|default("nothing") }}', "nothing"),
        ('{{ "{{" }}', "{{"),
        ("{# a note #}words", "words"),
        ("{% if liked %}a{% elif now %}b{% else %}c{% endif %}", "c"),
        ("{% if not liked %}new{% endif %}", "new"),
        ("{% if history %}has{% endif %}", "has"),
        ("{% for x in history|last(2) %}<{{ x }}>{% endfor %}", "<Toy Story><Alien>"),
        ("{% for x in intent %}<{{ x }}>{% endfor %}", "<funny>"),
        ("a {{ soft(8) }} b", "a b"),
        ("unknown: {{ nothing }}.", "unknown: ."),
        ("{{- intent -}} !", "funny!"),
    ],
)
def test_renders(source: str, text: str) -> None:
    assert rendered(source, twice=["a", "b", "a"], apostrophe="don't look") == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("  a   b\t c  ", "a b c"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\n{% if liked %}x{% endif %}\nb", "a\nb"),
        ("a\n{# note #}\nb", "a\nb"),
        ("a\n{{ soft(2) }}\nb", "a\nb"),
        (
            "a\n{% for x in history %}\n- {{ x }}\n{% endfor %}\nb",
            "a\n- Heat\n- Toy Story\n- Alien\nb",
        ),
        ("a\n{% if liked %}x{% endif %}\n\nb", "a\n\nb"),
        ("a {{ now }} b", "a b"),
    ],
)
def test_white_space(source: str, text: str) -> None:
    assert rendered(source) == text


def test_segments_say_where_each_part_comes_from() -> None:
    prompt = Template.parse("{{ soft(8) }} Met {{ history|last(1) }}, wants {{ intent }}").render(
        VALUES
    )
    assert prompt.segments == (
        Segment("soft", "", n=8),
        Segment("words", "Met "),
        Segment("variable", "Alien", "history"),
        Segment("words", ", wants "),
        Segment("variable", "funny", "intent"),
    )


def test_front_matter_and_facts() -> None:
    template = Template.parse(
        "{# title: Evenings; description: For later\nlanguage: zh #}\n{{ soft(3) }}{{ now }}"
        "{% for x in liked %}{{ x }}{% endfor %}{% if now %}{{ soft(4) }}{% endif %}",
        "mine",
    )
    assert (template.title, template.description, template.language) == (
        "Evenings",
        "For later",
        "zh",
    )
    assert template.variables == ("now", "liked")
    assert template.soft_tokens == 7
    assert hash(template) == hash(Template.parse(template.source, "mine"))
    assert Template.parse("x", "mine").title == "mine"


@pytest.mark.parametrize(
    ("source", "line", "column", "named"),
    [
        ("{{ ''.__class__ }}", 1, 6, ".__class__"),
        ("a\n  {{ history[0] }}", 2, 13, "["),
        ("{{ 1 + 2 }}", 1, 6, "+"),
        ("{{ -history }}", 1, 4, "-"),
        ("{{ a ~ b }}", 1, 6, "~"),
        ("{{ a == b }}", 1, 6, "=="),
        ("{{ a and b }}", 1, 6, "and"),
        ("{{ a is defined }}", 1, 6, "is"),
        ("{{ a in b }}", 1, 6, "in"),
        ("{{ not a }}", 1, 4, "not"),
        ("{% if not not a %}{% endif %}", 1, 11, "not"),
        ("{{ a if b else c }}", 1, 6, "if"),
        ("{{ a, b }}", 1, 5, ","),
        ("{{ [a] }}", 1, 4, "["),
        ("{{ {} }}", 1, 4, "{"),
        ("{{ 5 }}", 1, 4, "5"),
        ("{{ 1.5 }}", 1, 4, "1.5"),
        ("{{ 9999999999 }}", 1, 4, "9999999999"),
        ("{{ True }}", 1, 4, "True"),
        ("{{ range(3) }}", 1, 4, "range"),
        ("{{ history.append(3) }}", 1, 11, ".append"),
        ("{{ history|last(2)(3) }}", 1, 4, "call"),
        ("{{ history|attr('x') }}", 1, 12, "attr"),
        ("{{ history|last(0) }}", 1, 12, "last"),
        ("{{ history|last('x') }}", 1, 12, "last"),
        ("{{ history|last(true) }}", 1, 12, "last"),
        ("{{ history|last(n=3) }}", 1, 18, "="),
        ("{{ history|upper(3) }}", 1, 12, "upper"),
        ("{{ history|default }}", 1, 12, "default"),
        ("{{ history|join(intent) }}", 1, 12, "join"),
        ("{{ soft(0) }}", 1, 4, "soft"),
        ("{{ soft(65) }}", 1, 4, "soft"),
        ("{{ soft('8') }}", 1, 4, "soft"),
        ("{{ soft() }}", 1, 4, "soft"),
        ("{{ soft(40) }}{{ soft(40) }}", 1, 18, "80"),
        ("{{ soft(8)|upper }}", 1, 4, "soft"),
        ("{% for x in history %}{{ soft(8) }}{% endfor %}", 1, 26, "soft"),
        ("{% macro f() %}{% endmacro %}", 1, 4, "macro"),
        ("x {%- set a = 1 %}", 1, 7, "set"),
        ("{% include 'x' %}", 1, 4, "include"),
        ("{% import 'x' as y %}", 1, 4, "import"),
        ("{% extends 'x' %}", 1, 4, "extends"),
        ("{% block a %}{% endblock %}", 1, 4, "block"),
        ("{% filter upper %}{% endfilter %}", 1, 4, "filter"),
        ("{% raw %}{{ x }}{% endraw %}", 1, 4, "raw"),
        ("{% nonsense %}", 1, 4, "nonsense"),
        ("{% if 'text' %}{% endif %}", 1, 7, "condition"),
        ("{% if history|last %}{% endif %}", 1, 7, "{% if history %} … {% endif %}"),
        ("{% for a, b in history %}{% endfor %}", 1, 9, "for"),
        ("{% for x in 'abc' %}{% endfor %}", 1, 13, "for"),
        ("{% for x in history %}{% for y in x %}{% endfor %}{% endfor %}", 1, 35, "for"),
        ("{% for x in history if x %}{% endfor %}", 1, 21, "if"),
        ("{% for x in history recursive %}{% endfor %}", 1, 21, "recursive"),
        ("{% for x in history %}a{% else %}b{% endfor %}", 1, 27, "else"),
        ("a\n{% if history %}", 2, 4, "if"),
        ("{% if history %}\n{% endfor %}", 2, 4, "endfor"),
        ("{% endif %}", 1, 4, "endif"),
        ("a {{ history", 1, 3, "{{"),
        ("a\nb {# note", 2, 3, "{#"),
        ("{{ }}", 1, 4, "}}"),
        ("{{ (a }}", 1, 7, "}}"),
        ("{{ history ! }}", 1, 12, "!"),
        ("{{ a b }}", 1, 6, "b"),
        ("{{ " + "(" * 9 + "a" + ")" * 9 + " }}", 1, 12, "("),
        ("{% if a %}" * 9 + "{% endif %}" * 9, 1, 84, "if"),
        ('{{ "\\ud800" }}', 1, 4, "broken"),
        ("{{ a" + "|lower" * 9 + " }}", 1, 54, "8 filters"),
    ],
)
def test_refuses_with_line_and_column(source: str, line: int, column: int, named: str) -> None:
    with pytest.raises(TemplateError) as caught:
        Template.parse(source)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert named in str(caught.value)
    assert str(caught.value).startswith(f"Line {line}, column {column}: ")


def test_refuses_what_is_too_long() -> None:
    with pytest.raises(TemplateError, match="20001 characters"):
        Template.parse("x" * (MAX_SOURCE + 1))


def test_a_prompt_has_a_limit_even_in_nested_loops() -> None:
    many = [f"title {n}" for n in range(5000)]
    source = "{% for x in liked %}{% for y in liked %}{{ x }} {{ y }}{% endfor %}{% endfor %}"
    prompt = Template.parse(source).render({"liked": many})
    assert prompt.cut
    assert len(prompt.text) <= MAX_RENDERED


SNIPPETS = st.sampled_from(
    [
        *(" ", "\n", "\r", "\x00", "{% if x %}", "{% endif %}", "{% for y in x %}", "{% endfor %}"),
        *"{{ }} {% %} {# #} - if for in endif endfor else elif not x soft(8) |last(5) | (".split(),
        *") ' \" . , 1 raw endraw {{x}} 故宫 \\u12".split(),
    ]
)


def refusal_of(source: str) -> TemplateError | None:
    try:
        Template.parse(source)
    except TemplateError as error:
        return error
    return None


@given(st.one_of(st.text(), st.lists(SNIPPETS, max_size=30).map("".join)))
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_template_or_refused_within_it(source: str) -> None:
    refusal = refusal_of(source)
    if refusal is not None:
        lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert 1 <= refusal.line <= len(lines)
        assert 1 <= refusal.column <= len(lines[refusal.line - 1]) + 1
        return
    template = Template.parse(source)
    first, second = template.render(VALUES), template.render(VALUES)
    assert first == second
    assert first.text == "".join(segment.text for segment in first.segments)
    assert first.text == first.text.strip()
    assert "\n\n\n" not in first.text
    assert Template.parse(source) == template


@given(st.text(), st.lists(st.text(), max_size=4))
@settings(max_examples=200, deadline=None)
def test_values_are_data(text: str, titles: list[str]) -> None:
    title = "{{ x }} {% if y %} {# z #} {{ soft(8) }}" + text
    template = Template.parse("{{ intent }}|{% for x in history %}{{ x }}{% endfor %}")
    prompt = template.render({"intent": title, "history": [*titles, title]})
    assert prompt.text.startswith(" ".join(title.split()) + "|")
    assert prompt.text.endswith(" ".join(title.split()))
    assert all(segment.kind != "soft" for segment in prompt.segments)
    assert "\n" not in prompt.text


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_takes_texts_and_lists(name: str) -> None:
    argument = {"count": "(2)", "text": '("x")', None: ""}[FILTERS[name].argument]
    template = Template.parse(f"{{{{ value|{name}{argument} }}}}")
    for value in ("", "a text", [], ["one"], ["a", "b", "c"], [""]):
        assert template.render({"value": value}) == template.render({"value": value})
    assert FILTERS[name].description
