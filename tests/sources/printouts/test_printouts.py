"""Texts that programs log or print: lines of pairs, access logs, records, pages, matrices."""

import pytest

from recsys.schema import DataError
from recsys.sources import limits
from recsys.sources.base import Table
from recsys.sources.files import read_cells
from recsys.sources.options import ReadOptions


def _read(text: str) -> Table:
    return read_cells(text.encode(), "x.txt", ReadOptions())


def _rows(text: str) -> list[list[str]]:
    return list(map(list, _read(text).frame.to_numpy()))


def _said(table: Table) -> str:
    return " ".join(note.template.format(**note.params) for note in table.notes)


_PAIRS = [["2024-01-05T05:21:57Z", f"u-{n % 3}", f"art/{n % 4}", "a b"] for n in range(8)]


def test_rows_below_lines_that_count_them() -> None:
    blocks = ["u7|3", "i1\t90", "i2\t50", "i3\t0", "u9|1", "i2\t70", "u8|2", "i3\t10", "i1\t30"]
    table = _read("\n".join(blocks) + "\n")
    assert table.frame.columns.tolist() == ["user_id", "item_id", "rating"]
    assert table.frame.to_numpy().tolist()[2:5] == [
        ["u7", "i3", "0"],
        ["u9", "i2", "70"],
        ["u8", "i3", "10"],
    ]
    assert "“u7|3”" in _said(table)
    wrong = "\n".join([*blocks[:4], "u9|2", *blocks[5:]]) + "\n"
    assert "user_id" not in _read(wrong).frame.columns


def test_names_behind_fields_and_remarks_that_are_as_wide_as_rows() -> None:
    head = "#Software: Some Server Of Ours\n#Version: 1.0\n#Fields: date time user what status\n"
    rows = [f"2023-02-01 00:3{n % 10}:56 anna.{n % 3} v-{n % 7} 200\n" for n in range(40)]
    table = _read(head + "".join(rows[:20]) + head + "".join(rows[20:]))
    assert table.frame.columns.tolist() == ["date", "time", "user", "what", "status"]
    assert len(table.frame) == 40


@pytest.mark.parametrize(
    ("template", "first"),
    [
        ('ts={} user={} item={} msg="{}"', "ts"),
        ("ts={}, user={}, item={}, msg={}", "ts"),
        ("ts={};user={};item={};msg='{}'", "ts"),
        ("ts={} | user={} | item={} | msg={}", "ts"),
        ("ts:{}\tuser:{}\titem:{}\tmsg:{}", "ts"),
        ('{} INFO app.views user={} item={} msg="{}"', "time"),
        ('[{}] user={} item={} msg="{}"', "time"),
    ],
)
def test_lines_of_keys_and_values_are_read_by_key(template: str, first: str) -> None:
    table = _read("\n".join(template.format(*row) for row in _PAIRS) + "\n")
    assert list(table.frame.columns) == [first, "user", "item", "msg"]
    assert table.frame.to_numpy().tolist() == _PAIRS
    assert table.frame.index.tolist() == list(range(1, 9))


def test_keys_may_lack_and_come_in_another_order_and_values_hold_marks() -> None:
    lines = [
        r'level=info user=u1 item=i1 url=/x?a=1 msg="user=u9 said \"no\""',
        "",
        "item=i2 user=u2 level=warn",
        "user=u3 item= level=info",
    ]
    table = _read("\n".join(lines))
    assert table.frame.to_numpy().tolist() == [
        ["info", "u1", "i1", "/x?a=1", 'user=u9 said "no"'],
        ["warn", "u2", "i2", "", ""],
        ["info", "u3", "", "", ""],
    ]
    assert table.frame.index.tolist() == [1, 3, 4]


def test_lines_without_pairs_in_a_log_are_counted() -> None:
    text = "\n".join([f"user=u{n % 4} item=i{n % 5} n={n}" for n in range(30)] + ["  at main()"])
    table = _read(text)
    assert len(table.frame) == 30
    assert "passed over: 1" in _said(table)


def test_a_table_whose_cells_hold_pairs_is_a_table() -> None:
    text = "user,item,note\n" + "\n".join(f"u{n % 3},i{n % 4},a={n}" for n in range(20))
    assert list(_read(text).frame.columns) == ["user", "item", "note"]


def test_too_many_keys_are_refused() -> None:
    more = " ".join(f"k{n}=1" for n in range(limits.MAX_COLUMNS + 1))
    with pytest.raises(DataError, match="columns"):
        _read("\n".join(["user=u1 item=i1", "user=u2 item=i2"] * 200 + [more]))


