"""The only place that writes HTML. Every word goes through `html.escape` here, nowhere else.

Streamlit cleans `st.html` with DOMPurify as well; escaping first means that nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from recsys.prompts.diff import Stretch

#: Faint backgrounds that distinguish variables, in light and in dark, in order of appearance.
_TINTS = (
    "rgba(47, 181, 165, 0.26)",
    "rgba(217, 160, 60, 0.28)",
    "rgba(110, 130, 220, 0.28)",
    "rgba(214, 110, 85, 0.26)",
    "rgba(150, 175, 70, 0.28)",
    "rgba(175, 110, 185, 0.28)",
)
#: Red, green and blue of what helps and of what harms.
_USEFUL, _HARMFUL = "47, 181, 165", "214, 110, 85"


@dataclass(frozen=True)
class RenderedPiece:
    """A piece of a rendered prompt.

    Attributes:
        text: the words, raw.
        variable: which variable they came from, None for words of the template.
        kept: False where the language model no longer reads them.
        soft: the piece is a mark for trainable vectors, not words.
    """

    text: str
    variable: str | None = None
    kept: bool = True
    soft: bool = False


def tint(place: int) -> str:
    """The background of the variable that appears as number `place`, from 0."""
    return _TINTS[place % len(_TINTS)]


def prompt_html(pieces: Sequence[RenderedPiece]) -> str:
    """A rendered prompt: variables coloured, what is cut struck through."""
    order = list(dict.fromkeys(s.variable for s in pieces if s.variable is not None))
    return f'<div class="pr-prompt">{"".join(_span(s, order) for s in pieces)}</div>'


def lede_html(sentence: str) -> str:
    """The sentence under a page's title."""
    return f'<p class="pr-lede">{escape(sentence)}</p>'


def sentences_html(sentences: Sequence[str]) -> str:
    """Sentences as a quotation, one paragraph each."""
    paragraphs = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    return f'<div class="pr-sentences">{paragraphs}</div>'


def meter_html(share: float) -> str:
    """A thin bar that is `share` full; over 1 it is full and turns to the warning colour."""
    over = " pr-over" if share > 1 else ""
    width = 100 * min(max(share, 0.0), 1.0)
    return f'<div class="pr-meter{over}"><span style="width:{width:.1f}%"></span></div>'


def legend_html(variables: Sequence[str]) -> str:
    """The names of variables on their tints, for the line above a rendered prompt."""
    marks = " ".join(
        f'<mark style="background:{tint(place)}">{escape(name)}</mark>'
        for place, name in enumerate(variables)
    )
    return f'<div class="pr-legend">{marks}</div>'


def diff_html(stretches: Sequence[Stretch]) -> str:
    """A text with what is new underlined and what is gone struck through."""
    marks = {"same": "{}", "gone": "<del>{}</del>", "new": "<ins>{}</ins>"}
    words = "".join(marks[one.kind].format(escape(one.text)) for one in stretches)
    return f'<div class="pr-prompt pr-diff">{words}</div>'


@dataclass(frozen=True)
class Heat:
    """A part of a prompt, how warm it is (-1 to 1), and a tooltip; texts are raw."""

    text: str
    warmth: float
    tooltip: str


def heat_html(parts: Sequence[Heat]) -> str:
    """A prompt whose parts are coloured: useful ones green, harmful ones red."""
    marks = [
        f'<mark style="background:{_colour(part)}" title="{escape(part.tooltip)}">'
        f"{escape(part.text)}</mark>"
        for part in parts
    ]
    return f'<div class="pr-prompt">{" ".join(marks)}</div>'


def words_html(
    corner: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Heat]]]
) -> str:
    """Words in a grid, each on a ground as strong as it is warm; `corner` heads the rows."""
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(title)}</th>{"".join(map(_warm_cell, cells))}</tr>'
        for title, cells in rows
    )
    return (
        '<div class="pr-words" tabindex="0"><table>'
        f'<thead><tr><th scope="col">{escape(corner)}</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def draw(html: str) -> None:
    """Put HTML made by this module on the page."""
    st.html(html)


def draw_style(rules: str) -> None:
    """Put a style sheet of the app on the page."""
    st.html(f"<style>{rules}</style>")


def _colour(part: Heat) -> str:
    strength = 0.55 * min(abs(part.warmth), 1.0)
    return f"rgba({_USEFUL if part.warmth > 0 else _HARMFUL}, {strength:.2f})"


def _warm_cell(part: Heat) -> str:
    style = f"background:{_colour(part)}"
    return f'<td style="{style}" title="{escape(part.tooltip)}">{escape(part.text)}</td>'


def _span(span: RenderedPiece, order: Sequence[str]) -> str:
    words = escape(span.text)
    if span.soft:
        return f'<span class="pr-soft-token">{words}</span>'
    if not span.kept:
        words = f'<span class="pr-cut">{words}</span>'
    if span.variable is None:
        return words
    colour = tint(order.index(span.variable))
    return f'<mark style="background:{colour}" title="{escape(span.variable)}">{words}</mark>'
