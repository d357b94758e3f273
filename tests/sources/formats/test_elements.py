"""XML with an element for each row is read: attributes and plain elements are its cells."""

from __future__ import annotations

import pytest

from recsys.schema import DataError
from recsys.sources.base import Table
from recsys.sources.columns.choosing import Kind
from recsys.sources.files import read_cells
from recsys.sources.options import ReadOptions

XML = '<?xml version="1.0" encoding="{}"?>\n'


def read(
    text: str, kind: Kind = "interactions", sheet: str | None = None, encoding: str = "utf-8"
) -> Table:
    data = (XML.format(encoding) + text).encode(encoding)
    return read_cells(data, "f.xml", ReadOptions(sheet=sheet), kind)


def rows(table: Table) -> list[list[str]]:
    return table.frame.to_numpy().tolist()


def test_attributes_of_rows() -> None:
    table = read(
        '<votes>\n<row Id="1" PostId="9" UserId="7" />\n<row Id="2" PostId="8" UserId="6" '
        'Note="a &amp; b &#228;" />\n</votes>'
    )
    assert list(table.frame.columns) == ["Id", "PostId", "UserId", "Note"]
    assert rows(table) == [["1", "9", "7", ""], ["2", "8", "6", "a & b ä"]]
    assert table.notes == []


def test_plain_elements_within_rows_and_lists_of_them() -> None:
    review = "<review><user id='{0}'><name>N{0}</name></user><item> i{0} </item>{1}</review>"
    tags = "<tag>a</tag><tag>b</tag>"
    table = read(f"<x><reviews>{review.format(1, tags)}{review.format(2, '')}</reviews></x>")
    assert list(table.frame.columns) == ["user.id", "user.name", "item", "tag"]
    assert rows(table) == [["1", "N1", "i1", ["a", "b"]], ["2", "N2", "i2", []]]


def test_what_stands_around_rows_is_said_of_each() -> None:
    table = read(
        '<all version="2"><user user_id="u1"><rating item_id="a" rating="3"/>'
        '<rating item_id="b" rating="4"/></user><user user_id="u2">'
        '<rating item_id="a" rating="5"/></user></all>'
    )
    assert list(table.frame.columns) == ["user.user_id", "item_id", "rating"]
    assert rows(table) == [["u1", "a", "3"], ["u1", "b", "4"], ["u2", "a", "5"]]


DATABASE = (
    "<mysqldump><database name='shop'><table_data name='books'>"
    "<row><field name='id'>1</field><field name='title'>One</field></row>"
    "<row><field name='id'>2</field><field name='title'>Two</field></row></table_data>"
    "<table_data name='ratings'>"
    "<row><field name='user_id'>7</field><field name='book_id'>1</field></row>"
    "<row><field name='user_id'>8</field><field name='book_id' /></row></table_data>"
    "</database></mysqldump>"
)


def test_the_tables_of_a_database() -> None:
    table = read(DATABASE)
    assert list(table.frame.columns) == ["user_id", "book_id"]
    assert rows(table) == [["7", "1"], ["8", ""]]
    assert table.notes[0].params["others"] == "books"
    assert rows(read(DATABASE, "items")) == [["1", "One"], ["2", "Two"]]
    assert rows(read(DATABASE, sheet="books")) == [["1", "One"], ["2", "Two"]]


def test_the_encoding_that_it_names() -> None:
    text = "<r>" + "".join(f'<row user="{n}" item="Ложка {n}"/>' for n in range(3)) + "</r>"
    assert read(text, encoding="windows-1251").frame["item"].tolist() == [
        "Ложка 0",
        "Ложка 1",
        "Ложка 2",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<a><b>c</b></a>", "is a XML file, which is not read"),
        ('<!DOCTYPE a [<!ENTITY e "x">]><a><r u="1" v="&e;"/><r u="2" v="&e;"/></a>', "XML file"),
        ("<a><r u='1'/><r u='2'/>", "damaged"),
        ("<a>" * 5_000, "XML"),
    ],
)
def test_other_xml_is_refused(text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read(text)
