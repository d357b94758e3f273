"""Files in formats that are not read: told by how they begin, so that a person knows what to do."""

from __future__ import annotations

import re

from recsys.schema import N_, DataError

_MARKS = {
    b"SQLite format 3\0": "SQLite",
    b"\x89HDF\r\n\x1a\n": "HDF5",
    b"%PDF-": "PDF",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!\x1a\x07": "RAR",
    b"ARROW1\0\0": "Feather",
    b"FEA1": "Feather",
    b"ORC": "ORC",
    b"Obj\x01": "Avro",
    b"\x93NUMPY": "NumPy",
    b"$FL2@(#)": "SPSS",
    b"$FL3@(#)": "SPSS",
    b"<stata_dta>": "Stata",
    b"RDX2\n": "R",
    b"RDX3\n": "R",
    b"X\n\0\0\0": "R",
    b"RDA3\n": "R",
    b"PGDMP": "PostgreSQL",
    b"\x80\x02": "pickle",
    b"\x80\x03": "pickle",
    b"\x80\x04\x95": "pickle",
    b"\x80\x05\x95": "pickle",
    b"\x89PNG\r\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"{\\rtf": "RTF",
}
_WRITTEN = {
    "HTML": re.compile(
        rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|table|head|meta)\b", re.IGNORECASE
    ),
    "XML": re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b", re.IGNORECASE),
}


def refuse_foreign(data: bytes, filename: str) -> None:
    """Raise `DataError` where a file is in a format that is not read, naming it."""
    head = data[:2_000]
    found = next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)
    found = found or next((name for name, begin in _WRITTEN.items() if begin.match(head)), None)
    if found is not None:
        raise DataError(
            N_(
                "{filename} is a {format} file, which is not read. Save its table as CSV or "
                "Parquet, and upload that."
            ),
            filename=filename,
            format=found,
        )
