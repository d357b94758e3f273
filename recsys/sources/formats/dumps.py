"""Dumps of databases in SQL → the rows of one of their tables; no statement is ever executed.

Read are `INSERT INTO … VALUES (…), (…)` as mysqldump, phpMyAdmin, SQLite, SQL Server, Oracle and
`pg_dump --inserts` write them, and the `COPY … FROM stdin` blocks of pg_dump. Every pattern is
possessive, so that reading takes time in proportion to the size.
"""

from __future__ import annotations

import itertools
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from recsys.schema import N_, DataError, Message, listed
from recsys.sources import limits
from recsys.sources.base import Table
from recsys.sources.columns.choosing import Kind
from recsys.sources.formats.gathering import gathered
from recsys.sources.likeness import likeness, no_such_part
from recsys.sources.options import ReadOptions
from recsys.sources.tables import header_names, numbered

_SAMPLE_ROWS = 100
_LISTED = 10
_MOST_TABLES = 10_000
_MOST_GROUPS = 90
_MARK = ord("'")
_SPACE = (
    rb"(?:\s++|--[^\n]*+|\#[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/|;|\bGO\b"
    rb"|(?<![^\n])(?:REM|PROMPT)\b[^\n]*+)*+"
)
_STRING = rb"'(?:[^'\\]++|''|\\.)*+'"
#: In standard SQL a backslash escapes only behind an E.
_PLAIN_STRING = rb"(?:(?<=[\s,(][eE])" + _STRING + rb"|'(?:[^']++|'')*+')"
_NAME = rb'(?:`(?:[^`]++|``)*+`|"(?:[^"]++|"")*+"|\[[^\]]*+\]|[^\W\d][\w$]*+)'
_FULL_NAME = rb"(?:" + _NAME + rb"\s*+\.\s*+)*+(" + _NAME + rb")"
_BEGIN = re.compile(
    rb"(?i)" + _SPACE + rb"(?:CREATE\s+(?:TABLE|DATABASE|SCHEMA|EXTENSION|SEQUENCE|TYPE)\b"
    rb"|(?:INSERT|REPLACE)\s+(?:\w+\s+){0,3}?INTO\b|INSERT\s+\[|DROP\s+(?:TABLE|DATABASE|SCHEMA)\b"
    rb"|SET\s+(?:NAMES\b|[@\w.]++\s*=)|SET\s+\w+\s+(?:ON|OFF)\b|USE\s+[`\[]?\w+[`\]]?\s*[;\n]"
    rb"|(?:BEGIN|START)(?:\s+TRANSACTION)?\s*;|PRAGMA\s+\w+\s*=|LOCK\s+TABLES\b|SELECT\s+pg_catalog"
    rb"|COPY\s+\S+\s*(?:\([^)]*+\)\s*)?FROM\s+stdin|\\restrict\s|ALTER\s+TABLE\b)"
)
#: How dumps say that a backslash in a string is a letter like others.
_STANDARD = re.compile(rb"(?i)PostgreSQL|\bpg_catalog\b|\bPRAGMA\b|SQLite|\[dbo\]|\bOracle\b")
_INSERT = re.compile(
    rb"(?i)(?:INSERT|REPLACE)\s+(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE|OR\s+\w+)\s+)*+"
    rb"(?:INTO\s+)?" + _FULL_NAME + rb"\s*(?:\(([^()]*+)\)\s*)?(?:OVERRIDING\s+\w+\s+VALUE\s+)?"
    rb"VALUES?\s*(?=\()"
)
_CREATE = re.compile(
    rb"(?i)CREATE\s+(?:(?:GLOBAL|LOCAL|TEMP|TEMPORARY|UNLOGGED)\s+)*+TABLE\s+"
    rb"(?:IF\s+NOT\s+EXISTS\s+)?" + _FULL_NAME + rb"\s*\("
)
_COPY = re.compile(
    rb"(?i)COPY\s+" + _FULL_NAME + rb"\s*(?:\(([^()]*+)\)\s*)?FROM\s+stdin[^;\n]*+;[ \t]*\r?\n"
)
_COPY_END = re.compile(rb"(?m)^\\\.\r?$")
#: What begins the definition of no column.
_NO_COLUMN = re.compile(
    rb"(?i)(?:PRIMARY|UNIQUE|KEY|INDEX|CONSTRAINT|FOREIGN|FULLTEXT|SPATIAL|CHECK|EXCLUDE|LIKE"
    rb"|PERIOD)\b"
)
_COPY_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "0": "", "Z": "", "b": "", "f": "", "v": ""}


