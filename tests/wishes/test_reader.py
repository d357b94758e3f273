"""Wishes in plain words, read with the real encoder: no model is trained for it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys import benchmark
from recsys.dataset import Dataset
from recsys.language_models import Encoder, load_encoder
from recsys.wishes.facets import Facets
from recsys.wishes.grounding import Grounding, Named
from recsys.wishes.grounding import content as content_of
from recsys.wishes.intent import Intent
from recsys.wishes.item_words import ItemWords
from recsys.wishes.meanings import Evidence, Meanings
from recsys.wishes.phrases import described, kinds, kinds_of, neutral
from recsys.wishes.probe import fit_probe
from recsys.wishes.reader import WishReader
from recsys.wishes.requests import SMALL_TALK, neutral_sentences
from tests.intents import intent_of

HELD_OUT = tomllib.loads((Path(benchmark.__file__).parent / "steering.toml").read_text("utf-8"))
GENRES = list(HELD_OUT["genres"])
#: Wishes in Chinese that name no genre.
CHINESE = {
    "Western": ["牛仔在小镇街头拔枪对决", "骑马的赏金猎人", "警长独自面对一帮匪徒，荒凉的边境小镇"],
    "Horror": ["闹鬼的老宅子", "丧尸咬人", "半夜看了不敢上厕所"],
    "Sci-Fi": ["外星人入侵地球", "人工智能反抗人类", "坐时光机回到过去"],
    "Musical": ["演员说着说着就唱起来跳起来", "百老汇歌舞", "从头唱到尾"],
}


def catalogue(values: list[str]) -> Dataset:
    items = pd.DataFrame(
        {
            "item_id": [f"{i}" for i in range(2 * len(values))],
            "title": [f"Title {i}" for i in range(2 * len(values))],
            "genres": [[value] for value in values] * 2,
            "year": np.linspace(1930, 2016, 2 * len(values)).astype(int),
        }
    )
    events = pd.DataFrame({"user_id": "u", "item_id": items["item_id"]})
    return Dataset.from_frames(events, items, name="items")


def reader(data: Dataset) -> WishReader:
    facets = Facets.of(data)
    probe = fit_probe(data, facets, load_encoder(), neutral_sentences())
    assert probe.weights.shape == (facets.n_values, 385) and probe.weights.dtype == np.float32
    return WishReader(data, load_encoder(), probe)


def by_spelling(values: list[str]) -> Grounding:
    """Finds values that stand in a text; no words mean any of them."""
    n = len(values)
    none = sp.csr_matrix((0, n), dtype=np.float32)
    facets = Facets(np.full(n, "kind", dtype=object), np.array(values, dtype=object), none)

    class Nothing(Meanings):
        def read(self, texts: Sequence[str], among: np.ndarray) -> Evidence:
            likely = np.full((len(texts), n), 1 / max(n, 1), dtype=np.float32)
            unsure = np.full(len(texts), -99, dtype=np.float32)
            return Evidence(likely, unsure, unsure, np.zeros(len(texts), dtype=bool))

    nothing = Nothing({}, none.toarray(), ItemWords((), none), np.zeros(n))
    return Grounding(facets, lambda: nothing, [])


@pytest.fixture(scope="module")
def films() -> WishReader:
    return reader(catalogue(GENRES))


@pytest.mark.parametrize("group", ["common", "rare", "strangers"])
def test_most_words_never_read_before_are_understood(films: WishReader, group: str) -> None:
    asked = [(words, g) for g in GENRES for words in HELD_OUT["genres"][g][group]]
    found = [genre in films.read(words).wanted for words, genre in asked]
    assert np.mean(found) > {"common": 0.95, "rare": 0.85, "strangers": 0.95}[group]


@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_is_found_by_its_name(films: WishReader, genre: str) -> None:
    words = f"I would like to see {genre.lower()} tonight."
    read = films.read(words)
    assert read.to_dict() == intent_of(wanted=(genre,)).to_dict() and not read.cut


@pytest.mark.parametrize(
    ("words", "understood"),
    [
        ("a funny western", intent_of(("Comedy", "Western"))),
        ("no horror", intent_of((), ("Horror",))),
        ("anything but comedies", intent_of((), ("Comedy",))),
        ("nothing scary", intent_of((), ("Horror",))),
        ("a comedy without romance", intent_of(("Comedy",), ("Romance",))),
        ("from the nineties", intent_of(years=((1990, 1999),))),
        ("nothing before 1970", intent_of(not_years=((None, 1969),))),
        ("a western from the sixties", intent_of(("Western",), (), ((1960, 1969),))),
        ("no horror from the eighties", intent_of((), ("Horror",), ((1980, 1989),))),
        ("九十年代的喜剧片", intent_of(("Comedy",), (), ((1990, 1999),))),
        ("不要恐怖片", intent_of((), ("Horror",))),
        ("我想看一部爱情片", intent_of(("Romance",))),
        ("除了喜剧都可以", intent_of((), ("Comedy",))),
        ("What should I watch tonight?", intent_of()),
        ("I had a long day.", intent_of()),
        ("We have guests", intent_of()),
        ("42", intent_of()),
        ("", intent_of()),
    ],
)
def test_what_a_wish_comes_to(films: WishReader, words: str, understood: Intent) -> None:
    read = films.read(words)
    assert read.to_dict() == understood.to_dict()
    assert bool(read) is read.changes_lists is bool(understood)


def test_a_year_in_brackets_is_of_a_title_and_not_wanted(films: WishReader) -> None:
    assert films.read("a comedy like Ferdinand (1987)").years == ()
    assert films.read("a comedy (or a western) of 1987").years


def test_without_violence_avoids_what_is_violent(films: WishReader) -> None:
    told = films.read("without violence")
    assert {"Action", "War", "Horror"} <= set(told.avoided) and not told.wanted


def test_talk_asks_for_nothing(films: WishReader) -> None:
    named = [words for words in HELD_OUT["small-talk"]["phrases"] if films.read(words)]
    assert named == []
    strange = HELD_OUT["small-talk"]["strangers"]
    assert np.mean([bool(films.read(words)) for words in strange]) < 0.2


@pytest.mark.parametrize(("clear", "asks"), [(0.09, False), (0.1, True)])
def test_what_is_named_faintly_is_not_asked_for(
    films: WishReader, clear: float, asks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    faint = np.zeros((1, len(GENRES)), dtype=np.float32)
    faint[0, 2] = clear
    none = np.zeros(1, dtype=bool)
    monkeypatch.setattr(
        films._grounding,
        "named",
        lambda texts, **how: Named(faint[: len(texts)], *(none[: len(texts)],) * 2),
    )
    assert films.read(f"popcorn, {clear}").changes_lists is asks


def test_what_is_left_beside_a_name_is_read_as_part_of_the_whole(films: WishReader) -> None:
    assert films.read("cowboys and gunfights").wanted[0] == "Western"
    told = films.read("a comedy about dragons and wizards").wanted
    assert set(told) == {"Comedy", "Fantasy"}


def test_one_text_does_not_speak_for_another(films: WishReader) -> None:
    words = ["western", "What should I watch tonight?", "a tearjerker, no war"]
    fresh = reader(catalogue(GENRES))
    for together, alone in zip(fresh.read_all(words), (films.read(w) for w in words), strict=True):
        np.testing.assert_allclose(together.wanted_sure, alone.wanted_sure, atol=1e-3)
        np.testing.assert_allclose(together.avoided_sure, alone.avoided_sure, atol=1e-3)


def test_items_gain_by_what_they_have_of_a_wish() -> None:
    data = catalogue(["Comedy", "Western", "Horror"])  # years 1930 to 2016
    films = reader(data)
    years = data.item_frame["year"].to_numpy()
    bonus = films.bonus(films.read("a funny western, no horror, after 1960"))
    expected = np.array([1.0, 1.0, -2.0] * 2) + (years > 1960)
    np.testing.assert_allclose(bonus, expected, atol=1e-6)
    assert not films.bonus(films.read("hello")).any()


def test_a_catalogue_without_values_or_years() -> None:
    items = pd.DataFrame({"item_id": ["a", "b"], "title": ["A", "B"]})
    data = Dataset.from_frames(
        pd.DataFrame({"user_id": "u", "item_id": ["a", "b"]}), items, name="plain"
    )
    facets = Facets.of(data)
    words = WishReader(data, load_encoder(), fit_probe(data, facets, load_encoder()))
    wish = words.read("no horror from the nineties")
    assert not wish.changes_lists and words.bonus(wish).tolist() == [0, 0]


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60))
def test_any_text_can_be_read(films: WishReader, text: str) -> None:
    wish = films.read(text)
    assert ((wish.wanted_sure >= 0) & (wish.wanted_sure <= 1)).all()
    assert np.isfinite(films.bonus(wish)).all()


class TestKnowledge:
    def test_kinds_are_found_by_names_and_parts(self) -> None:
        assert kinds_of("Sci-Fi") == kinds_of("Science Fiction") == kinds_of("科幻")
        assert kinds_of("Action & Adventure") == [kinds()["action"], kinds()["adventure"]]
        assert kinds_of("Beverages") == []

    def test_sentences_say_which_values_they_are_about(self) -> None:
        texts, about = described(["Horror", "Beverages", "Comedy"])
        assert about.shape == (len(texts), 3)
        assert not about[:, 1].any()
        assert about[texts.index("ghosts in a haunted house")].tolist() == [1, 0, 0]
        assert about[texts.index("a parody")].tolist() == [0, 0, 1]
        assert (about.sum(1) == 2).any()  # both in one breath
        assert described(["Beverages"])[0] == []

    def test_no_held_out_phrase_was_learned_from(self) -> None:
        learned = {
            text.lower() for kind in kinds().values() for text in (*kind.names, *kind.phrases)
        }
        talk = {text.lower() for text in (*neutral(), *SMALL_TALK)}
        for genre in GENRES:
            for group in ("common", "rare", "strangers"):
                assert not learned & {words.lower() for words in HELD_OUT["genres"][genre][group]}
        for group in ("phrases", "strangers"):
            assert not talk & {words.lower() for words in HELD_OUT["small-talk"][group]}
        several = ("two", "avoid", "mixed", "strangers-two", "strangers-avoid")
        pairs = [words for group in several for words in HELD_OUT[group]]
        assert not learned & {words.lower() for words in pairs} - {"a romantic comedy"}

    @pytest.mark.parametrize("genre", GENRES)
    def test_held_out_phrases_say_more_than_one_that_was_learned(self, genre: str) -> None:
        told = HELD_OUT["genres"][genre]
        assert len(told["common"]) >= 14 and len(told["rare"]) >= 5
        assert len(told["strangers"]) >= 12
        kind = kinds_of(genre)[0]
        learned = [content(phrase) for phrase in (*kind.names, *kind.phrases)]
        for words in (*told["common"], *told["rare"], *told["strangers"]):
            assert not any(content(words) <= known for known in learned), words


#: Words that carry no meaning of their own.
_EMPTY = set(
    "a an the and of in on with for to is are that it my me i at by from as who not so no his her "
    "they them he she you one two up out there their be into over have has this was what which "
    "where how all any or but than too very like make made film films movie story something "
    "someone real please want would could about lots full good great".split()
)


def content(text: str) -> set[str]:
    """The stems of the words in a text that say something."""
    words = re.findall(r"[a-z0-9']+", text.lower())
    return {re.sub(r"(?<=...)(?:'s|ing|ers|er|ies|ied|ed|es|s|y)$", "", w) for w in words} - {
        re.sub(r"(?<=...)(?:'s|ing|ers|er|ies|ied|ed|es|s|y)$", "", w) for w in _EMPTY
    }


@pytest.mark.parametrize(
    ("value", "text", "stands"),
    [
        ("War", "war", True),
        ("War", "a warm day", False),
        ("War", "a film-war!", True),
        ("War", "post-war-film", True),
        ("War", "software", False),
        ("War", "2war", False),
        ("War", "Wars and more", True),
        ("Western", "Westerns only", True),
        ("Class", "classes", True),
        ("Comedy", "Recommend comedy films only.", True),
        ("Comedy", "comedies", True),
        ("Sci-Fi", "some SCI-FI please", True),
        ("Sci-Fi", "science fiction", True),
        ("C++", "I write c++.", True),
        ("(none)", "say (none) now", True),
        ("Science Fiction", "science fiction", True),
        ("博物馆", "想去博物馆", True),
        ("博物馆", "博物馆很好", True),
        ("博物馆", "博物", False),
        ("K歌", "去k歌吧", True),
        ("War", "看war片", True),
        ("War", "战争题材", True),
        ("전쟁", "전쟁을 보고 싶다", True),
        ("мир", "мирный", False),
        ("мир", "хочу мир!", True),
        ("Été", "un été chaud", True),
        ("Été", "répété", False),
        ("cor", "décor", False),
    ],
)
def test_a_value_stands_in_words_as_a_word(value: str, text: str, stands: bool) -> None:
    assert by_spelling([value]).named([text]).weights.tolist() == [[float(stands)]]


def test_the_longer_name_takes_its_words() -> None:
    named = by_spelling(["Fiction", "Science fiction"]).named(["science fiction", "fiction"])
    assert named.weights.tolist() == [[0, 1], [1, 0]]


def test_a_list_of_what_there_is_asks_for_little_of_each() -> None:
    named = by_spelling(list("abcdef")).named(["a, b, c, d, e, f"])
    assert named.weights.tolist() == [[0.5] * 6]


def test_without_values_or_words_nothing_is_named() -> None:
    assert by_spelling([]).named(["a", "b"]).weights.shape == (2, 0)
    assert by_spelling(["a"]).named([]).weights.shape == (0, 1)


def test_a_title_stands_for_what_it_is_like(films: WishReader) -> None:
    told = films.read("something like Title 0, but no horror")
    assert told.like == ("Title 0",) and told.avoided == ("Horror",)
    assert told.wanted == (GENRES[0],)
    bonus = films.bonus(films.read("something like Title 0"))
    same = np.flatnonzero(bonus)  # the other one of its genre, and not itself
    assert same.tolist() == [len(GENRES)]
    assert films.bonus(films.read("Title 0"))[0] == 1
    told = films.read("nothing like Title 0")
    assert told.unlike == ("Title 0",) and told.avoided == (GENRES[0],) and not told.wanted


def test_chinese_is_read_with_the_bilingual_encoder(films: WishReader) -> None:
    """Where the model's own reads English only, and the values have English names."""
    assert films.encoder.name == "minilm"
    for genre, texts in CHINESE.items():
        told = [films.read(text).wanted for text in texts]
        assert sum(wanted[:1] == (genre,) for wanted in told) >= 2, told


