"""Files that ask for more than a machine has: each is read apart, and what came of it is counted.

python -m benchmarks.hostile_files            every kind twice, a JSON table on standard output
python -m benchmarks.hostile_files --rounds 5 --kind far-corner
"""

from __future__ import annotations

import argparse
import io
import json
import random
import struct
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from recsys.reading import Limits, Reading
from recsys.schema import DataError

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_SHARED = f'<Relationship Id="rIdS" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
_HEAD = f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_MAIN}"><sheetData>'
_TAIL = "</sheetData></worksheet>"


def workbook(
    *sheets: str | bytes, shared: str | None = None, extra: dict[str, bytes] | None = None
) -> bytes:
    """An .xlsx whose sheets hold these rows as XML, or these bytes as the whole part."""
    numbers = range(1, len(sheets) + 1)
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/worksheet" '
        f'Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", _root("xl/workbook.xml"))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
            f"<sheets>{listed}</sheets></workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}">{related}{_SHARED}</Relationships>',
        )
        if shared is not None:
            archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{_MAIN}">{shared}</sst>')
        for number, rows in zip(numbers, sheets, strict=True):
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
                if isinstance(rows, bytes):
                    part.write(rows)
                else:
                    part.write(f"{_HEAD}{rows}{_TAIL}".encode())
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def _root(target: str) -> str:
    """Where a package begins."""
    return (
        f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/officeDocument" Target="{target}"/></Relationships>'
    )


def cell(place: str, text: str) -> str:
    """A cell with its text in it."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def far_corner() -> bytes:
    """Two cells, and 17 billion between them."""
    first, last = cell("A1", "user"), cell("XFD1048576", "x")
    return workbook(f'<row r="1">{first}</row><row r="1048576">{last}</row>')


def far_diagonal() -> bytes:
    """A thousand honest cells, each further out than the last."""
    rows = (
        f'<row r="{n * 1000}">{cell(f"{_letters(n * 16)}{n * 1000}", "x")}</row>'
        for n in range(1, 1000)
    )
    return workbook("".join(rows))


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(65 + place) + letters
    return letters


def shared_string() -> bytes:
    """One string of a megabyte that 6,000 cells refer to."""
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 6001))
    return workbook(cells, shared=f"<si><t>{'x' * 1_000_000}</t></si>")


def endless_cells(prefix: str = "") -> bytes:
    """A sheet of 1.5 GB of XML that packs to 1.5 MB."""
    row = (
        f"<{prefix}row>"
        + f"<{prefix}c><{prefix}v>1</{prefix}v></{prefix}c>" * 100
        + f"</{prefix}row>"
    )
    return _repeated(row.encode() * 100, 5_000)


def endless_rows() -> bytes:
    """Only empty rows."""
    return _repeated(b"<row/>" * 10_000, 25_000)


def endless_letters() -> bytes:
    """One cell with a gigabyte of text."""
    return _repeated(
        b"x" * 1_000_000,
        1_000,
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>',
        b"</t></is></c></row>",
    )


def _repeated(piece: bytes, times: int, before: bytes = b"", after: bytes = b"") -> bytes:
    """A workbook of one long sheet, written without being held."""
    whole = io.BytesIO(workbook(""))
    out = io.BytesIO()
    with (
        zipfile.ZipFile(whole) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            if name != "xl/worksheets/sheet1.xml":
                target.writestr(name, source.read(name))
        with target.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(_HEAD.encode() + before)
            for _ in range(times):
                part.write(piece)
            part.write(after + _TAIL.encode())
    return out.getvalue()


def merged_cells() -> bytes:
    """A table of two rows, and 300,000 merged ranges over all of the sheet."""
    merged = "".join('<mergeCell ref="A1:XFD1048576"/>' for _ in range(300_000))
    rows = f'<row r="1">{cell("A1", "user")}{cell("B1", "item")}</row>'
    rows += f'<row r="2">{cell("A2", "u")}{cell("B2", "i")}</row>'
    part = f'{_HEAD}{rows}</sheetData><mergeCells count="300000">{merged}</mergeCells></worksheet>'
    return workbook(part.encode())


def many_sheets() -> bytes:
    return workbook(*([""] * 20_000))


def entity_bomb() -> bytes:
    """Billion laughs: ten entities, each ten times the one before."""
    entities = '<!ENTITY a0 "lol">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11)
    )
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a10;</t></is></c></row>'
    part = f'<!DOCTYPE x [{entities}]><worksheet xmlns="{_MAIN}"><sheetData>{rows}{_TAIL}'
    return workbook(part.encode())


def lying_sizes() -> bytes:
    """A packed part of a gigabyte that says it has ten bytes."""
    data = bytearray(endless_letters())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        true = max(part.file_size for part in archive.infolist())
    packed = struct.pack("<I", true)
    place = data.find(packed)
    while place >= 0:
        data[place : place + 4] = struct.pack("<I", 10)
        place = data.find(packed, place + 4)
    return bytes(data)


def nested_zip() -> bytes:
    """A zip in a zip in a zip …, each the only part of the next."""
    inner = b"0" * 1_000_000
    for _ in range(50):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner.zip", inner)
        inner = out.getvalue()
    return inner


def opendocument(table: str) -> bytes:
    """An .ods with this table."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{n}="{names}:{n}:1.0"' for n in ("office", "table", "text"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="T">{table}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def ods_row(*cells: str, rows: int = 1, columns: int = 1) -> str:
    """A row of text cells, said to repeat."""
    told = "".join(
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{columns}">'
        f"<text:p>{text}</text:p></table:table-cell>"
        for text in cells
    )
    return f'<table:table-row table:number-rows-repeated="{rows}">{told}</table:table-row>'


