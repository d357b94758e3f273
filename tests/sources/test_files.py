"""Reading tables: any delimiter, encoding and format; ids survive; bad files say what is wrong."""

from __future__ import annotations

import csv
import io
import pickle
import random
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.schema import DataError
from recsys.sources import files, read_table

HARD_IDS = ["007", "NA", "nan", "null", "1e18", "😀", "שלום", " padded ", "x" * 10_000, "-0", "1_0"]


def csv_text(rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def read(data: bytes | str, name: str = "f.csv", **options: str) -> pd.DataFrame:
    return read_table(data.encode() if isinstance(data, str) else data, name, **options)[0]


def notes(data: bytes | str) -> str:
    source = data.encode() if isinstance(data, str) else data
    return " ".join(map(str, read_table(source, "f.csv")[1]))


def test_hard_ids_survive_exactly() -> None:
    rows = [[user, f"i{n}"] for n, user in enumerate(HARD_IDS)]
    frame = read(csv_text([["user_id", "item_id"], *rows]))
    assert frame["user_id"].tolist() == HARD_IDS
    assert frame.index.tolist() == list(range(2, len(HARD_IDS) + 2))
    assert frame.index.name == "row"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", ":", " ", "\x01", "¦"])
def test_any_delimiter(delimiter: str) -> None:
    text = f"user{delimiter}item{delimiter}score\nu1{delimiter}a.b{delimiter}3\n"
    assert read(text).to_dict("list") == {"user": ["u1"], "item": ["a.b"], "score": ["3"]}


def test_a_cell_of_a_million_letters() -> None:
    assert read(f"user,item\n{'x' * 1_000_000},a\n")["item"].tolist() == ["a"]


def test_two_character_delimiter_without_header() -> None:
    frame, said = read_table(b"1::1193::5::978300760\n1::661::3::978302109\n", "ratings.dat")
    assert frame.shape == (2, 4)
    assert frame.index.tolist() == [1, 2]
    assert "no column names" in str(said[0])


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]
)
def test_chinese_encodings_are_found(encoding: str) -> None:
    text = "用户,景点,时间\n小明,故宫,2024-01-05\n小红,长城😀,2024-01-06\n"
    assert read(text.encode(encoding))["景点"].tolist() == ["故宫", "长城😀"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_latin_1_is_found(encoding: str) -> None:
    text = "user_id,item_id,title\n1,2,Amélie\n2,3,Les Misérables – l’été\n"
    data = text.encode(encoding, "replace")
    frame, said = read_table(data, "f.csv")
    assert frame["title"].iloc[0] == "Amélie"
    assert "as cp1252, which is a guess: “Amélie”, “Misérables”" in str(said[0])


def test_explicit_encoding() -> None:
    assert read("user,item\né,1\n".encode("cp1251", "replace"), encoding="cp1251").shape == (1, 2)
    with pytest.raises(DataError, match="not written in utf-8"):
        read("user,item\né,1\n".encode("latin-1"), encoding="utf-8")
    with pytest.raises(DataError, match="not written in latin-1"):
        read("user,item\né,1\n".encode("utf-16"), encoding="latin-1")
    for wrong in ("klingon", "rot13", "zlib"):
        with pytest.raises(DataError, match="no encoding called"):
            read("user,item\na,1\n", encoding=wrong)


def test_a_mark_alone_below_rows_with_gaps_is_an_id() -> None:
    assert read("user,item,title\n,,\n,0,0\n,0,0\n:,,\n")["user"].tolist()[-1] == ":"
    assert len(read("user,item,title\na,0,0\nb,0,0\n*,,\n")) == 2


def test_the_number_of_rows_below_them_is_no_row() -> None:
    rows = "".join(f"u{n % 5};i{n % 7};{n % 5};2021-01-0{1 + n % 9}\n" for n in range(20))
    table = "Kunde;Reise;Sterne;Gebucht am\n" + rows
    found = read(f"{table};;;\nAnzahl Zeilen:;20;;\n")
    assert found["Kunde"].tolist()[-2:] == ["u4", ""]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_round_trip(data: st.DataObject) -> None:
    cell = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
    cell = cell | st.sampled_from([*HARD_IDS, "a\nb", 'say "hi"', "a,b;c\td|e"])
    rows = data.draw(st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=8))
    delimiter = data.draw(st.sampled_from(",;\t|"))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]))
    text = csv_text([["user_id", "item_id", "title"], *map(list, rows)], delimiter)
    explicit = encoding if encoding == "gb18030" else None
    frame, _ = read_table(text.encode(encoding), "f.csv", encoding=explicit)
    assert list(frame.itertuples(index=False, name=None)) == rows


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_frame_or_a_data_error(data: bytes) -> None:
    try:
        frame = read(data)
    except DataError:
        return
    assert len(frame) > 0


@pytest.mark.parametrize("data", ["", "\n\n", "\ufeff", "user_id,item_id\n", " \n"])
def test_empty_or_header_only(data: str) -> None:
    with pytest.raises(DataError, match="holds no rows"):
        read(data)


