"""Any words are read in a time in proportion to their length, and no more of them than is said."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.hostile_fragments import FRAGMENTS, TAGS
from recsys.conversation import answer as answering
from recsys.conversation import follow_up
from recsys.lab.wording import reworded, swapped
from recsys.language_models import load_encoder
from recsys.models.base import Queries
from recsys.prompts import Template, fit_tokens, lint
from recsys.prompts.check import MAX_PARTS
from recsys.prompts.counting import count_tokens, first_tokens
from recsys.prompts.diff import word_diff
from recsys.prompts.plan import Words, sentences_of
from recsys.prompts.render import MAX_STEPS
from recsys.prompts.syntax import MAX_SOURCE
from recsys.prompts.writing import with_filter
from recsys.request_text import CUT, MAX_WISH, folded, request_text
from recsys.schema import TemplateError
from recsys.wishes.clauses import clauses
from recsys.wishes.mentions import Mentions
from recsys.wishes.reader import WishReader
from recsys.wishes.tastes import is_order, states_taste
from recsys.wishes.years import YearGrammar
from tests.hostile import slow
from tests.wishes.test_reader import by_spelling, catalogue

TITLES = np.array(["Alien", "Toy Story (1995)", "Toy Story 2 (1999)", "No", "The Big Sleep"])
MENTIONS = Mentions(TITLES, sp.csr_matrix(np.ones((5, 2), dtype=np.float32)))
YEARS = YearGrammar(np.array([1915.0, 1950.0, 1990.0, 2000.0, 2016.0]))
KINDS = ["Comedy", "War", "Western", "Sci-Fi", "恐怖", "特别"]
GROUNDING = by_spelling(KINDS)
VALUES = {"history": [f"Title {i}" for i in range(50)], "liked": [], "intent": "x"}


def parsed(source: str) -> Template | None:
    try:
        return Template.parse(source)
    except TemplateError:
        return None


def rendered(source: str) -> object:
    template = parsed(source)
    return None if template is None else template.render(VALUES)


@pytest.mark.parametrize(
    "read",
    [
        clauses,
        YEARS.find,
        MENTIONS.find,
        GROUNDING._spelled,
        states_taste,
        is_order,
        request_text,
        folded,
        sentences_of,
        count_tokens,
        lambda text: first_tokens(text, 5),
        lambda text: fit_tokens(text, len, 60),
        follow_up,
        lambda text: follow_up(text, ("Alien (1979)", "Big")),
    ],
    ids=(
        "clauses years mentions spelled tastes orders request folded sentences count first fit "
        "goes-on others"
    ).split(),
)
def test_eight_times_the_words_take_about_eight_times_the_time(
    read: Callable[[str], object],
) -> None:
    assert slow(read, FRAGMENTS, 4000) == []


@pytest.mark.parametrize(
    "read",
    [
        rendered,
        lambda source: lint(source, VALUES),
        lambda source: rendered("{{ x " + source + " }}"),
        lambda source: rendered("{% if x %}" + source + "{% endif %}"),
        lambda source: with_filter(source, "last"),
        lambda source: word_diff(source, source[: len(source) // 2] + "x"),
    ],
    ids=["render", "lint", "tag", "block", "filter", "diff"],
)
def test_eight_times_the_template_takes_about_eight_times_the_time(
    read: Callable[[str], object],
) -> None:
    assert slow(read, (*TAGS, *FRAGMENTS), 4000) == []


@given(st.lists(st.sampled_from([*FRAGMENTS, *TAGS]), max_size=60).map("".join) | st.text())
@settings(max_examples=150, deadline=None)
def test_any_mixture_is_read_or_refused_in_words(text: str) -> None:
    for clause in clauses(text):
        assert clause.text.strip()
        YEARS.find(clause.text)
    for mention in MENTIONS.find(text):
        assert 0 <= mention.begin < mention.end <= len(text)
    states_taste(text)
    assert (
        len(request_text(text).text) <= MAX_WISH
        and request_text(request_text(text).text).cut is False
    )
    for finding in lint(text, VALUES):
        assert str(finding.message)
    for source in (text, "{{ " + text + " }}", "{% if x %}" + text + "{% endif %}"):
        rendered(source)
        with_filter(source, "last")
    joined = "".join(one.text for one in word_diff(text, text[::2]) if one.kind != "new")
    assert joined == text


def test_of_a_long_wish_the_begin_is_read_whole_words_at_a_time() -> None:
    assert request_text("  a\t  quiet \n\n western ") == request_text("a quiet\nwestern")
    assert request_text("word " * 1000).text == ("word " * (MAX_WISH // 5)).strip()
    assert request_text("词" * 5000).text == "词" * MAX_WISH and request_text("词" * 5000).cut
    assert not request_text("x" * MAX_WISH).cut
    assert str(MAX_WISH) in str(CUT)


def test_no_model_is_asked_more_than_is_read(small) -> None:  # type: ignore[no-untyped-def]
    queries = Queries(small, np.array([0]), intent="scary   " * 5000)
    assert len(queries.intent) <= MAX_WISH and "  " not in queries.intent


@pytest.mark.parametrize("fragment", ["no horror from 1990, ", "like Title 0, ", "不要恐怖片，"])
def test_a_long_wish_is_understood_as_its_begin_is(fragment: str) -> None:
    data = catalogue(KINDS)
    films = WishReader(data, load_encoder())
    told, begin = films.read(fragment * 5000), films.read(request_text(fragment * 5000).text)
    assert told.cut and not begin.cut
    assert told.to_dict() == begin.to_dict() and begin


def test_letters_that_stand_for_titles_are_nobodys_words() -> None:
    data = catalogue(KINDS)
    films = WishReader(data, load_encoder())
    assert films.read("\ue0000\ue001 western \ue0009999999\ue001").wanted == ("Western",)


@pytest.mark.parametrize("number", ["0", "7", "9" * 5000])
def test_letters_that_stand_for_quoted_texts_are_nobodys_words(number: str) -> None:
    assert lint(f"{{{{ 'a' . \ue000{number}\ue001 }}}}", VALUES)


def test_a_long_conversation_keeps_its_last_questions() -> None:
    wish = "a western"
    for number in range(500):
        wish = answering._gone_on(wish, f"and question {number}?")
        assert len(wish) <= MAX_WISH
    assert wish.endswith("and question 498. and question 499?")
    assert answering._gone_on(wish, "x" * MAX_WISH) == "x" * MAX_WISH


def test_a_template_of_too_many_sentences_is_refused_where_they_are_too_many() -> None:
    fits = "A line.\n" * MAX_PARTS
    assert len([p for p in Template.parse(fits).pieces if isinstance(p, Words)]) == MAX_PARTS
    with pytest.raises(TemplateError, match=f"more than {MAX_PARTS} sentences") as error:
        Template.parse(fits + "One more.")
    assert (error.value.line, error.value.column) == (MAX_PARTS + 1, 1)
    (finding,) = lint(fits + "One more.", VALUES)
    assert finding.severity == "error" and finding.line == MAX_PARTS + 1


@pytest.mark.parametrize(
    "many",
    [
        "{{ history }}" * (MAX_PARTS + 1),
        "{% if x %}{% endif %}" * (MAX_PARTS + 1),
        "{% if x %}" + "{% elif y %}" * (MAX_PARTS + 1) + "{% endif %}",
        '{{ "a. b. c. d." }}' * (MAX_PARTS // 4 + 1),
        '{{ x|default("a") }}' * (MAX_PARTS // 2 + 1),
        "{% for a in history %}{% endfor %}" * (MAX_PARTS + 1),
    ],
)
def test_so_are_other_parts(many: str) -> None:
    with pytest.raises(TemplateError, match=f"more than {MAX_PARTS}"):
        Template.parse(many)


@pytest.mark.parametrize(
    "source",
    [
        "{% if x %}" * 2000,
        "{% for a in history %}" * 800,
        "{{ " + "(" * 15000,
        "{{ x" + "|last" * 3900 + " }}",
        "{{ x|join('" + "y" * 15000 + "') }}",
        "{{ x|last(1000000000000) }}",
        "{{ x|truncate_tokens(1000000000000) }}",
        "{{ soft(1000000000) }}",
        "{{ " + "not " * 4000 + "x }}",
        "a" * 1_000_000,
        "{{ " + "x" * (MAX_SOURCE + 1) + " }}",
    ],
    ids=lambda source: source[:24],
)
def test_monstrous_templates_are_refused_with_a_place(source: str) -> None:
    with pytest.raises(TemplateError) as error:
        Template.parse(source)
    assert error.value.line >= 1 and error.value.column >= 1
    assert len(str(error.value)) < 400


def test_a_name_of_any_length_is_reported_short() -> None:
    (finding, *_) = lint("{{ " + "x" * 15000 + " }}", VALUES)
    assert len(str(finding.message)) < 400


def test_loops_in_loops_that_write_nothing_come_to_an_end() -> None:
    body = "{% if liked %}a{% endif %}" * 80
    source = "{% for a in history %}{% for b in history %}" + body + "{% endfor %}{% endfor %}"
    values = VALUES | {"history": [f"Title {i}" for i in range(3000)]}
    template = Template.parse(source)
    assert template.render(values).cut and MAX_STEPS < 3000 * 3000


def test_a_word_search_goes_over_any_text() -> None:
    marks = "!" * 6000
    template = Template.parse(f"{marks}the user{marks} likes{marks}\n{{# #}}")
    assert f"{marks}this person{marks} likes{marks}\n{{# #}}" in list(reworded(template))
    assert list(swapped(template, [], 1)) == []
