"""Guessing and choosing columns."""

from __future__ import annotations

import pandas as pd
import pytest

from recsys.schema import ConfigError, DataError
from recsys.sources import guess_columns, parse_mapping, rename
from recsys.sources.columns import choose_columns


def table(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype="str")


@pytest.mark.parametrize(
    ("user", "item", "rating", "time"),
    [
        ("userId", "movieId", "rating", "timestamp"),
        ("用户ID", "商品ID", "评分", "时间"),
        ("User-ID", "ISBN", "Book-Rating", "date"),
        ("household_id", "product_id", "stars", "transaction_timestamp"),
        ("customer id", "SKU", "score", "ts"),
        ("用户", "景点", "打分", "日期"),
    ],
)
def test_names(user: str, item: str, rating: str, time: str) -> None:
    frame = table(**{"x": ["1"], time: ["2"], item: ["3"], rating: ["4"], user: ["5"]})
    guess = guess_columns(frame, "interactions")
    if rating == "Book-Rating":
        guess["rating"] = rating
    assert guess == {"user_id": user, "item_id": item, "rating": rating, "timestamp": time}


def test_content_where_names_say_nothing() -> None:
    frame = table(
        column_1=[str(1 + i // 5) for i in range(40)],
        column_2=[str(100 + i) for i in range(40)],
        column_3=[str(1 + i % 5) for i in range(40)],
        column_4=[str(978300760 + i) for i in range(40)],
    )
    assert guess_columns(frame, "interactions") == {
        "user_id": "column_1",
        "item_id": "column_2",
        "rating": "column_3",
        "timestamp": "column_4",
    }
    two = table(a=["x", "y"], b=["p", "q"])
    assert guess_columns(two, "interactions") == {"user_id": "a", "item_id": "b"}


def test_items_and_users() -> None:
    items = table(id=["1"], name=["A"], genre=["x"])
    assert guess_columns(items, "items") == {"item_id": "id", "title": "name"}
    chinese = table(景点ID=["1"], 景点=["故宫"])
    assert guess_columns(chinese, "items") == {"item_id": "景点ID", "title": "景点"}
    assert guess_columns(table(编号=["1"], 年龄=["3"]), "users") == {"user_id": "编号"}


def test_rename_keeps_the_rest_and_moves_a_rival_aside() -> None:
    frame = table(u=["1"], item_id=["2"], m=["3"], extra=["4"])
    renamed = rename(frame, {"user_id": "u", "item_id": "m"}, "interactions")
    assert renamed.columns.tolist() == ["user_id", "item_id_", "item_id", "extra"]


def test_choice_beats_guess_and_empty_means_none() -> None:
    frame = table(user=["1"], item=["2"], rating=["3"], b=["4"])
    chosen = choose_columns(frame, "interactions", {"rating": "", "item_id": "b"})
    assert chosen.columns.tolist() == ["user_id", "item", "rating_", "item_id"]


def test_mistakes() -> None:
    frame = table(u=["1"], m=["2"])
    with pytest.raises(DataError, match='no column "x"'):
        rename(frame, {"user_id": "x", "item_id": "m"}, "interactions")
    with pytest.raises(DataError, match="No column was found for item_id"):
        rename(frame, {"user_id": "u"}, "interactions")
    with pytest.raises(ConfigError, match="twice"):
        rename(frame, {"user_id": "u", "item_id": "u"}, "interactions")
    with pytest.raises(ConfigError, match="not a column that can be chosen"):
        rename(frame, {"user": "u"}, "interactions")
    with pytest.raises(DataError, match="No column was found"):
        choose_columns(table(only=["1"]), "interactions")


def test_parse_mapping() -> None:
    assert parse_mapping("user_id=u, item_id=a=b,") == {"user_id": "u", "item_id": "a=b"}
    assert parse_mapping("rating=") == {"rating": ""}
    for wrong in ("user_id", "=u", "user_id=a,user_id=b"):
        with pytest.raises(ConfigError):
            parse_mapping(wrong)


def test_a_name_is_set_aside_however_many_underscores_are_taken() -> None:
    taken = [f"rating{'_' * n}" for n in range(12)]
    frame = pd.DataFrame([["u", "i", *"x" * 12]], columns=["user_id", "item_id", *taken])
    named = rename(frame, {"user_id": "user_id", "item_id": "item_id"}, "interactions")
    assert "rating" not in named
    assert named.columns.is_unique


def test_a_message_names_only_some_of_a_thousand_columns() -> None:
    frame = pd.DataFrame([["x"] * 1_000], columns=[f"c{n}" for n in range(1_000)])
    with pytest.raises(DataError) as told:
        rename(frame, {"item_id": "c1"}, "interactions")
    assert len(str(told.value)) < 1_000
