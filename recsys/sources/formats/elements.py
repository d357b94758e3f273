"""XML with an element for each row → a table; attributes and plain elements are its cells.

So write StackExchange (`<row Id="1" … />`), mysqldump and phpMyAdmin, and many a shop. A document
type, which could define entities that unfold without end, is refused.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from xml.parsers import expat

from recsys.schema import N_, Message, listed
from recsys.sources import limits
from recsys.sources.base import Table
from recsys.sources.columns.choosing import Kind
from recsys.sources.foreign import begins_as_xml, xml_not_read
from recsys.sources.formats.records import Records
from recsys.sources.formats.sheets import Malformed
from recsys.sources.likeness import Likeness, likeness, no_such_part
from recsys.sources.options import ReadOptions
from recsys.sources.tables import header_names

_BEGIN = re.compile(rb"\s*+(<\?xml\b[^>]*+>\s*+)?(?:<!--(?:[^-]++|-(?!->))*+-->\s*+)*+<[A-Za-z_]")
_DEEPEST = 50
_MOST_KINDS = 2_000
_MOST_LOOKED_AT = 10
_SAMPLE_ROWS = 50
_LISTED = 10
#: Elements of exports of databases, whose attribute `name` says what they are.
_NAMED = frozenset(["database", "table", "table_data", "table_structure", "field", "column"])
_PIECE_BYTES = 1 << 20

_Start = Callable[[str, dict[str, str]], None]
_End = Callable[[], None]


@dataclass
class _Kind:
    """Elements at one place of the document.

    Attributes:
        count: how many there are.
        parts: whether they hold attributes, or others, and so may be rows.
    """

    count: int = 0
    parts: bool = False


def read_elements(text: bytes, filename: str, options: ReadOptions, kind: Kind) -> Table | None:
    """The elements that come again and again, as rows; None where the text is no XML.

    Raises:
        DataError: it is XML that holds no such elements, is damaged, or is over a limit.
    """
    begin = _BEGIN.match(text[:20_000])
    if begin is None or not (begin[1] or _closes(text)):
        if begins_as_xml(text):
            raise xml_not_read(filename)
        return None
    text = text[begin.end(1) :] if begin[1] else text  # it may name another encoding
    try:
        kinds = _kinds(text, filename)
        rows = _candidates(kinds)
        if not rows:
            raise xml_not_read(filename)
        best = _chosen(text, {path: kinds[path].count for path in rows}, filename, options, kind)
        frame, header = Records(filename).collect(_rows(text, best))
    except Malformed as error:
        if begin[1] is None:
            return None
        if "document type" in str(error):
            raise xml_not_read(filename) from error
        raise limits.unreadable(filename, "XML") from error
    if frame.shape[1] == 1 and frame[0].dtype == object:  # cells without names, one after another
        raise xml_not_read(filename)
    frame, notes = header_names(header, frame, filename)
    others = [_name(path) for path in rows if path != best]
    if options.sheet is None and others:
        note = N_(
            '{filename} holds several kinds of elements; "{name}" was read. The others are: '
            "{others}. To read another one, choose its name."
        )
        params = {"filename": filename, "name": _name(best), "others": listed(others, _LISTED)}
        notes.insert(0, Message(note, params))
    found = replace(options, header=True, sheet=_name(best))
    return Table(frame, notes, found, tuple(others), sheets=True)


def _chosen(
    text: bytes, counts: dict[str, int], filename: str, options: ReadOptions, kind: Kind
) -> str:
    """The place of the elements that `options.sheet` names, or that look most like `kind`."""
    if options.sheet is not None:
        given = [path for path in counts if _name(path) == options.sheet]
        if not given:
            raise no_such_part(filename, options.sheet, list(map(_name, counts)))
        return given[0]
    if len(counts) == 1:
        return next(iter(counts))
    return max(counts, key=lambda path: _likeness(text, path, kind, filename, counts[path]))


def _closes(text: bytes) -> bool:
    """Whether a text ends as XML without a declaration does, which a table never does."""
    return text[-200:].rstrip().endswith(b">") and b"</" in text[-200:]


def _name(path: str) -> str:
    """What a kind of elements is called; the table of a database gives its name to its rows."""
    *_, last = path.split("/")
    named = re.findall(r"\[([^\]]*)\]", path)
    return named[-1] if named else last


def _step(path: str, tag: str, attributes: dict[str, str]) -> str:
    if tag in _NAMED and "name" in attributes:
        return f"{path}/{tag}[{attributes['name'].replace('/', '_').replace(']', '_')}]"
    return f"{path}/{tag}"


def parsed(
    text: bytes, start: _Start, end: _End, letters: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Go through the elements; stops after each piece, so that what was found can be taken.

    Raises:
        Malformed: it is no XML, or it declares a document type.
    """
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True

    def refuse(*_declaration: object) -> None:
        raise Malformed("document type")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, found: start(name.rpartition(":")[2], found)
    parser.EndElementHandler = lambda _name: end()
    if letters is not None:
        parser.CharacterDataHandler = letters
    try:
        for place in range(0, len(text), _PIECE_BYTES):
            parser.Parse(text[place : place + _PIECE_BYTES], False)
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Malformed(str(error)) from error
    yield


