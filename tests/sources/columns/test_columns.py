"""Guessing and choosing columns."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from recsys.schema import ConfigError, DataError
from recsys.sources import guess_columns, parse_mapping, rename
from recsys.sources.columns.choosing import choose_columns, choose_events, guesses, understood


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


def events(**columns: str | list[str]) -> pd.DataFrame:
    """Thirty events: of each column the cells, which come again and again, or how to make them."""
    made = {
        "users": [f"u{i // 5}" for i in range(30)],
        "items": [f"i{i * 7 % 11}" for i in range(30)],
        "films": [f"Quiet river {i * 7 % 11}" for i in range(30)],
        "rates": [str(1 + i * 3 % 5) for i in range(30)],
        "times": [str(1640995200 + i * 86_400) for i in range(30)],
        "dates": [f"{1 + i % 28:02}/03/2022" for i in range(30)],
        "same": [str(1646092800 + i % 28 * 86_400 + i * 60) for i in range(30)],
        "links": [f"https://example.org/{i * 7 % 11}" for i in range(30)],
        "clock": [f"{i % 24:02}:15" for i in range(30)],
        "rows": [str(i) for i in range(30)],
        "days": [str(44_970 + i * 5 // 7) for i in range(30)],
    }
    cells = {
        name: made[of] if isinstance(of, str) else [of[i % len(of)] for i in range(30)]
        for name, of in columns.items()
    }
    return pd.DataFrame(cells, dtype="str")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            {"usuario": "users", "pelicula": "items", "rating": "rates", "fecha": "dates"},
            "usuario pelicula rating fecha",
        ),
        (
            {"Datum": "dates", "Bewertung": "rates", "Artikel": "items", "Nutzer": "users"},
            "Nutzer Artikel Bewertung Datum",
        ),
        (
            {"顧客番号": "users", "商品コード": "items", "評価": "rates", "購入日時": "times"},
            "顧客番号 商品コード 評価 購入日時",
        ),
        (
            {"user_id": "users", "col_b": "items", "c": "rates", "when?": "times"},
            "user_id col_b c when?",
        ),
        (
            {"id": "rows", "uid": "users", "anime_id": "items", "score": "rates"},
            "uid anime_id score",
        ),
        (
            {"ordernumero": "rows", "uid": "users", "varenr": "items", "x": "rates"},
            "uid varenr x",
        ),
        (
            {"blargh_no": "rows", "uid": "users", "b": "items", "Checked Out": "days"},
            "uid b - Checked-Out",
        ),
        ({"uid": "users", "b": "items", "age_in_days": "days"}, "uid b"),
        ({"fk_user": ["x"], "user": "users", "thing_id": "items"}, "user thing_id"),
        (
            {"user_id": "users", "item_id": "items", "date": ["soon"], "c": "times"},
            "user_id item_id - c",
        ),
        ({"user_id": "users", "item_id": "items", "date": ["soon"]}, "user_id item_id"),
        (
            {"user_id": "users", "item_id": "items", "note": ["nice one", "for Ann"]},
            "user_id item_id",
        ),
        ({"user_id": "users", "item_id": "items", "quantity": ["1", "2", "3"]}, "user_id item_id"),
        (
            {"user_id": "users", "item_id": "items", "age": ["1", "2", "3", "4", "5"]},
            "user_id item_id",
        ),
        ({"user_id": "users", "item_id": "items", "verified": ["Y", "N"]}, "user_id item_id"),
        ({"user_id": "users", "title": "films", "rating": "rates"}, "user_id title rating"),
        (
            {"user-id": "users", "game-title": "films", "value": ["0.3", "98.2"]},
            "user-id game-title",
        ),
        ({"name": "users", "movie": "items", "stars": "rates"}, "name movie stars"),
        ({"date": "dates", "time": "clock", "user": "users", "item": "items"}, "user item - date"),
        (
            {"event_date": "dates", "event_timestamp": "same", "user": "users", "item": "items"},
            "user item - event_timestamp",
        ),
        (
            {"Event context": "films", "User full name": "users", "Component": ["File", "Quiz"]},
            "User-full-name Event-context",
        ),
        ({"n": "rows", "user": "users", "country": "films", "nights": ["1", "2"]}, "user country"),
        ({"author": "users", "hotel_url": "links", "x": ["1", "2", "3"]}, "author hotel_url"),
        (
            {"dj_id": "users", "record_id": "items", "record_title": "films", "rating": "rates"},
            "dj_id record_id rating",
        ),
        (
            {
                "targetEntityId": "items",
                "targetEntityType": ["item"],
                "entityId": "users",
                "entityType": ["user"],
                "eventId": "rows",
            },
            "entityId targetEntityId",
        ),
        ({"who": "users", "pageTitle": "films", "url": "links"}, "who url"),
        (
            {"card": "users", "article": "items", "blarg": ["1", "2", "3", "4"], "Qty": ["1"]},
            "card article",
        ),
        (
            {"user": "users", "item": "items", "release_date": "dates", "ts": "times"},
            "user item - ts",
        ),
        (
            {"user": "users", "item": "items", "avg_rating": ["3.9"], "rating": "rates"},
            "user item rating",
        ),
    ],
)
def test_names_and_contents(columns: dict[str, str | list[str]], expected: str) -> None:
    found = guess_columns(events(**columns), "interactions")
    found.pop("title", None)
    names = ("user_id", "item_id", "rating", "timestamp")
    found = {name: column.replace(" ", "-") for name, column in found.items()}
    assert found == {n: c for n, c in zip(names, expected.split(), strict=False) if c != "-"}


def test_what_told_it() -> None:
    frame = events(usuario="users", b="items", c="rates", d="times", e=["x", "y"])
    told = {name: guess.how for name, guess in guesses(frame, "interactions").items()}
    expected = {"user_id": "name", "item_id": "guess", "rating": "content", "timestamp": "content"}
    assert told == expected
    nameless = events(a="users", b="items", c="rates", d="times")
    _, notes = choose_events(nameless)
    assert "user_id = “a”, item_id = “b”" in str(notes[0])
    assert choose_events(events(user="users", item="items"))[1] == []


def nameless(*columns: Callable[[int], object], rows: int = 120) -> dict[str, str]:
    """What is guessed of columns without names, of which the cell of each row is given."""
    cells = {
        f"column_{n}": [str(cell(i)) for i in range(rows)] for n, cell in enumerate(columns, 1)
    }
    return guess_columns(table(**cells), "interactions")


ITEMS = [(i * 7 + i // 11) % 23 for i in range(120)]


def item(i: int) -> str:
    return f"{4000 + 3 * ITEMS[i]}"


def test_without_names_places_visited_are_no_coordinates() -> None:
    found = nameless(
        lambda i: 1 + i // 12,
        lambda i: f"2010-10-{1 + i % 28:02}T23:55:27Z",
        lambda i: f"{48.1 + ITEMS[i] / 777:.6f}",
        lambda i: f"{11.5 + ITEMS[i] / 555:.6f}",
        item,
    )
    assert found == {"user_id": "column_1", "item_id": "column_5", "timestamp": "column_2"}


def test_without_names_a_kind_of_item_is_neither_an_item_nor_a_rating() -> None:
    kinds = ["pv", "buy", "cart", "fav"]
    found = nameless(
        item,
        lambda i: ITEMS[i] % 5,  # a category
        lambda i: 1 + (i * 5) % 9,  # a user
        lambda i: kinds[i % 3 + (i % 7 == 0)],
        lambda i: 1511544070 + 977 * i,
    )
    assert found == {"user_id": "column_1", "item_id": "column_3", "timestamp": "column_5"}
    half_known = ["0", "S", "3", "12"]
    found = nameless(lambda i: i // 6, item, lambda i: half_known[ITEMS[i] % 4])
    assert found == {"user_id": "column_1", "item_id": "column_2"}


def test_ids_say_by_their_writing_whose_they_are() -> None:
    books = ["0306406152", "0131103628", "0-201-03801-3", "080442957X", "0140449132"]
    found = nameless(
        lambda i: books[i % 5],
        lambda i: f"A{10_000_000_000 + 7 * (i % 7)}XQ",
        lambda i: 1 + (i * i // 3) % 5,
    )
    assert found == {"user_id": "column_2", "item_id": "column_1", "rating": "column_3"}
    found = nameless(lambda i: f"prod-{ITEMS[i]}", lambda i: f"cust{i % 9:04}")
    assert found == {"user_id": "column_2", "item_id": "column_1"}
    found = nameless(lambda i: f"x-{ITEMS[i]}", lambda i: f"y{i % 9:04}")
    assert found == {"user_id": "column_1", "item_id": "column_2"}


def test_the_time_of_a_load_is_none_and_that_of_a_message_is_one() -> None:
    frame = table(
        kunde=[f"k{i % 7}" for i in range(60)],
        artikel=[f"a{ITEMS[i]}" for i in range(60)],
        lade_ts=["2024-01-31 03:00:00"] * 60,
        buchung_ts=[f"2023-0{1 + i % 9}-08 04:29:57" for i in range(60)],
    )
    assert guess_columns(frame, "interactions")["timestamp"] == "buchung_ts"
    loaded = frame.rename(columns={"buchung_ts": "published"}).drop(columns="lade_ts")
    assert guess_columns(loaded, "interactions")["timestamp"] == "published"
    of_item = loaded.assign(published=[f"2003-01-{1 + ITEMS[i]:02}" for i in range(60)])
    assert "timestamp" not in guess_columns(of_item, "interactions")
    loose = loaded.rename(columns={"published": "collector_tstamp"})
    assert guess_columns(loose, "interactions")["timestamp"] == "collector_tstamp"


def test_a_rating_stays_one_where_users_and_items_are_left() -> None:
    found = nameless(lambda i: 1 + (i * 5) % 9, item, lambda i: 1 + (i * i) % 5)
    assert found == {"user_id": "column_1", "item_id": "column_2", "rating": "column_3"}


def test_an_empty_column_is_nobody_s_id_and_a_number_no_title_beside_words() -> None:
    orders = table(
        **{
            "Name": [f"#{1001 + i // 2}" for i in range(40)],
            "Email": [f"k{i % 7}@example.org" for i in range(40)],
            "Lineitem name": [f"Silver lamp {'SML'[i % 3]}" for i in range(40)],
            "Lineitem sku": [""] * 40,
        }
    )
    found = guess_columns(orders, "interactions")
    assert found == {"user_id": "Email", "item_id": "Lineitem name"}


def test_what_is_said_anew_of_an_item_each_time_is_not_its_title() -> None:
    rows = range(60)
    reviews = table(
        user_id=[f"u{i % 9}" for i in rows],
        asin=[f"B{i % 6}" for i in rows],
        title=[f"Great number {i}" for i in rows],
    )
    assert "title" not in guess_columns(reviews, "interactions")
    named = reviews.assign(title=[f"Lamp {i % 6}" for i in rows])
    assert guess_columns(named, "interactions")["title"] == "title"


def test_the_first_rows_may_be_of_one_user() -> None:
    users = ["u0"] * 20_000 + [f"u{i}" for i in range(10_000)]
    frame = pd.DataFrame({"a": users, "b": [f"i{i % 97}" for i in range(30_000)]}, dtype="str")
    assert guess_columns(frame, "interactions") == {"user_id": "a", "item_id": "b"}


def test_a_column_may_hold_ids_and_titles() -> None:
    films = table(title=["Amber", "River"], year=["1999", "2001"])
    assert guess_columns(films, "items") == {"item_id": "title", "title": "title"}
    named = rename(films, {"item_id": "title", "title": "title"}, "items")
    assert named["item_id"].tolist() == named["title"].tolist() == ["Amber", "River"]


def test_the_most_text_like_column_is_the_title() -> None:
    items = table(
        number=[str(i) for i in range(8)],
        kind=["Drama", "Comedy"] * 4,
        headline_of_it=[f"Quiet river {i}" for i in range(8)],
        page=[f"https://example.org/quiet-river-{i}" for i in range(8)],
        overview=[
            f"A long story of a quiet river and of the people there, part {i}" for i in range(8)
        ],
    )
    assert guess_columns(items, "items")["title"] == "headline_of_it"
    unnamed = items.rename(columns={"headline_of_it": "c"})
    assert guess_columns(unnamed, "items")["title"] == "c"


def test_rows_that_repeat_the_names_are_left_out() -> None:
    frame = table(user=["u1", "user", "u2"], item=["a", "item", "item"])
    named, notes = choose_events(frame)
    assert named["user_id"].tolist() == ["u1", "u2"]
    assert "1" in str(notes[0])


def test_how_numbers_and_dates_seem_to_be_written() -> None:
    frame = table(
        user=["u", "v"], item=["a", "b"], rating=["3,5", "4"], date=["3/4/2022", "5/4/2022"]
    )
    assert understood(frame, guesses(frame, "interactions")) == {"decimal": ",", "dates": "month"}
    certain = frame.assign(date=["13/4/2022", "5/4/2022"], rating=["3", "4"])
    assert understood(certain, guesses(certain, "interactions"))["dates"] == "day"


def test_another_column_that_might_be_it_is_named() -> None:
    frame = events(
        user="users", product_id="items", sku="films", created_at="times", updated_at="times"
    )
    _, notes = choose_events(frame)
    assert [str(note) for note in notes] == [
        "“product_id” was taken for item_id, by its name; sku might be it, too.",
        "“created_at” was taken for timestamp, by its name; updated_at might be it, too.",
    ]
