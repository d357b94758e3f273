"""Questions and their answers, with a model that is small and understands for certain."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd
import pytest

from recsys.conversation.answer import answer, corrected_answer
from recsys.dataset import Dataset
from recsys.models.base import Queries, Recommender
from recsys.models.popularity import Popularity
from recsys.wishes.control.corrections import Corrections, Mark
from recsys.wishes.intent import Intent
from tests.intents import intent_of


class Literal_:
    """Understands genres that stand in a text; scores items that have all of them higher."""

    name = "literal"
    reads_prompts = True

    def __init__(self, data: Dataset) -> None:
        self.data = data

    @property
    def wish_reader(self) -> Literal_:
        return self

    def learn(self) -> None:
        """It knows all that it ever will."""

    def read_ahead(self, texts: list[str], *, by_model: bool) -> None:
        """It reads in no time."""

    def bonus(self, intent: Intent, strength: float) -> np.ndarray:
        return np.zeros(self.data.n_items, dtype=np.float32)  # its scores follow the wish

    def match(self, text: str, mentioned: tuple[int, ...]) -> np.ndarray:
        return np.zeros(self.data.n_items, dtype=np.float32)

    def read(self, text: str) -> Intent:
        genres = ("Horror", "Comedy", "Sci-Fi")
        return intent_of(wanted=tuple(g for g in genres if g.lower() in text.lower()))

    def score(self, queries: Queries) -> np.ndarray:
        wanted = set(self.read(queries.intent).wanted)
        has = [len(wanted & set(v)) for v in self.data.attribute_values("genres")]
        row = np.array(has, dtype=np.float32) - 0.01 * np.arange(self.data.n_items)
        return np.repeat(row[None], len(queries.users), 0).astype(np.float32)

    def item_vectors(self) -> np.ndarray:
        return np.eye(self.data.n_items, dtype=np.float32) + 0.1


class Silent(Popularity):
    """Reads words and does not tell what it made of them."""

    reads_prompts = True


@pytest.fixture
def data() -> Dataset:
    events = pd.DataFrame({"user_id": ["u", "u"], "item_id": ["a", "b"]})
    items = pd.DataFrame(
        {
            "item_id": list("abcdef"),
            "title": ["Heat", "Big", "Alien", "Airplane", "Jaws", "Brazil"],
            "genres": ["Crime", "Comedy", "Horror|Sci-Fi", "Comedy", "Horror", "Sci-Fi"],
        }
    )
    items["genres"] = items["genres"].str.split("|")
    return Dataset.from_frames(events, items, name="small")


def titles(told: object) -> list[str]:
    return [item.title for item in told.items]  # type: ignore[attr-defined]


def test_an_answer_names_items_with_what_they_have_and_what_they_are_like(data: Dataset) -> None:
    model = cast(Recommender, Literal_(data))
    told = answer(model, data, 0, "Is there a good horror film?", k=2)
    assert titles(told) == ["Alien", "Jaws"]  # the others were met, or are none
    assert [item.has for item in told.items] == [("Horror",)] * 2
    assert set(told.items[0].near) == {"Heat", "Big"}
    assert told.named == (2, 4)


def test_a_question_may_go_on_from_the_one_before(data: Dataset) -> None:
    model = cast(Recommender, Literal_(data))
    first = answer(model, data, 0, "Any sci-fi?", k=2)
    second = answer(model, data, 0, "And horror?", before=first, k=2)
    assert second.wish == "Any sci-fi. And horror?"
    assert second.understood is not None
    assert second.understood.wanted == ("Horror", "Sci-Fi")
    assert titles(second)[0] == "Alien"  # has both
    anew = answer(model, data, 0, "Is there a comedy?", before=second, k=1)
    assert anew.wish == "Is there a comedy?" and titles(anew) == ["Airplane"]


@pytest.mark.parametrize("question", ["What else?", "Anything else?", "还有别的吗？", "换一个"])
def test_others_are_others_of_the_same_kind(data: Dataset, question: str) -> None:
    model = cast(Recommender, Literal_(data))
    first = answer(model, data, 0, "Any horror?", k=1)
    second = answer(model, data, 0, question, before=first, k=1)
    assert (titles(first), titles(second)) == (["Alien"], ["Jaws"])
    assert second.named == (2, 4)


def test_what_was_understood_is_corrected_and_stays_so(data: Dataset) -> None:
    model = Popularity()
    model.fit(data)
    first = answer(model, data, 0, "Any horror?", k=1)
    assert titles(first) == ["Alien"]
    said = Corrections(first.wish).marked("Horror", Mark.AVOID)
    turned = corrected_answer(model, data, 0, first, said, k=2)
    assert titles(turned) == ["Airplane", "Brazil"] and turned.question == first.question
    assert turned.understood is not None and turned.understood.avoided == ("Horror",)
    back = corrected_answer(model, data, 0, turned, Corrections(first.wish), k=1)
    assert titles(back) == titles(first) and back.conversation == first.conversation
    gone_on = answer(model, data, 0, "And sci-fi?", before=turned, k=2)
    assert titles(gone_on)[0] == "Brazil"  # the other one is also horror
    assert titles(answer(model, data, 0, "Any horror?", before=gone_on, k=1)) == ["Alien"]


def test_what_is_not_known_gives_the_usual_list(data: Dataset) -> None:
    told = answer(cast(Recommender, Literal_(data)), data, 0, "I broke my leg", k=2)
    assert not told.understood and titles(told) == ["Alien", "Airplane"]
    assert all(item.has == () for item in told.items)


def test_a_model_that_does_not_tell_answers_all_the_same() -> None:
    """Without attributes nothing can be understood, and the words are the model's to read."""
    events = pd.DataFrame({"user_id": ["u"], "item_id": ["a"]})
    items = pd.DataFrame({"item_id": list("abc"), "title": ["Heat", "Big", "Alien"]})
    data = Dataset.from_frames(events, items, name="bare")
    model = Silent()
    model.fit(data)
    told = answer(model, data, 0, "Any horror?", k=2)
    assert told.understood is None and len(told.items) == 2