def _kinds(text: bytes, filename: str) -> dict[str, _Kind]:
    """All places of elements in the document, in its order."""
    kinds: dict[str, _Kind] = {}
    stack: list[str] = [""]

    def start(tag: str, attributes: dict[str, str]) -> None:
        path = _step(stack[-1], tag, attributes)
        found = kinds.get(path)
        if found is None:
            if len(kinds) >= _MOST_KINDS or len(stack) > _DEEPEST:
                raise xml_not_read(filename)
            found = kinds[path] = _Kind()
        found.count += 1
        found.parts |= bool(_cells_of(tag, attributes))
        if stack[-1]:
            kinds[stack[-1]].parts = True
        stack.append(path)

    deque(parsed(text, start, lambda: _drop(stack)), maxlen=0)
    return kinds


def _drop(stack: list[Any]) -> None:
    stack.pop()


def _cells_of(tag: str, attributes: dict[str, str]) -> dict[str, str]:
    """The attributes that hold data: none of another name space, and no name of a column."""
    named = tag in _NAMED
    return {
        name: value
        for name, value in attributes.items()
        if ":" not in name and not name.startswith("xmlns") and not (named and name == "name")
    }


def _candidates(kinds: dict[str, _Kind]) -> list[str]:
    """Elements that have parts, and come more often than what they stand in; the most first."""
    found = []
    for path, kind in kinds.items():
        parent = kinds.get(path.rpartition("/")[0])
        if kind.parts and kind.count > (parent.count if parent else 1):
            found.append(path)
    return sorted(found, key=lambda path: -kinds[path].count)[:_MOST_LOOKED_AT]


class _Collector:
    """Takes the elements at one place apart into cells, by name.

    Attributes:
        done: the rows that ended since they were last taken.
    """

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        self.done: list[dict[str, Any]] = []
        self._paths: list[str] = [""]
        self._around: list[dict[str, str]] = [{}]
        self._row: dict[str, Any] | None = None
        self._names: list[str] = []
        self._text: list[str] = []
        self._plain = True

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        path = _step(self._paths[-1], tag, attributes)
        cells = _cells_of(tag, attributes)
        if self._row is not None:
            name = attributes["name"] if tag in _NAMED and "name" in attributes else tag
            self._names.append(f"{self._names[-1]}.{name}" if self._names else name)
            for inner, value in cells.items():
                self._add(f"{self._names[-1]}.{inner}", value)
        elif path == self.wanted:
            self._row = {**self._around[-1], **cells}
        elif self.wanted.startswith(f"{path}/"):
            own = {f"{tag}.{inner}": value for inner, value in cells.items()}
            below_root = len(self._paths) > 1
            self._around.append({**self._around[-1], **own} if below_root else {})
        self._paths.append(path)
        self._text, self._plain = [], True

    def end(self) -> None:
        path = self._paths.pop()
        if self._row is not None:
            text = "".join(self._text).strip()
            if path == self.wanted and not self._names:
                if text and self._plain:
                    self._add("text", text)
                self.done.append(self._row)
                self._row = None
            elif self._names:
                name = self._names.pop()
                if self._plain:
                    self._add(name, text)
        elif self.wanted.startswith(f"{path}/"):
            self._around.pop()
        self._text, self._plain = [], False

    def letters(self, data: str) -> None:
        if self._row is not None:
            self._text.append(data)

    def _add(self, name: str, value: str) -> None:
        assert self._row is not None
        before = self._row.get(name)
        if before is None:
            self._row[name] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            self._row[name] = [before, value]


def _rows(text: bytes, path: str) -> Iterator[dict[str, Any]]:
    collector = _Collector(path)
    for _ in parsed(text, collector.start, collector.end, collector.letters):
        yield from collector.done
        collector.done.clear()


def _likeness(text: bytes, path: str, kind: Kind, filename: str, count: int) -> Likeness:
    """How much elements look like rows of a table of `kind`, by the first of them."""
    frame, names = Records(filename).collect(islice(_rows(text, path), _SAMPLE_ROWS))
    plain = [place for place in frame.columns if frame[place].dtype != object]
    cells = frame[plain].to_numpy().tolist()
    return likeness([[names[p] for p in plain], *cells], _name(path), kind, rows_in_all=count)
