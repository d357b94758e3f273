"""JSON → a table: an array of objects, an object a line, or columns by name."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pyarrow as pa

from recsys.schema import N_, USER_ID, DataError
from recsys.sources import limits
from recsys.sources.base import Table
from recsys.sources.columns.choosing import known_names
from recsys.sources.options import ReadOptions
from recsys.sources.progress import report_share
from recsys.sources.tables import empty_table, header_names, said_of_top
from recsys.sources.text.headers import find_top

_BEGIN = re.compile(rb'\s*(?:\[\s*[\[{"]|\{\s*(?:"(?:[^"\\]|\\.){0,1000}"\s*:|\}))')
_BLANK = re.compile(r"[\s,;\x1e]*")
#: Numbers stay as they are written: 1.0 is no 1, and long ids keep all their digits.
_DECODER = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=lambda name: "" if name == "NaN" else name
)
_CHUNK_RECORDS = 50_000
#: Objects within objects that become columns; those below them stay as they are written.
_DEEPEST = 6
#: Keys of parameters that become columns.
_MOST_KEYS = 100
_SAMPLE_ROWS = 200
#: Objects as Python prints them, which is no JSON: {'user': u'x', 'paid': True}.
_PYTHON = re.compile(rb"\s*\[?\s*\{\s*u?'[^'\\\n]{1,200}'\s*:")
_TOKEN = re.compile(
    r"""[ub]?'((?:[^'\\]++|\\.)*+)'|[ub]?"((?:[^"\\]++|\\.)*+)"|\b(True|False|None)\b""", re.DOTALL
)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
#: A value that only says of what type it is, as MongoDB writes: {"$oid": "5f…"}.
_TYPED = re.compile(r"\$\w+")


def is_json(text: bytes) -> bool:
    """Whether a text in UTF-8 begins as records in JSON do, and goes on so."""
    if _PYTHON.match(text[:2_000]):
        return True
    if not _BEGIN.match(text[:2_000]):
        return False
    head = text[:200_000].decode(errors="ignore").lstrip()
    if len(text) > len(head.encode()) + 10:  # whole values only, as far as the beginning goes
        return head[0] == "{" or _first(head[1:].lstrip()) is not False
    return _first(head) is not False


def _first(text: str) -> bool | None:
    """Whether a value ends within the text; None where it goes on beyond it."""
    try:
        _DECODER.raw_decode(text)
    except json.JSONDecodeError as error:
        return None if error.pos >= len(text) - 1_000 and len(text) > 100_000 else False
    except RecursionError:
        return False
    return True


def read_json(text: bytes, filename: str, options: ReadOptions) -> Table:
    """Read records; an object within one becomes columns, a list stays a list.

    Raises:
        DataError: it is no JSON to its end, holds no records, or is over a limit.
    """
    try:
        decoded = text.decode()
        if _PYTHON.match(text[:2_000]):
            decoded = python_as_json(decoded)
        frame, header = Records(filename).collect(_records(decoded))
    except json.JSONDecodeError as error:
        raise DataError(
            N_("{filename} is no whole JSON: line {line} does not end as it should. Save it anew."),
            filename=filename,
            line=error.lineno,
        ) from error
    except RecursionError as error:
        raise limits.unreadable(filename, "JSON") from error
    if not frame.size:
        raise empty_table(filename)
    if any(header):
        frame, notes = header_names(header, frame, filename)
        return Table(frame, notes, replace(options, header=True))
    top = find_top(
        frame.head(_SAMPLE_ROWS).astype("str").to_numpy().tolist(), header=options.header
    )
    if top.header:
        header, frame = [str(cell) for cell in frame.iloc[top.skip]], frame.iloc[top.skip + 1 :]
    said = said_of_top(filename, options, top, top.skip, top.skip)
    frame, notes = header_names(header, frame, filename)
    return Table(frame, [*said, *notes], replace(options, header=top.header))


def python_as_json(text: str) -> str:
    """Objects as Python prints them, in JSON."""
    return _TOKEN.sub(_in_json, text)


def _in_json(token: re.Match[str]) -> str:
    """A string or a constant as Python prints it, in JSON."""
    if token[3]:
        return {"True": "true", "False": "false", "None": "null"}[token[3]]
    inner = token[1] if token[1] is not None else token[2]
    return json.dumps(_ESCAPE.sub(_unescaped, inner) if "\\" in inner else inner)


def _unescaped(escape: re.Match[str]) -> str:
    mark = escape[1]
    return chr(int(mark[1:], 16)) if len(mark) > 1 else _ESCAPES.get(mark, mark)


