"""Lists in cells become events, each once, in their order; nothing in them is evaluated."""

from __future__ import annotations

import random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.schema import DataError
from recsys.sources import ReadOptions
from recsys.sources.base import Table
from recsys.sources.shapes.lists import find_lists
from recsys.sources.shapes.reshaping import reshaped
from recsys.sources.shapes.tokens import tokens_of
from tests.sources.shapes.test_shapes import events, read, said


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("[1, 2, 3]", ["1", "2", "3"]),
        ("['a', 'b']", ["a", "b"]),
        ('["a", "b"]', ["a", "b"]),
        ("('a', 'b')", ["a", "b"]),
        ("{'a', 'b'}", ["a", "b"]),
        ("[1 2  3]", ["1", "2", "3"]),
        ("array([1, 2])", ["1", "2"]),
        ("[Amber meadow, Quiet]", ["Amber meadow", "Quiet"]),
        ("""['It\\'s', "a, b", 'c [d]']""", ["It's", "a, b", "c [d]"]),
        ('["caf\\u00e9"]', ["café"]),
        ("['a', None, nan]", ["a"]),
        ("[]", []),
        ("", []),
        ("[__import__('os').system('true')]", ["__import__", "os", ".system", "true"]),
    ],
)
def test_a_cell_is_cut_and_never_evaluated(cell: str, items: list[str]) -> None:
    assert list(tokens_of(pd.Series([cell], dtype="str"), None)) == [items]


def test_a_history_and_what_came_next() -> None:
    table = read(
        "user_id,history_item_title,item_title,history_item_id,item_id\n"
        "u1,\"['Amber', 'Quiet']\",River,\"[1, 2]\",3\n"
        "u2,\"['River', 'Amber']\",Quiet,\"[3, 1]\",2\n"
    )
    assert events(table, "user_id", "item_id", "position", "title") == [
        ("u1", "1", "0", "Amber"), ("u1", "2", "1", "Quiet"), ("u1", "3", "2", "River"),
        ("u2", "3", "0", "River"), ("u2", "1", "1", "Amber"), ("u2", "2", "2", "Quiet"),
    ]  # fmt: skip
    assert "history_item_id holds lists" in said(table)
    assert table.found.shape == "lists"


def test_a_history_of_rows_that_are_there_adds_none() -> None:
    rows = ["user_id,parent_asin,rating,ts,history"]
    for user, items in (("u1", "abcd"), ("u2", "cabd"), ("u3", "bdc")):
        for place, one in enumerate(items):
            before = " ".join("B" + i for i in items[:place])
            rows.append(f"{user},B{one},5,{1_600_000_000 + place},{before}")
    table = read("\n".join(rows) + "\n")
    assert table.found.shape == "events" and len(table.frame) == 11


def test_empty_lists_beside_an_item_are_no_items() -> None:
    table = read("user_id,asin,images\nu1,a,[]\nu1,b,[]\nu2,a,[]\nu2,c,[]\n")
    assert table.found.shape == "events" and len(table.frame) == 4


def test_clicks_without_names_are_lists_of_the_user_not_of_the_number_of_the_row() -> None:
    rows = []
    for n in range(1, 9):
        listed = " ".join(f"N{(n + m) % 9}" for m in range(3 + n % 3))
        rows.append(f"{n}\tU{n % 4}\t11/1{n}/2019 9:0{n}:00 AM\t{listed}")
    table = read("\n".join(rows) + "\n", name="behaviors.tsv")
    assert events(table, "user_id", "item_id")[:2] == [("U1", "N1"), ("U1", "N2")]


def test_a_time_of_reading_is_no_list_of_what_was_read() -> None:
    rows = [f"b{n % 5},p{n % 4},2023-02-0{1 + n % 9} 06:5{n % 6}:03" for n in range(40)]
    table = read("\n".join(["issue,reader,read_at", *rows]) + "\n")
    assert table.found.shape == "events" and len(table.frame) == 40


HISTORIES = {"u1": list("abcdefg"), "u2": list("cabgfed"), "u3": list("gfbd")}


