"""Values and sentences from small literal data."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.prompts import LIBRARY, Verbaliser
from recsys.prompts.wording import enumeration


@pytest.fixture
def films() -> Dataset:
    # user, item, rating, timestamp
    events = [
        ("u1", "a", 5.0, 100),
        ("u1", "b", 2.0, 200),
        ("u1", "c", 4.0, 300),
        ("u1", "a", 5.0, 1425407400),
        ("u2", "d", 1.0, 100),
    ]
    items = pd.DataFrame(
        {
            "item_id": ["a", "b", "c", "d"],
            "title": ["Toy Story", "Cujo", "Heat", "Alien"],
            "genres": [["Comedy", "Family"], ["Horror"], ["Drama", "Family"], ["Horror"]],
            "year": [1995.0, 1983.0, 1995.0, None],
            "for": ["kids", "adults", "adults", "adults"],
        }
    )
    users = pd.DataFrame({"user_id": ["u1", "u2"], "age": [25.0, None], "home town": ["Ōsaka", ""]})
    return Dataset.from_frames(
        pd.DataFrame(events, columns=["user_id", "item_id", "rating", "timestamp"]),
        items,
        users,
        name="films",
        liked_from=4.0,
    )


def attractions() -> Dataset:
    return Dataset.from_frames(
        pd.DataFrame({"user_id": ["u", "u"], "item_id": ["1", "2"]}),
        pd.DataFrame(
            {"item_id": ["1", "2"], "title": ["故宫", "长城"], "类型": ["旅游", "旅游"]},
        ),
        name="attractions",
    )


def test_values(films: Dataset) -> None:
    values = Verbaliser(films).values(
        0,
        intent="funny",
        now=datetime(2024, 5, 3, 19, 30),  # a Friday
    )
    assert values == {
        "history": ["Cujo", "Heat", "Toy Story"],
        "liked": ["Heat", "Toy Story"],
        "disliked": ["Cujo"],
        "interests": ["Family", "Comedy", "Drama"],
        "about": ["age 25", "home town Ōsaka"],
        "intent": "funny",
        "knowledge": [],
        "now": "a Friday evening",
        # Family 3 times, Comedy twice, then Drama, met after Horror
        "genres": ["Family", "Comedy", "Drama", "Horror"],
        "year": ["1995", "1983"],
        "for": ["kids", "adults"],
        "user_age": "25",
        "user_home_town": "Ōsaka",
        "genres_counts": ["Family (3)", "Comedy (2)", "Drama (1)", "Horror (1)"],
        "year_counts": ["1995 (3)", "1983 (1)"],
        "for_counts": ["kids (2)", "adults (2)"],
        "recent_genres": ["Family", "Comedy", "Drama", "Horror"],
        "recent_year": ["1995", "1983"],
        "recent_for": ["kids", "adults"],
    }


def test_the_value_of_another_user(films: Dataset) -> None:
    verbaliser, swapped = Verbaliser(films), np.array([1, 0])
    own = verbaliser.values(0, intent="funny")
    for variable, value in {"history": ["Alien"], "genres": ["Horror"], "intent": "funny"}.items():
        values = verbaliser.values(0, intent="funny", exchanged={variable: swapped})
        assert values == {**own, variable: value}
    # What either of them lacks stays as it is, on both sides.
    for user in (0, 1):
        for variable in ("liked", "user_age", "now"):
            plain = verbaliser.values(user)
            assert verbaliser.values(user, exchanged={variable: swapped}) == plain


def test_every_value_is_described_and_usable(films: Dataset) -> None:
    verbaliser = Verbaliser(films)
    assert list(verbaliser.variables()) == list(verbaliser.values(0))
    assert all(str(message) for message in verbaliser.variables().values())
    assert verbaliser.interest_columns == ("genres",)
    assert "Toy Story" in LIBRARY["sequential"].render(verbaliser.values(0)).text


def test_a_user_with_nothing_to_tell(films: Dataset) -> None:
    empty = films.select(films.user == 1)
    values = Verbaliser(empty).values(0)
    assert values["history"] == values["genres"] == values["interests"] == []
    nothing = empty.select(empty.user == 9)
    assert Verbaliser(nothing).sentences(1, "en") == ["Nothing is known about the user yet."]
    assert Verbaliser(films).values(1)["user_age"] == ""


def test_an_absent_rating_is_no_dislike() -> None:
    events = pd.DataFrame(
        {"user_id": ["u"] * 3, "item_id": ["a", "b", "c"], "rating": [5.0, None, 1.0]}
    )
    values = Verbaliser(Dataset.from_frames(events, name="x", liked_from=4.0)).values(0)
    assert (values["liked"], values["disliked"]) == (["a"], ["c"])


def test_awkward_columns_get_names_that_templates_can_use() -> None:
    items = pd.DataFrame({"item_id": ["a"], "title": ["A"], "history": ["x"], "in": ["y"]})
    items = items.assign(**{"main genre": ["z"], "main-genre": ["w"], "7": ["v"], "类型": ["t"]})
    events = pd.DataFrame({"user_id": ["u"], "item_id": ["a"]})
    verbaliser = Verbaliser(Dataset.from_frames(events, items, name="x"))
    assert verbaliser.item_variables == {
        "item_history": "history",
        "item_in": "in",
        "main_genre": "main genre",
        "main_genre_2": "main-genre",
        "item_7": "7",
        "类型": "类型",
    }


def test_the_classic_sentence() -> None:
    assert Verbaliser(attractions()).sentences(0, "zh", noun="景点") == [
        "用户喜欢旅游，最近浏览了故宫、长城等景点。"
    ]
    assert Verbaliser(attractions()).sentences(0, "en", verb="visited") == [
        "The user likes 旅游 and recently visited 故宫 and 长城."
    ]


def test_sentences(films: Dataset) -> None:
    assert Verbaliser(films).sentences(0, "en") == [
        "The user likes Family, Comedy and Drama and recently met Cujo, Heat and Toy Story.",
        "The user gave a high rating to Heat and Toy Story.",
        "The user did not like Cujo.",
        "About the user: age 25, home town Ōsaka.",
        "Last active on 3 March 2015, a Tuesday evening.",
    ]
    assert Verbaliser(films).sentences(0, "zh", noun="电影", verb="看过") == [
        "用户喜欢Family、Comedy、Drama，最近看过Cujo、Heat、Toy Story等电影。",
        "用户给Heat、Toy Story打了高分。",
        "用户不喜欢Cujo。",
        "用户信息：年龄为25，home town为Ōsaka。",
        "最近一次活动是在2015年3月3日，周二晚上。",
    ]


@pytest.mark.parametrize(
    ("hour", "english", "chinese"),
    [
        (4, "a Friday night", "周五深夜"),
        (5, "a Friday morning", "周五上午"),
        (12, "a Friday afternoon", "周五下午"),
        (21, "a Friday evening", "周五晚上"),
        (23, "a Friday night", "周五深夜"),
    ],
)
def test_now_in_words(films: Dataset, hour: int, english: str, chinese: str) -> None:
    verbaliser, now = Verbaliser(films), datetime(2024, 5, 3, hour)
    assert verbaliser.values(0, now=now)["now"] == english
    assert verbaliser.values(0, now=now, language="zh")["now"] == chinese


def test_titles_with_commas_stay_apart() -> None:
    assert enumeration(["Net, The", "Heat", "Alien"], "en") == "Net, The; Heat; and Alien"
    assert enumeration(["Heat", "Alien"], "en") == "Heat and Alien"
    assert enumeration(["Heat"], "en") == "Heat"
    assert enumeration([], "zh") == ""
