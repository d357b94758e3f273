"""Lines such as "4000|11" above as many rows as they say → delimited text, a user in each row.

So the ratings of Yahoo! Music are written (https://webscope.sandbox.yahoo.com, R2; KDD Cup 2011).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from recsys.schema import ITEM_ID, N_, RATING, USER_ID, Message
from recsys.sources import limits
from recsys.sources.text.dialects import find_separator
from recsys.sources.text.laid_out import first_lines
from recsys.sources.text.layouts import Layout

_HEAD = re.compile(r"([^\s|,;:]{1,60}) ?([|,;:\t ]) ?(\d{1,7})")
_LEAST_BLOCKS = 3


def counted_blocks(text: bytes, filename: str) -> Layout | None:
    """Each row with the user whose line stands above it; None where lines are not counted so.

    Raises:
        DataError: the users that are written before each row would make the text too long.
    """
    lines = [line.strip() for line in first_lines(text) if line.strip()]
    separator = _row_separator(lines)
    if separator is None:
        return None
    rows = re.split(r"\r\n|\r|\n", text.decode())
    place, blocks, added = 0, 0, 0
    while place < len(rows):
        if not rows[place].strip():
            place += 1
            continue
        head = _HEAD.fullmatch(rows[place].strip())
        if head is None or place + int(head[3]) >= len(rows) + 1:
            return None
        end = place + 1 + int(head[3])
        body = rows[place + 1 : end]
        if len(body) < int(head[3]) or not all(separator in row for row in body):
            return None
        added += len(body) * len(head[1])
        if added > limits.MAX_TEXT_BYTES:
            raise limits.too_much_text(filename)
        rows[place] = ""
        rows[place + 1 : end] = [head[1] + separator + row for row in body]
        place, blocks = end, blocks + 1
    if blocks < _LEAST_BLOCKS:
        return None
    width = next(row for row in rows if row).count(separator) + 1
    known = [USER_ID, ITEM_ID, RATING] if width == 3 else [USER_ID, ITEM_ID]
    names = known + [f"column_{place}" for place in range(len(known) + 1, width + 1)]
    note = N_(
        "{filename}: lines such as “{label}” say how many rows follow; what stands in them was "
        "taken for the user of these rows. If they are items, choose the columns so."
    )
    said = Message(note, {"filename": filename, "label": lines[0]}, grave=True)
    return Layout("\n".join(rows).encode(), separator, names, notes=[said])


def _row_separator(lines: Sequence[str]) -> str | None:
    """What stands between the cells of rows, where the first lines are so many as is said.

    It is another one than in the lines that say so: else a table could be taken for such blocks.
    """
    head = _HEAD.fullmatch(lines[0]) if lines else None
    if head is None or not 0 < int(head[3]) < len(lines):
        return None
    separator = find_separator(lines[1 : 1 + int(head[3])])
    separator = {"spaces": "\t"}.get(separator, separator)
    if separator == head[2] or any(separator not in row for row in lines[1 : 1 + int(head[3])]):
        return None
    return separator