def test_binary_junk() -> None:
    junk = random.Random(0).randbytes(5_000)
    with pytest.raises(DataError, match="not a text, Excel or Parquet file"):
        read(junk)
    for data, name in (
        (b"\x89PNG\r\n\x1a\n" + junk, "PNG"),
        (pickle.dumps({"user": 1}), "pickle"),
        (b"%PDF-1.4" + junk, "PDF"),
        (b"SQLite format 3\0" + junk, "SQLite"),
    ):
        with pytest.raises(DataError, match=f"is a {name} file, which is not read. Save its table"):
            read(data)
    for magic in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"):
        with pytest.raises(DataError, match="damaged"):
            read(magic + junk)


def test_file_over_the_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    path = tmp_path / "big.csv"
    path.write_text("user,item\n1,2\n")
    for source in (path, path.read_bytes()):
        with pytest.raises(DataError, match="larger than"):
            read_table(source, "big.csv")


def test_missing_file() -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_table(Path("/nowhere/x.csv"))


def test_ragged_rows() -> None:
    text = "user,item,score\nu1,a,1\nu2,b\nu3,c,3,4\n\nu4,d,5,,\n"
    frame, said = read_table(text.encode(), "f.csv")
    assert frame["user"].tolist() == ["u1", "u2", "u4"]
    assert frame.loc[3, "score"] == ""
    assert frame.index.tolist() == [2, 3, 6]
    assert "too few cells, filled up: 1 (row 3)" in str(said[0])
    assert "too many cells, dropped: 1 (row 4)" in str(said[1])
    with pytest.raises(DataError, match="Most rows"):
        read("user,item\nu1,a,b\nu2,a\nu2,c,d,e\n")


def test_row_names_as_r_writes_them() -> None:
    frame = read('"user","item"\n"1","u1","a"\n"2","u2","b"\n')
    assert frame.columns.tolist() == ["column_1", "user", "item"]


def test_column_names_are_put_right() -> None:
    frame, said = read_table(b" user ,item,item,,\nu1,a,b,c,\n", "f.csv")
    assert frame.columns.tolist() == ["user", "item", "item (2)", "column_4"]
    text = " ".join(map(str, said))
    assert "spaces around column names" in text
    assert 'more than one column is called "item"' in text
    assert "without a name were called column_4" in text


def test_quotation_marks() -> None:
    assert read('user,item\nu1,"a, ""b"""\n')["item"].tolist() == ['a, "b"']
    assert "read as letters" in notes('user\titem\nu1\t"12 inch\nu2\tb\n')
    assert len(read('user\titem\nu1\t"12 inch\nu2\tb\n')) == 2
    assert len(read('user,item\nu1,"a"b\nu2,b\n')) == 2


def excel(rows: list, sheets: int = 1) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for _ in range(sheets - 1):
        book.create_sheet().append(["x"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_excel() -> None:
    rows = [["user", "item", "score"], ["007", 7, 4.5], ["NA", 1e18, None], ["=1+1", "é", 3]]
    frame, said = read_table(excel(rows, sheets=2), "f.xlsx")
    assert frame["user"].iloc[:2].tolist() == ["007", "NA"]
    assert frame["item"].tolist() == ["7", "1000000000000000000", "é"]
    assert frame["score"].tolist() == ["4.5", "", "3"]
    assert "several sheets" in str(said[0])
    for empty in ([], [["user", "item"]]):
        with pytest.raises(DataError, match="holds no rows"):
            read_table(excel(empty), "f.xlsx")


def test_a_hidden_sheet_is_not_the_one_that_is_read() -> None:
    book = openpyxl.Workbook()
    for row in (["Monat", "Anzahl"], ["2022-01", 33], ["2022-02", 39], ["2022-03", 45]):
        book.active.append(row)
    hidden = book.create_sheet("Hidden")
    hidden.sheet_state = "hidden"
    shown = book.create_sheet("Daten")
    for n in range(9):
        hidden.append([n, n % 4, 3])
        shown.append([f"Kunde {n}", f"A-70{n % 4}", 3] if n else ["Kunde", "Artikel", "Sterne"])
    out = io.BytesIO()
    book.save(out)
    assert read_table(out.getvalue(), "f.xlsx")[0].columns.tolist() == [
        "Kunde",
        "Artikel",
        "Sterne",
    ]


def test_old_excel() -> None:
    frame, _ = read_table(Path(__file__).parent / "old.xls")
    assert frame.to_dict("list") == {
        "用户": ["007", "NA"],
        "商品ID": ["é1", "7"],
        "评分": ["4.5", "3"],
    }


def test_parquet() -> None:
    table = pa.table(
        {
            "user_id": pa.array([2**60 + 1, None]),
            "item_id": pa.array([7.0, float("nan")]),
            "when": pa.array([0, 10**15], pa.timestamp("us", "Asia/Shanghai")),
            "genres": pa.array([["a", "b"], None]),
            "kind": pa.array(["x", None]).dictionary_encode(),
            "empty": pa.nulls(2),
            "flag": [True, False],
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out)
    frame = read(out.getvalue(), "f.parquet")
    assert frame["user_id"].tolist() == ["1152921504606846977", ""]
    assert frame["item_id"].tolist() == ["7", ""]
    assert frame["when"].tolist()[0].startswith("1970-01-01 00:00:00")
    assert frame["genres"].tolist() == [["a", "b"], []]
    assert frame["kind"].tolist() == ["x", ""]
    assert frame.index.tolist() == [1, 2]
