"""A cell with several items → each of them; of text that is never evaluated, only cut."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from recsys.sources.values import is_nothing

QUOTED = r'"(?:[^"\\]|\\.)*"' + "|" + r"'(?:[^'\\]|\\.)*'"
_TOKENS = re.compile(rf"(?s)\s*(?:{QUOTED})|[^,;\[\](){{}}]+")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)


def tokens_of(cells: pd.Series, between: str | None) -> Iterator[list[str]]:
    """The items of each cell; of text that is never evaluated, only cut."""
    for cell in cells:
        if not isinstance(cell, str):
            yield [str(v).strip() for v in cell if not is_nothing(str(v))]
        elif is_nothing(cell):
            yield []
        elif between is not None:
            parts = cell.split() if between == " " else cell.split(between)
            yield [p for part in parts if not is_nothing(p := part.strip())]
        else:
            yield list(_literals(cell))


def _literals(cell: str) -> Iterator[str]:
    text = re.sub(r"^\s*array\(|,\s*dtype=\w+\)\s*$", "", cell)
    bare = not ("," in text or ";" in text or '"' in text or "'" in text)
    for token in text.strip(" []()\n\t{}").split() if bare else _TOKENS.findall(text):
        token = token.strip()
        if token[:1] in "\"'" and len(token) > 1:
            yield _ESCAPE.sub(_unescaped, token[1:-1]).strip()
        elif not is_nothing(token):
            yield token


def _unescaped(match: re.Match[str]) -> str:
    mark = match[1]
    if len(mark) == 5:
        return chr(int(mark[1:], 16))
    return {"n": " ", "t": " ", "r": " "}.get(mark, mark)
