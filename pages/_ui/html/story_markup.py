"""HTML of the first page and of the story; every word goes through `html.escape` here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import streamlit as st

from recsys.bundle import ASSETS


@dataclass(frozen=True)
class Station:
    """One station of the way from behaviour to list; texts raw.

    Attributes:
        picture: which one stands above, "people", "words", "prompt", "model" or "list".
        title: what it is called.
        example: what stands there of somebody, line by line.
    """

    picture: str
    title: str
    example: Sequence[str]


def draw_way(stations: Sequence[Station]) -> None:
    """The way from what people did to the list, one station after the other."""
    _draw(f'<ol class="pr-way">{"".join(map(_station, stations))}</ol>')


def draw_place(titles: Sequence[str], here: int) -> None:
    """Where in the story we are: its steps as a line, `here` from 0."""
    items = []
    for place, title in enumerate(titles):
        state = " pr-here" if place == here else " pr-done" if place < here else ""
        current = ' aria-current="step"' if place == here else ""
        items.append(f'<li class="{state.strip()}"{current}><span>{escape(title)}</span></li>')
    _draw(f'<ol class="pr-place">{"".join(items)}</ol>')


def draw_said(sentence: str) -> None:
    """The one sentence of a step."""
    _draw(f'<p class="pr-said-large">{escape(sentence)}</p>')


def draw_typed(words: str) -> None:
    """A wish as it is typed in, letter by letter; at once where no motion is wanted."""
    letters = max(len(words), 1)
    style = f"--pr-letters:{letters};animation-timing-function:steps({letters},end)"
    _draw(
        f'<div class="pr-typed"><span class="pr-typed-words" style="{style}">{escape(words)}</span>'
        "</div>"
    )


@dataclass(frozen=True)
class Film:
    """One line of a list; texts raw.

    Attributes:
        about: what it is, in a few words.
        mark: what changed, or "".
        gone: whether it is on the list no more.
    """

    title: str
    about: str
    mark: str = ""
    gone: bool = False


def draw_films(films: Sequence[Film], *, arriving: bool = False) -> None:
    """A ranked list, best first; `arriving` ones come one after the other, after what is typed."""
    arrives = " pr-arriving" if arriving else ""
    lines = "".join(_film(film, place) for place, film in enumerate(films))
    _draw(f'<ol class="pr-films{arrives}">{lines}</ol>')


@dataclass(frozen=True)
class Bar:
    """A number as a bar on a scale from nothing; texts raw.

    Attributes:
        title: what was measured.
        label: the number, as people read it.
        share: how long the bar is, 0 to 1 of the scale.
        strong: whether it is the point.
    """

    title: str
    label: str
    share: float
    strong: bool = False


def draw_measured(bars: Sequence[Bar]) -> None:
    """Numbers one below the other, on one scale that begins at nothing."""
    _draw(f'<ul class="pr-measured">{"".join(map(_bar, bars))}</ul>')


def _station(station: Station) -> str:
    lines = "".join(f"<p>{escape(line)}</p>" for line in station.example)
    return (
        f'<li class="pr-way-{escape(station.picture)}">'
        f'<div class="pr-way-title">{escape(station.title)}</div>{lines}</li>'
    )


def _film(film: Film, place: int) -> str:
    mark = f'<span class="pr-films-mark">{escape(film.mark)}</span>' if film.mark else ""
    gone = ' class="pr-gone"' if film.gone else ""
    return (
        f'<li{gone} style="--pr-place:{place}"><b>{escape(film.title)}</b>{mark}'
        f"<small>{escape(film.about)}</small></li>"
    )


def _bar(bar: Bar) -> str:
    strong = ' class="pr-strong"' if bar.strong else ""
    width = 100 * min(max(bar.share, 0.0), 1.0)
    return (
        f"<li{strong}><div><span>{escape(bar.title)}</span><b>{escape(bar.label)}</b></div>"
        f'<div class="pr-measured-bar"><span style="width:{width:.1f}%"></span></div></li>'
    )


def _draw(html: str) -> None:
    st.html(f"{html}<style>{_sheet()}</style>")


@lru_cache
def _sheet() -> str:
    return (ASSETS / "story.css").read_text(encoding="utf-8")
