"""The catalogues that `benchmarks/catalogues.py` makes of packages, and the wishes beside it."""

from __future__ import annotations

import json
from collections import Counter

import pandas as pd
import pytest

from benchmarks.catalogues import (
    HERE,
    MOST_OF_A_KIND,
    VALUES,
    Dish,
    art,
    courses,
    dishes,
    groceries,
)


def rows(items: pd.DataFrame) -> list[list[object]]:
    return items.astype(object).to_numpy().tolist()


def test_a_work_of_art_has_the_techniques_that_its_medium_names() -> None:
    media = ["Etching on paper", "Photo-etching and aquatint on paper", "Vinyl wall text", None]
    works = pd.DataFrame(
        {
            "id": [1, 2, 3, 4],
            "title": ["Jake", "Untitled", "A Line", "Lost"],
            "artist": ["Auerbach, Frank", "Doe, Jane", "Weiner, Lawrence", "Nobody"],
            "medium": media,
            "year": [1990.0, 2001.0, 1988.0, 1970.0],
        }
    )
    assert rows(art(works)) == [
        [1, "Jake", "Work by Auerbach, Frank", "Etching", 1990],
        [2, "Untitled", "Work by Doe, Jane", "Photo-etching|Aquatint", 2001],
    ]


def test_a_course_is_there_once_a_subject() -> None:
    offered = pd.DataFrame(
        [
            (7, "Dance", "Moving Voice"),
            (8, "Dance", "Moving Voice"),
            (9, "Theater", "Moving Voice"),
            (10, "Anesthesiology", "Clinic"),
            (11, "Dance", None),
        ],
        columns=["rownames", "subject", "course"],
    )
    assert rows(courses(offered)) == [[7, "Moving Voice", "Dance"], [9, "Moving Voice", "Theater"]]


def test_a_product_is_called_by_its_type_and_size() -> None:
    sold = pd.DataFrame(
        [
            (4, "TEAS", "TEA BAGS", "16 CT"),
            (2, "EGGS", "EGGS - LARGE", None),
            (3, "EGGS", "EGGS - LARGE", None),
            (5, "FUEL", "GASOLINE", "1 GA"),
            (6, "EGGS", None, "12 CT"),
        ],
        columns=["product_id", "product_category", "product_type", "package_size"],
    )
    assert rows(groceries(sold)) == [[2, "Eggs - large", "Eggs"], [4, "Tea bags, 16 CT", "Tea"]]


def test_no_category_of_groceries_is_larger_than_allowed() -> None:
    sold = pd.DataFrame({"product_id": range(100), "product_category": "SOUP"})
    sold["product_type"] = [f"SOUP {number}" for number in range(100)]
    sold["package_size"] = "1 LB"
    kept = groceries(sold)
    assert kept["item_id"].tolist() == list(range(MOST_OF_A_KIND))


def test_a_dish_has_each_place_it_is_from_once() -> None:
    tofu = Dish(
        id="c1",
        name="麻婆豆腐",
        description="麻辣鲜香",
        region="中华料理",
        cuisine="川菜",
        sub_style="经典热菜",
    )
    tea = Dish(
        id="d1",
        name="茉莉花茶",
        description="花香",
        region="饮品与甜品",
        cuisine="饮品与甜品",
        sub_style=None,
    )
    assert rows(dishes([tofu, tea])) == [
        ["c1", "麻婆豆腐", "麻辣鲜香", "中华料理|川菜|经典热菜"],
        ["d1", "茉莉花茶", "花香", "饮品与甜品"],
    ]


@pytest.mark.parametrize("name", ["art", "courses", "groceries", "dishes"])
def test_wishes_are_for_values_and_do_not_name_them(name: str) -> None:
    wishes = json.loads((HERE / "wishes" / f"{name}.json").read_text("utf-8"))
    values = {
        "art": set(VALUES["art"]),
        "courses": set(VALUES["courses"]["subjects"]),
        "groceries": set(VALUES["groceries"].values()),
    }
    parts = Counter(wish["part"] for wish in wishes)
    assert parts.keys() == {"dev", "test"} and parts["dev"] == parts["test"]
    assert len({wish["wish"] for wish in wishes}) == len(wishes) >= 24
    for wish in wishes:
        assert wish["kind"] and set(wish["kind"]) <= values.get(name, set(wish["kind"]))
        assert not [kind for kind in wish["kind"] if kind.lower() in wish["wish"].lower()]
