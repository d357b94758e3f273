"""The words nearest to trained prompt vectors, from the first epoch to the last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages._ui.common.i18n import _
from pages._ui.html import markup
from recsys.runs.curves import SoftPromptWords

#: Measurements that are shown, from the first to the last.
_COLUMNS = 7
#: Words listed for a vector under the pointer.
_TOLD = 5


def draw(history: Sequence[SoftPromptWords]) -> None:
    """A row a vector, a column a measurement: the nearest word, darker the higher its cosine."""
    if not history:
        return
    st.markdown("**" + _("What the trained vectors say") + "**")
    places = np.unique(
        np.linspace(0, len(history) - 1, min(_COLUMNS, len(history))).round().astype(int)
    )
    shown = [history[place] for place in places]
    rows = [
        (
            _("vector {number}", number=number + 1),
            [_heat(moment.words[number]) for moment in shown],
        )
        for number in range(len(shown[-1].words))
    ]
    columns = [_("epoch {number}", number=f"{moment.epoch:g}") for moment in shown]
    markup.draw(markup.words_html("", columns, rows))
    st.caption(
        _(
            "The word nearest to each vector, on a stronger ground the nearer it is; point at it "
            "for more. Vectors need not mean words: a faint one means something no word says."
        )
    )


def _heat(near: Sequence[tuple[str, float]]) -> markup.Heat:
    if not near:
        return markup.Heat("–", 0.0, "")
    words = ", ".join(f"{word} {likeness:.2f}" for word, likeness in near[:_TOLD])
    word, likeness = near[0]
    return markup.Heat(word, max(likeness, 0.0), words)
