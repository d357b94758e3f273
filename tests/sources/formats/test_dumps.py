"""Dumps of databases are read as data: the strings, names and tables of the programs that write."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.schema import DataError
from recsys.sources.base import Table
from recsys.sources.columns.choosing import Kind
from recsys.sources.files import read_cells
from recsys.sources.options import ReadOptions
from tests.sources.test_unpacking import zipped


def read(text: str, kind: Kind = "interactions", **options: str) -> Table:
    return read_cells(text.encode(), "dump.sql", ReadOptions(**options), kind)  # type: ignore[arg-type]


def rows(table: Table) -> list[list[str]]:
    return table.frame.to_numpy().tolist()


MYSQL = r"""-- MySQL dump 10.13  Distrib 8.0.36
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `books`;
CREATE TABLE `books` (
  `id` int NOT NULL AUTO_INCREMENT COMMENT 'the key, (really)',
  `title` varchar(200) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB;
INSERT INTO `books` VALUES (500,'Silver; Harbour'),(501,'It\'s, "so" (quiet)');
CREATE TABLE `ratings` (
  `id` int NOT NULL,
  `member_id` int NOT NULL,
  `book_id` int NOT NULL,
  `stars` decimal(3,1) DEFAULT NULL,
  `kind` enum('a','b,c') DEFAULT 'a',
  `comment` text,
  UNIQUE KEY `member_id` (`member_id`,`book_id`)
) ENGINE=InnoDB;
LOCK TABLES `ratings` WRITE;
INSERT INTO `ratings` VALUES (1,7,500,5.0,'a','one\ntwo; -- three'),(2,8,501,NULL,'b,c','');
INSERT INTO `ratings` VALUES (3,7,501,-1,'a','C:\\ 100\% /* no */ remark');
UNLOCK TABLES;
"""


def test_a_dump_of_mysql_with_two_tables() -> None:
    table = read(MYSQL)
    assert list(table.frame.columns) == ["id", "member_id", "book_id", "stars", "kind", "comment"]
    assert rows(table) == [
        ["1", "7", "500", "5.0", "a", "one\ntwo; -- three"],
        ["2", "8", "501", "", "b,c", ""],
        ["3", "7", "501", "-1", "a", "C:\\ 100% /* no */ remark"],
    ]
    (note,) = table.notes
    assert note.params["name"] == "ratings"
    assert note.params["others"] == "books"
    assert table.found.sheet == "ratings"


def test_the_table_that_is_wanted_or_given() -> None:
    for table in (read(MYSQL, "items"), read(MYSQL, sheet="books")):
        assert rows(table) == [["500", "Silver; Harbour"], ["501", 'It\'s, "so" (quiet)']]
    with pytest.raises(DataError, match='nothing called "films"'):
        read(MYSQL, sheet="films")


def test_copy_of_postgresql() -> None:
    table = read(
        "--\n-- PostgreSQL database dump\n--\n\n\\restrict x\n\nSET statement_timeout = 0;\n"
        "CREATE TABLE public.ratings (user_id integer, \"Item Id\" text, note text DEFAULT 'x');\n"
        'COPY public.ratings (user_id, "Item Id", note) FROM stdin;\n'
        "1\tit's; (5)\tone\\ntwo\\\\\n2\tb\t\\N\n\\.\n\n\n"
        "SELECT pg_catalog.setval('ratings_id_seq', 2, true);\n"
    )
    assert list(table.frame.columns) == ["user_id", "Item Id", "note"]
    assert rows(table) == [["1", "it's; (5)", "one\ntwo\\"], ["2", "b", ""]]


def test_inserts_of_sqlite_postgresql_sql_server_and_oracle() -> None:
    sqlite = (
        "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n"
        "CREATE TABLE ratings (user TEXT, item TEXT, rating REAL);\n"
        "INSERT INTO ratings VALUES('ann','C:\\',4.5);\n"
        "INSERT INTO ratings VALUES('b''b','x',1e2);\n"
        "COMMIT;\n"
    )
    assert rows(read(sqlite)) == [["ann", "C:\\", "4.5"], ["b'b", "x", "1e2"]]
    postgres = (
        "-- PostgreSQL database dump\nSET client_encoding = 'UTF8';\n"
        "INSERT INTO public.ratings (user_id, item_id, at) VALUES\n"
        "\t(1, 'a', '2024-01-01 10:00:00'::timestamp),\n\t(2, E'b\\'c', NULL)\n"
        "ON CONFLICT DO NOTHING;\n"
    )
    assert rows(read(postgres)) == [["1", "a", "2024-01-01 10:00:00"], ["2", "b'c", ""]]
    server = (
        "USE [Books]\nGO\n/****** Object:  Table [dbo].[Ratings] ******/\nSET ANSI_NULLS ON\nGO\n"
        "CREATE TABLE [dbo].[Ratings](\n\t[User Id] [int] NOT NULL,\n\t[Rating] [decimal](3, 1)\n)"
        "\nGO\nINSERT [dbo].[Ratings] ([User Id], [BookId], [Rating], [At]) VALUES "
        "(1, N'x', CAST(3.5 AS Decimal(3, 1)), CAST(N'2020-01-02T03:04:05' AS DateTime))\nGO\n"
        "INSERT [dbo].[Ratings] ([User Id], [BookId], [Rating], [At]) VALUES "
        "(2, N'y', CAST(1.0 AS Decimal(3, 1)), NULL)\nGO\n"
    )
    table = read(server)
    assert list(table.frame.columns) == ["User Id", "BookId", "Rating", "At"]
    assert rows(table) == [["1", "x", "3.5", "2020-01-02T03:04:05"], ["2", "y", "1.0", ""]]


def test_inserts_of_oracle_and_phpmyadmin_and_without_semicolons() -> None:
    oracle = (
        "REM INSERTING into RATINGS\nSET DEFINE OFF;\n"
        "Insert into RATINGS (USER_ID,ITEM_ID,AT) values "
        "(1,'a',to_date('05-JAN-24','DD-MON-RR'));\n"
        "Insert into RATINGS (USER_ID,ITEM_ID,AT) values (2,'b',null);\n"
    )
    assert rows(read(oracle)) == [["1", "a", "05-JAN-24"], ["2", "b", ""]]
    admin = (
        "-- phpMyAdmin SQL Dump\n-- version 5.2.1\n--\n\n"
        'SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";\nSTART TRANSACTION;\nSET time_zone = "+00:00";\n'
        "\nINSERT INTO `r` (`user_id`, `item_id`) VALUES\n(1, 'a'),\n(2, 'b');\n"
        "INSERT INTO `r` (`user_id`, `item_id`) VALUES\n(3, 'c');\nCOMMIT;\n"
    )
    assert rows(read(admin)) == [["1", "a"], ["2", "b"], ["3", "c"]]
    bare = "INSERT INTO r (u, i) VALUES (1, N'a')\nINSERT INTO r (u, i) VALUES (2, N'b')\nGO\n"
    assert rows(read(bare)) == [["1", "a"], ["2", "b"]]
    data = bare.encode("utf-16")
    assert rows(read_cells(data, "dump.sql")) == [["1", "a"], ["2", "b"]]


def test_a_dump_in_an_archive() -> None:
    data = zipped({"backup/shop.sql": MYSQL, "README.md": "x"})
    assert len(read_cells(data, "backup.zip").frame) == 3
    assert len(read_cells(data, "backup.zip", None, "items").frame) == 2


def test_a_dump_without_rows_is_refused_with_that_reason() -> None:
    with pytest.raises(DataError, match="without any rows"):
        read("CREATE TABLE `ratings` (`user_id` int, `item_id` int);\n")


def test_rows_that_hold_no_plain_values_are_reported() -> None:
    text = "INSERT INTO r (user_id, item_id) VALUES " + ",".join(f"({n},{n})" for n in range(9))
    table = read(f"{text};\nINSERT INTO r (user_id, item_id) VALUES (NEW.id, @x),(3,4);\n")
    assert len(table.frame) == 9
    assert any("could not be read" in note.template and note.grave for note in table.notes)


def test_what_only_mentions_sql_is_no_dump() -> None:
    assert list(read("set,item\n1,INSERT INTO x VALUES (1)\n2,b\n").frame.columns) == [
        "set",
        "item",
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(), st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.none()
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_is_written_is_read_back(cells: list[tuple[int, str, None]]) -> None:
    told = ",".join(
        "({},'{}',NULL)".format(n, t.replace("\\", "\\\\").replace("'", "\\'")) for n, t, _ in cells
    )
    table = read(f"INSERT INTO `r` (`user_id`,`item_id`,`c`) VALUES {told};\n")
    assert rows(table) == [[str(n), t, ""] for n, t, _ in cells]


@pytest.mark.parametrize("piece", ["/*", "'", "(", "INSERT INTO r VALUES (", "((", "--", '"', "a("])
def test_broken_dumps_end_in_a_sentence(piece: str) -> None:
    with pytest.raises(DataError):
        read("INSERT INTO r VALUES (" + piece * 30_000)
