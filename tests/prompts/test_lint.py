"""What the lint says about a template, and where."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recsys.prompts import Template, lint
from recsys.prompts.foreign import parses

AVAILABLE = {"history": ["Heat"], "liked": [], "intent": "", "now": "a Friday evening"}


def found(source: str) -> list[tuple[str, int, int]]:
    return [(f.severity, f.line, f.column) for f in lint(source, AVAILABLE)]


def test_a_good_template_is_clean() -> None:
    assert found("Met {{ history }}{% if intent %}{{ intent }}{% endif %}") == []


def test_behind_an_output_that_is_refused_the_reading_goes_on() -> None:
    assert found("a\n {{ history.x }} {{ hystory }}") == [("error", 2, 12), ("error", 2, 21)]
    assert found("a\n {% set x %} {{ hystory }}") == [("error", 2, 5)]


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
    assert [f.severity for f in told] == ["warning", "error", "error"]
    assert "there is no filter “truncate”" in str(told[2].message)
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


MENDED = [  # what somebody writes, where it is refused, and what is offered instead
    ("Seen: {{ history|join(“; ”) }}", 23, '{{ history|join("; ") }}'),
    ("{{ history|join(‘ / ’) }}", 17, "{{ history|join(' / ') }}"),
    ("{{ history｜last(3) }}", 11, "{{ history|last(3) }}"),
    ("{{ history|last（3） }}", 16, "{{ history|last(3) }}"),
    ("{{ history|join（“，”） }}", 16, '{{ history|join("，") }}'),
    ("{{ history|join(「、」) }}", 17, '{{ history|join("、") }}'),
    ("{{ history\u200b }}", 11, "U+200B"),
    ("{{#each history}}{{/each}}", 3, "{% for x in history %}{{ x }}, {% endfor %}"),
    ("{{#if liked}}", 3, "{% if liked %}"),
    ("{{#unless liked}}", 3, "{% if not liked %}"),
    ("{{^liked}}", 3, "{% if not liked %}"),
    ("{{#liked}}", 3, "{% if liked %}"),
    ("{{/liked}}", 3, "{% endif %}"),
    ("{{else}}", 3, "{% else %}"),
    ("{{{history}}}", 3, "{{ history }}"),
    ("{{&history}}", 3, "{{ history }}"),
    ("{{> partial}}", 3, "one text"),
    ("{{! a note }}", 3, "{# … #}"),
    ("{{ .History }}", 4, "{{ history }}"),
    ("{{ $history }}", 4, "{{ history }}"),
    ("{{ range .History }}", 10, "{% for x in history %}"),
    ("{{ if .Liked }}", 4, "{% if liked %}"),
    ("{{ history[0] }}", 11, "{{ history|first(1) }}"),
    ("{{ history[-1] }}", 11, "{{ history|last(1) }}"),
    ("{{ history[-3:] }}", 11, "{{ history|last(3) }}"),
    ("{{ history[:3]|upper }}", 11, "{{ history|first(3)|upper }}"),
    ("{{ history[1:3] }}", 11, "{{ history|first(3)|last(2) }}"),
    ("{{ history[::-1] }}", 11, "{{ history|reverse }}"),
    ("{{ item.title }}", 8, "{{ history }}"),
    ("{% for m in liked %}{{ m.title }}{% endfor %}", 25, "{{ m }}"),
    ("{{ user.age }}", 8, "{{ user_age }}"),
    ('{{ user["age"] }}', 8, "{{ user_age }}"),
    ('{{ ", ".join(history) }}', 8, '{{ history|join(", ") }}'),
    ('{{ history.join("{") }}', 11, '{{ history|join("{") }}'),
    ('{{ join(history, ", ") }}', 4, '{{ history|join(", ") }}'),
    ('{{ history | join: ", " }}', 18, '{{ history|join(", ") }}'),
    ("{{ history | last: 3 }}", 18, "{{ history|last(3) }}"),
    ("{{ history|last 3 }}", 17, "{{ history|last(3) }}"),
    ("{{ history last(3) }}", 12, "{{ history|last(3) }}"),
    ('{{ history|join(", " }}', 22, '{{ history|join(", ") }}'),
    ("{{ history|last(n=3) }}", 18, "{{ history|last(3) }}"),
    ("{{ history|upcase }}", 12, "{{ history|upper }}"),
    ("{{ history|safe }}", 12, "{{ history }}"),
    ("{{ history|truncate(30) }}", 12, "{{ history|truncate_tokens(30) }}"),
    ("{{ history|jion }}", 12, "{{ history|join }}"),
    ("{{ history|length }}", 12, "do not count"),
    ("{{ history | size }}", 14, "do not count"),
    ("{{ len(history) }}", 4, "do not count"),
    ("{{ history.length }}", 11, "do not count"),
    ('{{ intent or "a film" }}', 11, '{{ intent|default("a film") }}'),
    ('{{ intent || "a | b" }}', 12, '{{ intent|default("a | b") }}'),
    ('{{ "Seen: " + history }}', 13, "Seen: {{ history }}"),
    ("{{ history if liked }}", 12, "{% if liked %}{{ history }}{% endif %}"),
    ('{{ f"Seen: {history}" }}', 5, "Seen: {{ history }}"),
    ("{{ history:>10 }}", 11, "{{ history }}"),
    ("{{ history }", 12, "{{ history }}"),
    ("{{ history %}", 12, "{{ history }}"),
    ("{% if liked }}x{% endif %}", 13, "{% if liked %}"),
    ("{% if liked %}x{% endif", 16, "{% endif %}"),
    ("{% for x in liked %}{{ x }}", 4, "{% endfor %}"),
    ("{% for x in liked %}{{ x }}{% endif %}", 31, "{% endfor %}"),
    ("{% end %}", 4, "{% endif %}"),
    ("{% endforeach %}", 4, "{% endfor %}"),
    ("{% history %}", 4, "{{ history }}"),
    ("{% If liked %}x{% endif %}", 4, "{% if liked %}"),
    ("{% if liked: %}x{% endif %}", 12, "{% if liked %}"),
    ("{% if !liked %}x{% endif %}", 7, "{% if not liked %}"),
    ("{% if liked|length > 0 %}x{% endif %}", 20, "{% if liked %}"),
    ("{% if liked|length > 3 %}x{% endif %}", 20, "do not count"),
    ('{% if liked != "" %}x{% endif %}', 13, "{% if liked %}"),
    ("{% if liked is not none %}x{% endif %}", 13, "{% if liked %}"),
    ("{% if liked and now %}x{% endif %}", 13, "{% if liked %}{% if now %}"),
    ("{% if liked or now %}x{% endif %}", 13, "{% if liked %} … {% elif now %}"),
    ("{% unless liked %}x{% endunless %}", 4, "{% if not liked %}"),
    ("{% if liked %}a{% else if now %}b{% endif %}", 24, "{% elif now %}"),
    ("{% foreach x in liked %}", 4, "{% for x in liked %}"),
    ("{% for x in liked[:3] %}{{ x }}{% endfor %}", 18, "{% for x in liked|first(3) %}"),
    ("{% for i, x in enumerate(liked) %}{% endfor %}", 9, "{% for x in liked %}"),
    ("{% for x in liked %}{{ loop.index }}{% endfor %}", 28, '{{ history|join(", ") }}'),
    ("{% raw %}{}{% endraw %}", 4, '{{ "{{" }}'),
    ("{% set x = history %}", 4, "where it is used"),
    ("{% assign x = history %}", 4, "where it is used"),
    ('{% include "x" %}', 4, "one text"),
    ("{% comment %}", 4, "{# … #}"),
    ("{{ 历史|last(3 }}", 14, "{{ history|last(3) }}"),
]


@pytest.mark.parametrize(("source", "column", "said"), MENDED)
def test_other_languages_get_the_words_that_mend_them(source: str, column: int, said: str) -> None:
    first, *_ = [f for f in lint("Words first.\n" + source) if f.severity == "error"]
    assert (first.line, first.column) == (2, column)
    assert said in str(first.message)


STRAY = [
    ("The user liked {liked}.", 16, "{{ liked }}"),
    ("wants {intent}", 7, "{{ intent }}"),
    ('"seen": "{history}"', 10, "{{ history }}"),
    ("Seen {histroy}", 6, "{{ history }}"),
    ("Seen {history[-3:]}", 6, "{{ history|last(3) }}"),
    ('Seen {history|join(", ")}', 6, '{{ history|join(", ") }}'),
    ("Seen {history!r}", 6, "{{ history }}"),
    ("Seen {history:>30}", 6, "{{ history }}"),
    ("Seen { {history} }", 6, "{{ history }}"),
    ("Aged {user.age}", 6, "{{ user_age }}"),
    ("Seen ${history}", 6, "{{ history }}"),
    ("Seen #{history}", 6, "{{ history }}"),
    ("Seen $history", 6, "{{ history }}"),
    ("Seen {$history}", 6, "{{ history }}"),
    ("Seen <history>", 6, "{{ history }}"),
    ("Seen <<history>>", 6, "{{ history }}"),
    ("Seen [[history]]", 6, "{{ history }}"),
    ("Seen [history]", 6, "{{ history }}"),
    ("Seen %(history)s", 6, "{{ history }}"),
    ("Seen %history%", 6, "{{ history }}"),
    ("Seen __history__", 6, "{{ history }}"),
    ("Seen <%= history %>", 6, "{{ history }}"),
    ("Seen <?= $history ?>", 6, "{{ history }}"),
    ("Seen \\(history)", 6, "{{ history }}"),
    ("看过｛｛ history ｝｝", 3, "{{ history }}"),
    ("看过｛历史｝", 3, "{{ history }}"),
    ("看过{历史}", 3, "{{ history }}"),
    ("Seen {0} times", 6, "{{ history }}"),
    ("Seen {}.", 6, "{{ history }}"),
    ("Seen %s.", 6, "{{ history }}"),
    ("{foreach $history as $x}", 1, "{% for x in history %}"),
    ("<#list history as x>", 1, "{% for x in history %}"),
    ("#foreach($x in $history)", 1, "{% for x in history %}"),
    ("<% for x in history %>", 1, "{% for x in history %}"),
]


@pytest.mark.parametrize(("source", "column", "said"), STRAY)
def test_words_that_were_meant_as_variables_are_warned_of(
    source: str, column: int, said: str
) -> None:
    told = [f for f in lint("{{ now }}\n" + source) if f.line == 2]
    assert [(f.severity, f.column) for f in told] == [("warning", column)]
    assert said in str(told[0].message)


@pytest.mark.parametrize(
    "source",
    [
        'Answer as {"items": ["…"], "why": {}} only, {"a": {}}, {"b": []}.',
        '{"user": {"seen": "{{ history|last(3)|join(", ") }}"}}',
        'Seen:\n- {{ history|last(4)|join("\\n- ") }}',
        "{ title: string, genres: string[], year: number }",
        "One of {a, b}, {1, 2}, x{3}, \\d{4} or {movie-night}.",
        "<history>{{ history }}</history> <b>bold</b>",
        "It cost $5, 100% sure, [1], [link](http://x.org), a@b.org, 5 %.",
        "{% if user_zip %}{{ user_zip }}{% endif %}",
        "{% if mood %}{{ mood }}{% endif %}",
    ],
)
def test_json_and_prose_are_words(source: str) -> None:
    assert lint("{{ intent }}" + source) == []


def test_a_byte_order_mark_and_line_ends_of_windows_are_no_words() -> None:
    source = "\ufeff{# title: Evenings #}\r\nSeen:\r\n{{ now }}\r\n{{ histroy }}\r\n"
    assert [(f.severity, f.line, f.column) for f in lint(source)] == [("error", 4, 4)]
    assert Template.parse(source.replace("{{ histroy }}", "")).title == "Evenings"


@pytest.mark.parametrize(
    ("name", "severity", "meant"),
    [
        ("histroy", "error", "history"),
        ("历史", "error", "history"),
        ("观看历史", "error", "history"),
        ("不喜欢", "error", "disliked"),
        ("Intent", "error", "intent"),
        ("this", "error", "loop"),
        ("end", "error", "{% endfor %}"),
        ("query", "hint", "intent"),  # there may be a column of that name
        ("genrse", "warning", "genre"),
        ("类型", "hint", "类型"),
        ("zzz", "hint", "zzz"),
    ],
)
def test_names_without_data(name: str, severity: str, meant: str) -> None:
    (told,) = lint(f"{{{{ {name} }}}}")
    assert (told.severity, told.line, told.column) == (severity, 1, 4)
    assert meant in str(told.message)


PIECES = st.sampled_from(
    "{{ }} { } {% %} [ ] ( ) | . , : ; “ ” ｛ ） history liked 历史 this user.age last join(', ') "
    "if for in end endfor not and else # / > ^ $ % = \n < 'a | b' \" ' \u200b {$ ${ %( )s".split(
        " "
    )
)


@given(st.lists(PIECES, max_size=14).map("".join))
@example("{{“}}")
@settings(max_examples=300, deadline=None)
def test_what_is_offered_can_be_read(source: str) -> None:
    for told in lint(source):
        offered = str(told.message.params.get("instead", ""))
        assert told.line >= 1 and told.column >= 1
        if offered.startswith("{{") and offered.count("{{") == 1:
            assert parses(offered), (source, offered)
