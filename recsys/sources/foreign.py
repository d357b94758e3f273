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
    "SQL": re.compile(
        rb"(?:--[^\n]*+\n|/\*.{0,500}?\*/;?|\s++)*+"
        rb"(?:CREATE\s+(?:TABLE|DATABASE)|INSERT\s+INTO|DROP\s+TABLE|SET\s+\w+\s*=)",
        re.IGNORECASE | re.DOTALL,
    ),
}


#: A small text in place of a large file (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md),
#: or the name of one, as git-annex leaves it.
_POINTERS = {
    "Git LFS": re.compile(
        rb"(?:\xef\xbb\xbf)?version https://(?:git-lfs|hawser)\.github\.com/spec/v\d"
    ),
    "git-annex": re.compile(rb"[./]*(?:\.git)?/annex/objects/\S+\s*\Z"),
}


def refuse_foreign(data: bytes, filename: str) -> None:
    """Raise `DataError` where a file is in a format that is not read, naming it."""
    head = data[:2_000]
    program = next((name for name, text in _POINTERS.items() if text.match(head)), None)
    if program is not None:
        raise DataError(
            N_(
                "{filename} is no table but a pointer of {program} to one that was not fetched. "
                "Fetch it (“git lfs pull”, “git annex get”), or download it from the page of the "
                "repository, and upload that."
            ),
            filename=filename,
            program=program,
        )
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
