"""Which facts are told, against the definition written out for one user."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.prompts import Verbaliser
from recsys.prompts.facts import HALF_LIFE, MAX_CHARACTERS, MAX_FACTS, RECENT, Facts
from recsys.schema import KNOWLEDGE_COLUMNS

GENRES = [["Comedy"], ["Drama", "Short"], ["Short"], ["Comedy", "Short"], ["Short"], []]
FACTS = [
    *[("", f"i{n}", f"one of film {n}") for n in range(5)],
    *[("", "i2", f"more of film 2, number {n}") for n in range(9)],
    ("genres", "Comedy", "comedies make people laugh"),
    ("genres", "Short", "shorts are short"),
    ("genres", "Opera", "no film is an opera"),
    ("", "elsewhere", "a film of other data"),
    ("studio", "Pixar", "there is no such column"),
    ("", "i4", "film 4 was shot in Los Angeles"),
]


def dataset(histories: dict[str, list[int]], facts: list[tuple[str, str, str]] = FACTS) -> Dataset:
    rows = [(user, f"i{n}") for user, items in histories.items() for n in items]
    items = pd.DataFrame({"item_id": [f"i{n}" for n in range(6)], "genres": GENRES})
    data = Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id"]), items, name="x")
    return data.with_knowledge(pd.DataFrame(facts, columns=KNOWLEDGE_COLUMNS))


def expected(data: Dataset, user: int) -> list[str]:
    """The definition, one event and one fact at a time."""
    latest = data.history(user)[::-1][:RECENT]
    met: dict[tuple[str, str], float] = {}
    for age, item in enumerate(latest):
        subjects = [("", str(data.items.ids[item]))]
        subjects += [("genres", value) for value in data.attribute_values("genres")[item]]
        for subject in subjects:
            met[subject] = met.get(subject, 0) + 0.5 ** (age / HALF_LIFE)
    items_with = {
        subject: sum(subject[1] in cell for cell in data.attribute_values("genres"))
        if subject[0]
        else 1
        for subject in met
    }
    told: list[tuple[float, str]] = []
    before: dict[tuple[str, str], int] = {}
    assert data.knowledge is not None
    for column, value, fact in data.knowledge.itertuples(index=False):
        place = before[column, value] = before.get((column, value), 0) + 1
        if (column, value) in met:
            rarity = math.log((data.n_items + 1) / items_with[column, value])
            told.append((met[column, value] * rarity / place, fact))
    told.sort(key=lambda pair: -pair[0])
    return [fact for _, fact in told][:MAX_FACTS]


@pytest.mark.parametrize(
    "history", [[0], [5], [1, 3], [2, 2, 2, 0], [0, 1, 2, 3, 4, 5], [3] * 30 + [1], [4, 0] * 20]
)
def test_as_defined(history: list[int]) -> None:
    data = dataset({"other": [0, 1, 2], "u": history})
    assert Verbaliser(data).values(1)["knowledge"] == expected(data, 1)


def test_a_rare_subject_comes_before_one_that_many_items_have() -> None:
    told = Facts(dataset({"u": [3]})).of_history(np.array([3]))
    expect = ["one of film 3", "comedies make people laugh", "shorts are short"]
    assert told == expect


def test_newer_ones_come_first_and_old_ones_are_not_listed() -> None:
    facts = Facts(dataset({"u": [0]}))
    first = facts.of_history(np.array([4, 1]))
    assert first[0] == "one of film 1"
    assert "one of film 4" in first
    assert "one of film 0" not in facts.of_history(np.array([0, *[1] * RECENT]))


def test_one_subject_does_not_take_all_the_room() -> None:
    told = Facts(dataset({"u": [2]})).of_history(np.array([1, 2]))
    assert "one of film 1" in told[:3]


def test_facts_about_the_wish_come_first() -> None:
    facts = Facts(dataset({"u": [0]}))
    history = np.array([4, 1, 3])
    assert facts.of_history(history)[0] == "one of film 3"
    assert facts.of_history(history, "something that makes me laugh")[0] == (
        "comedies make people laugh"
    )
    assert facts.of_history(history, "Los Angeles!")[0] == "film 4 was shot in Los Angeles"
    assert facts.of_history(history, "the film that") == facts.of_history(history)
    # even one that there is no room for otherwise
    assert facts.of_history(np.array([2]), "number 8")[0].startswith("more of film 2")


def test_chinese_wishes_share_pairs_of_characters() -> None:
    data = dataset({"u": [0, 1]}, [("", "i1", "二：很长"), ("", "i0", "一：由张艺谋执导")])
    facts = Facts(data)
    assert facts.of_history(np.array([0, 1]))[0] == "二：很长"
    assert facts.of_history(np.array([0, 1]), "张艺谋的电影")[0] == "一：由张艺谋执导"


def test_the_room_for_characters_is_kept_to() -> None:
    long = [("", f"i{n}", f"{n} " + "x" * 290) for n in range(6)]
    told = Facts(dataset({"u": [0]}, long)).of_history(np.arange(6))
    assert [text[0] for text in told] == ["5", "4", "3"]
    assert sum(map(len, told)) <= MAX_CHARACTERS


def test_many_moments_at_once_are_each_as_alone() -> None:
    facts = Facts(dataset({"u": [0]}))
    rng = np.random.default_rng(0)
    items = rng.integers(6, size=(50, RECENT))
    held = np.arange(RECENT) < rng.integers(RECENT + 1, size=50)[:, None]
    for wish in ("", "laugh"):
        together = facts.chosen(items, held, wish)
        for row in range(50):
            alone = facts.chosen(items[row : row + 1], held[row : row + 1], wish)
            np.testing.assert_array_equal(together[row], alone[0])


def test_without_knowledge_nothing_is_reported() -> None:
    facts = Facts(dataset({"u": [0, 1]}).with_knowledge(None))
    assert facts.of_history(np.array([0, 1]), "laugh") == []
    assert facts.first_texts == []
    assert (facts.chosen(np.zeros((3, 2), dtype=int), np.ones((3, 2), dtype=bool)) == -1).all()
