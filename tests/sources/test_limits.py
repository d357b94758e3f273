"""Files that ask for more than a machine has are told so before anything is built."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import hostile_files as hostile
from recsys.schema import DataError
from recsys.sources import limits, read_table
from recsys.sources.formats.sheets import Malformed, extent_of

#: Kinds that are told at once, and a part of the sentence. The others need a process of their own.
TOLD = {
    "far-corner": "1,048,576 rows and 16,384 columns",
    "far-diagonal": "Delete what lies far from the table",
    "shared-string": "MB of text",
    "entity-bomb": "damaged",
    "half-a-workbook": "damaged",
    "nested-zip": "archives within archives",
    "repeated-cells": "20,000,000 cells",
    "repeated-text": "MB of text",
    "far-repeat": "20,000,000 cells",
    "binary-corner": "1,048,576 rows and 16,384 columns",
    "binary-shared": "MB of text",
    "repeated-value": "MB of text",
    "repeated-prefix": "MB of text",
    "fixed-values": "MB of text",
    "long-lists": "10,000,000 cells",
    "many-groups": "row groups",
    "wide-parquet": "20,000 columns",
    "picture": "is a PNG file",
    "document": "holds no table",
    "packed-zeros": "NUL|no rows|not a text",
}


@pytest.mark.parametrize("kind", TOLD)
def test_what_asks_for_too_much_is_reported_in_a_sentence(kind: str) -> None:
    make, ending = hostile.KINDS[kind]
    data = make()
    with pytest.raises(DataError, match=TOLD[kind]) as caught:
        read_table(data, f"{kind}.{ending}")
    assert len(str(caught.value)) < 400


def test_a_csv_with_too_many_columns() -> None:
    names = ",".join(f"c{n}" for n in range(1_500))
    with pytest.raises(DataError, match="1,500 columns; at most 1,000"):
        read_table(f"{names}\n{names}\n".encode(), "wide.csv")


def test_columns_without_names_and_cells_do_not_count() -> None:
    frame, _ = read_table(f"user,item{',' * 3_000}\na,b{',' * 3_000}\n".encode(), "f.csv")
    assert frame.columns.tolist() == ["user", "item"]


def test_naming_columns_takes_a_look_at_each_only() -> None:
    """A name that is compared is a look; with a list of names it would be half a million."""

    class Name(str):
        looks = 0

        def __eq__(self, other: object) -> bool:
            Name.looks += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    from recsys.sources.tables import _unique_names

    names, _ = _unique_names([(p, Name(f"c{p}")) for p in range(1_000)], "f.csv")
    assert len(names) == 1_000
    assert Name.looks < 20_000


def test_a_text_in_place_of_a_name() -> None:
    with pytest.raises(DataError, match="has 5,000 letters"):
        read_table(f"user,{'x' * 5_000}\na,b\n".encode(), "f.csv")


class TestHonestWorkbooks:
    def excel(self, cells: dict[str, object]) -> bytes:
        book = openpyxl.Workbook()
        for place, value in cells.items():
            book.active[place] = value
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def test_a_table_that_begins_at_row_five(self) -> None:
        cells = {"C5": "user", "D5": "item", "C6": "a", "D6": 1, "C9": "b", "D9": 2.5}
        frame, _ = read_table(self.excel(cells), "f.xlsx")
        assert frame.to_dict("list") == {"user": ["a", "b"], "item": ["1", "2.5"]}
        assert frame.index.tolist() == [6, 9]

    def test_a_table_far_from_the_corner(self) -> None:
        cells = {"XFC1048574": "user", "XFD1048574": "item", "XFC1048576": "a", "XFD1048576": "b"}
        frame, _ = read_table(self.excel(cells), "f.xlsx")
        assert frame.to_dict("list") == {"user": ["a"], "item": ["b"]}
        assert frame.index.tolist() == [1_048_576]

    def test_a_few_thousand_cells_with_gaps(self) -> None:
        cells: dict[str, object] = {"A1": "user", "Z1": "item"}
        for row in range(2, 60_000, 30):
            cells |= {f"A{row}": f"u{row}", f"Z{row}": row}
        frame, _ = read_table(self.excel(cells), "f.xlsx")
        assert frame.columns.tolist() == ["user", "item"]
        assert len(frame) == 2_000
        assert frame["item"].iloc[-1] == str(frame.index[-1])

    def test_a_cell_that_only_has_a_format_is_none(self) -> None:
        rows = f'<row r="1">{hostile.cell("A1", "user")}</row><row r="2">{hostile.cell("A2", "a")}'
        far = '</row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
        frame, _ = read_table(hostile.workbook(rows + far), "f.xlsx")
        assert frame.to_dict("list") == {"user": ["a"]}

    def test_another_sheet_may_be_as_far_as_it_likes(self) -> None:
        row = f'<row r="1">{hostile.cell("A1", "user")}</row><row r="2">{hostile.cell("A2", "a")}'
        far = f'<row r="1048576">{hostile.cell("XFD1048576", "x")}</row>'
        corner = f'<row r="1">{hostile.cell("A1", "x")}</row>{far}'
        frame, notes = read_table(hostile.workbook("", f"{row}</row>", corner), "f.xlsx")
        assert frame.to_dict("list") == {"user": ["a"]}
        assert '"S2" was read. The others are: S3' in str(notes[0])

    def test_a_workbook_in_a_folder_of_another_name(self) -> None:
        rows = f'<row r="1">{hostile.cell("A1", "user")}</row>'
        rows += f'<row r="2">{hostile.cell("A2", "a")}</row>'
        out = io.BytesIO()
        whole = io.BytesIO(hostile.workbook(rows))
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                content = old.read(name).replace(b"xl/workbook.xml", b"wb/workbook.xml")
                new.writestr(name.replace("xl/", "wb/"), content)
        frame, _ = read_table(out.getvalue(), "f.xlsx")
        assert frame.to_dict("list") == {"user": ["a"]}

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    @pytest.mark.parametrize("second", ["sheet1.xml", "Sheet1.xml"])
    def test_a_part_of_the_same_name_twice(self, second: str) -> None:
        rows = f'<row r="1">{hostile.cell("A1", "user")}</row><row r="2">{hostile.cell("A2", "a")}'
        far = hostile._HEAD + f'<row r="1">{hostile.cell("A1", "x")}</row><row r="1048576">'
        far += f"{hostile.cell('XFD1048576', 'x')}</row>{hostile._TAIL}"
        extra = {f"xl/worksheets/{second}": far.encode()}
        with pytest.raises(DataError, match="damaged"):
            read_table(hostile.workbook(f"{rows}</row>", extra=extra), "f.xlsx")

    def test_open_document(self) -> None:
        blank = '<table:table-cell table:number-columns-repeated="16382"/></table:table-row>'
        rows = hostile.ods_row("user", "item") + hostile.ods_row("a", "b", rows=2)
        rows = rows.replace("</table:table-row>", blank)
        end = '<table:table-row table:number-rows-repeated="1048573"><table:table-cell/>'
        data = hostile.opendocument(f"{rows}{end}</table:table-row>")
        frame, _ = read_table(data, "f.ods")
        assert frame.to_dict("list") == {"user": ["a", "a"], "item": ["b", "b"]}

    def test_binary_workbook(self) -> None:
        rows = [*hostile.xlsb_row(0, 0, 1, shared=0), *hostile.xlsb_row(1, 0, 1)]
        frame, _ = read_table(hostile.xlsb(*rows, strings=("user",)), "f.xlsb")
        assert frame.to_dict("list") == {"user": ["1"], "user (2)": ["1"]}


class TestExtent:
    def count(self, rows: str, **options: bool) -> tuple[int, int, int]:
        whole = f'<x:worksheet xmlns:x="m"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
        found = extent_of(io.BytesIO(whole.encode()), 100, **options)
        return found.cells, found.height, found.width

    def test_places_are_counted_where_they_are_not_listed(self) -> None:
        cell = "<x:c><x:v>1</x:v></x:c>"
        assert self.count(f"<x:row>{cell}{cell}</x:row><x:row>{cell}</x:row>") == (3, 2, 2)
        assert self.count(f'<x:row r="7">{cell}</x:row><x:row>{cell}</x:row>') == (2, 2, 1)

    def test_counting_ends_beyond_the_limit(self) -> None:
        assert self.count("<x:row><x:c><x:v>1</x:v></x:c></x:row>" * 500)[0] == 101
        assert self.count("<x:row/>" * 5_000)[0] == 101

    def test_another_encoding(self) -> None:
        whole = (
            '<?xml version="1.0" encoding="UTF-16"?><w><row r="3"><c r="B3"><v>1</v></c></row></w>'
        )
        assert extent_of(io.BytesIO(whole.encode("utf-16")), 100).last_column == 2

    @pytest.mark.parametrize("part", [b"", b"<w>", b"<!DOCTYPE w []><w/>", b"\0\0"])
    def test_what_is_no_sheet(self, part: bytes) -> None:
        with pytest.raises(Malformed):
            extent_of(io.BytesIO(part), 100)


class TestParquet:
    def test_text_is_counted_before_it_is_written_out(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "MAX_TEXT_BYTES", 1_000)
        texts = pa.array(["x" * 10] * 200)
        lists = pa.array([["x" * 10]] * 200)
        maps = pa.array([[("k", "x" * 10)]] * 200, pa.map_(pa.string(), pa.string()))
        structs = pa.array([{"a": "x" * 10}] * 200)
        for array in (texts, texts.dictionary_encode(), lists, maps, structs):
            with pytest.raises(DataError, match="MB of text"):
                read_table(hostile.parquet(pa.table({"a": array})), "f.parquet")
        assert len(read_table(hostile.parquet(pa.table({"a": texts[:99]})), "f.parquet")[0]) == 99

    @pytest.mark.parametrize("packed", ["PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
    def test_text_in_every_packing(self, packed: str, monkeypatch: pytest.MonkeyPatch) -> None:
        table = pa.table({"a": [f"user {n}" for n in range(2_000)], "l": [["x"]] * 2_000})
        options = {"use_dictionary": False, "column_encoding": {"a": packed}}
        data = hostile.parquet(table, **options)
        frame, _ = read_table(data, "f.parquet")
        assert frame["a"].tolist() == table["a"].to_pylist()
        monkeypatch.setattr(limits, "MAX_TEXT_BYTES", 10_000)
        with pytest.raises(DataError, match="MB of text"):
            read_table(data, "f.parquet")

    def test_values_of_lists_are_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MAX_NESTED_VALUES", 100)
        table = pa.table({"a": ["x"], "l": pa.array([[0] * 101])})
        with pytest.raises(DataError, match="more than 100 cells"):
            read_table(hostile.parquet(table), "f.parquet")

    def test_rows_are_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MAX_CELLS", 100)
        table = pa.table({"a": range(51), "b": range(51)})
        with pytest.raises(DataError, match="more than 100 cells"):
            read_table(hostile.parquet(table), "f.parquet")

    def test_many_batches_give_what_one_gives(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from recsys.sources.formats import parquet

        table = pa.table(
            {
                "u": [f"u{n % 7}" for n in range(100)],
                "n": [n / 2 for n in range(100)],
                "l": [["a", None] if n % 3 else None for n in range(100)],
                "s": [{"x": str(n)} for n in range(100)],
                "b": [b"x"] * 100,
            }
        )
        out = io.BytesIO()
        pq.write_table(table, out, row_group_size=11)
        whole, _ = read_table(out.getvalue(), "f.parquet")
        monkeypatch.setattr(parquet, "_BATCH_VALUES", 20)
        parts, _ = read_table(out.getvalue(), "f.parquet")
        pd.testing.assert_frame_equal(whole, parts)
        assert whole["l"].iloc[:2].tolist() == [[], ["a", ""]]
        assert whole["n"].iloc[:2].tolist() == ["0", "0.5"]


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (["user", "item"], ["a", 1], ["b", 2.5]):
        book.active.append(row)
    book.create_sheet().append(["x"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


ORIGINALS = {
    "xlsx": _workbook(),
    "xls": (Path(__file__).parent / "old.xls").read_bytes(),
    "xlsb": hostile.xlsb(*hostile.xlsb_row(0, 0, 1), *hostile.xlsb_row(1, 0, 1)),
    "ods": hostile.opendocument(hostile.ods_row("user", "item") + hostile.ods_row("a", "b")),
    "parquet": hostile.parquet(pa.table({"user": ["a", "b"], "l": [["x"], []]})),
    "csv": b'user,item\na,"b"\n',
}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_changed_file_is_a_frame_or_a_sentence(data: st.DataObject) -> None:
    ending = data.draw(st.sampled_from(sorted(ORIGINALS)))
    changed = bytearray(ORIGINALS[ending])
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(len(changed) // 2, len(changed)))
    try:
        frame, _ = read_table(bytes(changed[:cut]), f"f.{ending}")
    except DataError:
        return
    assert len(frame) > 0


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_changed_part_of_a_workbook_is_a_frame_or_a_sentence(data: st.DataObject) -> None:
    """Changes inside the packed parts, which the checksums of a zip would otherwise catch."""
    ending = data.draw(st.sampled_from(["xlsx", "xlsb", "ods"]))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ORIGINALS[ending])) as old, zipfile.ZipFile(out, "w") as new:
        changed_one = data.draw(st.sampled_from(old.namelist()))
        for name in old.namelist():
            part = bytearray(old.read(name))
            if name == changed_one and part:
                for _ in range(data.draw(st.integers(1, 5))):
                    part[data.draw(st.integers(0, len(part) - 1))] = data.draw(st.integers(0, 255))
            new.writestr(name, bytes(part))
    try:
        frame, _ = read_table(out.getvalue(), f"f.{ending}")
    except DataError:
        return
    assert len(frame) > 0
