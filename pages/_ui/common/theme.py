"""The look beyond `.streamlit/config.toml`: logo, page width, and the tokens of light and dark."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages._ui.common.i18n import _, language
from pages._ui.html.markup import draw_style
from recsys.bundle import ASSETS
from recsys.schema import N_

FONT = (
    "'Segoe UI', 'SF Pro Text', 'Helvetica Neue', 'Noto Sans', 'PingFang SC', "
    "'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif"
)


@dataclass(frozen=True)
class Tokens:
    """Colours of one mode; the same values stand in `.streamlit/config.toml`."""

    accent: str
    soft: str  # the accent, faint: fills behind it
    text: str
    muted: str
    line: str
    surface: str
    quiet: str  # bars that are not highlighted
    good: str
    bad: str
    series: tuple[str, ...]  # distinguishes series; the first is the accent


LIGHT = Tokens(
    accent="#0F766E",
    soft="rgba(15, 118, 110, 0.14)",
    text="#1C2523",
    muted="#5F6E6A",
    line="#DDE3E1",
    surface="#F3F5F4",
    quiet="#C4CFCC",
    good="#0F766E",
    bad="#B4322B",
    series=("#0F766E", "#B9862B", "#5B6FB5", "#B0553F", "#7A8B3C", "#8A5A8E", "#4FA3C7", "#6B5B4E"),
)
DARK = Tokens(
    accent="#2FB5A5",
    soft="rgba(47, 181, 165, 0.18)",
    text="#E4EAE8",
    muted="#93A29E",
    line="#2D3836",
    surface="#1C2423",
    quiet="#46534F",
    good="#5CC8BA",
    bad="#E88379",
    series=("#2FB5A5", "#D9AE5B", "#8E9EDB", "#D68A74", "#A9BA6B", "#B98ABD", "#7FC4E0", "#B5A394"),
)


#: Words of Streamlit that no setting changes, by where they stand (one CSS selector each).
_OWN_WORDS = {
    '[data-testid="stFileUploaderDropzone"] button p': N_("Upload"),
    '[data-testid="stFileUploaderDropzoneInstructions"] span': N_("or drop it here"),
    '[data-testid="stTextInput"] [data-testid="InputInstructions"] > .st-emotion-cache-0': N_(
        "Press Enter to apply"
    ),
    '[data-testid="stNumberInput"] [data-testid="InputInstructions"] > .st-emotion-cache-0': N_(
        "Press Enter to apply"
    ),
}


def is_dark() -> bool:
    """Whether the browser shows the dark theme."""
    return st.context.theme.type == "dark"


def tokens() -> Tokens:
    """The colours of the mode that is shown."""
    return DARK if is_dark() else LIGHT


def apply() -> None:
    """Logo and style sheet; called once a run, by `app.py`."""
    logo = ASSETS / ("logo-dark.svg" if is_dark() else "logo-light.svg")
    st.logo(str(logo), size="large", icon_image=str(ASSETS / "icon.svg"))
    colours = tokens()
    variables = (
        f":root{{--pr-accent:{colours.accent};--pr-soft:{colours.soft};--pr-muted:{colours.muted};"
        f"--pr-line:{colours.line};--pr-surface:{colours.surface};--pr-text:{colours.text};"
        f"--pr-bad:{colours.bad};}}"
    )
    sheet = (ASSETS / "style.css").read_text(encoding="utf-8")
    draw_style(variables + sheet + _own_words())


def _own_words() -> str:
    """Rules that draw Streamlit's own words in the language of the app."""
    if language() == "en":
        return ""
    return "".join(
        f'{place}{{font-size:0}}{place}::after{{content:"{_(words)}";font-size:0.8125rem}}'
        for place, words in _OWN_WORDS.items()
    )
