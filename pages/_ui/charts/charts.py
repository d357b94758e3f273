"""Charts with one look: a plotly template for light and one for dark, and the few shapes used."""

from __future__ import annotations

from functools import lru_cache
from html import escape

import plotly.graph_objects as go
import streamlit as st
from numpy.typing import ArrayLike

from pages._ui.common.theme import FONT, Tokens, tokens

HEIGHT = 280
_CONFIG = {"displayModeBar": False, "displaylogo": False, "responsive": True}


def label(text: object, width: int = 40) -> str:
    """Words of the data for a chart: escaped, as plotly reads some HTML; long ones end in "…"."""
    words = str(text)
    return escape(words if len(words) <= width else words[: width - 1] + "…", quote=False)


def layout() -> go.layout.Template:
    """The template of the mode that is shown."""
    return _layout(tokens())


@lru_cache
def _layout(colours: Tokens) -> go.layout.Template:
    axis = {
        "gridcolor": colours.line,
        "linecolor": colours.line,
        "zeroline": False,
        "ticks": "",
        "title": {"font": {"size": 13, "color": colours.muted}, "standoff": 10},
        "tickfont": {"size": 12, "color": colours.muted},
        "automargin": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": colours.text},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(colours.series),
            "xaxis": {**axis, "showgrid": False},
            "yaxis": axis,
            "margin": {"l": 8, "r": 8, "t": 12, "b": 8},
            "bargap": 0.12,
            "hoverlabel": {
                "bgcolor": colours.surface,
                "bordercolor": colours.line,
                "font": {"family": FONT, "color": colours.text},
            },
            "legend": {
                "orientation": "h",
                "y": 1.02,
                "yanchor": "bottom",
                "x": 0,
                "font": {"color": colours.muted},
            },
        }
    )


def show(figure: go.Figure, *, key: str, height: int = HEIGHT, alt: str | None = None) -> None:
    """Draw a figure in the shared look. `alt` says in words what it shows."""
    figure.update_layout(template=layout(), height=height)
    st.plotly_chart(figure, theme=None, key=key, config=_CONFIG, alt=alt)


def bars(
    x: ArrayLike,
    y: ArrayLike,
    *,
    x_title: str,
    y_title: str,
    horizontal: bool = False,
    hover: str | None = None,
) -> go.Figure:
    """One series of bars in the accent colour."""
    figure = go.Figure(
        go.Bar(
            x=y if horizontal else x,
            y=x if horizontal else y,
            orientation="h" if horizontal else "v",
            marker={"color": tokens().accent, "line": {"width": 0}},
            hovertemplate=hover,
        )
    )
    figure.update_xaxes(title_text=y_title if horizontal else x_title)
    figure.update_yaxes(title_text=x_title if horizontal else y_title)
    return figure


def line(
    x: ArrayLike,
    y: ArrayLike,
    *,
    x_title: str,
    y_title: str,
    filled: bool = False,
    name: str | None = None,
    hover: str | None = None,
) -> go.Figure:
    """One line in the accent colour, with a faint fill below it where asked."""
    colours = tokens()
    figure = go.Figure(
        go.Scatter(
            x=x,
            y=y,
            mode="lines",
            name=name,
            line={"color": colours.accent, "width": 2},
            fill="tozeroy" if filled else None,
            fillcolor=colours.soft,
            hovertemplate=hover,
        )
    )
    figure.update_xaxes(title_text=x_title)
    figure.update_yaxes(title_text=y_title)
    return figure
