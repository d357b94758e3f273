"""Files in formats that are not read: recognised by how they begin, with what to do about each."""

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
#: How a web page, or XML, says in which encoding it is written.
_DECLARED = re.compile(
    rb"<(?:meta\b[^>]{0,200}?\bcharset\s*=|\?xml\b[^>]{0,200}?\bencoding\s*=)\s*[\"']?([\w.:-]{2,30})",
    re.IGNORECASE,
)
_XML = re.compile(rb"\s*<\?xml\b", re.IGNORECASE)
#: What browsers read where a page names Latin-1.
_LATIN = frozenset(["iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"])


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
    if found is not None:
        raise _foreign(filename, found)


def begins_as_xml(text: bytes) -> bool:
    """Whether a text in UTF-8 says at its beginning that it is XML."""
    return _XML.match(text[:2_000]) is not None


def xml_not_read(filename: str) -> DataError:
    """The error for XML of a kind that is not read."""
    return _foreign(filename, "XML")


def declared_encoding(data: bytes) -> str | None:
    """The encoding that a web page, or XML, names at its beginning."""
    found = _DECLARED.search(data[:4_000])
    name = found[1].decode().lower() if found else None
    return "cp1252" if name in _LATIN else name


def _foreign(filename: str, name: str) -> DataError:
    return DataError(
        N_(
            "{filename} is a {format} file, which is not read. Save its table as CSV or "
            "Parquet, and upload that."
        ),
        filename=filename,
        format=name,
    )
