"""`PromptReader` against the rendered text: it has to know what a person would read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.prompts import LIBRARY, Template, Verbaliser, Words
from recsys.prompts.contexts.contexts import LIST_LENGTH, ListToken, ValuesToken
from recsys.prompts.contexts.reading import PromptReader, Reading
from recsys.schema import KNOWLEDGE_COLUMNS

#: Titles and values between marks, so that they are found in a text whatever stands around them.
ITEMS = pd.DataFrame(
    {
        "item_id": [f"i{n}" for n in range(9)],
        "title": [f"<film {n}>" for n in range(9)],
        "genres": [[["[comedy]"], ["[drama]", "[short]"], ["[short]"]][n % 3] for n in range(9)],
    }
)
#: user: (item, rating) oldest first. Liked from 3. No user meets an item twice.
HISTORIES = {
    "long": [(n, 1.0 + n % 5) for n in range(9)],
    "short": [(4, 5.0)],
    "liked only": [(3, 4.0), (1, 3.0), (0, 5.0)],
    "mixed": [(8, 2.0), (7, 4.0), (2, 1.0), (5, 3.0)],
}
FACTS = pd.DataFrame(
    [
        *[("", f"i{n}", f"#fact {n}#") for n in (0, 2, 3, 7)],
        ("genres", "[short]", "#of shorts#"),
        ("genres", "[drama]", "#of dramas#"),
        ("", "i0", "#another of film 0#"),
    ],
    columns=KNOWLEDGE_COLUMNS,
)
TEMPLATES = {
    **LIBRARY,
    "own: filters": Template.parse(
        "Old ones. {{ liked|first(2)|join }} New ones. {{ history|last }} "
        "{% if not disliked %}Nothing bad. {% elif user_job %}Some bad. {% else %}No job. "
        "{% endif %}"
        "Job: {{ user_job|default('unknown') }}. {{ genres }}"
    ),
    "own: only words": Template.parse("Recommend something."),
    "own: nothing": Template.parse("{{ soft(3) }}"),
    "own: summaries": Template.parse(
        "{% if recent_genres %}Lately {{ recent_genres|join }}.{% else %}No news.{% endif %} "
        "{{ genres_counts|first(2) }}"
    ),
    "own: knowledge": Template.parse(
        "{% if knowledge %}Known: {{ knowledge|truncate_tokens(9)|last(2) }}.{% else %}Unknown."
        "{% endif %} {% for fact in knowledge|last(5) %}- {{ fact }}{% endfor %}"
    ),
    "own: lengths": Template.parse(
        "{{ history|reverse|truncate_tokens(10) }} {{ liked|last(3)|truncate_tokens(11)|last }}"
        "{{ disliked|truncate_tokens(4) }}"
    ),
}


def dataset(histories: dict[str, list[tuple[int, float]]]) -> Dataset:
    rows = [(user, f"i{n}", rating) for user, told in histories.items() for n, rating in told]
    events = pd.DataFrame(rows, columns=["user_id", "item_id", "rating"])
    users = pd.DataFrame({"user_id": ["long", "short", "mixed"], "job": ["cook", None, "pilot"]})
    data = Dataset.from_frames(events, ITEMS, users, name="told", liked_from=3.0)
    return data.with_knowledge(FACTS)


def without_events(data: Dataset, *users: str) -> Dataset:
    return data.select(~np.isin(data.user, data.users.positions(users)))


@pytest.fixture
def told() -> Dataset:
    """The four histories, and somebody without any."""
    return without_events(dataset({**HISTORIES, "nobody": [(0, 5.0)]}), "nobody")


def read(
    data: Dataset,
    template: Template,
    users: np.ndarray,
    *,
    intent: bool = False,
    wish: str = "",
    forget: np.ndarray | None = None,
    exchanged: Mapping[str, np.ndarray] | None = None,
    exact: bool = False,
) -> Reading:
    """What the template says of users after all their events."""
    ends = data.offsets[users + 1]
    has_intent = np.full(len(users), intent)
    return PromptReader(data).read(
        template,
        users,
        ends,
        has_intent=has_intent,
        wish=wish,
        forget=forget,
        exchanged=exchanged,
        exact=exact,
    )


def sentences(reading: Reading, row: int) -> list[str]:
    return [reading.words[of] for of in reading.word_of[row] if of >= 0]


def titles(data: Dataset, reading: Reading, row: int, *, facets: bool = False) -> list[str]:
    """The titles behind the lists of a moment; `facets`: behind its attribute values."""
    return [
        title
        for token in reading.lists
        if isinstance(token, ListToken) and (token.kind == "facets") == facets
        for title in data.titles[token.items[row][token.held[row]]]
    ]


def picked_values(reading: Reading, row: int) -> list[str]:
    """The attribute values that picks leave at a moment."""
    return [
        value
        for token in reading.lists
        if isinstance(token, ValuesToken)
        for value in token.names[token.values[row][token.held[row]]]
    ]


def values_read(data: Dataset, reading: Reading, row: int) -> set[str]:
    """The attribute values that a moment is told, by themselves or by the items that have them."""
    of = dict(zip(data.titles, data.attribute_values("genres"), strict=True))
    by_items = {value for title in titles(data, reading, row, facets=True) for value in of[title]}
    return by_items | set(picked_values(reading, row))


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("intent", ["", "something short"])
@pytest.mark.parametrize("name", TEMPLATES)
class TestSaysWhatTheTextSays:
    def test_the_same_sentences(self, told: Dataset, name: str, intent: str, exact: bool) -> None:
        template, users = TEMPLATES[name], np.arange(told.n_users)
        reading = read(told, template, users, intent=bool(intent), exact=exact)
        verbaliser = Verbaliser(told)
        own = {piece.text for piece in template.pieces if isinstance(piece, Words)}
        for user in users:
            text = squeezed(template.render(verbaliser.values(user, intent=intent)).text)
            said = [sentence for sentence in sentences(reading, user) if sentence in own]
            assert all(sentence in text for sentence in said)
            assert {sentence for sentence in own if sentence in text} == set(said)
            # and in the order of the text
            at = [text.index(sentence) for sentence in said]
            assert at == sorted(at)

    def test_the_same_titles(self, told: Dataset, name: str, intent: str, exact: bool) -> None:
        template, users = TEMPLATES[name], np.arange(told.n_users)
        reading = read(told, template, users, intent=bool(intent), exact=exact)
        verbaliser = Verbaliser(told)
        for user in users:
            text = template.render(verbaliser.values(user, intent=intent)).text
            assert sorted(titles(told, reading, user)) == sorted(re.findall("<.*?>", text))

    def test_attribute_values_of_the_items_that_have_them(
        self, told: Dataset, name: str, intent: str, exact: bool
    ) -> None:
        template, users = TEMPLATES[name], np.arange(told.n_users)
        reading = read(told, template, users, intent=bool(intent), exact=exact)
        verbaliser = Verbaliser(told)
        for user in users:
            text = template.render(verbaliser.values(user, intent=intent)).text
            read_of = values_read(told, reading, user)
            said = set(re.findall(r"\[.*?\]", text))
            assert said == read_of if exact else said <= read_of
            assert bool(said) == bool(read_of)

    def test_the_same_facts(self, told: Dataset, name: str, intent: str, exact: bool) -> None:
        template, users = TEMPLATES[name], np.arange(told.n_users)
        reading = read(told, template, users, intent=bool(intent), wish=intent, exact=exact)
        verbaliser = Verbaliser(told)
        for user in users:
            text = template.render(verbaliser.values(user, intent=intent)).text
            said = [s for s in sentences(reading, user) if s.startswith("#")]
            assert said == re.findall("#.*?#", text)
        assert not any(reading.asking[n] for n, s in enumerate(reading.words) if s[0] == "#")

    def test_the_intent_and_the_soft_prompt(
        self, told: Dataset, name: str, intent: str, exact: bool
    ) -> None:
        template, users = TEMPLATES[name], np.arange(told.n_users)
        reading = read(told, template, users, intent=bool(intent), exact=exact)
        wanted = bool(intent) and "intent" in template.variables
        assert reading.intent.tolist() == [wanted] * len(users)
        assert reading.soft.shape == (len(users), template.soft_tokens)
        assert reading.soft.all()

    def test_what_is_known_about_users(
        self, told: Dataset, name: str, intent: str, exact: bool
    ) -> None:
        template, users = TEMPLATES[name], np.arange(told.n_users)
        reading = read(told, template, users, intent=bool(intent), exact=exact)
        for user, job in zip(told.users.ids, ["cook", "", "", "pilot", ""], strict=True):
            row = told.users.position(user)
            about = [s for s in sentences(reading, row) if s.startswith("job")]
            mentioned = {"about", "user_job"} & set(template.variables)
            assert about == ([f"job {job}"] if job and mentioned else [])


@pytest.mark.parametrize("variable", ["history", "liked", "disliked", "interests", "user_job"])
@pytest.mark.parametrize("name", TEMPLATES)
def test_an_exchanged_value_is_that_of_the_text(told: Dataset, name: str, variable: str) -> None:
    """Everybody has the value of the next, as long as both have one."""
    template, users = TEMPLATES[name], np.arange(told.n_users)
    exchanged = {variable: np.roll(users, 1)}
    reading = read(told, template, users, exchanged=exchanged)
    plain = read(told, template, users)
    verbaliser = Verbaliser(told)
    own = {piece.text for piece in template.pieces if isinstance(piece, Words)}
    for user in users:
        text = template.render(verbaliser.values(user, exchanged=exchanged)).text
        assert sorted(titles(told, reading, user)) == sorted(re.findall("<.*?>", text))
        said = set(re.findall(r"\[.*?\]", text))
        read_of = values_read(told, reading, user)
        assert said <= read_of and bool(said) == bool(read_of)
        jobs = [s for s in sentences(reading, user) if s.startswith("job ")]
        assert jobs == [f"job {job}" for job in ("cook", "pilot") if job in text]
        # The words around it stay.
        assert [s for s in sentences(reading, user) if s in own] == [
            s for s in sentences(plain, user) if s in own
        ]


def test_who_has_a_value() -> None:
    data = without_events(dataset({**HISTORIES, "nobody": [(0, 5.0)]}), "nobody")
    reader, verbaliser = PromptReader(data), Verbaliser(data)
    for variable in ("history", "liked", "disliked", "interests", "genres", "user_job", "intent"):
        told = [u for u in range(data.n_users) if verbaliser.values(u)[variable]]
        assert reader.holders(variable).tolist() == told


@pytest.mark.parametrize("name", TEMPLATES)
class TestKnowsOnlyWhatWasBefore:
    def test_every_moment_reads_like_a_history_that_ends_there(
        self, told: Dataset, name: str
    ) -> None:
        """Brute force: cut the data off before each event, and read its end."""
        template = TEMPLATES[name]
        reading = at_every_event(told, template)
        for event, user in enumerate(told.user):
            known = told.select((told.user != user) | (np.arange(told.n_events) < event))
            expected = read(known, template, np.array([user]))
            assert sentences(reading, event) == sentences(expected, 0)
            for facets in (False, True):
                assert titles(told, reading, event, facets=facets) == titles(
                    known, expected, 0, facets=facets
                )

    def test_other_future_events_change_nothing(self, told: Dataset, name: str) -> None:
        template = TEMPLATES[name]
        reading = at_every_event(told, template)
        rng = np.random.default_rng(0)
        for event, user in enumerate(told.user):
            later = (told.user != user) | (np.arange(told.n_events) >= event)
            item, rating = told.item.copy(), told.rating.copy()
            item[later] = rng.integers(told.n_items, size=later.sum())
            rating[later] = rng.integers(1, 6, size=later.sum())
            changed = replace(told, item=item, rating=rating)
            other = at_every_event(changed, template)
            assert sentences(reading, event) == sentences(other, event)
            for facets in (False, True):
                assert titles(told, reading, event, facets=facets) == titles(
                    changed, other, event, facets=facets
                )

    def test_what_is_forgotten_is_not_read(self, told: Dataset, name: str) -> None:
        template, users = TEMPLATES[name], np.arange(told.n_users)
        forget = users % 2 == 0
        reading = read(told, template, users, forget=forget)
        remembered = read(told, template, users)
        nothing = read(told.select(np.zeros(told.n_events, dtype=bool)), template, users)
        for user in users:
            expected = nothing if forget[user] else remembered
            assert sentences(reading, user) == sentences(expected, user)
            assert titles(told, reading, user) == titles(told, expected, user)
            assert not (forget[user] and titles(told, reading, user))
            assert not (forget[user] and titles(told, reading, user, facets=True))


def at_every_event(data: Dataset, template: Template) -> Reading:
    """What the template says just before every event, as in training."""
    nothing = np.zeros(data.n_events, dtype=bool)
    return PromptReader(data).read(
        template, data.user, np.arange(data.n_events), has_intent=nothing
    )


def test_long_lists_are_read_from_their_end() -> None:
    events = pd.DataFrame({"user_id": "u", "item_id": [f"j{n}" for n in range(LIST_LENGTH + 5)]})
    data = Dataset.from_frames(events, name="long")
    for source in ("{{ history }}", "{{ history|last(900) }}"):
        reading = read(data, Template.parse(source), np.array([0]))
        expected = [f"j{n}" for n in range(5, LIST_LENGTH + 5)]
        assert sorted(titles(data, reading, 0)) == sorted(expected)


class TestExactly:
    """A reading that holds nothing but what the rendered prompt says."""

    @pytest.mark.parametrize("source", ["{{ history }}", "{{ history|first(30)|last(4) }}"])
    def test_picks_of_long_lists_are_those_of_the_text(self, source: str) -> None:
        events = pd.DataFrame({"user_id": "u", "item_id": [f"j{n}" for n in range(40)]})
        data, template = Dataset.from_frames(events, name="long"), Template.parse(source)
        reading = read(data, template, np.array([0]), exact=True)
        text = template.render(Verbaliser(data).values(0)).text
        named = re.findall(r"j\d+", text)[-LIST_LENGTH:]
        assert titles(data, reading, 0) == named[::-1]  # the latest first

    def test_values_are_counted_over_all_events(self) -> None:
        """Comedies long ago are most of what there is, though none is among the last 20."""
        data = dataset({"u": [(0, 5.0)] * 30 + [(2, 5.0)] * 25, "v": [(1, 5.0)]})
        template = Template.parse("{{ genres|first(1) }} {{ interests }}")
        assert template.render(Verbaliser(data).values(0)).text == "[comedy] [comedy], [short]"
        reading = read(data, template, np.array([0]), exact=True)
        assert picked_values(reading, 0) == ["[comedy]", "[comedy]", "[short]"]

    def test_how_often_a_value_was_met_is_read_where_it_is_said(self) -> None:
        data = dataset({"u": [(0, 5.0), (3, 5.0), (2, 5.0)]})
        for source, expected in (("{{ genres }}", [1, 1]), ("{{ genres_counts }}", [2, 1])):
            token = read(data, Template.parse(source), np.array([0]), exact=True).lists[0]
            assert isinstance(token, ValuesToken)
            assert token.counts[token.held].tolist() == expected

    def test_a_title_met_long_before_others_met_often_is_read(self) -> None:
        data = dataset({"u": [(4, 5.0), *[(n % 2, 5.0) for n in range(200)]]})
        reading = read(data, Template.parse("{{ history|last(3) }}"), np.array([0]), exact=True)
        assert titles(data, reading, 0) == ["<film 1>", "<film 0>", "<film 4>"]

    def test_a_title_that_items_share_stands_for_the_one_most_met(self) -> None:
        items = ITEMS.assign(title=["Hamlet", "Hamlet", *ITEMS["title"][2:]])
        rows = [("u", "i0"), ("v", "i1"), ("w", "i1")]
        events = pd.DataFrame(rows, columns=["user_id", "item_id"])
        data = Dataset.from_frames(events, items, name="two of a name")
        reading = read(data, Template.parse("{{ history }}"), np.array([0, 1]), exact=True)
        token = reading.lists[0]
        assert isinstance(token, ListToken)
        assert data.items.ids[token.items[:, 0]].tolist() == ["i1", "i1"]

    def test_what_no_item_has_says_nothing_of_whether_there_are_events(self) -> None:
        items = pd.DataFrame({"item_id": ["a"], "kind": [None]})
        data = Dataset.from_frames(
            pd.DataFrame({"user_id": ["u"], "item_id": ["a"]}), items, name="bare"
        )
        reading = read(data, Template.parse("{{ kind }}"), np.array([0]), exact=True)
        assert reading.lists == ()


def test_without_ratings_everything_is_liked_and_nothing_disliked(told: Dataset) -> None:
    data = replace(told, rating=None)
    reading = read(data, Template.parse("{{ liked }}"), np.array([0]))
    assert sorted(titles(data, reading, 0)) == sorted(f"<film {n}>" for n in range(9))
    assert titles(data, read(data, Template.parse("{{ disliked }}"), np.array([0])), 0) == []


def test_an_absent_rating_is_neither_liked_nor_disliked() -> None:
    data = dataset({"u": [(0, float("nan")), (1, 5.0), (2, 1.0)]})
    for name, expected in {"liked": "<film 1>", "disliked": "<film 2>"}.items():
        reading = read(data, Template.parse(f"{{{{ {name} }}}}"), np.array([0]))
        assert titles(data, reading, 0) == [expected]
        assert Verbaliser(data).values(0)[name] == [expected]


def test_an_item_met_again_is_named_once() -> None:
    """As in the text, where every title stands where it was met last."""
    data = dataset({"u": [(n, 5.0) for n in (0, 1, 2, 1, 2, 2)]})
    for source in ("{{ history|last(2) }}", "{{ liked|last(3) }}", "{{ history|first(2) }}"):
        template = Template.parse(source)
        text = template.render(Verbaliser(data).values(0)).text
        named = titles(data, read(data, template, np.array([0])), 0)
        assert sorted(named) == sorted(re.findall("<.*?>", text)), source


@pytest.mark.parametrize(
    "source",
    [
        "{{ genres|first(1) }}",
        "{{ genres|last(2) }}",
        "{{ interests|first(2) }}",
        "{{ recent_genres|reverse|first }}",
        "{{ genres_counts|first(2)|join }}",
        "{{ genres|truncate_tokens(6) }}",
        "{{ genres_counts|truncate_tokens(7) }}",
        "{% if disliked %}{{ genres|first(2) }}{% endif %}",
    ],
)
def test_picks_leave_the_values_of_the_text(told: Dataset, source: str) -> None:
    template, users = Template.parse(source), np.arange(told.n_users)
    reading = read(told, template, users)
    some = False
    for user in users:
        text = template.render(Verbaliser(told).values(user)).text
        said = re.findall(r"\[.*?\]", text)
        assert sorted(picked_values(reading, user)) == sorted(said)
        some |= bool(said)
    assert some


@pytest.mark.parametrize("picks", ["first(2)", "truncate_tokens(3)"])
def test_an_attribute_that_no_item_has_leaves_nothing_to_pick(picks: str) -> None:
    items = pd.DataFrame({"item_id": ["a", "b"], "kind": [None, None]})
    events = pd.DataFrame({"user_id": ["u", "v"], "item_id": ["a", "b"]})
    data = Dataset.from_frames(events, items, name="bare")
    reading = read(data, Template.parse(f"{{{{ kind|{picks} }}}}"), np.array([0, 1]))
    assert picked_values(reading, 0) == []


def test_picks_leave_what_the_text_says_of_users() -> None:
    users = pd.DataFrame({"user_id": ["u", "v"], "job": ["pilot", ""], "langs": ["en|zh|de", "fr"]})
    users["langs"] = users["langs"].str.split("|")
    events = pd.DataFrame({"user_id": ["u", "v"], "item_id": ["i0", "i1"]})
    data = Dataset.from_frames(events, ITEMS, users, name="told")
    for source, expected in {
        "{{ about|first(1) }}": ["job pilot", "langs fr"],
        "{{ user_langs|last(2) }}": ["langs zh, de", "langs fr"],
        "{{ user_langs|reverse|first }}": ["langs de", "langs fr"],
        "{{ user_langs }}": ["langs en, zh, de", "langs fr"],
    }.items():
        reading = read(data, Template.parse(source), np.array([0, 1]))
        assert [sentences(reading, row) for row in range(2)] == [[text] for text in expected]


def test_interests_of_somebody_who_liked_nothing_come_from_all_they_met() -> None:
    data = dataset({"u": [(0, 1.0), (3, 2.0)], "v": [(1, 5.0)]})
    template = Template.parse("{% if interests %}Likes {{ interests }}.{% endif %}")
    assert template.render(Verbaliser(data).values(0)).text == "Likes [comedy]."
    reading = read(data, template, np.array([0]))
    assert titles(data, reading, 0, facets=True)


def test_interests_of_items_without_values_are_not_there() -> None:
    bare = pd.concat([ITEMS, pd.DataFrame({"item_id": ["bare"], "title": ["<bare>"]})])
    events = pd.DataFrame({"user_id": ["u", "v"], "item_id": ["bare", "i0"]})
    data = Dataset.from_frames(events, bare, name="bare")
    template = Template.parse("{% if interests %}Likes things.{% else %}Likes nothing.{% endif %}")
    assert template.render(Verbaliser(data).values(0)).text == "Likes nothing."
    assert sentences(read(data, template, np.array([0])), 0) == ["Likes nothing."]


def test_the_wish_of_all_users_brings_facts_about_it_to_the_front(told: Dataset) -> None:
    template, users = Template.parse("{{ knowledge|first(1) }}"), np.array([0])
    wishes = {"": "#of dramas#", "shorts": "#of shorts#"}
    for wish, expected in wishes.items():
        reading = PromptReader(told).read_now(template, users, wish=wish)
        assert sentences(reading, 0) == [expected]
        assert Verbaliser(told).values(0, intent=wish)["knowledge"][0] == expected


def test_a_fact_in_the_words_of_the_template_asks_for_nothing() -> None:
    data = dataset({"u": [(0, 5.0)], "v": [(8, 5.0)]})
    order = FACTS.assign(fact="Recommend shorts.")
    template = Template.parse("{% if disliked %}Recommend shorts.{% endif %} {{ knowledge }}")
    reading = read(data.with_knowledge(order), template, np.array([0]))
    assert sentences(reading, 0) == ["Recommend shorts."] * 2
    assert not reading.asking[reading.word_of[reading.word_of >= 0]].any()
