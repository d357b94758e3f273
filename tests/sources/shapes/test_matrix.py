"""What the rows and columns of a matrix are: users, items, places in a list, or sums."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.sources.shapes.ordinals import place_of
from recsys.sources.shapes.sums import says_sum
from tests.sources.shapes.test_shapes import events, read, said

ROWS = "\nLantern,5,,3,,1\nQuiet,,4,,2,\nRiver,3,3,,,5\nAmber,1,,4,5,\n"


@pytest.mark.parametrize(
    "corner",
    [
        "Film",
        "Movie title",
        "Película",
        "Titre du livre",
        "Buch",
        "Фильм",
        "电影",
        "Film \\ Viewer",
    ],
)
def test_items_in_rows_are_found_by_the_name_of_their_column(corner: str) -> None:
    table = read(f"{corner},Anna,Bernd,Carla,Dario,Elena" + ROWS)
    assert events(table, "user_id", "item_id", "rating")[:2] == [
        ("Anna", "Lantern", "5"),
        ("Carla", "Lantern", "3"),
    ]


@pytest.mark.parametrize("corner", ["User", "Student", "Zuschauer", "Viewer \\ Film", "Lezer"])
def test_users_in_rows_are_found_by_the_name_of_their_column(corner: str) -> None:
    table = read(f"{corner},i1,i2,i3,i4,i5" + ROWS)
    assert events(table, "user_id", "item_id")[0] == ("Lantern", "i1")


@pytest.mark.parametrize("corner", ["", "Name"])
def test_people_in_columns_are_found_by_their_first_names(corner: str) -> None:
    table = read(f"{corner},Anna B.,Bernd,Carla,Unknown,Elena" + ROWS)
    assert events(table, "user_id", "item_id")[0] == ("Anna B.", "Lantern")
    assert any(n.grave and "taken for an item" in str(n) for n in table.notes)


def test_what_tells_nothing_is_said_with_what_to_do() -> None:
    table = read("Name,Blue,Red,Green,Black,White" + ROWS)
    assert events(table, "user_id", "item_id")[0] == ("Lantern", "Blue")
    note = next(n for n in table.notes if "taken for a user" in str(n))
    assert note.grave
    assert "item_id" in str(note)
    assert "was taken" not in said(read("user,Blue,Red,Green,Black,White" + ROWS))


@pytest.mark.parametrize(
    ("name", "sum_"),
    [
        ("Course total", True), ("Overall average", True), ("Course total (Real)", True),
        ("Durchschnitt", True), ("Média", True), ("Total points", True), ("Итого", True),
        ("Total Recall", False), ("Average Joe", False), ("Count Dracula", False),
        ("Final exam", False), ("Course", False), ("", False),
    ],
)  # fmt: skip
def test_names_of_sums(name: str, sum_: bool) -> None:
    assert says_sum(name) is sum_


def gradebook(last: str, foot: str) -> str:
    rng = np.random.default_rng(3)
    lines = [",".join(["Student", *(f"Quiz {n}: {w}" for n, w in enumerate("abcdef", 1)), last])]
    for name in ("Ann", "Ben", "Cyd", "Dan", "Eve", "Fay", "Gus", "Hal"):
        marks = [m / 2 if m > 7 else None for m in rng.integers(1, 21, 6).tolist()]
        written = ["-" if m is None else f"{m:g}" for m in marks]
        lines.append(",".join([name, *written, f"{sum(m or 0 for m in marks):g}"]))
    return "\n".join([*lines, f"{foot},6.66,6.28,6.07,7.68,6.08,6.28,31.5"]) + "\n"


@pytest.mark.parametrize("last", ["Course total", "Total Recall", "All of it"])
def test_sums_in_a_gradebook_are_no_events(last: str) -> None:
    table = read(gradebook(last, "Overall average"))
    assert table.found.shape == "matrix"
    assert last not in set(table.frame["item_id"])
    assert "Overall average" not in set(table.frame["user_id"])
    assert "-" not in set(table.frame["rating"])
    assert "left out: Overall average" in said(table)


def test_a_film_that_is_called_like_a_sum_stays() -> None:
    table = read(
        "user,Total Recall,Average Joe,Heat,Alien,Ran,Sum of Us" + ROWS.replace("\n", ",2\n")[2:]
    )
    assert {"Total Recall", "Average Joe", "Sum of Us"} <= set(table.frame["item_id"])


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("item_3", ("item", 3)), ("1e boek", ("boek", 1)), ("1st choice", ("choice", 1)),
        ("erstes Buch", ("buch", 1)), ("Zweites Buch", ("buch", 2)), ("Libro 1", ("libro", 1)),
        ("Tercera película", ("pelicula", 3)), ("2ème livre", ("livre", 2)), ("第一本", ("本", 1)),
        ("第十二本", ("本", 12)), ("1-я книга", ("книга", 1)), ("вторая книга", ("книга", 2)),
        ("3. Buch", ("buch", 3)), ("Book one", ("book", 1)), ("Second best book", ("best book", 2)),
        ("2019 sales", None), ("Lantern", None), ("Title", None),
    ],
)  # fmt: skip
def test_places_in_names(name: str, place: tuple[str, int] | None) -> None:
    assert place_of(name) == place


@pytest.mark.parametrize(
    "names",
    ["1e boek,2e boek,3e boek", "First choice,Second choice,Third choice", "书1,书2,书3",
     "erstes Buch,zweites Buch,drittes Buch", "Favourite,Favourite 2,Favourite 3",
     "primer libro,segundo libro,tercer libro", "Livre n° 1,Livre n° 2,Livre n° 3"],
)  # fmt: skip
def test_places_in_columns_are_the_order_of_what_was_picked(names: str) -> None:
    rows = "u1,Amber,Quiet,River\nu2,River,Amber,\nu3,Copper,River,Quiet\nu4,Quiet,Copper,Amber\n"
    table = read(f"Lezer,{names}\n{rows}")
    assert events(table)[:3] == [("u1", "Amber", "0"), ("u1", "Quiet", "1"), ("u1", "River", "2")]
    assert table.found.shape == "lists"
    again = read(f"Lezer,{names}\n{rows}", "lists")
    assert events(again) == events(table)
