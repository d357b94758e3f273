"""Blocks of rows below a line that says whose they are, each with its header."""

import pytest

from recsys.schema import DataError
from recsys.sources import limits
from recsys.sources.files import read_cells
from recsys.sources.options import ReadOptions


def _text(label: str, header: str, separator: str, *, total: bool = False, more: str = "") -> str:
    lines = []
    for user in range(5):
        lines += [f"{label}Nutzer {user}{more}", header]
        lines += [separator.join([f"b{user + n}", str(1 + n), "2023-05-01"]) for n in range(3)]
        lines += [separator.join(["Summe", "6", ""])] if total else []
        lines.append("")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("label", "separator", "more"),
    [("Leser: ", "\t", ""), ("Leser = ", ",", ",,"), ("Leser:", "|", "")],
)
def test_the_line_above_a_block_is_a_column(label: str, separator: str, more: str) -> None:
    header = separator.join(["Buch", "Note", "Tag"])
    text = _text(label, header, separator, more=more)
    table = read_cells(text.encode(), "x.csv", ReadOptions())
    rows = [
        [f"Nutzer {u}", f"b{u + n}", str(1 + n), "2023-05-01"] for u in range(5) for n in range(3)
    ]
    assert list(table.frame.columns) == ["Leser", "Buch", "Note", "Tag"]
    assert table.frame.to_numpy().tolist() == rows
    assert table.frame.index[:4].tolist() == [3, 4, 5, 9]
    assert any(note.grave for note in table.notes)


def test_sums_below_blocks_are_no_rows_of_anybody() -> None:
    text = _text("Leser: ", "Buch;Note;Tag", ";", total=True)
    assert "Leser" not in read_cells(text.encode(), "x.csv", ReadOptions()).frame.columns


def test_one_label_above_one_table_is_a_remark() -> None:
    rows = "\n".join(f"u{n % 3};b{n % 5};4" for n in range(20))
    text = f"Stand: heute\nLeser;Buch;Note\n{rows}\n"
    assert list(read_cells(text.encode(), "x.csv", ReadOptions()).frame.columns) == [
        "Leser",
        "Buch",
        "Note",
    ]


def test_a_label_that_would_be_repeated_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_TEXT_BYTES", 50)
    text = _text("Leser: ", "Buch;Note;Tag", ";")
    with pytest.raises(DataError, match="text"):
        read_cells(text.encode(), "x.csv", ReadOptions())