def test_words_beside_known_sentences_are_understood(films: WishReader) -> None:
    """The linear probe alone is lost where words are like one sentence only."""
    probe = films._grounding._probes[0].probe()
    phrases = [phrase for kind in kinds_of("Western") for phrase in kind.phrases][:20]
    place = GENRES.index("Western")
    at = probe.meant(load_encoder().encode(phrases))
    assert (at.argmax(1) == place).mean() > 0.9
    alone = replace(probe, examples=probe.examples[:0], about=probe.about[:0])
    assert at[:, place].mean() > alone.meant(load_encoder().encode(phrases))[:, place].mean()


def test_a_new_wish_takes_one_pass_through_each_encoder(
    films: WishReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    anew = uuid4().hex  # no earlier run of this test has put it in the cache
    wish = f"submarines {anew} in the forties, clowns {anew}, no shootouts {anew} before 1930"
    passes: list[str] = []
    forward = Encoder._forward

    def counted(encoder: Encoder, texts: Sequence[str]) -> np.ndarray:
        passes.append(encoder.name)
        return forward(encoder, texts)

    films.learn()
    monkeypatch.setattr(Encoder, "_forward", counted)
    films.read_ahead([wish])
    films.encoder.encode([wish])
    films.match(wish, ())
    assert sorted(passes) == ["minilm", "use"]


def test_what_was_read_ahead_is_read_the_same(films: WishReader) -> None:
    wishes = ["boxers in 1952, no singing", "爱情的，不要吓人的", "no knights from the fifties"]
    films.read_ahead(wishes)
    ahead = [films.read(wish) for wish in wishes]
    other = reader(catalogue(GENRES))
    alone = [other.read(wish) for wish in wishes]
    assert [(i.wanted, i.avoided, i.years) for i in ahead] == [
        (i.wanted, i.avoided, i.years) for i in alone
    ]


@pytest.mark.parametrize("wish", ["by Stanley Kubrick", "a strong woman", "starring Meryl Streep"])
def test_what_cannot_be_met_is_met_with_nothing_else(films: WishReader, wish: str) -> None:
    told = films.read(wish)
    assert told.wanted == () and told.missing


@pytest.mark.parametrize("words", ["想去", "I want to go to", "我想看一部"])
def test_words_around_a_name_ask_for_nothing_else(words: str) -> None:
    assert content_of(words) == ""
