"""Tables written in any dialect are read back as they are; where they begin is told by content."""

from __future__ import annotations

import codecs
import csv
import io
import string

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.schema import DataError
from recsys.sources.base import Table
from recsys.sources.files import read_cells
from recsys.sources.options import ReadOptions


def read(text: str | bytes, **options: object) -> Table:
    data = text if isinstance(text, bytes) else text.encode()
    return read_cells(data, "f.csv", ReadOptions(**options))  # type: ignore[arg-type]


def rows_of(table: Table) -> list[list[str]]:
    return table.frame.to_numpy().tolist()


def said(table: Table) -> str:
    return " ".join(map(str, table.notes))


NAMES = (
    ["user_id", "item_id", "rating", "timestamp", "title"],
    ["Nutzer", "Artikel", "Bewertung", "Zeit", "Anmerkung"],
    ["usuario", "película", "nota", "fecha", "título"],
    ["用户", "物品", "评分", "时间", "标题"],
    ["customer no", "article no", "stars given", "when", "label"],
)
WORDS = ["Amber", "meadow", "Harbour", "silver", "river", "of", "Night", "(1995)", "II", "a"]
EXTRA = ["café", "Ночь", "静かな", "tab\there", "a,b", "x;y", 'say "hi"', "5'2", "a|b", "#1", "50%"]


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Events with ids, a number, a time and a text, which may hold anything."""
    count = draw(st.integers(6, 30))
    prefix = draw(st.sampled_from(["", "u", "U-", "user"]))
    decimals = draw(st.booleans())
    title = st.lists(st.sampled_from(WORDS + EXTRA), min_size=1, max_size=4).map(" ".join)
    rows = []
    for _ in range(count):
        rating = str(draw(st.integers(1, 5))) + (draw(st.sampled_from([".0", ".5"])) * decimals)
        rows.append(
            [
                f"{prefix}{draw(st.integers(1, 40))}",
                f"i{draw(st.integers(1, 60)):04}",
                rating,
                str(draw(st.integers(1_500_000_000, 1_600_000_000))),
                draw(title),
            ]
        )
    return rows


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_dialect_is_read_back(data: st.DataObject) -> None:
    rows = data.draw(tables())
    names = data.draw(st.sampled_from(NAMES))
    separator = data.draw(st.sampled_from([",", ";", "\t", "|", "\x01"]))
    header = data.draw(st.booleans())
    out = io.StringIO(newline="")
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting)
    trailing = [""] * data.draw(st.integers(0, 2))
    writer.writerows([row + trailing for row in ([names] if header else []) + rows])
    above = ""
    if data.draw(st.booleans()):
        above = data.draw(
            st.sampled_from(
                [
                    "# exported 2024-01-31, all shops, v2\n# by the data team\n",
                    "% a remark\n",
                    "// version 2\n\n",
                    f"sep={separator}\n",
                    "Report of all events\n\n",
                    "\n\n",
                ]
            )
        ).replace("\n", end)
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]))
    table = read((above + out.getvalue()).encode(encoding))
    assert rows_of(table) == rows
    assert table.found.separator == separator
    assert table.found.header == header
    if header:
        assert table.frame.columns.tolist() == names
    first = above.count(end) + 1 + header
    assert table.frame.index[0] == first
    again = read_cells((above + out.getvalue()).encode(encoding), "f", table.found)
    pd.testing.assert_frame_equal(again.frame, table.frame)


class TestSeparator:
    @pytest.mark.parametrize(
        ("text", "separator"),
        [
            ("article no,label\n123,Blue shirt\n124,Red shirt\n125,Green hat\n", ","),
            ("Nutzer;Artikel;Note\nu1;i1;3,5\nu2;i2;4,0\nu2;i3;1,5\n", ";"),
            ("1;2;3,5\n1;3;4,5\n2;3;1,0\n", ";"),
            ("u1\ti1\t3,5\nu1\ti2\t4,0\nu2\ti2\t4,0\n", "\t"),
            ("1 2 3,5 100\n1 3 4,5 101\n2 3 4,5 101\n", " "),
            ("1,Toy,Drama|Comedy\n2,Jumanji,Drama|War\n3,Heat,Action|War\n", ","),
            ("1::Toy: Story::Drama|War\n2::Heat: A::Action|War\n", "::"),
            ("1||Toy: Story||Drama|War\n2||Heat||War\n3||Jumanji||War|Action\n", "||"),
            ("1||27||3\n1||19||5\n2||31||3\n", "||"),
            ("1|a||3\n1|b||5\n2|a||3\n", "|"),
            ("user item rating\n1 2 3\n1 3 4\n", " "),
            ("1     2     3\n1     13    4\n22    3     5\n", "spaces"),
            ("user,when\n1,2022-01-01 10:00:00\n2,2022-01-02 11:00:00\n", ","),
        ],
    )
    def test_is_the_one_under_which_rows_have_one_width(self, text: str, separator: str) -> None:
        assert read(text).found.separator == separator

    def test_given_wins(self) -> None:
        assert rows_of(read("a;b,c\nd;e,f\n", separator=",", header=False)) == [
            ["a;b", "c"],
            ["d;e", "f"],
        ]
        assert rows_of(read("a  b c\nd e  f\n", separator="spaces", header=False)) == [
            ["a", "b", "c"],
            ["d", "e", "f"],
        ]

    def test_columns_at_fixed_places(self) -> None:
        text = (
            "user item           rating\nu1   Toy Story       5\nu2   The Matrix      4\n"
            "u3                   3\n"
        )
        assert rows_of(read(text)) == [
            ["u1", "Toy Story", "5"],
            ["u2", "The Matrix", "4"],
            ["u3", "", "3"],
        ]

    def test_cells_below_a_name_may_have_blanks_in_all_rows(self) -> None:
        people = ["Ann Lee", "Roberto Sosa", "Ida Berg", "Mia Holm"]
        games = ["Far Away", "Old Harbour", "Big Sur", "New Dawn", "Lost Tribe"]
        rows = [(people[n % 4], games[n % 5], str(1 + n % 5)) for n in range(30)]
        lines = [f"{a:<14}{b:<13}{c:>5}" for a, b, c in [("Player", "Game", "Score"), *rows]]
        table = read_cells("\n".join(lines).encode(), "g.txt", ReadOptions())
        assert list(map(tuple, table.frame.to_numpy().tolist())) == rows

    def test_pages_of_a_spool(self) -> None:
        page = ["KUNDE   ARTIKEL  WERT", "------- ------- -----"]
        rows = [f"{f'k{n % 4}':<8}{f'a{n % 7}':<9}{1 + n % 5:>4}" for n in range(24)]
        text = ["mysql> select kunde, artikel, wert from kauf;", ""]
        for first in range(0, 24, 8):
            text += [*page, *rows[first : first + 8], ""]
        text.append("24 rows selected.")
        table = read_cells("\n".join(text).encode(), "kauf.lst", ReadOptions())
        found = list(map(tuple, table.frame.to_numpy().tolist()))
        assert found == [tuple(row.split()) for row in rows]

    def test_aligned_tables_of_databases(self) -> None:
        psql = " user | item \n------+------\n u1   | i1   \n u2   | i2   \n(2 rows)\n"
        mysql = (
            "+------+------+\n| user | item |\n+------+------+\n| u1   | i1   |\n"
            "| u2   | i2   |\n+------+------+\n2 rows in set (0.00 sec)\n"
        )
        markdown = "| user | item |\n|------|------|\n| u1 | i1 |\n| u2 | i2 |\n"
        for text in (psql, mysql, markdown):
            table = read(text)
            assert table.frame.to_dict("list") == {"user": ["u1", "u2"], "item": ["i1", "i2"]}


class TestHeader:
    @pytest.mark.parametrize(
        "text",
        [
            "AX0190056QK,0000000893,4.0,1647458784\nBX0190056QK,0000000894,4.0,1647458785\n",
            "1|Toy Story (1995)|01-Jan-1995||http://a.b/c|0|0|1\n"
            "2|GoldenEye (1995)|01-Jan-1995||http://a.b/d|0|1|1\n",
            "u1,i1,fav\nu1,i2,fav\nu2,i1,view\n",
            "alice,matrix\nbob,inception\nalice,inception\nbob,matrix\n",
            "1::1193::5::978300760\n1::661::3::978302109\n",
            "196\t242\t3\t881250949\n186\t302\t3\t891717742\n",
            "B001,A1,NA,2020-01-01\nB002,A2,5,2020-01-02\nB003,A1,4,2020-01-02\n",
        ],
    )
    def test_a_first_row_like_the_others_is_data(self, text: str) -> None:
        table = read(text)
        assert table.found.header is False
        assert len(table.frame) == text.count("\n")
        assert "its first row was read as data" in said(table)
        assert table.frame.index[0] == 1

    @pytest.mark.parametrize(
        "text",
        [
            "Nutzer;Wert\nu1;3\nu2;4\n",
            "fav,UserId,ItemId\nfav,u1,i1\nfav,u2,i2\n",
            ",101,102,103\nu1,5,,3\nu2,,4,\n",
            "user_id,1,2,3,4\nu1,5,,3,\nu2,,4,,1\n",
            "klant,film\nk1,f1\nk2,f2\n",
            "id,url\n1,http://a.b/c\n2,http://a.b/d\n",
        ],
    )
    def test_a_first_row_of_another_kind_names_the_columns(self, text: str) -> None:
        table = read(text)
        assert table.found.header is True
        assert table.frame.index[0] == 2

    def test_given_wins(self) -> None:
        assert len(read("user,item\nu1,i1\n", header=False).frame) == 2
        table = read("1,2\n3,4\n", header=True)
        assert table.frame.columns.tolist() == ["1", "2"]

    def test_a_guess_is_reported(self) -> None:
        assert "taken for column names" in said(read("blau,rot\nhell,dunkel\nweich,hart\n"))


class TestAbove:
    def test_titles_dates_and_blank_rows(self) -> None:
        text = (
            "Sales export,28 Feb 2023,,\n,,,\nuser_id,item_id,rating,when\nu1,i1,4,5\nu2,i2,3,6\n"
        )
        table = read(text)
        assert table.frame.columns.tolist() == ["user_id", "item_id", "rating", "when"]
        assert table.found.skip == 2
        assert table.frame.index.tolist() == [4, 5]
        assert "begin in row 3" in said(table)

    def test_rows_of_keys_and_values(self) -> None:
        table = read("Report,Sales\nDate,2024-01-01\n\nuser,item\nu1,i1\nu2,i2\n")
        assert rows_of(table) == [["u1", "i1"], ["u2", "i2"]]

    def test_skip_given(self) -> None:
        table = read("x,y\nuser,item\nu1,i1\nu2,i2\n", skip=1)
        assert table.frame.columns.tolist() == ["user", "item"]
        assert table.frame.index.tolist() == [3, 4]

    def test_names_in_a_remark(self) -> None:
        table = read("# user item rating\n1 2 3\n1 3 4\n2 2 5\n")
        assert table.frame.columns.tolist() == ["user", "item", "rating"]
        assert len(table.frame) == 3

    def test_titles_that_begin_like_remarks_stay(self) -> None:
        table = read("item,plays\n#1 Song,5\n#2 Song,4\n% of it,4\n// c,1\nOther,4\n")
        assert len(table.frame) == 5
        hashtags = read("#love,i1,3\n#hate,i2,4\n#love,i3,4\n#cats,i1,4\n")
        assert len(hashtags.frame) == 4

    def test_remarks_between_rows_are_passed_over_and_reported(self) -> None:
        table = read("user,item,plays\nu1,a,5\n# page 2\nu2,#b,4\n#u3,x,4\n")
        assert table.frame["user"].tolist() == ["u1", "u2", "#u3"]
        assert table.frame.index.tolist() == [2, 4, 5]
        assert "remarks between the rows were passed over: 1" in said(table)


class TestBelow:
    def test_repeated_headers(self) -> None:
        table = read("user,item\nu1,a\nu2,b\nuser,item\nu3,c\nu4,c\n")
        assert table.frame["user"].tolist() == ["u1", "u2", "u3", "u4"]
        assert "column names within the table, dropped: 1 (row 4)" in said(table)

    @pytest.mark.parametrize(
        "end", ["Total,,13", "** end **,,", "(3 rows affected)", "Grand total,3,13", "合计,,13"]
    )
    def test_sums_and_remarks_at_the_end(self, end: str) -> None:
        table = read(f"user,item,score\nu1,i1,5\nu2,i2,4\nu3,i2,4\n{end}\n")
        assert table.frame["user"].tolist() == ["u1", "u2", "u3"]
        assert "rows at the end are no data" in said(table)

    @pytest.mark.parametrize("end", ["u4,,", "Total Recall,i2,5", "u4", "Total,i3,x"])
    def test_other_rows_at_the_end_stay(self, end: str) -> None:
        table = read(f"user,item,score\nu1,i1,5\nu2,i2,4\nu3,i2,4\n{end}\n")
        assert len(table.frame) == 4

    def test_a_user_who_is_called_total(self) -> None:
        table = read("user,item,n\nTotal,i1,1\nu1,i1,2\nu1,i2,2\nTotal,2,3\n")
        assert len(table.frame) == 4


def test_recbole() -> None:
    table = read("user_id:token\tgenres:token_seq\tx:float_seq\nu1\ta b c\t1 2\nu2\t\t\n")
    assert table.frame.columns.tolist() == ["user_id", "genres", "x"]
    assert table.frame["genres"].tolist() == [["a", "b", "c"], []]
    assert table.frame["x"].tolist() == [["1", "2"], []]


def test_movielens_items_without_names() -> None:
    line = "{}|Toy Café (1995)|01-Jan-1995||http://a.b/{}|" + "|".join("010011011010101101010"[:19])
    text = "\n".join(line.format(n, n) for n in range(1, 9)) + "\n"
    table = read(text.encode("latin-1"))
    assert len(table.frame) == 8
    assert table.frame.columns[:3].tolist() == ["column_1", "column_2", "column_3"]
    assert table.frame["column_2"].tolist() == ["Toy Café (1995)"] * 8
    assert table.found.encoding == "cp1252"


def test_arff() -> None:
    text = (
        "% made by hand\n@RELATION 'my music'\n\n@attribute 'user id' NUMERIC\n"
        "@ATTRIBUTE item {a,'b c'}\n@attribute rating real\n\n@DATA\n% first\n1,a,?\n2,'b c',4.5\n"
    )
    table = read(text)
    assert table.frame.to_dict("list") == {
        "user id": ["1", "2"],
        "item": ["a", "b c"],
        "rating": ["", "4.5"],
    }
    both = text.replace("real", 'date "yyyy-MM-dd"').replace("4.5", '"2021-02-22"')
    assert read(both).frame["rating"].tolist() == ["", "2021-02-22"]
    with pytest.raises(DataError, match="sparse ARFF"):
        read("@relation x\n@attribute a numeric\n@data\n{0 1}\n")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blocks_below_a_line_with_their_item(end: str) -> None:
    text = "1:\n100,3,2005-09-06\n101,5,2005-05-13\n2:\n100,4,2005-10-19\n3:\n".replace("\n", end)
    table = read(text)
    assert rows_of(table) == [
        ["1", "100", "3", "2005-09-06"],
        ["1", "101", "5", "2005-05-13"],
        ["2", "100", "4", "2005-10-19"],
    ]
    assert "lines such as “1:”" in said(table)


def test_records_of_a_line_for_each_cell() -> None:
    record = (
        "product/productId: B{}\nreview/userId: A1\nreview/score: 5.0\nreview/text: so: good\n\n"
    )
    table = read("".join(record.format(n) for n in range(3)))
    assert table.frame.columns.tolist() == ["productId", "userId", "score", "review/text"]
    assert table.frame["productId"].tolist() == ["B0", "B1", "B2"]
    assert table.frame["review/text"].tolist() == ["so: good"] * 3


def test_a_comma_in_every_quoted_cell_does_not_cut_it() -> None:
    told = "".join(f'"k{n % 5}";"Titel {n}, lang";"{n % 6}"\n' for n in range(20))
    table = read(told)
    assert table.found.separator == ";"
    assert rows_of(table)[3] == ["k3", "Titel 3, lang", "3"]


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, b""])
def test_a_separator_told_in_the_first_line(mark: bytes) -> None:
    table = read(mark + b"sep=;\r\nuser;item\r\nu1;a,b\r\nu2;c,d\r\n")
    assert rows_of(table) == [["u1", "a,b"], ["u2", "c,d"]]


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from(string.printable), max_size=300))
def test_any_text_is_a_table_or_a_sentence(text: str) -> None:
    try:
        table = read(text)
    except DataError:
        return
    assert len(table.frame) > 0


def test_blocks_with_names_of_their_own_below_each_person() -> None:
    text = "Lector: Ana Ruiz\nLibro,Nota\nL1,4\nL2,3\n\nLector: Eva Gil\nLibro,Nota\nL2,5\n"
    table = read_cells(text.encode(), "notas.csv", ReadOptions())
    assert table.frame.columns.tolist() == ["Lector", "Libro", "Nota"]
    assert table.frame.to_numpy().tolist() == [
        ["Ana Ruiz", "L1", "4"], ["Ana Ruiz", "L2", "3"], ["Eva Gil", "L2", "5"],
    ]  # fmt: skip
    assert "blocks below lines such as “Lector: Ana Ruiz”" in str(table.notes[0])


def test_a_title_above_one_table_is_no_block() -> None:
    text = "Report: May\nuser,item\nu1,i1\nu2,i2\nu3,i1\n"
    table = read_cells(text.encode(), "r.csv", ReadOptions())
    assert table.frame.columns.tolist() == ["user", "item"] and len(table.frame) == 3
