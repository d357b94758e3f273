"""Sparse matrices in the format of Matrix Market → a row for each entry.

A first line says what the matrix is, remarks begin with "%", then comes a line of sizes, which is
no entry (https://math.nist.gov/MatrixMarket/formats.html). Rows and columns count from 1.
"""

from __future__ import annotations

import re

from recsys.schema import ITEM_ID, N_, USER_ID, DataError, Message
from recsys.sources import limits
from recsys.sources.text.laid_out import NO_MARK
from recsys.sources.text.layouts import Layout

_TOP = re.compile(
    rb"(?:\xef\xbb\xbf)?%%MatrixMarket[ \t]+matrix[ \t]+(\w+)[ \t]+([\w-]+)[ \t]+([\w-]+)[^\r\n]*",
    re.IGNORECASE,
)
_ABOVE = re.compile(rb"(?:[ \t]*(?:%[^\r\n]*)?(?:\r\n|\r|\n))*+")
_SIZES = re.compile(rb"[ \t]*(\d+)[ \t]+(\d+)[ \t]+(\d+)[ \t]*(?:\r\n|\r|\n|\Z)")
_VALUE = "value"


def matrix_market(text: bytes, filename: str) -> Layout | None:
    """The entries of a matrix: rows were taken for users; None where it is no such file.

    Raises:
        DataError: every cell is written, or it is of complex numbers, or symmetric.
    """
    top = _TOP.match(text)
    if top is None:
        return None
    kind, field, symmetry = (word.decode().lower() for word in top.groups())
    if kind != "coordinate" or field == "complex" or symmetry != "general":
        raise DataError(
            N_(
                "{filename} holds a matrix of Matrix Market that is {kind}, {field} and "
                "{symmetry}. Save it as coordinate, real and general: a line for each entry of "
                "users and items."
            ),
            filename=filename,
            kind=kind,
            field=field,
            symmetry=symmetry,
        )
    above = _ABOVE.match(text, top.end())
    sizes = _SIZES.match(text, above.end() if above else top.end())
    if sizes is None:
        raise limits.unreadable(filename, "Matrix Market")
    head, body = text[: sizes.end()], text[sizes.end() :]
    if b"%" in body:
        body = re.sub(rb"(?m)^[ \t]*%[^\r\n]*", b"", body)
    body = re.sub(rb"(?m)^[ \t]+|(?<![ \t])[ \t]+(?=\r|$)", b"", body)
    body = re.sub(rb"[ \t]+", b" ", body)
    names = [USER_ID, ITEM_ID, *([_VALUE] if field != "pattern" else [])]
    note = N_(
        "{filename} is a matrix of Matrix Market with {rows} rows and {columns} columns: rows were "
        "taken for users and columns for items, by their numbers from 1. If they are the other way "
        "round, choose the columns so."
    )
    said = {"filename": filename, "rows": f"{int(sizes[1]):,}", "columns": f"{int(sizes[2]):,}"}
    skip = len(re.findall(rb"\r\n|\r|\n", head))
    return Layout(body, " ", names, skip, NO_MARK, notes=[Message(note, said, grave=True)])