class Records:
    """Collects records column by column; rows are counted from 1."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.arrays: dict[str, list[Any]] = {}
        self.pending: list[dict[str, Any]] = []
        self.rows = 0
        self.cells = 0
        self.nested = 0
        self.paired: set[str] = set()

    def collect(self, records: Iterable[Any]) -> tuple[pd.DataFrame, list[str]]:
        """All records as a frame with columns numbered from 0, and their names."""
        rest = iter(records)
        first = list(itertools.islice(rest, _SAMPLE_ROWS))
        self.paired = _paired(first)
        for record in itertools.chain(first, rest):
            flat = self._flat(record)
            self.pending.append(flat)
            self.cells += len(flat)
            if len(self.pending) >= _CHUNK_RECORDS:
                self._flush()
            if self.cells > limits.MAX_CELLS or self.nested > limits.MAX_NESTED_VALUES:
                raise limits.too_many_cells(self.filename, limits.MAX_CELLS)
        self._flush()
        data: dict[int, Any] = {}
        for place, arrays in enumerate(self.arrays.values()):
            if any(isinstance(array, list) for array in arrays):
                cells = [c for a in arrays for c in (a if isinstance(a, list) else a.to_pylist())]
                data[place] = pd.Series(
                    [c if isinstance(c, list) else [c] * (c != "") for c in cells]
                )
            else:
                data[place] = pd.array(pa.chunked_array(arrays, pa.large_string()), dtype="str")
        index = pd.RangeIndex(1, self.rows + 1, name="row")
        frame = pd.DataFrame(data, index=range(self.rows)).set_axis(index)
        return frame, short_names(list(self.arrays))

    def _flush(self) -> None:
        if not self.pending:
            return
        for name in {name: None for record in self.pending for name in record}:
            if name not in self.arrays:
                if len(self.arrays) >= limits.MAX_COLUMNS:
                    raise limits.too_many_columns(self.filename, len(self.arrays) + 1)
                self.arrays[name] = [_nothing(self.rows)] if self.rows else []
        for name, arrays in self.arrays.items():
            cells = [record.get(name, "") for record in self.pending]
            lists = any(isinstance(cell, list) for cell in cells)
            arrays.append(cells if lists else pa.array(cells, pa.large_string()))
        self.rows += len(self.pending)
        if self.rows * len(self.arrays) > 3 * limits.MAX_CELLS:
            raise limits.too_many_cells(self.filename, limits.MAX_CELLS)
        self.pending = []
        report_share(0.5)

    def _flat(self, record: Any) -> dict[str, Any]:
        if isinstance(record, list):
            return {f"{place}": self._cell(value) for place, value in enumerate(record, 1)}
        if not isinstance(record, dict):
            return {"": self._cell(record)}
        flat: dict[str, Any] = {}
        self._put(flat, "", record, _DEEPEST)
        return flat

    def _put(self, flat: dict[str, Any], around: str, record: dict[str, Any], levels: int) -> None:
        """Write the cells of a record, and of those within it, by names with dots between them."""
        for name, value in record.items():
            value = _bare(value)
            if isinstance(value, dict) and levels:
                self._put(flat, f"{around}{name}.", value, levels - 1)
            elif f"{around}{name}" in self.paired and isinstance(value, list):
                pairs = {key: said for key, said in map(_pair, value) if key}
                for key, said in pairs.items():
                    flat[f"{around}{name}.{key}"] = self._cell(said)
            else:
                flat[f"{around}{name}"] = self._cell(value)

    def _cell(self, value: Any) -> str | list[str]:
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list) and not any(isinstance(v, (dict, list)) for v in value):
            self.nested += len(value)
            return [str(self._cell(v)) for v in value]
        return json.dumps(value, ensure_ascii=False)


def _paired(records: list[Any]) -> set[str]:
    """The names of lists of pairs of a key and a value, as analytics write parameters of an event.

    Their keys are columns, where they come again from record to record.
    """
    keys: dict[str, list[str]] = {}
    lists: Counter[str] = Counter()
    others: set[str] = set()
    for record in records:
        for name, value in record.items() if isinstance(record, dict) else ():
            if not isinstance(value, list) or not value:
                continue
            found = [_pair(part)[0] for part in value]
            if any(key is None for key in found) or len(set(found)) < len(found):
                others.add(name)
                continue
            keys.setdefault(name, []).extend(key for key in found if key)
            lists[name] += 1
    return {
        name
        for name, found in keys.items()
        if name not in others
        and len(set(found)) <= _MOST_KEYS
        and (lists[name] < 3 or len(found) >= 2 * len(set(found)))
    }


def _pair(part: Any) -> tuple[str | None, Any]:
    """Key and value of {"key": …, "value": …}; of a value in a field for each type, that one."""
    if not isinstance(part, dict) or len(part) != 2:
        return None, None
    by_name = {name.casefold(): value for name, value in part.items()}
    key = by_name.get("key", by_name.get("name"))
    if not isinstance(key, str) or "value" not in by_name:
        return None, None
    value = by_name["value"]
    if isinstance(value, dict) and value and all(n.endswith("_value") for n in value):
        value = next((v for v in value.values() if v is not None), None)
    return key, value


def _nothing(rows: int) -> pa.Array:
    return pa.array([""] * rows, pa.large_string())


def _bare(value: Any) -> Any:
    """A value without the type that MongoDB writes around it."""
    if isinstance(value, dict) and len(value) == 1:
        name, inner = next(iter(value.items()))
        if _TYPED.fullmatch(name):
            return _bare(inner)
    return value


def short_names(names: list[str]) -> list[str]:
    """Names without what they stand in, "_source.user_id", where that makes them known."""
    if names and all(re.fullmatch(r"\d*", name) for name in names):
        return [""] * len(names)
    short = []
    for name in names:
        leaf = name.rsplit(".", 1)[-1]
        alone = sum(other.rsplit(".", 1)[-1] == leaf for other in names) == 1
        known = known_names([leaf]) and not known_names([name])
        short.append(leaf if "." in name and alone and known else name)
    return short


def _records(text: str) -> Iterator[Any]:
    """The records of a text: of an array, one after the other, or of the array in an object."""
    place = _BLANK.match(text, 0).end()  # type: ignore[union-attr]
    if place >= len(text):
        return
    if text[place] == "[":
        yield from _array(text, place)
        return
    value, end = _DECODER.raw_decode(text, place)
    place = _BLANK.match(text, end).end()  # type: ignore[union-attr]
    if place >= len(text):
        yield from _within(value)
        return
    yield value
    while place < len(text):
        value, end = _DECODER.raw_decode(text, place)
        yield value
        place = _BLANK.match(text, end).end()  # type: ignore[union-attr]


def _array(text: str, place: int) -> Iterator[Any]:
    place = _BLANK.match(text, place + 1).end()  # type: ignore[union-attr]
    while place < len(text) and text[place] != "]":
        value, end = _DECODER.raw_decode(text, place)
        yield value
        place = _BLANK.match(text, end).end()  # type: ignore[union-attr]
    if place >= len(text):
        raise json.JSONDecodeError("cut off", text, len(text))


def _within(value: dict[str, Any]) -> Iterator[Any]:
    """The records of one object: of the longest array in it, or of columns by their names."""
    names, rows = value.get("columns"), value.get("data")
    if isinstance(names, list) and isinstance(rows, list):  # as pandas writes with orient="split"
        yield from (dict(zip(map(str, names), row, strict=False)) for row in rows)
        return
    parts = list(value.values())
    if len(parts) > 1 and all(_is_plain_list(part) for part in parts):
        even = len(set(map(len, parts))) == 1
        if _are_users(list(value), even=even):
            yield from ({USER_ID: name, "items": part} for name, part in value.items())
            return
        if even:
            yield from (dict(zip(value, row, strict=True)) for row in zip(*parts, strict=True))
            return
    if len(parts) > 1 and _are_alike(parts) and _are_users(list(value), even=False):
        yield from ({USER_ID: name, **record} for name, part in value.items() for record in part)
        return
    found = max(_arrays(value, 0), key=len, default=[])
    if (
        parts
        and all(isinstance(part, dict) and part for part in parts)
        and len(found) <= len(parts)
    ):
        yield from _by_keys(value)
    else:
        yield from found or [value]


def _are_users(keys: Sequence[str], *, even: bool) -> bool:
    """Whether keys of lists are users, and no names of columns, as words such as "Mark" are, too.

    Args:
        even: whether the lists are as long as each other, as those of columns are.
    """
    stems = {re.sub(r"\d+", "", key) for key in keys[:1000]}
    if len(stems) == 1 and keys[0] not in stems:  # "member1", "member2"
        return True
    return known_names(keys[:1000]) <= (0 if even else min(1, len(stems) - 2))


def _are_alike(parts: Sequence[Any]) -> bool:
    """Whether parts are lists of records that say the same, as of different users."""
    if not all(isinstance(p, list) and all(isinstance(v, dict) for v in p) for p in parts):
        return False
    keys = [set(part[0]) for part in parts if part]
    return len(keys) > 1 and all(2 * len(k & keys[0]) > len(k | keys[0]) for k in keys)


def _is_plain_list(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(v, (dict, list)) for v in value[:9])


def _by_keys(value: dict[str, dict[str, Any]]) -> Iterator[Any]:
    """Objects by keys: columns of rows, as pandas writes, rows, or what each user says of items."""
    parts = list(value.values())
    keys = [set(part) for part in parts]
    alike = all(k == keys[0] for k in keys)
    if alike and all(key.isdecimal() for key in keys[0]) and not all(k.isdecimal() for k in value):
        for row in parts[0]:
            yield {name: part[row] for name, part in value.items()}
    elif all(isinstance(v, (str, bool)) or v is None for part in parts for v in part.values()) and (
        not known_names(list(set().union(*keys))[:1000])
    ):
        for outer, part in value.items():
            yield from ([outer, inner, said] for inner, said in part.items())
    else:
        yield from ({"": name, **part} for name, part in value.items())


def _arrays(value: Any, depth: int) -> Iterator[list[Any]]:
    """Arrays of objects within an object, not deep."""
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        yield value
    elif isinstance(value, dict) and depth < 4:
        for part in value.values():
            yield from _arrays(part, depth + 1)
