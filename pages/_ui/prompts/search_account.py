"""Prompts page: for whom a prompt fails, what a search tried on it, and what helped."""

from __future__ import annotations

import streamlit as st

from pages._ui.charts import charts
from pages._ui.common.i18n import _, punctuation, say
from pages._ui.common.widgets import plain, section
from pages._ui.prompts.effect_people import differences
from pages._ui.words.metric_words import signed
from recsys.lab.account import account
from recsys.lab.explanation import Explanation, Group

#: Groups in the chart: those by history length, and the most different others.
_DRAWN = 12


def draw(explanation: Explanation, *, holds: bool) -> None:
    """The sentences, and under the first of them a picture of the groups."""
    for place, part in enumerate(account(explanation, holds=holds)):
        section(say(part.title))
        st.markdown("\n".join(f"- {plain(say(sentence))}" for sentence in part.sentences))
        if place == 0 and len(explanation.groups) > 1:
            _groups(explanation.groups)


def _groups(groups: tuple[Group, ...]) -> None:
    """How far each group is below or above everybody else, the worst first."""
    most = sorted(groups, key=lambda group: -abs(group.comparison.delta))[:_DRAWN]
    drawn = sorted(most, key=lambda group: group.comparison.delta)
    names = [f"{charts.label(_(group.title), 28)} ({group.users:,})" for group in drawn]
    charts.show(
        differences(
            names,
            [group.comparison for group in drawn],
            [say(group.description) for group in drawn],
        ),
        key="search-groups",
        height=90 + 26 * len(names),
        alt=punctuation("; ").join(
            f"{name} {signed(group.comparison.delta)}"
            for name, group in zip(names, drawn, strict=True)
        ),
    )
    st.caption(
        _("NDCG@10 of each group with your prompt, beside everybody else. Left of the line it "
          "ranks worse for them. Intervals hold for all groups together; coloured where that is "
          "more than chance. What they meet next may be harder to find with any prompt.")
    )  # fmt: skip
