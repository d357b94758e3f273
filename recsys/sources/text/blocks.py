"""A long delimited text in pieces: plain ones whole, by Arrow, the others row by row, by `csv`.

Arrow reads ten times as fast, but does not say what it reads otherwise than the `csv` module does.
So it gets only blocks in which the two cannot differ: every quotation mark opens or closes a whole
cell or is doubled inside one, no row is blank, and all rows are equally wide.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

_BLOCK_BYTES = 8 * 1024**2
#: A row that is longer than this goes to `csv`.
_MAX_BLOCK_BYTES = 32 * 1024**2
#: So many cells behind the last column may be empty in every row.
_MORE_COLUMNS = 3
_NO_MARKS = np.zeros(0, dtype=np.int64)
_LINE_FEED, _RETURN = b"\n\r"
_BYTE_ORDER_MARK = "\ufeff".encode()


class Lines:
    """The lines of a text in UTF-8 from a `position` on; one that is read moves it.

    Args:
        text: ends of lines may be of any kind, also mixed.
        delimiter: what stands between cells.
        quote: the mark that may stand around cells; "" where none does.
    """

    def __init__(self, text: bytes, delimiter: str, quote: str) -> None:
        self.text = text
        self.position = 0
        self.delimiter = delimiter
        self.quote = quote.encode()
        self._pending: Iterator[bytes] = iter(())

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._pending, None)
        if line is None:
            self._pending = iter(self._whole_lines())
            line = next(self._pending)
        self.position += len(line)
        return line.decode()

    def move_to(self, position: int) -> None:
        """Go on from another position, the beginning of a line."""
        self.position = position
        self._pending = iter(())

    def block(self) -> tuple[bytes, int]:
        """Whole rows from `position` on, and where they end; none where a row is very long."""
        size = _BLOCK_BYTES
        while True:
            end = min(self.position + size, len(self.text))
            block = self.text[self.position : end]
            cut = len(block) if end == len(self.text) else self._cut(block, self._marks(block))
            if cut:
                return block[:cut], self.position + cut
            if size >= _MAX_BLOCK_BYTES:
                return b"", end
            size *= 2

    def _cut(self, block: bytes, marks: np.ndarray) -> int:
        """The end of the last whole row of a block that is not the last one; 0 if there is none.

        An end of line with an odd number of quotation marks before it stands within a cell.
        """
        end = b"\n" if b"\n" in block else b"\r"
        if block.endswith(b"\r"):
            block = block[:-1]  # what follows may belong to it
        if not len(marks):
            return block.rfind(end) + 1
        ends = np.flatnonzero(np.frombuffer(block, np.uint8) == end[0])
        whole = ends[np.searchsorted(marks, ends) % 2 == 0]
        return int(whole[-1]) + 1 if len(whole) else 0

    def _whole_lines(self) -> list[bytes]:
        size = _BLOCK_BYTES
        while True:
            end = min(self.position + size, len(self.text))
            block = self.text[self.position : end]
            cut = len(block) if end == len(self.text) else self._cut(block, _NO_MARKS)
            if cut or not block:
                return block[:cut].splitlines(keepends=True)
            size *= 2

    def table(self, block: bytes, width: int) -> list[pa.ChunkedArray] | None:
        """The columns of whole rows as strings, or None where Arrow might read them otherwise.

        Cells beyond the `width` are left out where all are empty.
        """
        if not block or not self._is_plain(block):
            return None
        read = _read_by_arrow(block, self.delimiter, width + _MORE_COLUMNS, self.quote)
        if read is None or not width <= read.num_columns <= width + _MORE_COLUMNS:
            return None
        more = read.columns[width:]
        if any(pc.any(pc.not_equal(column, "")).as_py() for column in more):
            return None
        columns: list[pa.ChunkedArray] = read.columns[:width]
        return columns

    def _is_plain(self, block: bytes) -> bool:
        """Whether Arrow reads the block as `csv` does, but for rows that differ in width."""
        if len(self.delimiter.encode()) > 1 or block.startswith(_BYTE_ORDER_MARK):
            return False
        marks = self._marks(block)
        return not _has_blank_row(block, marks) and _are_regular(
            block, marks, self.delimiter, self.quote
        )

    def _marks(self, block: bytes) -> np.ndarray:
        """Where quotation marks stand, (n,) int64; none where no cell begins with one.

        Within a cell that does not begin with one, it is a letter to both readers.
        """
        if not self.quote or self.quote not in block:
            return _NO_MARKS
        letters = np.frombuffer(block, np.uint8)
        marks = np.flatnonzero(letters == self.quote[0])
        before = letters[marks[marks > 0] - 1]
        edges = [_LINE_FEED, _RETURN, self.delimiter.encode()[-1]]
        return marks if marks[0] == 0 or np.isin(before, edges).any() else _NO_MARKS


def _read_by_arrow(block: bytes, delimiter: str, most: int, quote: bytes) -> pa.Table | None:
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(block),
            arrow_csv.ReadOptions(
                use_threads=False, block_size=len(block) + 1, autogenerate_column_names=True
            ),
            arrow_csv.ParseOptions(
                delimiter=delimiter,
                quote_char=quote.decode() or False,
                newlines_in_values=bool(quote),
                ignore_empty_lines=False,
            ),
            arrow_csv.ConvertOptions(
                check_utf8=False,
                column_types={f"f{place}": pa.large_string() for place in range(most)},
                null_values=[],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:  # rows that differ in width
        return None


def _has_blank_row(block: bytes, marks: np.ndarray) -> bool:
    if block[0] in (_LINE_FEED, _RETURN):
        return True
    if not any(pair in block for pair in (b"\n\n", b"\n\r", b"\r\r")):
        return False
    letters = np.frombuffer(block, np.uint8)
    feeds, returns = letters == _LINE_FEED, letters == _RETURN
    ends = feeds | returns
    pairs = np.flatnonzero(ends[1:] & ends[:-1] & ~(feeds[1:] & returns[:-1])) + 1
    return bool((np.searchsorted(marks, pairs) % 2 == 0).any())


def _are_regular(block: bytes, marks: np.ndarray, delimiter: str, quote: bytes) -> bool:
    """Whether each quotation mark stands at the edge of a cell or beside another mark.

    Counted from 0, even ones open and odd ones close; a doubled one closes and opens again.
    """
    if len(marks) % 2:
        return False
    if not len(marks):
        return True
    letters = np.frombuffer(block, np.uint8)
    edge = np.zeros(256, dtype=bool)
    edge[[quote[0], _LINE_FEED, _RETURN, ord(delimiter)]] = True
    before, after = marks[0::2] - 1, marks[1::2] + 1
    before, after = before[before >= 0], after[after < len(letters)]
    return bool(edge[letters[before]].all() and edge[letters[after]].all())
