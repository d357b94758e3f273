"""Rows that head a group of rows, in the column in which those have their names."""

import pandas as pd
import pytest

from recsys.schema import DataError
from recsys.sources.shapes.outlines import without_outline


def _frame(column: str = "Client / Goods", *, sums: bool = True, date: bool = True) -> pd.DataFrame:
    rows = []
    for user in range(4):
        members = [(f"g{(user + n) % 6}", f"0{n + 1}.01.2024", str(n + 1)) for n in range(3)]
        rows.append((f"Client {user}", "", "6" if sums else ""))
        rows += members
    frame = pd.DataFrame(rows, columns=[column, "Day", "Sum"], dtype="str")
    return frame if date else frame.drop(columns="Day")


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Client / Goods", ["Client", "Goods"]),
        ("Goods / Client", ["Goods", "Client"]),
        ("Xyz / Goods", ["user_id", "Goods"]),
        ("Xyz, Abc", ["user_id", "item_id"]),
        ("Client", ["Client", "item_id"]),
        ("Goods", ["user_id", "Goods"]),
        ("Xyz", ["user_id", "item_id"]),
    ],
)
@pytest.mark.parametrize("sums", [True, False])
def test_the_row_above_is_a_column(heading: str, names: list[str], sums: bool) -> None:
    frame, notes = without_outline(_frame(heading, sums=sums), "x.xlsx")
    assert list(frame.columns) == [*names, "Day", "Sum"]
    assert len(frame) == 12
    assert frame.iloc[0].tolist() == ["Client 0", "g0", "01.01.2024", "1"]
    assert frame.index.tolist() == [n for n in range(16) if n % 4]
    assert notes[0].grave


def test_numbers_that_add_up_nothing_head_no_group() -> None:
    frame = _frame()
    frame.loc[frame["Day"] == "", "Sum"] = ["1", "2", "3", "4"]
    assert without_outline(frame, "x.xlsx")[0].equals(frame)


def test_users_without_events_are_rows_of_a_table() -> None:
    rows = [("u0", "", "")]
    rows += [(f"u{n // 4}", "" if n % 4 == 0 else f"i{n % 5}", "") for n in range(4, 24)]
    frame = pd.DataFrame(rows, columns=["user", "item", "rating"], dtype="str")
    assert without_outline(frame, "x.csv")[0].equals(frame)


def test_a_table_of_events_with_a_first_row_that_lacks_a_cell_stays() -> None:
    rows = [(f"u{n % 5}", f"i{n % 7}", "" if n % 6 == 0 else "4") for n in range(40)]
    frame = pd.DataFrame(rows, columns=["user", "item", "rating"], dtype="str")
    assert without_outline(frame, "x.csv")[0].equals(frame)


def test_groups_within_groups_are_refused() -> None:
    frame = _frame()
    more = pd.DataFrame([["Firm", "", "24"]], columns=frame.columns, dtype="str")
    with pytest.raises(DataError, match="groups stand within groups"):
        without_outline(pd.concat([more, frame], ignore_index=True), "x.xlsx")


def test_a_matrix_with_empty_cells_heads_nothing() -> None:
    rows = [
        [f"u{n}", *(str(n % 5 + 1) if (n + k) % 3 else "" for k in range(9))] for n in range(20)
    ]
    rows[0][6:] = [""] * 4
    frame = pd.DataFrame(rows, columns=["user", *(f"i{k}" for k in range(9))], dtype="str")
    assert without_outline(frame, "x.csv")[0].equals(frame)
