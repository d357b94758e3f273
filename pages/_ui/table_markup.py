"""A table of results as HTML: a number large, its interval small below it. All words escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from pages._ui.theme import ASSETS


@dataclass(frozen=True)
class Cell:
    """A number, what stands small below it, and whether it is the best of its column."""

    value: str
    below: str
    best: bool = False


def draw_table(
    corner: str, heads: Sequence[tuple[str, str]], rows: Sequence[tuple[str, Sequence[Cell]]]
) -> None:
    """Draw it. `heads` are words and their explanation; a row is its title and its cells."""
    top = "".join(
        f'<th scope="col" title="{escape(help_)}">{escape(words)}</th>' for words, help_ in heads
    )
    body = "".join(
        f'<tr><th scope="row">{escape(title)}</th>{"".join(_cell(c) for c in cells)}</tr>'
        for title, cells in rows
    )
    sheet = (ASSETS / "lists.css").read_text(encoding="utf-8")
    st.html(
        '<div class="pr-table-box" tabindex="0"><table class="pr-table">'
        f'<thead><tr><th scope="col">{escape(corner)}</th>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div><style>{sheet}</style>"
    )


def _cell(cell: Cell) -> str:
    best = ' class="pr-best"' if cell.best else ""
    return f"<td{best}>{escape(cell.value)}<small>{escape(cell.below)}</small></td>"
