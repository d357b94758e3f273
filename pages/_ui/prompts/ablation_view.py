"""Prompts page: the ablation of a prompt: each part as heat, as a picture and in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages._ui.charts import charts
from pages._ui.common.i18n import _
from pages._ui.common.theme import tokens
from pages._ui.common.widgets import plain
from pages._ui.html import markup
from pages._ui.prompts.effect_people import differences
from pages._ui.words.metric_words import metric_title, signed
from recsys.lab.ablation import Part, PartAblation
from recsys.lab.effect import Change, Effect
from recsys.lab.readings import WHY_THEY_DIFFER, ReadingMode

#: How much colour a part has whose worth may be chance.
_PALE = 0.3


def draw(ablations: Mapping[ReadingMode, Sequence[PartAblation]]) -> None:
    """The template as heat, every part with its intervals, and the user being looked at.

    Every way to read the model beside the other.
    """
    if not any(ablations.values()):
        st.caption(_("This prompt has no part that could be left out."))
        return
    for column, (mode, found) in zip(
        st.columns(len(ablations), gap="large"), ablations.items(), strict=True
    ):
        with column:
            if len(ablations) > 1:
                st.markdown(f"**{_(mode.title)}**")
            _parts(mode, found)
    st.caption(_("Green parts help, red ones harm; pale where that may be chance."))
    if any(one.permuted for found in ablations.values() for one in found):
        st.caption(
            _("Full marks: what is lost without a part. Hollow marks: what is lost with somebody "
              "else's value in its place. A hollow mark at zero says that any value would do.")
        )  # fmt: skip
    if len(ablations) > 1:
        st.caption(_(WHY_THEY_DIFFER))


def _parts(mode: ReadingMode, found: Sequence[PartAblation]) -> None:
    metric = next(iter(found[0].without.metrics))
    changes = [one.without.change(metric) for one in found]
    others = [None if one.permuted is None else one.permuted.change(metric) for one in found]
    highest = max(abs(change.comparison.delta) for change in changes) or 1.0
    names = [_part_name(one.part) for one in found]
    losses = [
        f"{metric_title(metric)} {_intervals(without, other)}"
        for without, other in zip(changes, others, strict=True)
    ]
    heat = [
        markup.Heat(name, _warmth(change, highest), words)
        for name, change, words in zip(names, changes, losses, strict=True)
    ]
    markup.draw(markup.heat_html(heat))
    rows = [f"{n}. {charts.label(name, 34)}" for n, name in enumerate(names, start=1)]
    labels = [charts.label(name, 60) for name in names]
    figure = differences(rows, [change.comparison for change in changes], labels)
    if any(others):
        _hollow(figure, rows, others)
    charts.show(
        figure,
        key=f"worth-parts-{mode.key}",
        height=90 + 26 * len(rows),
        alt="; ".join(f"{name}: {words}" for name, words in zip(names, losses, strict=True)),
    )
    _worth_for_user(mode, names, found)


def _hollow(figure: go.Figure, rows: Sequence[str], changes: Sequence[Change | None]) -> None:
    """A second mark in the rows that have one, with its interval as a thin line."""
    colours = tokens()
    for row, change in zip(rows, changes, strict=True):
        if change is None:
            continue
        compared = change.comparison
        colour = colours.accent if compared.distinguishable else colours.muted
        figure.add_scatter(
            x=[compared.low, compared.high],
            y=[row, row],
            mode="lines",
            line={"color": colour, "width": 1, "dash": "dot"},
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=[compared.delta],
            y=[row],
            mode="markers",
            marker={"color": colour, "size": 10, "symbol": "circle-open", "line": {"width": 2}},
            customdata=[(_interval(change),)],
            hovertemplate=_("with another value") + ": %{customdata[0]}<extra></extra>",
        )
    shown = [x for trace in figure.data for x in trace.x]
    margin = 0.04 * (max(*shown, 0.0) - min(*shown, 0.0)) or 0.001
    figure.update_xaxes(range=[min(*shown, 0.0) - margin, max(*shown, 0.0) + margin])


def _worth_for_user(mode: ReadingMode, names: Sequence[str], found: Sequence[PartAblation]) -> None:
    """How much of one user's list hangs on each part."""
    holdout = found[0].without.holdout
    looked_at = str(st.session_state.get("user_id"))
    if looked_at not in holdout.history.users:
        return
    places = np.flatnonzero(holdout.users == holdout.history.users.position(looked_at))
    if not len(places):
        return
    place = int(places[0])
    without, others = [one.without for one in found], [one.permuted for one in found]
    lost, lost_permuted = _("NDCG lost without it"), _("NDCG lost with another value")
    frame = pd.DataFrame(
        {
            _("Part"): list(names),
            _("New items without it"): _moved(without, place),
            lost: _gains(without, place),
            _("New items with another value"): _moved(others, place),
            lost_permuted: _gains(others, place),
        }
    )
    st.caption(_("For user {user}:", user=plain(looked_at)))
    number = st.column_config.NumberColumn(format="%+.3f")
    formats = {lost: number, lost_permuted: number}
    st.dataframe(
        frame, hide_index=True, key=f"worth-user-{mode.key}", column_config=formats, placeholder="–"
    )


def _moved(effects: Sequence[Effect | None], place: int) -> pd.Series:
    """New items in one user's list, whole numbers, empty where nothing was measured."""
    moved = [None if effect is None else int(effect.moved()[place]) for effect in effects]
    return pd.Series(moved, dtype="Int64")


def _gains(effects: Sequence[Effect | None], place: int) -> pd.Series:
    """What the first metric of one user loses by each change."""
    gains = [None if effect is None else float(effect.gains[place]) for effect in effects]
    return pd.Series(gains, dtype=float)


def _intervals(without: Change, other: Change | None) -> str:
    interval = _interval(without)
    if other is None:
        return interval
    return f"{interval} · " + _("with another value") + f" {_interval(other)}"


def _interval(change: Change) -> str:
    compared = change.comparison
    return f"{signed(compared.delta)} ({signed(compared.low)} – {signed(compared.high)})"


def _warmth(change: Change, highest: float) -> float:
    share = change.comparison.delta / highest
    return share if change.comparison.distinguishable else _PALE * share


def _part_name(part: Part) -> str:
    if part.kind == "soft":
        return _("trained vectors")
    return f"{{{{ {part.text} }}}}" if part.kind == "variable" else part.text
