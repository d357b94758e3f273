"""Two lists beside each other as an SVG picture, made here: nothing is fetched, nothing is run.

Every word is escaped, and letters that XML does not allow are left out, so that titles of an upload
are words in the picture, whatever is in them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape

from pages._ui.common.theme import FONT, LIGHT
from pages._ui.html.list_markup import Entry

_WIDTH, _MARGIN, _ROW, _HEAD = 960, 32, 30, 116
#: Letters of usual width that fit: over the whole picture, and in a column beside its marks.
_WIDE, _COLUMN = 100, 44


def picture(
    heading: str, sentence: str, titles: tuple[str, str], lists: tuple[Sequence[Entry], ...]
) -> str:
    """An SVG document: what was asked, what moved, and both lists, in the colours of light."""
    rows = max((len(entries) for entries in lists), default=0)
    height = _HEAD + _ROW * rows + 2 * _MARGIN
    parts = [
        _text(heading, _MARGIN, 44, size=22, weight=650, limit=_WIDE * 15 // 22),
        _text(sentence, _MARGIN, 74, size=15, colour=LIGHT.muted, limit=_WIDE),
    ]
    half = (_WIDTH - 3 * _MARGIN) // 2
    for place, (title, entries) in enumerate(zip(titles, lists, strict=True)):
        left = _MARGIN + place * (half + _MARGIN)
        parts.append(_text(title, left, _HEAD, size=15, weight=600, limit=_COLUMN))
        for row, entry in enumerate(entries, start=1):
            y = _HEAD + _ROW * row
            parts.append(
                f'<line x1="{left}" y1="{y - 20}" x2="{left + half}" y2="{y - 20}" '
                f'stroke="{LIGHT.line}"/>'
            )
            parts.append(_text(str(entry.rank), left + 20, y, colour=LIGHT.muted, anchor="end"))
            parts.append(_text(entry.title, left + 32, y, limit=_COLUMN))
            colour = LIGHT.accent if entry.up else LIGHT.muted
            parts.append(
                _text(entry.mark, left + half, y, size=13, weight=600, colour=colour, anchor="end")
            )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" font-family="{escape(FONT)}">'
        f'<rect width="100%" height="100%" fill="#FFFFFF"/>{"".join(parts)}</svg>'
    )


def _text(
    words: str,
    x: int,
    y: int,
    *,
    size: int = 15,
    weight: int = 400,
    colour: str = LIGHT.text,
    anchor: str = "start",
    limit: int = _WIDE,
) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(_fitting(words, limit))}</text>'
    )


def _fitting(words: str, limit: int) -> str:
    """As much as fits; Chinese letters are twice as wide as others. No control characters."""
    kept: list[str] = []
    width = 0
    for letter in " ".join(words.split()):
        if unicodedata.category(letter) in ("Cc", "Cs", "Cn", "Co"):
            continue
        width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if width > limit:
            return "".join(kept[:-1]) + "…"
        kept.append(letter)
    return "".join(kept)
