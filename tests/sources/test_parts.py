"""One table in several files of an archive: parts, a file a month, a file a person, names apart."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import pandas as pd
import pytest

from recsys.sources.base import Table
from recsys.sources.files import read_cells
from recsys.sources.options import ReadOptions
from recsys.sources.parts import in_order, persons_of, stem

HEADER = "user_id,item_id,rating\n"


def part(number: int, header: str = HEADER) -> str:
    return header + "".join(f"u{n},i{n % 7}{number},{n % 5}\n" for n in range(10 + number))


def zipped(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def read(members: dict[str, str | bytes], sheet: str | None = None) -> Table:
    return read_cells(zipped(members), "f.zip", ReadOptions(sheet=sheet), "interactions")


def parquet(number: int) -> bytes:
    out = io.BytesIO()
    pd.read_csv(io.StringIO(part(number))).to_parquet(out)
    return out.getvalue()


def records(number: int) -> str:
    return json.dumps(
        [{"user_id": f"u{n}", "item_id": f"i{number}", "rating": n} for n in range(9)]
    )


@pytest.mark.parametrize(
    ("names", "content"),
    [
        ([f"out/part-0000{n}-9f1c2b7e-0d53-4c0a-c000.csv" for n in range(3)], part),
        ([f"out/part-0000{n}" for n in range(3)], lambda n: part(n, "")),
        ([f"x/part-{n}.snappy.parquet" for n in range(3)], parquet),
        ([f"x/part-{n}.csv.gz" for n in range(3)], lambda n: gzip.compress(part(n).encode())),
        ([f"x/events_{n}.json" for n in range(3)], records),
        (["2019-Oct.csv", "2019-Nov.csv", "2019-Dec.csv"], part),
        (["y=2024/m=01/data.csv", "y=2024/m=02/data.csv", "y=2024/m=03/data.csv"], part),
    ],
)
def test_parts_are_one_table(names: list[str], content) -> None:  # type: ignore[no-untyped-def]
    members = {name: content(n) for n, name in enumerate(names)}
    beside: dict[str, str | bytes] = {
        "out/_SUCCESS": "",
        "out/.part.crc": "x",
        "README.md": "Hello",
    }
    table = read({**beside, **members})
    expected = sum(
        len(read_cells(c if isinstance(c, bytes) else c.encode(), "p").frame)
        for c in members.values()
    )
    assert len(table.frame) == expected
    assert any(note.params.get("count") == 3 for note in table.notes)
    alone = read({**beside, **members}, sheet=names[1])
    assert len(alone.frame) < expected


def test_parts_are_read_in_the_order_of_their_numbers_and_months() -> None:
    assert sorted(["part-10", "part-9"], key=in_order) == ["part-9", "part-10"]
    assert sorted(["2019-Nov.csv", "2019-Feb.csv"], key=in_order) == [
        "2019-Feb.csv",
        "2019-Nov.csv",
    ]


def test_a_copy_is_no_part() -> None:
    table = read({"ratings.csv": part(0), "ratings (1).csv": part(0), "ratings (2).csv": part(0)})
    assert len(table.frame) == 10


def test_files_with_other_columns_are_left_out_and_reported() -> None:
    other = "user_id,item_id,price\nu1,i1,5\nu2,i2,6\n"
    table = read({"r-1.csv": part(0), "r-2.csv": part(1), "r-3.csv": other})
    assert len(table.frame) == 21
    assert any(
        "left out" in note.template and note.params["names"] == "r-3.csv" for note in table.notes
    )


def history(number: int) -> str:
    rows = "".join(f'"Film {n}: ""x""",4/{n + 1}/24\n' for n in range(number, number + 5))
    return f"Title,Date\n{rows}"


def test_a_file_for_each_person() -> None:
    for names, users in (
        (["anna.csv", "ben.csv", "carla.csv"], ["anna", "ben", "carla"]),
        (["user_1.csv", "user_2.csv", "user_10.csv"], ["user_1", "user_2", "user_10"]),
        (["a/anna/h.csv", "a/ben/h.csv", "a/carla/h.csv"], ["anna", "ben", "carla"]),
    ):
        table = read({name: history(n) for n, name in enumerate(names)})
        assert list(dict.fromkeys(table.frame["user_id"])) == users
        assert len(table.frame) == 15
        assert table.notes[0].grave


def test_numbers_and_months_are_no_persons() -> None:
    assert persons_of(["2024-01.csv", "2024-02.csv", "2024-03.csv"]) is None
    assert persons_of(["jan.csv", "feb.csv", "mar.csv"]) is None
    assert persons_of(["a.csv", "b.csv"]) is None  # too few to tell
    assert stem("x/dr. who.csv.gz") == "dr. who"


def test_files_with_users_that_are_not_called_alike_stay_apart() -> None:
    table = read({"likes.csv": part(0), "dislikes.csv": part(1), "skips.csv": part(2)})
    assert len(table.frame) == 12
    assert "several files" in table.notes[0].template


@pytest.mark.parametrize("names", ["when\tvisitor\tpage\n", "when\nvisitor\npage\n"])
def test_names_of_columns_in_a_file_of_their_own(names: str) -> None:
    rows = "".join(f"{1704316001 + n}\tu{n % 4}\tnews:{n % 5}\n" for n in range(12))
    members = {"column_headers.tsv": names, "hit_data.tsv": rows, "browser.tsv": "1\tFirefox\n"}
    table = read(members)  # type: ignore[arg-type]
    assert list(table.frame.columns) == ["when", "visitor", "page"]
    assert len(table.frame) == 12
    assert any(n.params.get("source") == "column_headers.tsv" for n in table.notes)


def test_names_for_another_table_are_not_taken() -> None:
    table = read({"columns.csv": "a,b\n", "ratings.csv": part(0)})
    assert list(table.frame.columns) == ["user_id", "item_id", "rating"]


def test_folders_that_say_what_a_column_holds() -> None:
    members = {
        f"out/user_id=u{user}/country=d%20e/part-{n}.csv": f"item_id,rating\ni{n},{user}\nj{n},1\n"
        for user in range(4)
        for n in range(2)
    }
    frame = read(members).frame  # type: ignore[arg-type]
    assert sorted(frame.columns) == ["country", "item_id", "rating", "user_id"]
    assert frame["user_id"].value_counts().to_dict() == {f"u{n}": 4 for n in range(4)}
    assert set(frame["country"]) == {"d e"}
