"""How a delimited text is written: its separator, its quotation marks, where its table begins."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from recsys.sources.columns.choosing import known_names
from recsys.sources.options import DOUBLED, ReadOptions
from recsys.sources.text import headers
from recsys.sources.text.aligned import Gaps, find_gaps

#: Runs of blanks, as the option is called.
SPACES = "spaces"
#: Separators that programs write, in order of preference where the text leaves the choice open.
_USUAL = (*DOUBLED, "\t", ",", ";", "|", "\x01", "\x1e", "\x1f")
#: Marks that stand in texts, dates and numbers, too.
_OTHERS = "^~:#!/$%&*+=@"
_SAMPLE_LINES = 200
_SAMPLE_LETTERS = 200_000
#: So many marks of the text are tried as separators beside those above.
_MAX_OTHERS = 16
#: Rows are as wide as each other where so many of them are.
_EVEN = 0.9
#: Begin lines that are no rows.
MARKERS = ("#", "%", "//")
#: Stands before the names in logs that are written as the W3C says.
_FIELDS = "#Fields:"
#: What programs of databases write before a question that they were asked.
_PROMPTS = ("SQL>", "mysql>", "sqlite>", "hive>", "MariaDB [")
_SEPARATOR_LINE = re.compile(r'\ufeff?"?sep=(\\t|.)"?\s*', re.IGNORECASE)
_SINGLE_BAR = re.compile(r"(?<!\|)\|(?!\|)")
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")


@dataclass(frozen=True)
class Dialect:
    """How a delimited text is written.

    Attributes:
        separator: what stands between cells: one letter, one of `DOUBLED`, or `SPACES`.
        quote: the mark around cells, '"' or "'".
        skip: lines above the first one of the table.
        header: whether that one holds the names of the columns.
        sure: whether anything spoke for it.
        width: how many cells most rows have.
        marker: what stands before the names in the first line, such as "#".
        gaps: where lines are cut, if blanks separate the cells.
        padded: whether blanks around cells are only there to align them.
        comments: lines above the table that say of themselves that they are none of it.
    """

    separator: str
    quote: str = '"'
    skip: int = 0
    header: bool = True
    sure: bool = True
    width: int = 1
    marker: str = ""
    padded: bool = False
    gaps: Gaps | None = None
    comments: int = 0


def find_dialect(text: bytes, options: ReadOptions) -> Dialect:
    """Look at the beginning of a text in UTF-8. What is given is taken as it is."""
    lines = _sample(text)
    skip = options.skip or 0
    separator, comments = options.separator, 0
    if options.skip is None and lines and (match := _SEPARATOR_LINE.fullmatch(lines[0])):
        separator = separator or match[1].replace("\\t", "\t")
        skip = 1
    if options.skip is None:
        above = _comment_lines(lines[skip:])
        comments = sum(1 for line in lines[skip : skip + above] if line.strip())
        skip += above
        if options.header is None and (place := _place_of_fields(lines[:skip])) is not None:
            return _with_fields(lines, place, skip, separator, comments)
    quote = _quote(lines[skip:])
    separator = separator or find_separator(lines[skip:], quote)
    rows = list(_rows(lines[skip:], separator, quote))
    cells = [row for _, row in rows]
    top = headers.find_top(cells, header=options.header, skip=None if options.skip is None else 0)
    width = headers.typical_width(cells[top.skip :])
    found = Dialect(
        separator,
        quote,
        skip + (rows[top.skip][0] if top.skip < len(rows) else 0),
        top.header,
        top.sure,
        width,
        padded=_is_padded(cells[top.skip :], separator),
        gaps=find_gaps(lines[skip:]) if separator == SPACES else None,
        comments=comments,
    )
    return found if not comments else _with_marked_names(found, lines, skip, cells, options)


def _place_of_fields(lines: Sequence[str]) -> int | None:
    """The last remark that says the names of the fields below, as the W3C has it for logs."""
    places = [n for n, line in enumerate(lines) if line.lstrip("\ufeff ").startswith(_FIELDS)]
    return places[-1] if places else None


def _with_fields(
    lines: Sequence[str], place: int, skip: int, separator: str | None, comments: int
) -> Dialect:
    rows = [line for line in lines[skip:] if not line.startswith("#")]
    quote = _quote(rows)
    separator = separator or find_separator(rows, quote)
    bare = lines[place].lstrip("\ufeff ")[len(_FIELDS) :].strip()
    names = next((row for _, row in _rows([bare], separator, quote)), [])
    gaps = find_gaps(rows) if separator == SPACES else None
    above = comments - sum(1 for line in lines[place:skip] if line.strip())
    return Dialect(
        separator, quote, place, width=len(names), marker=_FIELDS, gaps=gaps, comments=above
    )


def first_rows(text: bytes) -> list[list[str]]:
    """The first rows of a text in UTF-8, as they are found to be cut."""
    found = find_dialect(text, ReadOptions())
    return [row for _, row in _rows(_sample(text)[found.skip :], found.separator, found.quote)]


def _sample(text: bytes) -> list[str]:
    """The first lines, without their ends; one that may be cut is left out."""
    # Only the beginning is looked at: of 4 bytes a letter at most, and it may be one long line.
    head = text[: 4 * _SAMPLE_LETTERS + 4].decode(errors="ignore")[:_SAMPLE_LETTERS]
    lines = [line.rstrip("\r\n") for line in io.StringIO(head, newline="")]
    if len(lines) > _SAMPLE_LINES:
        return lines[:_SAMPLE_LINES]
    return lines[:-1] if len(lines) > 2 and len(head.encode()) < len(text) else lines


def _comment_lines(lines: Sequence[str]) -> int:
    """How many lines at the beginning are remarks, blank ones between and below them included."""
    for marker in (*MARKERS, *_PROMPTS):
        marked = [line.lstrip("\ufeff ").startswith(marker) for line in lines]
        above = next(
            (n for n, line in enumerate(lines) if line.strip() and not marked[n]), len(lines)
        )
        if not any(marked[:above]) or above == len(lines):
            continue
        below = marked[above:]
        # Where many rows begin so, it is how items or users are called.
        return above if sum(below) <= 0.1 * len(below) + 1 else 0
    return 0


def _with_marked_names(
    found: Dialect,
    lines: Sequence[str],
    first: int,
    rows: Sequence[headers.Row],
    options: ReadOptions,
) -> Dialect:
    """Whether the last remark above the rows holds their names, as in "# user item rating"."""
    place = max(n for n in range(first) if lines[n].strip())
    line = lines[place].lstrip("\ufeff ")
    marker = next((mark for mark in MARKERS if line.startswith(mark)), "")
    if not marker or found.skip != first:
        return found
    bare_line = line[len(marker) :].strip()
    names = next((row for _, row in _rows([bare_line], found.separator, found.quote)), [])
    if len(names) != found.width:
        return found
    bare = not (found.header and found.sure)
    if bare and options.header is None and _are_names(names, rows, found):
        return _from_remark(found, place, header=True, sure=True, marker=marker)
    if bare and not found.header and marker == "#" and options.header is None:
        # A row like the others, of a title that begins so.
        return _from_remark(found, place)
    return found


def _are_names(names: Sequence[str], rows: Sequence[headers.Row], found: Dialect) -> bool:
    return headers.find_top([[n.strip() for n in names], *rows], skip=0).header or bool(
        known_names(names)
    )


def _from_remark(found: Dialect, skip: int, **changes: Any) -> Dialect:
    """The dialect where the last remark belongs to the table."""
    return replace(found, skip=skip, comments=found.comments - 1, **changes)


def _quote(lines: Sequence[str]) -> str:
    """The mark around cells: a single one only where it encloses cells and the other does not."""
    text = "\n".join(lines[:50])
    single = len(re.findall(r"(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|\n]|$)", text, re.MULTILINE))
    double = len(re.findall(r'(?:^|[,;\t|])"', text, re.MULTILINE))
    return "'" if single > max(double, len(lines[:50]) // 2) else '"'


def find_separator(lines: Sequence[str], quote: str = '"') -> str:
    """What stands between the cells: what cuts the lines into rows of one width.

    A separator that programs write goes before a mark that stands in texts, too; among equals, the
    one under which the first row has known names, and then the first of the list above.
    """
    filled = [line for line in lines if line.strip() and not headers.is_border([line])]
    one_cell = re.compile(f"{quote}(?:[^{quote}]++|{quote}{quote})*+{quote}")
    if all(one_cell.fullmatch(line) for line in filled):
        return ","
    text = "\n".join(filled)
    usual = [mark for mark in _USUAL if mark in text]
    if "\x1f" in text:  # see `delimited`, which puts it in place of two letters
        usual = [mark for mark in usual if mark not in DOUBLED]
    if "||" in usual and _fitness(filled, "|", quote)[0] == 3 and _SINGLE_BAR.search(text):
        usual.remove("||")  # an empty cell
    others = [mark for mark in _OTHERS if mark in text]
    counts = Counter(re.findall(r"[^\w\s\"'.\-()\[\]{}]", "\n".join(filled[:3])))
    odd = sorted(counts.keys() - {*_USUAL, *_OTHERS}, key=lambda mark: (-counts[mark], mark))
    candidates = [*usual, *([SPACES] if " " in text or "\t" in text else []), *others]
    candidates += sorted(odd[:_MAX_OTHERS])
    # max() keeps the first of equals, so the order of preference breaks ties.
    fits = {mark: _fitness(filled, mark, quote) for mark in candidates}
    if not candidates:
        return ","
    best = max(candidates, key=lambda mark: fits[mark])
    if fits[best][0] == 0 and "," in candidates:
        return ","
    return best if best != SPACES else _blank(filled)


def _fitness(lines: Sequence[str], separator: str, quote: str) -> tuple[float, ...]:
    """How well a separator fits; larger is better.

    Returns:
        rank (usual separators whose rows are even first), whether most rows end their quoted cells
        where it stands, known column names, whether all rows from the first one on are even, and
        how even they are.
    """
    rows = [row for _, row in _rows(lines, separator, quote) if row]
    width = headers.typical_width(rows)
    if width < 2:
        return 0, 0, 0, 0, 0
    first = next((n for n, row in enumerate(rows) if len(row) in (width, width - 1)), 0)
    same = sum(_is_as_wide(row, width) for row in rows[first:])
    even = same / max(len(rows[first:]), 1)
    if same < 2 and len(rows) > 2:
        even = 0.0
    named = min(known_names(rows[first]), 2) if len(rows[first]) > 1 else 0
    if separator == "," and _are_decimals(lines[first:], rows[first:], quote):
        return 0, 0, 0, 0, 0
    whole = separator == SPACES or 2 * broken_marks("\n".join(lines), separator, quote) <= len(rows)
    usual = separator in _USUAL
    if usual:
        rank = 3.0 if even >= _EVEN or named > 1 else (1.0 if even >= 0.3 else 0.5)
    else:
        rank = 2.0 if even >= _EVEN else 0.4
    return rank, whole, named, first == 0, round(even * 20)


def broken_marks(text: str, separator: str, quote: str) -> int:
    """How many cells that begin with a mark have their second one before another letter."""
    begin = rf"(?:^|(?<={re.escape(separator)})){quote}"
    cell = re.compile(rf"{begin}(?:[^{quote}]++|{quote}{quote})*+{quote}?+", re.MULTILINE)
    ends = (found.end() for found in cell.finditer(text))
    behind = (text[end : end + len(separator)] for end in ends)
    return sum(not end.startswith(("\n", separator)) for end in behind if end)


def _is_as_wide(row: Sequence[str], width: int) -> bool:
    return len(row) == width or (len(row) > width and not any(row[width:]))


def _are_decimals(lines: Sequence[str], rows: Sequence[Sequence[str]], quote: str) -> bool:
    """Whether the commas stand before decimals: all between digits, within cells of another cut."""
    body = lines[1:] or lines
    commas = sum(line.count(",") for line in body)
    within = sum(len(re.findall(r"(?<=\d),(?=\d)", line)) for line in body)
    if not commas or within < commas:
        return False
    for other in ("\t", ";", "|", SPACES):
        if other != SPACES and other not in lines[0]:
            continue
        cut = [row for _, row in _rows(body, other, quote) if row]
        width = headers.typical_width(cut)
        even = _share_as_wide(cut, width)
        cells = [cell for row in cut for cell in row if "," in cell]
        plain = [cell for cell in cells if _DECIMAL_COMMA.fullmatch(cell.strip().strip(quote))]
        if width > (1 if other != SPACES else 2) and even >= _EVEN and len(plain) == len(cells):
            return True
    return False


def _share_as_wide(rows: Sequence[Sequence[str]], width: int) -> float:
    return sum(len(row) == width for row in rows) / len(rows) if rows else 0.0


def _blank(lines: Sequence[str]) -> str:
    """One blank where there are never two in a row, and none at the ends; else `SPACES`."""
    runs = any("  " in line or "\t" in line or line != line.strip() for line in lines)
    return SPACES if runs else " "


def _rows(lines: Sequence[str], separator: str, quote: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of lines, each with the number of the line that it begins in, from 0."""
    if separator == SPACES:
        yield from enumerate(find_gaps(lines).rows(lines))
        return
    if separator in DOUBLED:
        lines, separator = [line.replace(separator, "\x1f") for line in lines], "\x1f"
    whole = (line + "\n" for line in lines)
    reader = csv.reader(whole, delimiter=separator, quotechar=quote)
    begin = 0
    try:
        for row in reader:
            yield begin, row
            begin = reader.line_num
    except csv.Error:  # a line end or a NUL within a cell
        return


def _is_padded(rows: Sequence[Sequence[str]], separator: str) -> bool:
    """Whether nearly all cells begin or end with a blank, which then only sets them apart."""
    kept = [row for row in rows if not headers.is_border(row)]
    cells = [cell for row in kept for cell in row[1:] if cell.strip()]
    if separator == SPACES or len(cells) < 2:
        return False
    return sum(cell != cell.strip(" \t") for cell in cells) >= _EVEN * len(cells)
