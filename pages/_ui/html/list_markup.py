"""Ranked lists and histories as HTML; every word goes through `html.escape` in `_words`.

A table would do, but a list with reasons under the titles reads better. As in `markup.py`,
nothing depends on Streamlit's own cleaning: words are escaped before they get there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape

import streamlit as st

from recsys.bundle import ASSETS


@dataclass(frozen=True)
class Entry:
    """One recommended item; all texts raw.

    Attributes:
        rank: from 1.
        about: its attributes in a line.
        why: the reason in a line, or "".
        rating: the rating that is expected, with its unit; "" for a model that expects none. Other
            scores compare within one list and model only, and are not shown.
        mark: what changed, or "".
        up: whether the mark is good news.
        above: what a line above it says, such as where another part of the list begins, or "".
    """

    rank: int
    title: str
    about: str
    why: str = ""
    rating: str = ""
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


def draw_ranked(
    entries: Sequence[Entry], beside: Callable[[int], None] | None = None, *, key: str = "row"
) -> None:
    """A ranked list, best first.

    Args:
        beside: draws what stands beside the entry at a place of the list, such as buttons.
        key: distinguishes the rows of one list from those of another on the page.
    """
    if beside is None:
        _draw(f'<ol class="pr-list">{"".join(map(_entry, entries))}</ol>')
        return
    with st.container(key=f"{key}s", gap=None):
        for place, entry in enumerate(entries):
            if entry.above:
                st.html(f'<div class="pr-above">{_words(entry.above)}</div>')
            with st.container(key=f"{key}-{place}", horizontal=True, gap="small"):
                rows = _entry(replace(entry, above=""))
                st.html(f'<ol class="pr-list" start="{entry.rank}">{rows}</ol>')
                beside(place)
        st.html(f"<style>{_sheet()}</style>")


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
    about = f' <span class="pr-about">{_words(entry.about)}</span>' if entry.about else ""
    words = _words(entry.why)  # cut to a line where there are many, see lists.css
    why = f'<div class="pr-why" title="{words}">{words}</div>' if words else ""
    rating = f'<div class="pr-rating">{_words(entry.rating)}</div>' if entry.rating else ""
    return (
        f'{above}<li><div class="pr-rank">{entry.rank}</div>'
        f'<div><span class="pr-title">{_words(entry.title)}</span>{mark}{about}{why}</div>'
        f"{rating}</li>"
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
