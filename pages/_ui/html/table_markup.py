"""A table of results as HTML: a number large, its interval small below it. All words escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from recsys.bundle import ASSETS


@dataclass(frozen=True)
class Cell:
    """What stands in a place of a table; texts raw.

    Attributes:
        value: a number, or words.
        below: what stands small below it.
        best: whether it is to be seen first, such as the best of its column.
        words: it begins on the left and goes over several lines, as numbers do not.
    """

    value: str
    below: str
    best: bool = False
    words: bool = False


def draw_table(
    corner: str, heads: Sequence[tuple[str, str]], rows: Sequence[tuple[str | Cell, Sequence[Cell]]]
) -> None:
    """Draw it. `heads` are words and their explanation; a row is its title and its cells."""
    has_words = [any(cells[place].words for _title, cells in rows) for place in range(len(heads))]
    top = "".join(
        f'<th scope="col"{_classes(words=words)} title="{escape(help_)}">{escape(head)}</th>'
        for (head, help_), words in zip(heads, has_words, strict=True)
    )
    body = "".join(
        f'<tr><th scope="row">{_title(title)}</th>{"".join(map(_cell, cells))}</tr>'
        for title, cells in rows
    )
    sheet = (ASSETS / "lists.css").read_text(encoding="utf-8")
    st.html(
        '<div class="pr-table-box" tabindex="0"><table class="pr-table">'
        f'<thead><tr><th scope="col">{escape(corner)}</th>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div><style>{sheet}</style>"
    )


def _title(title: str | Cell) -> str:
    return escape(title) if isinstance(title, str) else _inside(title)


def _cell(cell: Cell) -> str:
    return f"<td{_classes(best=cell.best, words=cell.words)}>{_inside(cell)}</td>"


def _inside(cell: Cell) -> str:
    return f"{escape(cell.value)}<small>{escape(cell.below)}</small>"


def _classes(*, best: bool = False, words: bool = False) -> str:
    names = ["pr-best"] * best + ["pr-said"] * words
    return f' class="{" ".join(names)}"' if names else ""
