"""What a page shows while there is nothing for it to show."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import journey, shipped
from pages._ui.common.i18n import _


def no_model(*, key: str) -> None:
    """No trained model yet: one sentence and the way to the first."""
    _way_to_training(
        _("There is no trained model yet"),
        _("Training the default model takes under five minutes; a baseline takes seconds."),
        _("Train your first model"),
        key,
    )


def no_reader(*, key: str) -> None:
    """No model that reads prompts on this data."""
    _way_to_training(
        _("No model trained on this data reads prompts yet"),
        _("Train one on this data: every edit then shows at once what it does to the lists."),
        _("Train your first model"),
        key,
    )


def _way_to_training(title: str, sentence: str, invitation: str, key: str) -> None:
    shipped.say_problem()
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.subheader(title, anchor=False, text_alignment="center")
        st.caption(sentence, text_alignment="center")
        if st.button(
            invitation,
            key=f"first-model-{key}",
            type="primary",
            icon=":material/play_arrow:",
        ):
            st.switch_page(journey.BY_KEY["train"].script)
        st.space("small")
