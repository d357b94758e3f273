"""CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import pandas as pd

from recsys.sources.export import to_csv_bytes


def test_formulas_are_neutralised_and_numbers_are_not() -> None:
    frame = pd.DataFrame(
        {
            "=id": ["=1+1", "+a", "-5", "@x", "\tq", "plain", "＝1"],
            "score": [-1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
            "genres": [["=a", "b"], [], [], [], [], [], []],
        }
    )
    data = to_csv_bytes(frame)
    assert data.startswith(b"\xef\xbb\xbf")
    lines = data.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "'=id,score,genres"
    assert lines[1] == "'=1+1,-1.5,'=a; b"
    assert [line.split(",")[0] for line in lines[2:-1]] == [
        "'+a",
        "-5",
        "'@x",
        "'\tq",
        "plain",
        "'＝1",
    ]


def test_empty_frame_has_a_header() -> None:
    assert to_csv_bytes(pd.DataFrame({"a": []})).decode("utf-8-sig") == "a\r\n"