def repeated_cells() -> bytes:
    return opendocument(ods_row("user", columns=16_384, rows=1_048_576))


def repeated_text() -> bytes:
    return opendocument(ods_row("user", "item") + ods_row("x" * 1_000_000, "y", rows=10_000))


def far_repeat() -> bytes:
    gap = '<table:table-row table:number-rows-repeated="1048574"/>'
    skip = '<table:table-row><table:table-cell table:number-columns-repeated="16383"/>'
    last = '<table:table-cell office:value-type="float" office:value="1"/></table:table-row>'
    return opendocument(ods_row("user", "item") + gap + skip + last)


def xlsb(*records: tuple[int, bytes], strings: tuple[str, ...] = ()) -> bytes:
    """A binary workbook of one sheet with these records."""

    def packed(number: int, content: bytes) -> bytes:
        head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
        size, length = b"", len(content)
        while True:
            size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
            length >>= 7
            if not length:
                return head + size + content

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        sheet = packed(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("S1"))
        # Begin of the workbook, its properties, its list of sheets, and their ends.
        parts = packed(131, b"") + packed(143, b"") + sheet + packed(144, b"") + packed(132, b"")
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", _root("xl/workbook.bin"))
        archive.writestr("xl/workbook.bin", parts)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
            f'Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.bin"/>'
            f"{_SHARED.replace('.xml', '.bin')}</Relationships>",
        )
        if strings:
            items = b"".join(packed(19, b"\0" + wide(text)) for text in strings)
            count = struct.pack("<II", len(strings), len(strings))
            archive.writestr("xl/sharedStrings.bin", packed(159, count) + items + packed(160, b""))
        size = packed(148, struct.pack("<IIII", 0, 1, 0, 1))
        body = b"".join(packed(number, content) for number, content in records)
        whole = (
            packed(129, b"") + size + packed(145, b"") + body + packed(146, b"") + packed(130, b"")
        )
        archive.writestr("xl/worksheets/sheet1.bin", whole)
    return out.getvalue()


