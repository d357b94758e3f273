"""Lines of a user and the items that follow, "1 17 4 9", or of items alone → rows of events."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.schema import ITEM_ID, N_, POSITION, USER_ID, Message
from recsys.sources.base import Table
from recsys.sources.columns.choosing import known_names
from recsys.sources.limits import MAX_RESHAPED_EVENTS, too_many_events
from recsys.sources.options import ReadOptions

#: The columns of what is read from such lines.
LISTED = [USER_ID, ITEM_ID, POSITION]
_SAMPLE_BYTES = 200_000
_SAMPLE_LINES = 500
_SEPARATORS = ("\t", ",", ";", "|", " ")
#: An id: a number, or one word or code. What has marks of a sentence is none.
_CODE = re.compile(r"[\w\-.:/#@]*[\w/]")
_USER_COLON = r"^\s*([^\s:,;|]+)\s*:\s+"


def sequences(text: bytes, options: ReadOptions, filename: str) -> Table | None:
    """The events of a text whose lines are lists of different lengths; None where it is no such.

    Such a file has no header. The first word of a line is the user; where those come again and
    stand among the items, too, each line is a session, and its number is the user.

    Raises:
        DataError: there are too many items, which are counted before they are built.
    """
    if options.shape not in (None, "sequences") or options.header:
        return None
    sure = options.shape == "sequences"
    given = {"spaces": " "}.get(options.separator or "", options.separator)
    separator = _separator(text, given, sure)
    if separator is None:
        return None
    lines = _lines(text)
    if len(lines) < 2:
        return None
    lists = _split(_without_colon(lines, separator), separator)
    lengths = pc.list_value_length(lists).to_numpy()
    if int(lengths.sum()) > MAX_RESHAPED_EVENTS:
        raise too_many_events(filename)
    words = pc.utf8_trim_whitespace(pc.list_flatten(lists))
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    with_users = _begin_with_users(words, starts)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    position = np.arange(len(words)) - starts[owner]
    if with_users:
        users = pc.utf8_rtrim(words.take(pa.array(starts)), ":")
        items = position > 0
        position = position - 1
    else:
        users = pa.array([str(n) for n in range(1, len(lengths) + 1)], pa.large_string())
        items = np.ones(len(words), dtype=bool)
    items &= np.asarray(pc.not_equal(words, "").to_numpy(zero_copy_only=False), dtype=bool)
    if not items.any():
        return None
    owner, position = owner[items], position[items]
    frame = pd.DataFrame(
        {
            USER_ID: pd.array(users.take(pa.array(owner)).cast(pa.large_string()), dtype="str"),
            ITEM_ID: pd.array(words.filter(pa.array(items)).cast(pa.large_string()), dtype="str"),
            POSITION: pd.array(position.astype(str), dtype="str"),
        },
        index=pd.Index(owner + 1, name="row"),
    )
    note = (
        N_(
            "{filename} has a line for each user: the user, then items. It was read as {events} "
            "events of {lines} lines, in the order of the line."
        )
        if with_users
        else N_(
            "{filename} has a list of items in each line and no users: it was read as {events} "
            "events, and each of the {lines} lines is taken for a user."
        )
    )
    params = {"filename": filename, "events": f"{len(frame):,}", "lines": f"{len(lengths):,}"}
    found = replace(
        options,
        separator="spaces" if separator == " " else separator,
        header=False,
        shape="sequences",
    )
    return Table(frame, [Message(note, params, grave=not with_users)], found)


def _separator(text: bytes, given: str | None, sure: bool) -> str | None:
    """What stands between the words of ragged lines; None where the lines are a table, or prose."""
    head = text[:_SAMPLE_BYTES].decode(errors="ignore")
    lines = [line for line in head.splitlines() if line.strip()]
    if len(text) > _SAMPLE_BYTES:
        lines = lines[:-1]  # which may be cut
    lines = lines[:_SAMPLE_LINES]
    if len(lines) < 2:
        return None
    for separator in (given,) if given else _SEPARATORS:
        rows = [_words(line, separator) for line in lines]
        if sure and np.mean([len(row) > 1 for row in rows]) > 0.5:
            return separator
        if not sure and not _is_table(lines, separator) and _are_sequences(rows, separator):
            return separator
    return None


def _words(line: str, separator: str) -> list[str]:
    words = line.split() if separator == " " else line.strip().split(separator)
    return [word.strip() for word in words]


def _are_sequences(rows: list[list[str]], separator: str) -> bool:
    """Whether rows are ragged, of one kind of word, and made of words that come again."""
    widths = Counter(map(len, rows))
    ragged = len(widths) > 2 and max(widths.values()) <= 0.6 * len(rows)
    if not ragged or np.mean([len(row) for row in rows]) < 2 or max(widths) < 4:
        return False
    if any(not word for row in rows for word in row) or known_names(rows[0]) > 1:
        return False
    items = [word for row in rows for word in row[1:]]
    counts = Counter(items)
    once = sum(count == 1 for count in counts.values())
    if once > 0.5 * len(counts) or len(counts) > 0.7 * len(items):
        return False
    if separator == " ":
        if not all(
            _CODE.fullmatch(word) for row in rows for word in (row[0].rstrip(":"), *row[1:])
        ):
            return False
        kinds = Counter(
            "".join(sorted(set(re.sub(r"\d", "0", re.sub(r"[^\W\d]", "a", w))))) for w in counts
        )
        return max(kinds.values()) > 0.95 * len(counts) and (
            all(any(map(str.isdigit, word)) for word in counts) or _one_a_line(rows)
        )
    return not any('"' in word for word in items) and sum(map(len, items)) <= 64 * len(items)


def _is_table(lines: list[str], separator: str) -> bool:
    """Whether another separator cuts all lines alike, or what stands before the first of this one.

    Such lines are rows of a table: the list is a cell, as in "anna;DE;p1|p2" and "7\\t3,12,9", or
    the separator is a decimal mark, as in "P01;;;5,5".
    """
    begins = [line.split(separator, 1)[0] for line in lines]
    for other in {"\t", ",", ";", "|"} - {separator}:
        for texts in (lines, begins):
            cuts = [text.count(other) for text in texts[1:]]  # the first may be the header
            if cuts and cuts[0] and cuts.count(cuts[0]) > 0.95 * len(cuts):
                return True
    return False


def _one_a_line(rows: list[list[str]]) -> bool:
    """Whether lines of words are lists, not sentences: hardly any word stands twice in a line."""
    return sum(len(set(row)) == len(row) for row in rows) > 0.9 * len(rows) and all(
        word.islower() or word[:1].isupper() for row in rows for word in row[1:]
    )


def _lines(text: bytes) -> pa.Array:
    array = pa.array([text.decode(errors="replace")], pa.large_string())
    lines = pc.list_flatten(pc.split_pattern_regex(array, r"\r\n|\n|\r"))
    return lines.filter(pc.not_equal(pc.utf8_trim_whitespace(lines), ""))


def _split(lines: pa.Array, separator: str) -> pa.Array:
    if separator == " ":
        return pc.utf8_split_whitespace(pc.utf8_trim_whitespace(lines))
    return pc.split_pattern(lines, separator)


def _without_colon(lines: pa.Array, separator: str) -> pa.Array:
    """Lines such as "ann: a, b" as "ann,a, b", where nearly all are so."""
    if separator == " ":
        return lines
    begun = pc.match_substring_regex(lines, _USER_COLON)
    if pc.mean(begun.cast(pa.float64())).as_py() <= 0.95:
        return lines
    return pc.replace_substring_regex(lines, _USER_COLON, rf"\1{separator}")


def _begin_with_users(words: pa.Array, starts: np.ndarray) -> bool:
    """Whether the first words of lines are users: each stands once, or never among the items."""
    first = words.take(pa.array(starts)).to_pylist()
    users = set(first)
    if len(users) > 0.95 * len(first):
        return True
    rest = np.ones(len(words), dtype=bool)
    rest[starts] = False
    items = set(pc.unique(words.filter(pa.array(rest))).to_pylist())
    return len(users & items) < 0.1 * len(users)