def test_a_model_without_words_answers_what_was_understood(data: Dataset) -> None:
    model = Popularity()
    model.fit(data)
    told = answer(model, data, 0, "Any horror?", k=2)
    assert told.understood is not None and told.understood.wanted == ("Horror",)
    assert sorted(titles(told)) == ["Alien", "Jaws"]  # which is first, their texts decide, too


def test_nothing_is_left(data: Dataset) -> None:
    first = answer(cast(Recommender, Literal_(data)), data, 0, "Surprise me", k=6)
    assert answer(cast(Recommender, Literal_(data)), data, 0, "more", before=first).items == ()


def test_an_answer_names_nothing_of_another_kind_while_there_is_any_of_the_kind(
    data: Dataset,
) -> None:
    model = cast(Recommender, Literal_(data))
    first = answer(model, data, 0, "horror or a comedy", k=6)
    assert titles(first) == ["Alien", "Airplane", "Jaws"]  # not Brazil; each has one of the two
    second = answer(model, data, 0, "Another one?", before=first)
    assert titles(second) == ["Brazil"] and not second.items[0].has  # nothing else is left


def test_what_the_user_knows_besides_the_history_is_left_out(data: Dataset) -> None:
    model = cast(Recommender, Literal_(data))
    known = [int(i) for i in range(data.n_items) if data.titles[i] == "Alien"]
    told = answer(model, data, 0, "Is there a good horror film?", left_out=known)
    assert titles(told) == ["Jaws"]


def test_of_items_called_alike_one_is_named() -> None:
    events = pd.DataFrame({"user_id": ["u"], "item_id": ["a"]})
    called = ["Milk", "Cereal, 12 oz", "Cereal, 12 oz", "Oats", "Cereal, 12 oz"]
    items = pd.DataFrame({"item_id": list("abcde"), "title": called, "genres": "Horror"})
    data = Dataset.from_frames(events, items, name="shop")
    model = cast(Recommender, Literal_(data))
    first = answer(model, data, 0, "horror", k=1)
    assert titles(first) == ["Cereal, 12 oz"]
    assert titles(answer(model, data, 0, "another", before=first, k=2)) == ["Oats"]


@pytest.mark.parametrize("question", ["What is the capital of Peru?", "2+2?", "Is my leg broken?"])
def test_what_no_item_answers_names_none_and_the_talk_goes_on(data: Dataset, question: str) -> None:
    model = cast(Recommender, Literal_(data))
    first = answer(model, data, 0, "Any horror?", k=1)
    off = answer(model, data, 0, question, before=first, k=1)
    assert (off.kind, off.items, off.wish) == ("not about items", (), "Any horror?")
    assert titles(answer(model, data, 0, "more", before=off, k=1)) == ["Jaws"]


def test_why_gives_the_reasons_of_one_item(data: Dataset) -> None:
    model = cast(Recommender, Literal_(data))
    first = answer(model, data, 0, "Any horror?", k=2)
    why = answer(model, data, 0, "Why the second one?", before=first)
    assert (why.kind, titles(why), why.place) == ("why", ["Jaws"], 2)
    assert why.items[0].has == ("Horror",) and set(why.items[0].near) == {"Heat", "Big"}
    gone = answer(model, data, 0, "Not that one, I have seen it", before=why, k=2)
    assert (gone.refused, titles(gone)) == (("Jaws",), ["Alien"])  # "that one" is the second


def test_what_was_refused_does_not_come_back(data: Dataset) -> None:
    model = cast(Recommender, Literal_(data))
    first = answer(model, data, 0, "Any horror?", k=1)
    second = answer(model, data, 0, "Not that one, I've seen it", before=first, k=1)
    assert (second.refused, second.wish, titles(second)) == (("Alien",), "Any horror?", ["Jaws"])
    third = answer(model, data, 0, "And sci-fi?", before=second, k=6)
    assert "Alien" not in titles(third) and titles(third)[0] in ("Jaws", "Brazil")


def test_something_more_of_it(data: Dataset) -> None:
    model = cast(Recommender, Literal_(data))
    first = answer(model, data, 0, "Any sci-fi?", k=1)
    assert titles(first) == ["Alien"]
    second = answer(model, data, 0, "something scarier", before=first, k=1)
    assert second.wish == "Any sci-fi. something scary" and "Alien" not in titles(second)


def test_newer_is_later_than_those_before() -> None:
    events = pd.DataFrame({"user_id": ["u"], "item_id": ["a"]})
    called = ["Heat (1995)", "Jaws (1975)", "Alien (1979)", "Saw (2004)"]
    items = pd.DataFrame({"item_id": list("abcd"), "title": called, "genres": "Horror"})
    data = Dataset.from_frames(events, items, name="films")
    model = cast(Recommender, Literal_(data))
    first = answer(model, data, 0, "horror", k=2)
    assert answer(model, data, 0, "something newer", before=first).wish == "horror. after 1979"
    assert answer(model, data, 0, "老一点的", before=first).wish == "horror. 1975年以前的"
