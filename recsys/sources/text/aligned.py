"""Tables that are set apart by blanks: runs of them, or columns at fixed places of the line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from recsys.sources.text.headers import typical_width

#: What stands between cells once blanks no longer do.
UNIT = "\x1f"
_ONE_OR_MORE, _TWO_OR_MORE = r"[ \t]+", r" {2,}|\t[ \t]*"
_EVEN = 0.9
_RULER = re.compile(r"\s*[-=]{2,}(?: +[-=]{2,})+\s*")
#: Lines from which the places of columns are found, at least.
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
                if all(not line[p - 1 : p].strip() for p in self.places[1:])
                else [line.strip()]
                for line in lines
            ]
        gap = re.compile(self.pattern)
        return [gap.split(line.strip()) if line.strip() else [] for line in lines]

    def rewritten(self, text: bytes) -> bytes:
        """The whole text with `UNIT` between its cells."""
        if self.pattern:
            text = re.sub(rb"^[ \t]+|(?<![ \t])[ \t]+(?=\r|$)", b"", text, flags=re.MULTILINE)
            return re.sub(self.pattern.encode(), UNIT.encode(), text)
        lines = pa.array(re.split(r"\r\n|\r|\n", text.decode()), pa.large_string())
        ends = [*self.places[1:], None]
        cells = [
            pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(lines, a, b))
            for a, b in zip(self.places, ends, strict=True)
        ]
        joined = pc.binary_join_element_wise(*cells, pa.scalar(UNIT, pa.large_string()))
        for place in self.places[1:]:  # a remark goes on over the place
            letter = pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(lines, place - 1, place))
            joined = pc.if_else(pc.equal(letter, ""), joined, lines)
        blank = pc.equal(pc.utf8_trim_whitespace(lines), "")
        return "\n".join(pc.if_else(blank, "", joined).to_pylist()).encode()


def find_gaps(lines: Sequence[str]) -> Gaps:
    """The gaps under which the rows have one width: the narrowest, wider ones, fixed places."""
    filled = [line for line in lines if line.strip()]
    if places := _ruled(filled) or _below_names(filled):
        return Gaps("", places)
    for gaps in (Gaps(_ONE_OR_MORE), Gaps(_TWO_OR_MORE)):
        if evenness(gaps.rows(filled)) >= _EVEN:
            return gaps
    places = _places(filled)
    return Gaps("", places) if len(places) > 1 else Gaps()


def _ruled(lines: Sequence[str]) -> tuple[int, ...]:
    """Where the strokes begin that a database draws below the names: "------- ---- -----"."""
    ruler = next((line for line in lines[1:6] if _RULER.fullmatch(line)), "")
    return tuple(hit.start() for hit in re.finditer(r"[-=]+", ruler))


def _below_names(lines: Sequence[str]) -> tuple[int, ...]:
    """Places of columns padded with blanks, where rows have more words than the first line.

    "Anna Berg" is one cell below "Reader", though all rows may have as many words.
    """
    gap = re.compile(_ONE_OR_MORE)
    rows = [gap.split(line.strip()) for line in lines]
    padded = sum("  " in line.strip() for line in lines)
    if len(lines) < _LEAST_LINES or padded < 0.5 * len(lines):
        return ()
    if typical_width(rows[1:]) <= len(rows[0]):
        return ()
    places = _places(lines)
    if not 1 < len(places) <= len(rows[0]):
        return ()
    cells = Gaps("", places).rows(lines)
    whole = sum(all(row) and not any("  " in cell for cell in row) for row in cells)
    return places if whole >= _EVEN * len(cells) else ()


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
