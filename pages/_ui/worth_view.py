"""Prompts page: what each part of a prompt is worth, as heat and as a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from pages._ui import charts, markup
from pages._ui.effect_view import differences
from pages._ui.i18n import _
from pages._ui.metric_words import metric_title, signed
from pages._ui.widgets import plain
from recsys.lab.blame import Part
from recsys.lab.effect import Change, Effect

#: How much colour a part has whose worth may be chance.
_PALE = 0.3


def draw(found: Sequence[Part], effects: Sequence[Effect]) -> None:
    """The template as heat, then every part with its interval and the user being looked at."""
    if not effects:
        st.caption(_("This prompt has no part that could be left out."))
        return
    metric = next(iter(effects[0].metrics))
    changes = [effect.change(metric) for effect in effects]
    highest = max(abs(change.comparison.delta) for change in changes) or 1.0
    names = [_part_name(part) for part in found]
    told = [
        f"{metric_title(metric)} {signed(c.comparison.delta)} "
        f"({signed(c.comparison.low)} – {signed(c.comparison.high)})"
        for c in changes
    ]
    heat = [
        markup.Heat(name, _warmth(change, highest), words)
        for name, change, words in zip(names, changes, told, strict=True)
    ]
    markup.draw(markup.heat_html(heat))
    st.caption(_("Green parts help, red ones harm; pale where that may be chance."))
    rows = [f"{n}. {charts.label(name, 34)}" for n, name in enumerate(names, start=1)]
    charts.show(
        differences(rows, changes, told),
        key="worth-parts",
        height=90 + 26 * len(rows),
        alt=", ".join(f"{name}: {words}" for name, words in zip(names, told, strict=True)),
    )
    _worth_for_user(names, effects)


def _worth_for_user(names: Sequence[str], effects: Sequence[Effect]) -> None:
    """How much of one user's list hangs on each part."""
    data, users = effects[0].holdout.history, effects[0].holdout.users
    looked_at = str(st.session_state.get("user_id"))
    if looked_at not in data.users:
        return
    places = np.flatnonzero(users == data.users.position(looked_at))
    if not len(places):
        return
    place = int(places[0])
    frame = pd.DataFrame(
        {
            _("Part"): list(names),
            _("New items without it"): [int(effect.moved()[place]) for effect in effects],
            "NDCG": [float(effect.gains[place]) for effect in effects],
        }
    )
    st.caption(_("For user {user}:", user=plain(looked_at)))
    number = st.column_config.NumberColumn(format="%+.3f")
    st.dataframe(frame, hide_index=True, key="worth-user", column_config={"NDCG": number})


def _warmth(change: Change, highest: float) -> float:
    share = change.comparison.delta / highest
    return share if change.comparison.distinguishable else _PALE * share


def _part_name(part: Part) -> str:
    if part.kind == "soft":
        return _("trained vectors")
    return f"{{{{ {part.text} }}}}" if part.kind == "variable" else part.text