def _request(n: int, user: str, path: str = "", status: int = 200) -> str:
    return (
        f'10.0.0.{n} - {user} [{n + 1:02d}/Jan/2024:21:46:15 +0200] "GET {path or f"/p/{n % 3}"} '
        f'HTTP/1.1" {status} 1652'
    )


@pytest.mark.parametrize(
    "more", ["", ' "https://a.org/" "Mozilla/5.0 (X11; rv:120.0)"', ' "-" "-" 9']
)
def test_an_access_log_tells_who_asked_for_what(more: str) -> None:
    lines = [_request(n, f"u{n % 2}") + more for n in range(8)]
    lines += [_request(9, "-") + more, _request(10, "u1", "/gone", 404) + more]
    lines += [_request(11, "u1", "/style.css?v=2") + more]
    table = _read("\n".join(lines))
    assert list(table.frame.columns) == ["user_id", "item_id", "timestamp"]
    assert table.frame.iloc[0].tolist() == ["u0", "/p/0", "2024-01-01 21:46:15 +0200"]
    assert len(table.frame) == 8
    assert "nobody: 1" in _said(table)


def test_an_access_log_of_nobody_is_refused_by_name() -> None:
    with pytest.raises(DataError, match="log of a web server in which nobody is logged in"):
        _read("\n".join(_request(n, "-") for n in range(8)))


def test_pictures_are_pages_where_there_is_nothing_else() -> None:
    lines = [_request(n, f"u{n % 2}", f"/art/{n % 4}.jpg") for n in range(8)]
    assert len(_read("\n".join(lines)).frame) == 8


def test_the_extended_log_of_iis_is_read_by_its_fields() -> None:
    fields = "date time cs-method cs-uri-stem cs-uri-query cs-username sc-status"
    top = f"#Software: IIS\n#Fields: {fields}\n"
    rows = "\n".join(f"2024-01-0{n} 10:00:00 GET /p/{n} - u{n % 2} 200" for n in range(1, 8))
    assert _rows(top + rows)[0] == ["u1", "/p/1", "2024-01-01 10:00:00Z"]


def test_the_sizes_of_a_sparse_matrix_are_no_entry() -> None:
    top = "%%MatrixMarket matrix coordinate integer general\n% by hand\n%\n22 30 3\n"
    table = _read(top + "6 1 5\n 10  2 4 \n3 3 1\n")
    assert list(table.frame.columns) == ["user_id", "item_id", "value"]
    assert table.frame.to_numpy().tolist() == [["6", "1", "5"], ["10", "2", "4"], ["3", "3", "1"]]
    assert table.frame.index.tolist() == [5, 6, 7]


def test_a_sparse_matrix_may_have_no_values() -> None:
    text = "%%MatrixMarket matrix coordinate pattern general\r\n3 3 2\r\n1 2\r\n3 1\r\n"
    assert _rows(text) == [["1", "2"], ["3", "1"]]


@pytest.mark.parametrize("kind", ["array real general", "coordinate real symmetric"])
def test_other_matrices_are_refused_by_name(kind: str) -> None:
    with pytest.raises(DataError, match="Matrix Market"):
        _read(f"%%MatrixMarket matrix {kind}\n3 3 2\n1 2 5\n3 1 4\n")


_RECORDS = [[f"c{n % 3}", f"p{n % 4}", "a | b" if n % 2 else "", "2024-01-01"] for n in range(6)]
_KEYS = ["customer_id", "product_id", "note", "created_at"]


def _psql(head: str, bar: str, frame: str = "") -> str:
    lines = ["Expanded display is on."]
    for n, record in enumerate(_RECORDS, 1):
        lines.append(head.format(n))
        pairs = zip(_KEYS, record, strict=True)
        lines += [f"{frame}{key:12} {bar} {cell:12}{frame}".rstrip() for key, cell in pairs]
    return "\n".join([*lines, "", "(6 rows)"])


def _mysql() -> str:
    lines = ["mysql> select * from t\\G"]
    for n, record in enumerate(_RECORDS, 1):
        lines.append(f"*************************** {n}. row ***************************")
        lines += [f"{key:>12}: {cell}" for key, cell in zip(_KEYS, record, strict=True)]
    return "\n".join([*lines, "6 rows in set (0.01 sec)", ""])


def _by_blank_lines(between: str, align: str) -> str:
    records = [
        "\n".join(f"{key:{align}12} {between} {cell}" for key, cell in zip(_KEYS, r, strict=True))
        for r in _RECORDS
    ]
    return "\n\n".join(records)


