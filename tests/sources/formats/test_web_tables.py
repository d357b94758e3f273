"""Tables in HTML, as web shops write them under the name .xls, are read as text."""

from __future__ import annotations

import pytest

from recsys.schema import DataError
from recsys.sources.base import Table
from recsys.sources.columns.choosing import Kind
from recsys.sources.files import read_cells

HEAD = (
    '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv=Content-Type '
    'content="text/html; charset={}"><style>td{{mso-number-format:"\\@"}}</style></head><body>'
)


def read(text: str, kind: Kind = "interactions", encoding: str = "utf-8") -> Table:
    return read_cells(text.encode(encoding), "export.xls", None, kind)


def rows(table: Table) -> list[list[str]]:
    return table.frame.to_numpy().tolist()


def body(count: int = 5) -> str:
    return "".join(f"<tr><td>u{n}<td>i{n % 3}<td>{n % 5}" for n in range(count))


def test_entities_and_formatting() -> None:
    table = read(
        HEAD.format("utf-8")
        + "<h3>All <b>reviews</b></h3><table border=1>"
        + "<tr><th>Customer</th><th>Product</th><th><b>Rat</b>ing</th><th>Time</th></tr>"
        + "<tr><td class=n>0070</td><td>L&#39;&eacute;t&eacute; <i>&lt;3</i> &amp; x</td>"
        + "<td><font color=red>3</font></td><td nowrap>2021-10-14&nbsp;13:09:25</td></tr>"
        + "<tr><td>60<td>one<br>two<td>\n 4 \n<td></tr></table></body></html>"
    )
    assert list(table.frame.columns) == ["Customer", "Product", "Rating", "Time"]
    assert rows(table) == [
        ["0070", "L'été <3 & x", "3", "2021-10-14 13:09:25"],
        ["60", "one two", "4", ""],
    ]
    assert table.notes == []


def test_cells_that_span_others() -> None:
    table = read(
        "<table><tr><th>user</th><th>item</th><th>rating</th></tr>"
        "<tr><td rowspan=2>ann</td><td>a</td><td>1</td></tr><tr><td>b</td><td>2</td></tr>"
        "<tr><td>bob</td><td colspan=2>c</td></tr><tr><td>bob</td><td>d</td><td>5</td></tr></table>"
    )
    assert rows(table) == [
        ["ann", "a", "1"],
        ["ann", "b", "2"],
        ["bob", "c", ""],
        ["bob", "d", "5"],
    ]


def test_a_title_over_all_columns_and_the_longest_table() -> None:
    text = (
        HEAD.format("utf-8")
        + "<table><tr><td>Shop</td><td>Export</td></tr></table>"
        + "<table><tr><td><table><tr><th colspan=3>All reviews</th></tr>"
        + f"<tr><th>user_id<th>item_id<th>rating</tr>{body(9)}</table></td></tr></table>"
    )
    table = read(text)
    assert list(table.frame.columns) == ["user_id", "item_id", "rating"]
    assert len(table.frame) == 9
    assert table.frame.iloc[4].tolist() == ["u4", "i1", "4"]


def test_the_encoding_that_the_page_names() -> None:
    text = HEAD.format("windows-1251") + "<table><tr><th>user<th>item</tr>"
    text += "".join(f"<tr><td>{n}<td>Ложка {n}</tr>" for n in range(3))
    table = read(text, encoding="cp1251")
    assert table.frame["item"].tolist() == ["Ложка 0", "Ложка 1", "Ложка 2"]


def test_a_page_without_a_table() -> None:
    with pytest.raises(DataError, match="web page without a table"):
        read("<!DOCTYPE html><html><body><p>Sign in</p></body></html>")


def test_spans_are_counted_before_they_are_built() -> None:
    long = "x" * 100_000
    text = f"<table><tr><td rowspan=1000>{long}</td>" + f"<td rowspan=1000>{long}</td>" * 5
    with pytest.raises(DataError, match="MB of text"):
        read(text + "<tr><td>a</td></tr>" * 1_000 + "</table>")


@pytest.mark.parametrize("piece", ["<!--", "<td ", "<![x[", "<table>", "&#x", "<a href='", "<td"])
def test_broken_pages_end_in_a_sentence(piece: str) -> None:
    with pytest.raises(DataError):
        read("<table><tr><td>a</td></tr>" + piece * 50_000)


def test_scripts_and_remarks_are_no_cells() -> None:
    table = read(
        "<html><script>document.write('<table><tr><td>x</td></tr></table>')</script>"
        "<table><!-- <tr><td>no</td></tr> --><tr><th>user<th>item</tr>"
        "<tr><td>1<script>alert('<td>')</script></td><td>&lt;b&gt;a&lt;/b&gt; <![if x]>b<![endif]>"
        "</td></tr><tr><td>2</td><td>1 < 2</td></tr></table>"
    )
    assert rows(table) == [["1", "<b>a</b> b"], ["2", "1 < 2"]]
