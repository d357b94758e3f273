"""Lines of "key=value" (logfmt, https://brandur.org/logfmt) or of labels and tabs (http://ltsv.org).

Services write their logs so. Each key is a column; what stands before the first one is, too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from recsys.schema import N_, Message
from recsys.sources.text.laid_out import check_size, first_lines, laid_out, lines_of
from recsys.sources.text.layouts import Layout

_KEY = r"[^\W\d][\w.\-/@]{0,60}"
_QUOTED = r'"(?:[^"\\]|\\.)*+"|\'(?:[^\'\\]|\\.)*+\''
#: What stands between pairs, and what the letters of a value without marks may be. Blanks come
#: last: they may also follow a comma.
_CUTS = (
    (r"\t", ":", r"[^\t]*+"),
    (r"\t", "=", r"[^\t]*+"),
    (r"[,;|&]\s+|\s+\|\s+", "=", r"[^,;|&=\"]*+"),
    (r"[,;|&]", "=", r"[^,;|&=\"\s]*+"),
    (r"[ \t]+", "=", r"[^\s\"]*+"),
)
_BEFORE = r"(?:[^\s=\"]+\s+){0,6}?"
#: So many lines have two pairs or more, and so many have the key that is met most.
_MOST = 0.9
_TIME_FIRST = re.compile(
    r"\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?)\]?"
)


@dataclass(frozen=True)
class _Cut:
    """How lines are cut into pairs: `whole` matches a line of them, `pair` each one."""

    whole: re.Pattern[str]
    pair: re.Pattern[str]


def pairs_of_lines(text: bytes, filename: str) -> Layout | None:
    """A log with a column for each key; None where lines are no pairs of keys and values.

    Raises:
        DataError: there are too many keys, or cells.
    """
    cut = _find_cut([line for line in first_lines(text) if line.strip()])
    if cut is None:
        return None
    lines = lines_of(text)
    counts: Counter[str] = Counter()
    with_pairs = 0
    for line in lines:
        found = [m["key"] for m in cut.pair.finditer(line)]
        with_pairs += len(found) > 1
        counts.update(found)
        check_size(filename, with_pairs, len(counts))
    keys = list(counts)
    place = {key: n for n, key in enumerate(keys, 1)}
    empty = [""] * (len(keys) + 1)
    rows: list[list[str] | None] = []
    passed = 0
    for line in lines:
        row = empty.copy()
        found_pairs = list(cut.pair.finditer(line))
        if len(found_pairs) < 2:
            passed += bool(line.strip())
            rows.append(None)
            continue
        for pair in found_pairs:
            row[place[pair["key"]]] = _plain(pair["value"])
        row[0] = _before(line[: found_pairs[0].start()])
        rows.append(row)
    if not any(row[0] for row in rows if row is not None):
        rows = [row[1:] if row is not None else None for row in rows]
    else:
        keys.insert(0, _name_of_first(rows, keys))
    note = N_(
        "{filename}: each line holds keys and values; the keys were taken for columns: {names}."
    )
    notes = [Message(note, {"filename": filename, "names": ", ".join(keys[:12])})]
    if passed:
        note = N_("{filename}: lines without keys and values were passed over: {count}.")
        notes.append(Message(note, {"filename": filename, "count": passed}))
    return laid_out(rows, keys, notes)


def _find_cut(lines: Sequence[str]) -> _Cut | None:
    if len(lines) < 2:
        return None
    for between, equals, value in _CUTS:
        pair = f"(?P<key>{_KEY}){equals}(?P<value>{_QUOTED}|{value})"
        bare = pair.replace("?P<key>", "?:").replace("?P<value>", "?:")
        before = _BEFORE if equals == "=" else ""
        whole = re.compile(rf"\s*{before}{bare}(?:(?:{between}){bare})+(?:{between})?\s*")
        cut = _Cut(whole, re.compile(rf"(?:(?<=^)|(?<=[\s,;|&])){pair}"))
        fit = [line for line in lines if whole.fullmatch(line)]
        if len(fit) < _MOST * len(lines):
            continue
        names = [[m["key"] for m in cut.pair.finditer(line)] for line in fit]
        counts = Counter(key for keys in names for key in set(keys))
        twice = sum(len(set(keys)) < len(keys) for keys in names)
        shared = [key for key, count in counts.items() if count >= 0.5 * len(fit)]
        if counts.most_common(1)[0][1] >= _MOST * len(fit) and len(shared) > 1 and not twice:
            return cut
    return None


def _plain(value: str) -> str:
    """A value without the marks around it, and without the backslashes before marks in it."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return re.sub(r"\\([\\\"'])", r"\1", value[1:-1])
    return value.strip()


def _before(words: str) -> str:
    """What stands before the first pair: the time, where it begins with one."""
    words = words.strip(" \t,;|&")
    match = _TIME_FIRST.match(words)
    return match[1] if match else words


def _name_of_first(rows: Sequence[Sequence[str] | None], keys: Sequence[str]) -> str:
    first = [row[0] for row in rows[:300] if row is not None]
    timed = sum(bool(_TIME_FIRST.fullmatch(cell)) for cell in first) > 0.5 * len(first)
    name = "time" if timed else "message"
    return name if name not in keys else f"{name} (2)"