def rows_of(most: int | None = None, shuffled: bool = False) -> str:
    rows = [
        f'{user},"{items[max(0, k - (most or k)) : k]}",{items[k]}'
        for user, items in HISTORIES.items()
        for k in range(1, len(items))
    ]
    if shuffled:
        random.Random(3).shuffle(rows)
    return "\n".join(["user_id,history,item_id", *rows]) + "\n"


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("most", [None, 3])
def test_growing_histories_are_not_doubled(most: int | None, shuffled: bool) -> None:
    table = read(rows_of(most, shuffled))
    found = {user: rows["item_id"].tolist() for user, rows in table.frame.groupby("user_id")}
    assert found == HISTORIES
    assert "each event was taken once" in said(table)


@pytest.mark.parametrize("between", ["|", " ", ";", ", ", "->"])
def test_histories_without_brackets(between: str) -> None:
    lines = [f'u{n},"{between.join(f"i{(n + k * 3) % 9}" for k in range(4))}"' for n in range(8)]
    table = read("\n".join(["user_id,item_sequence", *lines]) + "\n", name="log.csv")
    assert len(table.frame) == 32
    assert events(table, "user_id", "item_id")[:2] == [("u0", "i0"), ("u0", "i3")]


def test_baskets_of_one_customer_stay_apart_and_whole() -> None:
    table = read(
        'customer,date,items\nc1,2024-01-01,"milk, bread"\nc1,2024-01-02,"milk, bread"\n'
        'c2,2024-01-01,"bread, tea"\nc2,2024-01-03,"tea, milk, jam"\n'
    )
    assert len(table.frame) == 9
    assert events(table, "user_id", "item_id", "timestamp")[2] == ("c1", "milk", "2024-01-02")


def test_ratings_and_times_beside_the_items() -> None:
    table = read(
        "user,movies,ratings,timestamps\n"
        'u1,"[7, 8]","[5, 3]","[1640995200, 1640995300]"\n'
        'u2,"[8, 9]","[4, 1]","[1640995200, 1640995201]"\n'
    )
    assert events(table, "item_id", "rating", "timestamp")[:2] == [
        ("7", "5", "1640995200"),
        ("8", "3", "1640995300"),
    ]


def test_a_rating_of_the_last_item_alone_is_left_out_and_said() -> None:
    table = read('user_id,history,item_id,rating\nu1,"[1, 2]",3,5\nu2,"[3, 1]",2,4\nu3,"[2]",1,4\n')
    assert "rating" not in table.frame
    assert any(note.grave and "rating" in str(note) for note in table.notes)


def test_clicked_and_only_shown() -> None:
    table = read("user,impressions\nu1,N1-1 N2-0 N3-1\nu2,N2-1 N1-0 N3-0\nu3,N3-1 N1-0 N2-1\n")
    assert events(table, "user_id", "item_id")[:3] == [("u1", "N1"), ("u1", "N3"), ("u2", "N2")]


def test_lists_of_a_parquet_file() -> None:
    frame = pd.DataFrame({"user": ["a", "b"], "items": [["1", "2"], ["2"]]}, dtype=object)
    frame["user"] = frame["user"].astype("str")
    frame.index = pd.RangeIndex(1, 3, name="row")
    table = reshaped(Table(frame), "interactions", ReadOptions(), "x.parquet")
    assert events(table, "user_id", "item_id") == [("a", "1"), ("a", "2"), ("b", "2")]


NO_LISTS = {
    "genres": "user,item,rating,genres\n1,a,3,Drama|War\n1,b,4,War|Crime\n2,a,5,Drama|War\n",
    "tags": "user,item,rating,tags\n1,a,3,\"['x', 'y']\"\n1,b,4,\"['x', 'z']\"\n2,a,5,\"['x']\"\n",
    "commas in titles": 'user,title,rating\n1,"Milk, 1 L",3\n1,"Tea, 20",4\n2,"Milk, 1 L",5\n',
    "two words": "user,title,rating\n1,Amber meadow,3\n1,Quiet river,4\n2,Amber meadow,5\n",
    "dates": "user,item,when\n1,a,2024-01-01 10:00\n1,b,2024-01-02 10:00\n2,a,2024-01-03 11:00\n",
}


