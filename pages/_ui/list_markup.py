"""Ranked lists and histories as HTML; every word goes through `html.escape` in `_words`.

A table would do, but a list with reasons under the titles reads better. As in `markup.py`,
nothing depends on Streamlit's own cleaning: words are escaped before they get there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import streamlit as st

from pages._ui.theme import ASSETS


@dataclass(frozen=True)
class Entry:
    """One recommended item; all texts raw.

    Attributes:
        rank: from 1.
        about: its attributes in a line.
        why: the reason in a line, or "".
        score: as shown; "" for a list that shows neither scores nor bars.
        share: how long the bar is, 0 to 1.
        mark: what changed, or "".
        up: whether the mark is good news.
        above: what a line above it says, such as where another part of the list begins, or "".
    """

    rank: int
    title: str
    about: str
    why: str
    score: str
    share: float
    mark: str = ""
    up: bool = True
    above: str = ""


@dataclass(frozen=True)
class Past:
    """One event of a history; all texts raw. `stars` may be a rating or a mark for "liked"."""

    title: str
    about: str
    stars: str
    liked: bool


def draw_ranked(entries: Sequence[Entry]) -> None:
    """A ranked list, best first."""
    _draw(f'<ol class="pr-list">{"".join(_entry(e) for e in entries)}</ol>')


def draw_history(events: Sequence[Past]) -> None:
    """A history in a box that scrolls."""
    items = "".join(_past(event) for event in events)
    _draw(f'<div class="pr-scroll" tabindex="0"><ul class="pr-history">{items}</ul></div>')


def _draw(html: str) -> None:
    st.html(f"{html}<style>{_sheet()}</style>")


@lru_cache
def _sheet() -> str:
    return (ASSETS / "lists.css").read_text(encoding="utf-8")


def _entry(entry: Entry) -> str:
    above = f'<li class="pr-above">{_words(entry.above)}</li>' if entry.above else ""
    direction = "" if entry.up else " pr-down"
    mark = f'<span class="pr-mark{direction}">{_words(entry.mark)}</span>' if entry.mark else ""
    about = f'<div class="pr-about">{_words(entry.about)}</div>' if entry.about else ""
    why = f'<div class="pr-why">{_words(entry.why)}</div>' if entry.why else ""
    width = 100 * min(max(entry.share, 0.0), 1.0)
    score = (
        f'<div class="pr-score"><div class="pr-meter"><span style="width:{width:.1f}%"></span>'
        f"</div>{_words(entry.score)}</div>"
    )
    return (
        f'{above}<li><div class="pr-rank">{entry.rank}</div>'
        f'<div><span class="pr-title">{_words(entry.title)}</span>{mark}{about}{why}</div>'
        f"{score if entry.score else ''}</li>"
    )


def _past(event: Past) -> str:
    about = f'<div class="pr-about">{_words(event.about)}</div>' if event.about else ""
    plain = "" if event.liked else " pr-plain"
    stars = f'<div class="pr-stars{plain}">{_words(event.stars)}</div>' if event.stars else ""
    title = f'<div class="pr-title">{_words(event.title)}</div>'
    return f"<li><div>{title}{about}</div>{stars}</li>"


def _words(text: str, limit: int = 300) -> str:
    """Words of the data, escaped; a title of 10,000 characters is cut."""
    return escape(text if len(text) <= limit else text[: limit - 1] + "…")