def xlsb_row(row: int, *columns: int, shared: int | None = None) -> list[tuple[int, bytes]]:
    """The head of a row and cells in it: numbers, or references to a shared string."""
    cells = [
        (5, struct.pack("<IId", column, 0, 1.0))
        if shared is None
        else (7, struct.pack("<III", column, 0, shared))
        for column in columns
    ]
    return [(0, struct.pack("<I", row) + bytes(13)), *cells]


def binary_corner() -> bytes:
    return xlsb(*xlsb_row(0, 0), *xlsb_row(1_048_575, 16_383))


def binary_shared() -> bytes:
    rows = (record for row in range(6_000) for record in xlsb_row(row, 0, shared=0))
    return xlsb(*rows, strings=("x" * 1_000_000,))


def parquet(table: pa.Table, **options: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", **options)
    return out.getvalue()


def repeated_value() -> bytes:
    """A text of a megabyte, said once and repeated 5,000 times."""
    text = pa.DictionaryArray.from_arrays(np.zeros(5_000, np.int32), ["x" * 1_000_000])
    return parquet(pa.table({"user_id": text, "item_id": text}))


def repeated_prefix() -> bytes:
    """The same by another way of packing: every value is as much of the last as it says."""
    texts = pa.array(["x" * 500_000] * 300, pa.large_string())
    options = {"use_dictionary": False, "column_encoding": {"user_id": "DELTA_BYTE_ARRAY"}}
    return _many_times(pa.table({"user_id": texts}), 10, **options)


def _many_times(table: pa.Table, times: int, **options: object) -> bytes:
    """A Parquet file with a table written again and again, each as a row group."""
    out = io.BytesIO()
    with pq.ParquetWriter(out, table.schema, compression="zstd", **options) as writer:
        for _ in range(times):
            writer.write_table(table, row_group_size=len(table))
    return out.getvalue()


def many_rows() -> bytes:
    """Hundreds of millions of rows that are all the same."""
    zeros = pa.array(np.zeros(10_000_000, np.int64))
    return _many_times(pa.table({"user_id": zeros, "item_id": zeros}), 30)


def long_lists() -> bytes:
    """A few rows, each a list of millions of values."""
    values = pa.DictionaryArray.from_arrays(np.zeros(30_000_000, np.int32), ["a"])
    lists = pa.ListArray.from_arrays(
        np.arange(0, 30_000_001, 10_000_000, np.int32), values.cast(pa.string())
    )
    return parquet(pa.table({"user_id": ["a", "b", "c"], "l": lists}))


def fixed_values() -> bytes:
    """Values of a fixed size of 100,000 bytes."""
    values = pa.array([b"x" * 100_000] * 2_000, pa.binary(100_000))
    return _many_times(pa.table({"user_id": values}), 10)


def many_groups() -> bytes:
    table = pa.table({"user_id": np.arange(30_000), "item_id": np.arange(30_000)})
    return parquet(table, row_group_size=1)


def wide_parquet() -> bytes:
    return parquet(pa.table({f"c{n}": [1] for n in range(20_000)}))


def wide_csv() -> bytes:
    """100,000 columns."""
    names = ",".join(f"c{n}" for n in range(100_000))
    return f"{names}\n{','.join('1' for _ in range(100_000))}\n".encode()


def same_names() -> bytes:
    """100,000 columns that are all called the same."""
    return (",".join(["a"] * 100_000) + "\n" + ",".join(["1"] * 100_000) + "\n").encode()


def one_line() -> bytes:
    return b"user,item," * 20_000_000


def only_commas() -> bytes:
    return b"user,item\n" + b"," * 190_000_000 + b"\n"


def one_quote() -> bytes:
    return b'user,item\na,"' + b"b,c\n" * 25_000_000


def nul_bytes() -> bytes:
    return b"user,item\n" + b"\0" * 100_000_000


def picture() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + random.Random(0).randbytes(1_000_000)  # noqa: S311 no secret


def document() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    return out.getvalue()


def packed_table() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("events.csv", "user,item\na,b\n")
    return out.getvalue()


def packed_zeros() -> bytes:
    """200 MB of zeros as .gz, which is no table."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(b"\0" * 200_000_000) + packer.flush()


def half_a_workbook() -> bytes:
    whole = workbook(*[f'<row r="1">{cell("A1", "u")}</row>'] * 50)
    return whole[: len(whole) // 2]


#: Kind → what makes the file, and its ending.
KINDS: dict[str, tuple[Callable[[], bytes], str]] = {
    "far-corner": (far_corner, "xlsx"),
    "far-diagonal": (far_diagonal, "xlsx"),
    "shared-string": (shared_string, "xlsx"),
    "endless-cells": (endless_cells, "xlsx"),
    "endless-rows": (endless_rows, "xlsx"),
    "endless-letters": (endless_letters, "xlsx"),
    "lying-sizes": (lying_sizes, "xlsx"),
    "merged-cells": (merged_cells, "xlsx"),
    "many-sheets": (many_sheets, "xlsx"),
    "entity-bomb": (entity_bomb, "xlsx"),
    "half-a-workbook": (half_a_workbook, "xlsx"),
    "nested-zip": (nested_zip, "xlsx"),
    "repeated-cells": (repeated_cells, "ods"),
    "repeated-text": (repeated_text, "ods"),
    "far-repeat": (far_repeat, "ods"),
    "binary-corner": (binary_corner, "xlsb"),
    "binary-shared": (binary_shared, "xlsb"),
    "repeated-value": (repeated_value, "parquet"),
    "repeated-prefix": (repeated_prefix, "parquet"),
    "many-rows": (many_rows, "parquet"),
    "long-lists": (long_lists, "parquet"),
    "fixed-values": (fixed_values, "parquet"),
    "many-groups": (many_groups, "parquet"),
    "wide-parquet": (wide_parquet, "parquet"),
    "wide-csv": (wide_csv, "csv"),
    "same-names": (same_names, "csv"),
    "one-line": (one_line, "csv"),
    "only-commas": (only_commas, "csv"),
    "one-quote": (one_quote, "csv"),
    "nul-bytes": (nul_bytes, "csv"),
    "picture": (picture, "csv"),
    "document": (document, "csv"),
    "packed-table": (packed_table, "csv"),
    "packed-zeros": (packed_zeros, "csv"),
}


def read_one(path: Path, limits: Limits | None = None) -> dict[str, object]:
    """Read one file apart; what came of it, in how long, and with how much memory."""
    began = time.monotonic()
    task = {"do": "look", "path": str(path), "filename": path.name, "options": {}}
    reading = Reading({**task, "kind": "interactions", "remove": False}, path.name, limits=limits)
    try:
        said = f"{reading.get()['rows']:,} rows"
        sentence = False
    except DataError as error:
        said, sentence = str(error), True
    finally:
        reading.close()
    return {
        "said": said,
        "sentence": sentence,
        "seconds": time.monotonic() - began,
        "megabytes": reading.peak_bytes / 1024**2,
    }


def main() -> int:
    """Read every kind of file some times, and print a line for each kind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--kind", nargs="+", choices=KINDS, default=list(KINDS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for kind in arguments.kind:
            make, ending = KINDS[kind]
            path = Path(folder) / f"{kind}.{ending}"
            path.write_bytes(make())
            found = [read_one(path) for _ in range(arguments.rounds)]
            print(
                json.dumps(
                    {
                        "kind": kind,
                        "bytes": path.stat().st_size,
                        "tried": len(found),
                        "sentences": sum(bool(one["sentence"]) for one in found),
                        "worst seconds": round(max(float(str(one["seconds"])) for one in found), 1),
                        "worst MB": round(max(float(str(one["megabytes"])) for one in found)),
                        "said": found[0]["said"],
                    }
                ),
                flush=True,
            )
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