@pytest.mark.parametrize("kind", NO_LISTS)
def test_what_is_no_list_of_items_stays(kind: str) -> None:
    table = read(NO_LISTS[kind])
    assert table.found.shape == "events"
    assert len(table.frame) == 3


def test_values_are_counted_before_lists_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.sources.shapes.exploding.MAX_NESTED_VALUES", 5)
    with pytest.raises(DataError, match="more than 5 events"):
        read('user,items\na,"[1, 2, 3]"\nb,"[1, 2, 3]"\n')


_ITEM = st.text("abcxyz0123 ',\"é", min_size=1, max_size=6).map(str.strip).filter(
    lambda t: t not in ("", "'", '"') and any(map(str.isalnum, t))
)  # fmt: skip


@settings(deadline=None, max_examples=50)
@given(
    st.dictionaries(
        st.text("uvw1", min_size=1, max_size=3), st.lists(_ITEM, min_size=1), min_size=2
    )
)
def test_collected_events_explode_back(histories: dict[str, list[str]]) -> None:
    frame = pd.DataFrame(
        {"user_id": list(histories), "items": [repr(items) for items in histories.values()]},
        dtype="str",
    )
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="row")
    table = reshaped(Table(frame), "interactions", ReadOptions(shape="lists"), "x.csv")
    found = {u: rows["item_id"].tolist() for u, rows in table.frame.groupby("user_id")}
    assert found == histories


def test_a_column_for_each_user() -> None:
    frame = pd.DataFrame({"ann": [["a", "b", "c"]], "bob": [["c", "a"]]}, dtype=object)
    frame.index = pd.RangeIndex(1, 2, name="row")
    table = reshaped(Table(frame), "interactions", ReadOptions(), "x.json")
    assert events(table, "user_id", "item_id")[2:] == [("ann", "c"), ("bob", "c"), ("bob", "a")]
    table = read("ann,bob,cyd\nAmber,Quiet,River\nQuiet,River,Amber\nRiver,Amber,\n")
    assert events(table, "user_id", "item_id")[2:4] == [("ann", "River"), ("bob", "Quiet")]


@pytest.mark.parametrize("cell", ["[['a', 5], ['b', 3]]", '[{"w": "a", "n": 5}]'])
def test_lists_within_lists_are_refused_by_name(cell: str) -> None:
    quoted = cell.replace('"', '""')
    text = f'user,items\nu1,"{quoted}"\nu2,"{quoted}"\nu3,"{quoted}"\n'
    with pytest.raises(DataError, match="lists within lists"):
        read(text)


def test_parallel_lists_of_articles_times_and_how_long() -> None:
    frame = pd.DataFrame(
        {
            "user_id": ["7", "8", "9"],
            "read_time_fixed": [["244.0", "60.0"], ["2.0", "12.0"], ["33.0", "4.0"]],
            "impression_time_fixed": [
                ["2024-01-05T00:35:08", "2024-01-25T01:41:09"],
                ["2024-01-23T08:51:44", "2024-01-30T00:26:59"],
                ["2024-01-24T08:51:44", "2024-01-31T00:26:59"],
            ],
            "scroll_percentage_fixed": [["42", "100"], ["100", ""], ["", "42"]],
            "article_id_fixed": [["9690411", "9695343"], ["9692055", "9690411"], ["1", "2"]],
        }
    )
    lists = find_lists(frame)
    assert lists is not None
    assert lists.items == "article_id_fixed"
    assert lists.parallel == {"timestamp": "impression_time_fixed"}


def test_decimal_commas_are_no_lists() -> None:
    rows = [f"M{n % 4};Der Koffer {n % 5};{300 + n * 37 % 90},{n % 10};" for n in range(30)]
    table = read("\n".join(["Mitglied;Hörbuch;Minuten", *rows]) + "\n")
    assert table.found.shape == "events"


