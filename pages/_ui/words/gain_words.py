"""What is said about a model that builds on a backbone: how much it adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages._ui.common import runs
from pages._ui.common.i18n import _, punctuation
from pages._ui.common.widgets import plain, section
from pages._ui.evaluate.compare import Result
from pages._ui.words.metric_words import icon, signed


def sentence(gain: Mapping[str, Any]) -> str:
    """The gain over the backbone, and whether it is more than chance: Markdown."""
    places = {
        "backbone": f"**{plain(runs.model_title(gain['over']))}**",
        "delta": f"**{signed(gain['delta'])}**",
        "low": signed(gain["low"]),
        "high": signed(gain["high"]),
    }
    if not gain["distinguishable"]:
        return _(
            "Over the backbone {backbone} the prompt changes NDCG@10 by {delta} (95% interval "
            "{low} to {high}): not distinguishable from no gain.",
            **places,
        )
    if gain["delta"] > 0:
        return _(
            "Over the backbone {backbone} the prompt gains {delta} in NDCG@10 (95% interval "
            "{low} to {high}): more than chance.",
            **places,
        )
    return _(
        "Over the backbone {backbone} the prompt loses {delta} in NDCG@10 (95% interval "
        "{low} to {high}): more than chance.",
        **places,
    )


def draw(found: list[Result]) -> None:
    """The gain of every chosen run that builds on a backbone."""
    sentences = [
        (each, each.run.evaluation()["gain"])
        for each in found
        if each.key == "model" and "gain" in each.run.evaluation()
    ]
    if not sentences:
        return
    st.space("small")
    section(
        _("What the prompt adds"),
        _("The backbone stayed as it was; only the prompt was tuned on top of it."),
    )
    for each, gain in sentences:
        mark = icon(gain["delta"], distinguishable=gain["distinguishable"])
        st.markdown(f"{mark} **{plain(each.title)}**{punctuation(': ')}{sentence(gain)}")
