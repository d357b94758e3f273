"""Tables that are set apart by blanks: runs of them, or columns at fixed places of the line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from recsys.sources.headers import typical_width

#: What stands between cells once blanks no longer do.
UNIT = "\x1f"
_ONE_OR_MORE, _TWO_OR_MORE = r"[ \t]+", r" {2,}|\t[ \t]*"
_EVEN = 0.9
#: Places of columns are told by so many lines at least.
_LEAST_LINES = 4


@dataclass(frozen=True)
class Gaps:
    """Where lines are cut: at a pattern of blanks, or at places, counted in letters.

    Attributes:
        pattern: "" where the lines are cut at places.
        places: where columns begin.
    """

    pattern: str = _ONE_OR_MORE
    places: tuple[int, ...] = ()

    def rows(self, lines: Sequence[str]) -> list[list[str]]:
        if not self.pattern:
            ends = [*self.places[1:], None]
            return [
                [line[a:b].strip() for a, b in zip(self.places, ends, strict=True)]
                for line in lines
            ]
        gap = re.compile(self.pattern)
        return [gap.split(line.strip()) if line.strip() else [] for line in lines]

    def rewritten(self, text: bytes) -> bytes:
        """The whole text with `UNIT` between its cells."""
        if self.pattern:
            text = re.sub(rb"^[ \t]+|[ \t]+(?=\r|$)", b"", text, flags=re.MULTILINE)
            return re.sub(self.pattern.encode(), UNIT.encode(), text)
        lines = pa.array(re.split(r"\r\n|\r|\n", text.decode()), pa.large_string())
        ends = [*self.places[1:], None]
        cells = [
            pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(lines, a, b))
            for a, b in zip(self.places, ends, strict=True)
        ]
        joined = pc.binary_join_element_wise(*cells, pa.scalar(UNIT, pa.large_string()))
        blank = pc.equal(pc.utf8_trim_whitespace(lines), "")
        return "\n".join(pc.if_else(blank, "", joined).to_pylist()).encode()


def find_gaps(lines: Sequence[str]) -> Gaps:
    """The gaps under which the rows have one width: the narrowest, wider ones, fixed places."""
    filled = [line for line in lines if line.strip()]
    for gaps in (Gaps(_ONE_OR_MORE), Gaps(_TWO_OR_MORE)):
        if evenness(gaps.rows(filled)) >= _EVEN:
            return gaps
    places = _places(filled)
    return Gaps("", places) if len(places) > 1 else Gaps()


def evenness(rows: Sequence[Sequence[str]]) -> float:
    """The share of rows that are as wide as most are, of more than one cell; 0 where none is."""
    width = typical_width(rows)
    return sum(len(row) == width for row in rows) / len(rows) if rows and width > 1 else 0.0


def _places(lines: Sequence[str]) -> tuple[int, ...]:
    """Where columns begin: behind places at which every line has a blank."""
    if len(lines) < _LEAST_LINES or any("\t" in line for line in lines):
        return ()
    length = max(map(len, lines))
    free = [
        all(len(line) <= place or line[place] == " " for line in lines) for place in range(length)
    ]
    return tuple(
        place for place in range(length) if not free[place] and (place == 0 or free[place - 1])
    )