def test_the_next_item_is_the_last_event() -> None:
    rows = [f'v{n},"{{s{n % 5},s{(n + 1) % 5},s{(n + 2) % 5}}}",s{(n + 3) % 5}' for n in range(9)]
    for name in ("watched_next", "target", "siguiente"):
        table = read("\n".join([f"viewer_id,watched_before,{name}", *rows]) + "\n")
        assert events(table, "user_id", "item_id")[:4] == [
            ("v0", "s0"), ("v0", "s1"), ("v0", "s2"), ("v0", "s3"),
        ]  # fmt: skip


def orders(cells: list[str], column: str = "products") -> str:
    """Orders of three customers, each with one of the cells."""
    rows = [
        f'SO-{n},c{n % 3},2024-01-{n + 10} 10:0{n}:00,"{cell}",9.50' for n, cell in enumerate(cells)
    ]
    return "\n".join([f"order_no,customer,ordered_at,{column},total", *rows]) + "\n"


TEAS = [
    ["River tea", "Paper tea", "Quiet tea"], ["Paper tea"], ["Quiet tea", "Amber tea"],
    ["Amber tea", "River tea", "Paper tea"], ["River tea", "Quiet tea"], ["Amber tea", "Paper tea"],
    ["Paper tea", "River tea"],
]  # fmt: skip


def found_in(table: Table) -> list[list[str]]:
    """The items of each row of the file, in their order."""
    rows = table.frame.groupby(level="row", sort=True)["item_id"]
    return [group.tolist() for _, group in rows]


@pytest.mark.parametrize("between", [" | ", "; ", ", ", " > "])
@pytest.mark.parametrize("column", ["products", "Artículos", "книги", "was_bestellt"])
def test_a_basket_has_the_time_of_its_order(between: str, column: str) -> None:
    table = read(orders([between.join(teas) for teas in TEAS], column))
    assert found_in(table) == TEAS
    assert events(table, "user_id", "timestamp", "position")[:4] == [
        ("c0", "2024-01-10 10:00:00", "0"), ("c0", "2024-01-10 10:00:00", "1"),
        ("c0", "2024-01-10 10:00:00", "2"), ("c0", "2024-01-13 10:03:00", "3"),
    ]  # fmt: skip
    assert "has the time of its row, ordered_at" in said(table)


def test_a_list_of_times_comes_before_the_time_of_the_row() -> None:
    table = read(
        "user,exported_at,movies,timestamps\n"
        'u1,2024-01-01,"[7, 8]","[1640995200, 1640995300]"\n'
        'u2,2024-01-02,"[8, 9]","[1640995200, 1640995201]"\n'
    )
    assert [t for (t,) in events(table, "timestamp")][:2] == ["1640995200", "1640995300"]


QUANTITIES = {
    "× behind": "{} × {}", "x behind": "{} x{}", "X apart": "{} x {}", "in front": "{1} x {0}",
    "joined": "{1}x {0}", "in brackets": "{} ({})", "colon": "{}: {}", "qty": "{} (Qty: {})",
    "pieces": "{} ({} uds.)", "bare": "{1} {0}",
}  # fmt: skip


@pytest.mark.parametrize("kind", QUANTITIES)
def test_quantities_beside_items_are_no_part_of_them(kind: str) -> None:
    cells = [
        ", ".join(QUANTITIES[kind].format(tea, (n + k) % 3 + 1) for k, tea in enumerate(teas))
        for n, teas in enumerate(TEAS)
    ]
    table = read(orders(cells, "Artículos"))
    assert found_in(table) == TEAS
    assert table.frame["quantity"].tolist()[:3] == ["1", "2", "3"]
    assert "rating" not in table.frame


def test_ratings_beside_items_are_ratings() -> None:
    rows = ["u1,Alien: 4.5; Heat: 3", "u2,Heat: 5; Ran: 2; Alien: 4", "u3,Ran: 3; Alien: 1.5"]
    table = read("\n".join(["user,films", *rows]) + "\n")
    assert events(table, "item_id", "rating")[:2] == [("Alien", "4.5"), ("Heat", "3")]


