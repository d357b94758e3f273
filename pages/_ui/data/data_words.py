"""Data page: one user's history, as recorded and as a prompt renders it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages._ui.common import state
from pages._ui.common.i18n import _, ngettext
from pages._ui.common.widgets import pick_user, section
from pages._ui.html import markup
from recsys.dataset import Dataset
from recsys.scenarios import item_words

_SHOWN = 50


def draw() -> None:
    """Pick a user; left what was recorded, right the sentences."""
    section(
        _("Put into words"),
        _("A language model reads sentences, not tables. This is how it will meet a user."),
    )
    data = state.dataset()
    left, right = st.columns([5, 7], gap="large")
    with left:
        user = pick_user(data, key="words-user")
        if user is None:
            return
        history = _history(data, user)
        st.caption(
            ngettext(
                "{count} event, newest first",
                "{count} events, newest first",
                len(data.history(user)),
            )
        )
        st.dataframe(
            history,
            hide_index=True,
            height=300,
            key="words-history",
            column_config={
                _("Rating"): st.column_config.NumberColumn(width=70),
                _("Date"): st.column_config.TextColumn(width=95),
            },
        )
    with right:
        language = state.words_language()
        noun, verb = item_words(state.origin(), language)
        sentences = state.verbaliser().sentences(user, language, noun=noun, verb=verb)
        st.space("small")
        markup.draw(markup.sentences_html(sentences))


def _history(data: Dataset, user: int) -> pd.DataFrame:
    """The newest events of a user with titles, as a table for people."""
    events = np.arange(data.n_events)[data.events_of(user)][::-1][:_SHOWN]
    columns: dict[str, object] = {}
    if data.dates is not None:
        moments = pd.to_datetime(data.dates[events], unit="s", errors="coerce")
        columns[_("Date")] = moments.strftime("%Y-%m-%d")
    if data.rating is not None:
        columns[_("Rating")] = data.rating[events]
    columns[_("Title")] = data.titles[data.item[events]]
    return pd.DataFrame(columns)
