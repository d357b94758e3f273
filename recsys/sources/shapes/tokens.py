"""A cell with several items → each of them; of text that is never evaluated, only cut."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import pandas as pd

from recsys.sources.values.cells import is_nothing

QUOTED = r'"(?:[^"\\]|\\.)*"' + "|" + r"'(?:[^'\\]|\\.)*'"
_TOKENS = re.compile(rf"(?s)\s*(?:{QUOTED})|[^,;\[\](){{}}]+")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)

_NUMBER = r"(?P<number>\d{1,3})"
_PIECES = r"pcs?|pieces?|uds?|unid|un|u|stk|st|stück|szt|ks|adet|шт|个|個|件|本|冊|点|개"
_QUANTITY = (
    r"qty|quantity|cant|cantidad|menge|anzahl|qt[eé]|quantit[eéà]|qtde?|quantidade|aantal|ilość|"
    r"adet|数量|數量|кол-?во|수량"
)
#: How many of an item, beside it, as shops write it: "Mug × 2", "Mug x2", "2 x Mug", "Mug (2 pcs)".
_SURELY = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"(?P<item>.*\S)\s*[×✕]\s*{_NUMBER}",
        rf"(?P<item>.*\S)\s+[x*х]\s?{_NUMBER}",
        rf"(?P<item>.*\S)\s*[(\[]\s*[x×✕*х]\s*{_NUMBER}\s*[)\]]",
        rf"{_NUMBER}\s?[x×✕*х]\s+(?P<item>\S.*)",
        rf"{_NUMBER}\s?[×✕]\s*(?P<item>\S.*)",
        rf"(?P<item>.*\S)[\s(\[]+(?:{_QUANTITY})[\s.:=]*{_NUMBER}\s*[)\]]?",
        rf"(?P<item>.*\S)[\s(\[]+{_NUMBER}\s?(?:{_PIECES})\.?\s*[)\]]?",
    )
)
#: What may be a part of the name as well: "Mug (2)", "Mug: 2", "2 Mugs"; or a rating.
_PERHAPS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"(?P<item>.*\S)\s*[(\[](?P<number>\d{1,3}(?:[.,]\d)?)[)\]]",
        r"(?P<item>.*\S)\s*[:=]\s*(?P<number>\d{1,3}(?:[.,]\d)?)",
        rf"{_NUMBER}\s+(?P<item>[^\W\d].*)",
    )
)
#: The share of items that have a number, where one may stand for itself, and where it may not.
_SOME, _NEARLY_ALL = 0.3, 0.95
#: No name of an item is longer, and no pattern is held against it.
_LONGEST = 300


def numbers_beside(tokens: Sequence[str]) -> re.Pattern[str] | None:
    """How a number is written beside each item, where one is: how many of it, or a rating.

    Where that may be a part of names, the same names have to come with several numbers.
    """
    distinct = sorted(set(tokens))
    if not distinct:
        return None
    for pattern in (*_SURELY, *_PERHAPS):
        found = [m for token in distinct if (m := _number(pattern, token))]
        if len(found) < (_SOME if pattern in _SURELY else _NEARLY_ALL) * len(distinct):
            continue
        if pattern in _SURELY:
            return pattern
        numbers = defaultdict(set)
        for match in found:
            numbers[match["item"]].add(match["number"])
        if len(numbers) <= 0.9 * len(found):
            return pattern
    return None


def _number(pattern: re.Pattern[str], token: str) -> re.Match[str] | None:
    return pattern.fullmatch(token) if len(token) <= _LONGEST else None


def without_numbers(
    rows: Sequence[Sequence[str]], pattern: re.Pattern[str], between: str
) -> tuple[list[list[str]], list[list[str]]]:
    """The items of each row, and the number of each; "1" where none is written.

    Where ones are written, what has no number is a piece of an item that holds the mark between
    items: "Shirt, blue × 1".
    """
    found = [[_number(pattern, token) for token in row] for row in rows]
    ones = any(m["number"] == "1" for row in found for m in row if m)
    behind = pattern.pattern.startswith("(?P<item>")
    items: list[list[str]] = []
    numbers: list[list[str]] = []
    for row, matches in zip(rows, found, strict=True):
        names: list[str] = []
        counts: list[str] = []
        piece = ""
        for token, match in zip(row, matches, strict=True):
            if match is not None:
                names.append((piece + match["item"]).rstrip(" -–:,"))
                counts.append(match["number"])
                piece = ""
            elif ones and behind:
                piece += token + between.strip() + " "
            elif ones and names:
                names[-1] += between.strip() + " " + token
            else:
                names.append(token)
                counts.append("1")
        if piece:
            names.append(piece.strip(f"{between} "))
            counts.append("1")
        items.append(names)
        numbers.append(counts)
    return items, numbers


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