def test_a_comma_in_the_name_of_an_item_with_a_quantity_is_a_part_of_it() -> None:
    cells = ["Shirt, blue × 1, Mug × 2", "Mug × 1", "Shirt, blue × 2, Mug × 1, Hat, red × 1"]
    table = read(orders([*cells, *cells]))
    assert found_in(table)[:3] == [
        ["Shirt, blue", "Mug"], ["Mug"], ["Shirt, blue", "Mug", "Hat, red"]
    ]  # fmt: skip


def test_an_address_names_the_user_before_a_state_or_the_number_of_the_order() -> None:
    rows = [
        f'{4000 + n},{("Open", "Done")[n % 2]},u{n % 4}@x.org,"{", ".join(TEAS[n % 7])}"'
        for n in range(14)
    ]
    table = read("\n".join(["Número de pedido,Estado,Correo,Artículos", *rows]) + "\n")
    assert set(table.frame["user_id"]) == {f"u{n}@x.org" for n in range(4)}


COURSES = [
    ("Chess", "ann; ben; cyd"), ("Baking", "ben; dan"), ("Poetry", "cyd; ann; dan; eve"),
    ("Sewing", "eve; ben"), ("Drawing", "dan; ann; ben"),
]  # fmt: skip


@pytest.mark.parametrize(
    "head",
    ["course,teacher,enrolled_students", "Libro,Año,Lectores", "Kurs,Jahr,Teilnehmer",
     "title,year,readers", "Workshop,Room,Attendees", "课程,教室,学生"],
)  # fmt: skip
def test_lists_of_users_beside_an_item_are_turned_round(head: str) -> None:
    rows = [f"{course},x{n % 2},{users}" for n, (course, users) in enumerate(COURSES)]
    table = read("\n".join([head, *rows]) + "\n")
    pairs = events(table, "user_id", "item_id")
    assert sorted(pairs) == sorted((u, c) for c, users in COURSES for u in users.split("; "))
    assert "position" not in table.frame
    assert any(note.grave and "list of its users" in str(note) for note in table.notes)


def test_lists_of_addresses_are_users_by_whatever_name() -> None:
    rows = [f"{c},{' '.join(f'{u}@x.org,' for u in us.split('; '))}" for c, us in COURSES]
    rows = [f'{r.split(",", 1)[0]},"{r.split(",", 1)[1].strip(", ")}"' for r in rows]
    table = read("\n".join(["club,came", *rows]) + "\n")
    assert ("ann@x.org", "Chess") in events(table, "user_id", "item_id")
    assert len(table.frame) == 14


NAMES = {
    "names": [f"{a}, {b}" for a in ("Smith", "Berg", "Rossi") for b in ("Anna", "Ben", "Carla")],
    "sizes": [f"{a}, {b}" for a in ("Milk", "Tea", "Jam") for b in ("1 L", "2 L", "5 L")],
    "articles": ["Matrix, The", "Hobbit, The", "Beautiful Mind, A", "Birds, The", "Few, A"] * 2,
}


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("column", ["title", "film", "item"])
def test_titles_with_commas_are_no_lists(kind: str, column: str) -> None:
    cells = NAMES[kind]
    rows = [f'u{n % 4},"{cells[n * 7 % len(cells)]}",{n % 5 + 1}' for n in range(40)]
    table = read("\n".join([f"user,{column},rating", *rows]) + "\n")
    assert table.found.shape == "events" and len(table.frame) == 40
    assert "several items" not in said(table)


def test_cells_that_may_hold_several_items_are_pointed_out() -> None:
    rows = [
        f'u{n % 5},"{", ".join(["Tea", "Jam", "Milk", f"Bread {n}", f"Oil {n}"][n % 3 :])}",3'
        for n in range(20)
    ]
    table = read("\n".join(["user,what,rating", *rows]) + "\n", "events")
    assert table.found.shape == "events"
    table = read("\n".join(["user,what,rating", *rows]) + "\n")
    assert table.found.shape == "lists" or any(
        note.grave and "several items" in str(note) for note in table.notes
    )