@pytest.mark.parametrize(
    "text",
    [
        _psql("-[ RECORD {} ]---+----------", "|"),
        _psql("-[ ЗАПИСЬ {} ]---+----------", "|"),
        _psql("─[ RECORD {} ]───┬──────────", "│"),
        _psql("┌─[ RECORD {} ]───┬──────────┐", "│", "│"),
        _mysql(),
        _by_blank_lines("=", ">"),
        _by_blank_lines(":", "<"),
    ],
)
def test_records_with_a_line_for_each_cell_are_rows(text: str) -> None:
    table = _read(text)
    assert list(table.frame.columns) == _KEYS
    assert table.frame.to_numpy().tolist() == _RECORDS


def test_a_cell_of_several_lines_goes_on() -> None:
    lines = []
    for n in range(3):
        lines += [
            f"-[ RECORD {n + 1} ]--",
            f"user | u{n}",
            "note | one +",
            "     | two | x",
            "item | i",
        ]
    assert _rows("\n".join(lines))[2] == ["u2", "one two | x", "i"]
    lines = []
    for n in range(3):
        lines += [
            f"*** {n + 1}. row ***",
            f"user: u{n}",
            " note: one",
            "two: 2" if n else "",
            " item: i",
        ]
    assert _rows("\n".join(lines))[2] == ["u2", "one two: 2", "i"]


def test_of_two_results_the_longer_is_read() -> None:
    first = "*** 1. row ***\nid: 1\nname: A\n"
    second = "".join(f"*** {n}. row ***\nuser: u{n}\nitem: i\n" for n in (1, 2, 3))
    table = _read(first + second)
    assert list(table.frame.columns) == ["user", "item"]
    assert "left out: 1" in _said(table)


def _markdown(months: int) -> str:
    parts = ["# Club\n\nAll | rate.\n"]
    for month in range(1, months + 1):
        rows = [f"| u{n} | Harbour \\| live {n} | {n % 5 + 1} |" for n in range(4)]
        parts.append(
            "\n".join([f"## {month}\n", "| Member | Album | Stars |", "|:--|:-:|--:|", *rows, ""])
        )
    return "\n".join(parts)


def test_tables_of_markdown_with_the_same_names_are_one() -> None:
    table = _read(_markdown(3))
    assert list(table.frame.columns) == ["Member", "Album", "Stars"]
    assert table.frame.iloc[:, 1].tolist() == [f"Harbour | live {n}" for n in range(4)] * 3
    assert table.frame.index[:2].tolist() == [9, 10]


def test_another_table_in_the_text_is_left_out_and_named() -> None:
    text = "| Option | Default |\n|---|---|\n| a | b |\n\n" + _markdown(2)
    table = _read(text)
    assert list(table.frame.columns) == ["Member", "Album", "Stars"]
    assert "Option, Default" in _said(table)


def _page(number: int, rows: list[str], rule: str) -> str:
    head = "|Kunde   |Artikel |Bezeichnung   |  Menge|"
    return "\n".join([f"20.06.2024     Liste     {number}", "", rule, head, rule, *rows, rule, ""])


@pytest.mark.parametrize("rule", ["-" * 41, "+--------+--------+--------------+-------+"])
def test_pages_of_a_list_are_one_table(rule: str) -> None:
    def row(n: int) -> str:
        return f"|100{n}    |T-{n}     |Teil {n} | groß |  1.{n}00|"

    total = ["|*       |        |              |122.974|"]
    text = _page(1, list(map(row, range(4))), rule) + _page(2, list(map(row, range(3))), rule)
    table = _read(text + _page(3, total, rule))
    assert list(table.frame.columns) == ["Kunde", "Artikel", "Bezeichnung", "Menge"]
    assert table.frame.iloc[:, 2].tolist() == [f"Teil {n} | groß" for n in (0, 1, 2, 3, 0, 1, 2)]
    assert "marked by “*”, were left out: 1" in _said(table)


def test_a_pointer_is_refused_by_name() -> None:
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345678\n"
    with pytest.raises(DataError, match="Git LFS"):
        _read(text)
    with pytest.raises(DataError, match="git-annex"):
        _read("../.git/annex/objects/zK/0x/SHA256E-s1--abc.csv/SHA256E-s1--abc.csv\n")


def test_who_gives_a_separator_has_the_text_cut_there() -> None:
    text = "\n".join(f"user=u{n % 3} item=i{n}" for n in range(8))
    table = read_cells(text.encode(), "x.txt", ReadOptions(separator=" ", header=False))
    assert table.frame.iloc[0].tolist() == ["user=u0", "item=i0"]
