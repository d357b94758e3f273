"""Letters that a backslash stands before are read, and paths stay paths, under any separator."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.sources.options import ReadOptions
from recsys.sources.text.delimited import read_delimited

SEPARATORS = [",", ";", "\t", "|"]


def read(text: str, options: ReadOptions | None = None) -> pd.DataFrame:
    return read_delimited(text.encode(), "x.csv", options).frame


def lines(titles: list[str], separator: str, header: bool = True, ends: str = "\n") -> str:
    """Rows as MySQL writes them: all cells in marks, a backslash before marks and backslashes."""
    rows = [["kunde", "titel", "punkte"]] if header else []
    rows += [[f"k{n % 7}", title, str(n % 5 + 1)] for n, title in enumerate(titles)]
    told = ([cell.replace("\\", "\\\\").replace('"', '\\"') for cell in row] for row in rows)
    return "".join(separator.join(f'"{cell}"' for cell in row) + ends for row in told)


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_separator_right_behind_an_escaped_mark(separator: str, header: bool, ends: str) -> None:
    titles = [f'Das "rote{separator} Haus {n}"{separator} gekürzt' for n in range(20)]
    frame = read(lines(titles, separator, header, ends))
    assert frame.shape == (20, 3)
    assert frame.iloc[:, 1].tolist() == titles
    assert frame.index[0] == (2 if header else 1)


def test_marks_at_the_edges_of_a_cell() -> None:
    titles = ['"Ja"', 'sagt "Nein"', '"', '""', "plain", '", "', "end\\", "a\\b", '\\"']
    assert read(lines(titles, ",")).iloc[:, 1].tolist() == titles


def test_one_escaped_mark_far_down() -> None:
    titles = [f"Titel {n}, lang" for n in range(9_000)]
    titles[8_500] = 'Der "Ring", neu'
    frame = read(lines(titles, ";"))
    assert frame["titel"].tolist() == titles


def test_backslashes_that_are_letters_stay() -> None:
    paths = ["C:\\films\\", "D:\\x\\", "plain", "\\\\host\\a\\"]
    for separator in SEPARATORS:
        told = "".join(
            f'"u{n}"{separator}"{path}"{separator}{n}\n' for n, path in enumerate(paths * 5)
        )
        named = separator.join(["user", "path", "n"]) + "\n"
        assert read(named + told)["path"].tolist() == paths * 5
        bare = named + told.replace('"', "")
        assert read(bare)["path"].tolist() == paths * 5


def test_doubled_marks_beside_backslashes_stay() -> None:
    titles = ['{"a": "\\"b\\", c"}', 'x \\"', "y\\", 'the "z"']
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(
        [["user", "title"], *([f"u{n}", title] for n, title in enumerate(titles * 4))]
    )
    assert read(written.getvalue())["title"].tolist() == titles * 4


def test_a_path_beside_escaped_marks_keeps_its_pairs() -> None:
    """Where single backslashes are written as they are, so are two."""
    text = '"user","title"\n"u1","The \\"x\\", b"\n"u2","\\\\host\\dir"\n"u3","c"\n'
    assert read(text)["title"].tolist() == ['The "x", b', "\\\\host\\dir", "c"]


@pytest.mark.parametrize("separator", SEPARATORS)
def test_escaped_separators_and_ends_of_lines(separator: str) -> None:
    """As MySQL writes cells without marks around them."""
    rows = [f"u{n % 4}\\{separator}x{separator}Le{n}\\\nb{separator}{n}\n" for n in range(12)]
    frame = read(separator.join(["usager", "titre", "n"]) + "\n" + "".join(rows))
    assert frame["usager"].tolist() == [f"u{n % 4}{separator}x" for n in range(12)]
    assert frame["titre"].tolist() == [f"Le{n}\nb" for n in range(12)]


def test_single_marks() -> None:
    text = "".join(f"'u{n}','it\\'s, well, {n}','{n}'\n" for n in range(9))
    assert read("'user','title','n'\n" + text)["title"].tolist() == [
        f"it's, well, {n}" for n in range(9)
    ]


def test_a_separator_that_is_given() -> None:
    titles = ['A "b"; c', 'd "e"; f', "g"]
    frame = read(lines(titles, ";"), ReadOptions(separator=";", header=True, skip=0))
    assert frame["titel"].tolist() == titles


@given(
    st.lists(st.text(st.sampled_from('ab,; \\"x'), min_size=1), min_size=3, max_size=30),
    st.sampled_from([",", ";"]),
)
def test_what_is_written_with_doubled_marks_is_read_as_before(
    titles: list[str], separator: str
) -> None:
    told = [f"w{n}{t}z" for n, t in enumerate(titles)]
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, delimiter=separator).writerows(
        [["user", "title", "n"], *([f"u{n}", title, str(n)] for n, title in enumerate(told))]
    )
    assert read(written.getvalue())["title"].tolist() == told


@given(st.lists(st.text(st.sampled_from('ab,; \\"x')), min_size=3, max_size=30))
def test_what_is_written_with_backslashes_is_read(titles: list[str]) -> None:
    told = ['the "one", two', *(f"w{t}z" for t in titles)]
    assert read(lines(told, ","))["titel"].tolist() == told