@dataclass
class _Rows:
    """Where the rows of one table of a dump lie: behind VALUES, or in blocks of COPY."""

    names: list[str] = field(default_factory=list)
    begins: array[int] = field(default_factory=lambda: array("q"))
    ends: array[int] = field(default_factory=lambda: array("q"))
    copied: bool = False

    @property
    def size(self) -> int:
        return sum(self.ends) - sum(self.begins)


def is_dump(text: bytes) -> bool:
    """Whether a text in UTF-8 begins as dumps of databases in SQL do."""
    return _BEGIN.match(text[:100_000]) is not None


def read_dump(text: bytes, filename: str, options: ReadOptions, kind: Kind) -> Table:
    """The rows of the table that `options.sheet` names, or that looks most like one of `kind`.

    Raises:
        DataError: there are no rows, no such table, or more than a limit.
    """
    standard = _STANDARD.search(text[:20_000]) is not None and b"`" not in text[:20_000]
    reader = _Reader(text, standard)
    tables = {name: rows for name, rows in reader.tables(filename).items() if rows.size}
    if not tables:
        raise DataError(
            N_(
                "{filename} is a dump of a database in SQL without any rows. Save the table with "
                "its data, as CSV if you can."
            ),
            filename=filename,
        )
    if options.sheet is not None and options.sheet not in tables:
        raise no_such_part(filename, options.sheet, list(tables))
    best = options.sheet or max(
        tables, key=lambda name: _likeness(reader, name, tables[name], kind)
    )
    chosen = tables[best]
    names = chosen.names or [""] * reader.width(chosen)
    frame = gathered(reader.rows(chosen), len(names), filename)
    if frame.empty or len(reader.unread) >= len(frame):
        raise limits.unreadable(filename, "SQL")
    frame, notes = header_names(names, frame, filename)
    if reader.unread:
        note = N_("{filename}: rows of the dump that could not be read: {count} (row {rows}).")
        notes.insert(0, replace(numbered(note, filename, reader.unread), grave=True))
    others = [name for name in tables if name != best]
    if options.sheet is None and others:
        note = N_(
            '{filename} is a dump of several tables; "{name}" was read. The others are: {others}. '
            "To read another one, choose its name."
        )
        params = {"filename": filename, "name": best, "others": listed(others, _LISTED)}
        notes.insert(0, Message(note, params))
    found = replace(options, header=bool(chosen.names), sheet=best)
    return Table(frame, notes, found, tuple(others), sheets=True)


def _likeness(reader: _Reader, name: str, rows: _Rows, kind: Kind) -> tuple[int, ...]:
    sample = list(itertools.islice(reader.rows(rows), _SAMPLE_ROWS))
    reader.unread = array("q")
    return likeness([rows.names, *sample], name, kind, rows_in_all=rows.size)


