"""A stray quotation mark takes no rows with it; honest cells over several lines stay."""

from __future__ import annotations

import csv
import io

import pytest

from recsys.sources.base import Table
from recsys.sources.files import read_cells
from recsys.sources.text import stray_quotes

HEADER = "user_id\titem_id\trating\ttitle\n"


def rows(count: int, first: int = 0) -> str:
    return "".join(f"u{n}\ti{n % 7}\t{n % 5}\tAmber {n}\n" for n in range(first, first + count))


def read(text: str) -> Table:
    return read_cells(text.encode(), "log.tsv")


def test_two_marks_far_apart() -> None:
    text = HEADER + rows(20) + 'u1\ti1\t3\t"Amber\n' + rows(200, 20) + 'u9\ti2\t1\tthe end"\n'
    table = read(text + rows(30, 220))
    assert len(table.frame) == 252
    assert table.frame["title"].iloc[20] == '"Amber'
    assert table.frame["title"].iloc[221] == 'the end"'
    said = " ".join(map(str, table.notes))
    assert "read as letters" in said
    assert "1 (line 22)" in said


def test_a_mark_that_is_never_closed() -> None:
    table = read(HEADER + rows(20) + 'u1\ti1\t3\t"Amber\n' + rows(50))
    assert len(table.frame) == 71
    assert table.frame["title"].iloc[20] == '"Amber'


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_honest_cells_of_several_lines(separator: str) -> None:
    told = [
        [f"u{n}", f"i{n % 5}", str(n % 5), f'Good, "very"\n\nvery; good {n},\nand\tso on']
        for n in range(300)
    ]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(
        [["user_id", "item_id", "rating", "text"], *told]
    )
    table = read(out.getvalue())
    assert table.frame.to_numpy().tolist() == told
    assert not any("letters" in str(note) for note in table.notes)


def test_honest_cells_beside_stray_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stray_quotes, "_BLOCK_BYTES", 500)
    honest = 'u1\ti1\t3\t"two\nlines, ""really"""\n'
    parts = [HEADER, rows(20), honest, 'u1\ti1\t3\t"Amber\n', rows(100), honest, rows(50), honest]
    table = read("".join(parts))
    assert len(table.frame) == 20 + 1 + 1 + 100 + 1 + 50 + 1
    assert table.frame["title"].tolist().count('two\nlines, "really"') == 3
    assert table.frame["title"].tolist().count('"Amber') == 1


def test_marks_within_a_cell_stay() -> None:
    text = 'user,item,title\nu1,i1,"12 inch" vinyl\nu2,i2,"ok, fine"\nu3,i3,5" disk\n'
    titles = read(text).frame["title"].tolist()
    assert titles == ['"12 inch" vinyl', "ok, fine", '5" disk']


def test_marks_written_with_a_backslash() -> None:
    text = '"ISBN";"Title"\n"1";"The \\"Ox\\"; one"\n"2";"b \\"x\\""\n"3";"c"\n'
    assert read(text).frame["Title"].tolist() == ['The "Ox"; one', 'b "x"', "c"]
    path = '"user","path"\n"1","C:\\a\\"\n"2","C:\\b\\"\n'
    assert read(path).frame["path"].tolist() == ["C:\\a\\", "C:\\b\\"]


def test_single_quotation_marks() -> None:
    assert read("'user','item'\n'u1','a, b'\n'u2','it''s'\n").frame["item"].tolist() == [
        "a, b",
        "it's",
    ]


def test_a_blank_before_quotation_marks() -> None:
    text = 'user, item, note\nu1, i1, "a, b"\nu2, i2, "c, d"\n'
    assert read(text).frame["note"].tolist() == ["a, b", "c, d"]


def test_judging_takes_one_look_at_each_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are looked at around a mark, and never up to the ends of the text."""
    looks: list[int] = []
    line = stray_quotes._Scan._line
    monkeypatch.setattr(
        stray_quotes._Scan,
        "_line",
        lambda self, begin, place: (looks.append(1), line(self, begin, place))[1],
    )
    monkeypatch.setattr(stray_quotes, "_BLOCK_BYTES", 2_000)
    cell = 'u{}\ti1\t3\t"a\nb"\n'
    read(HEADER + rows(20) + "".join(cell.format(n) for n in range(500)))
    assert len(looks) <= 2 * 520