class _Reader:
    """Goes through the statements of a dump.

    Attributes:
        unread: the numbers of rows that are no rows of plain values, or of another width.
    """

    def __init__(self, text: bytes, standard: bool) -> None:
        """`standard`: a backslash in a string is a letter like others."""
        self.text = text
        self.standard = standard
        self.unread = array("q")
        string = self._string = _PLAIN_STRING if standard else _STRING
        self._of_width: dict[int, re.Pattern[bytes]] = {}
        self._rest = re.compile(
            rb"(?:[^;'\"`/\-\n]++|\n(?!\s*+(?:GO|INSERT)\b)|"
            + string
            + rb'|"[^"]*+"|`[^`]*+`|--[^\n]*+|-'
            rb"|/\*(?:[^*]++|\*(?!/))*+\*/|/(?!\*))*+;?",
            re.DOTALL,
        )
        inner = rb"(?:[^()']++|" + string + rb"|\((?:[^()']++|" + string + rb")*+\))*+"
        self._cell = re.compile(
            rb"\s*+(?:(?P<prefix>[A-Za-z]|_\w++\s*+)?+(?P<string>" + string + rb")"
            rb"|(?P<call>[A-Za-z_]\w*+\s*+\(" + inner + rb"\))"
            rb'|"(?P<double>(?:[^"\\]++|\\.|"")*+)"'
            rb"|(?P<bare>[-+]?[\d.][\w.+-]*+|NULL|TRUE|FALSE|DEFAULT|CURRENT_\w++))"
            rb"(?:\s*+::[\w .\"\[\]]++(?:\(\d++\))?+)?\s*+(?P<end>[,)])",
            re.DOTALL | re.IGNORECASE,
        )
        self._literal = re.compile(rb"(" + string + rb")|([-+]?\d[\d.]*+)", re.DOTALL)
        self._part = re.compile(
            rb"(?:[^,()'\"`\[]++|" + string + rb'|"[^"]*+"|`[^`]*+`|\[[^\]]*+\])*+', re.DOTALL
        )

    def tables(self, filename: str) -> dict[str, _Rows]:
        """The tables of the dump by their names, in its order."""
        found: dict[str, _Rows] = {}
        text, place = self.text, 0
        space = re.compile(rb"(?i)" + _SPACE)
        while place < len(text):
            place = space.match(text, place).end()  # type: ignore[union-attr]
            letter = text[place : place + 1].upper()
            if letter in (b"I", b"R") and (match := _INSERT.match(text, place)):
                end = self._rest.match(text, match.end()).end()  # type: ignore[union-attr]
                self._add(found, match, end, filename)
                place = end
                continue
            if letter == b"C" and (match := _COPY.match(text, place)):
                closing = _COPY_END.search(text, match.end())
                end = closing.start() if closing else len(text)
                self._add(found, match, end, filename, copied=True)
                place = closing.end() if closing else end
                continue
            if letter == b"C" and (match := _CREATE.match(text, place)):
                rows = found.setdefault(_plain(match[1]), _Rows())
                rows.names = rows.names or self._columns(match.end())
            end = self._rest.match(text, place).end()  # type: ignore[union-attr]
            if end == place:  # a quotation mark or a remark that never ends
                break
            place = end
        return found

    def _add(
        self,
        found: dict[str, _Rows],
        match: re.Match[bytes],
        end: int,
        filename: str,
        *,
        copied: bool = False,
    ) -> None:
        rows = found.setdefault(_plain(match[1]), _Rows())
        if len(found) > _MOST_TABLES:
            raise limits.unreadable(filename, "SQL")
        if match[2] and (not rows.begins or not rows.names):
            rows.names = [_plain(name) for name in match[2].split(b",")]
        rows.copied = copied
        rows.begins.append(match.end())
        rows.ends.append(end)

    def _columns(self, place: int) -> list[str]:
        """The names of the columns that a definition, from behind its bracket, lists."""
        names: list[str] = []
        depth, fresh = 0, True
        name = re.compile(rb"(?:\s++|--[^\n]*+\n|/\*(?:[^*]++|\*(?!/))*+\*/)*+(" + _NAME + rb")")
        while place < len(self.text):
            if fresh and (found := name.match(self.text, place)):
                if not _NO_COLUMN.match(found[1]):
                    names.append(_plain(found[1]))
                place = found.end()
            fresh = False
            place = self._part.match(self.text, place).end()  # type: ignore[union-attr]
            mark = self.text[place : place + 1]
            place += 1
            if mark == b",":
                fresh = not depth
            elif mark == b"(":
                depth += 1
            elif mark == b")" and depth:
                depth -= 1
            else:
                break
        return names

    def width(self, rows: _Rows) -> int:
        """How many cells the first row has."""
        first = next(self.rows(rows), [])
        self.unread = array("q")
        return len(first)

    def rows(self, rows: _Rows) -> Iterator[list[str]]:
        """The rows of a table; those that cannot be read are counted in `unread`."""
        width = len(rows.names)
        number = 0
        for begin, end in zip(rows.begins, rows.ends, strict=True):
            found = self._copied(begin, end) if rows.copied else self._inserted(begin, end)
            for row in found:
                number += 1
                if row is None or (width and len(row) != width):
                    self.unread.append(number)
                    continue
                width = width or len(row)
                yield row

    def _inserted(self, begin: int, end: int) -> Iterator[list[str] | None]:
        """The rows behind one VALUES; None, at the end, for one that holds no plain values."""
        text = self.text
        place = begin
        plain: re.Pattern[bytes] | None = None
        while True:
            if plain is not None and (found := plain.match(text, place, end)):
                yield [self._plain_value(cell) for cell in found.groups()]
                place = found.end()
            else:
                row, place = self._row(place + 1, end)
                yield row
                if row is None:
                    return
                plain = plain or self._plain_rows(len(row))
            following = _NEXT_ROW.match(text, place, end)
            if following is None:
                return
            place = following.end() - 1

    def _plain_rows(self, width: int) -> re.Pattern[bytes] | None:
        """What matches a row of numbers, strings and NULL at once, which most rows are."""
        if width > _MOST_GROUPS:
            return None
        if width not in self._of_width:
            cell = rb"\s*+(" + self._string + rb"|-?\d[\d.]*+|NULL)\s*+"
            self._of_width[width] = re.compile(
                rb"\(" + rb",".join([cell] * width) + rb"\)", re.DOTALL
            )
        return self._of_width[width]

    def _plain_value(self, cell: bytes) -> str:
        if cell[0] == _MARK:
            return self._unquoted(cell)
        return "" if cell == b"NULL" else cell.decode()

    def _row(self, place: int, end: int) -> tuple[list[str] | None, int]:
        """The row from behind its bracket, and where it ends; None where it is none of values."""
        row: list[str] = []
        while cell := self._cell.match(self.text, place, end):
            row.append(self._value(cell))
            place = cell.end()
            if cell["end"] == b")":
                return row, place
        return None, place

    def _value(self, cell: re.Match[bytes]) -> str:
        bare, string = cell["bare"], cell["string"]
        if bare is not None:
            word = bare.decode(errors="replace")
            return "" if word.upper() in ("NULL", "DEFAULT") else word
        if string is not None:
            prefix = (cell["prefix"] or b"").upper()
            value = self._unquoted(string, escapes=prefix == b"E")
            return f"0x{value}" if prefix == b"X" else value
        if cell["double"] is not None:
            return _ESCAPE.sub(_unescaped, cell["double"].decode(errors="replace"))
        literal = self._literal.search(cell["call"])
        if literal is None:
            return ""
        return self._unquoted(literal[1]) if literal[1] else literal[2].decode()

    def _unquoted(self, string: bytes, *, escapes: bool = False) -> str:
        value = string[1:-1].decode(errors="replace")
        if "''" in value:
            value = value.replace("''", "'")
        if "\\" in value and (escapes or not self.standard):
            value = _ESCAPE.sub(_unescaped, value)
        return value

    def _copied(self, begin: int, end: int) -> Iterator[list[str] | None]:
        """The rows of a block of COPY: a line each, with tabs between cells and \\N for nothing."""
        place = begin
        while place < end:
            stop = self.text.find(b"\n", place, end)
            stop = end if stop < 0 else stop
            line = self.text[place:stop].decode(errors="replace").removesuffix("\r")
            place = stop + 1
            row = ["" if cell == r"\N" else cell for cell in line.split("\t")]
            yield [_COPY_ESCAPE.sub(_from_copy, c) for c in row] if "\\" in line else row


_NEXT_ROW = re.compile(rb"\s*+,\s*+\(")


def _plain(name: bytes) -> str:
    """A name without the marks around it."""
    name = name.strip()
    if name[:1] in (b"`", b'"', b"["):
        mark, name = name[:1], name[1:-1]
        name = name.replace(mark * 2, mark)
    return name.decode(errors="replace")


def _unescaped(escape: re.Match[str]) -> str:
    return _LETTERS.get(escape[1], escape[1])


def _from_copy(escape: re.Match[str]) -> str:
    mark = escape[1]
    if mark[0] == "x" and len(mark) > 1:
        return chr(int(mark[1:], 16))
    if mark.isdecimal() and mark[0] in "01234567":
        return chr(int(mark, 8))
    return _LETTERS.get(mark, mark)
