"""Prompts page: an effect in numbers, as a picture of groups, and user by user."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from pages._ui.common.i18n import _, ngettext, punctuation, say
from pages._ui.common.widgets import plain
from pages._ui.html.table_markup import Cell, draw_table
from pages._ui.words.metric_words import icon, metric_title, signed
from recsys.lab.effect import Effect
from recsys.lab.readings import WHOLE, ReadingMode
from recsys.prompts import Template
from recsys.runs import Run


def draw_verdict(
    run: Run, effects: Mapping[ReadingMode, Effect], after: Template, before: Template | None
) -> None:
    """The first metric in a sentence for every way to read; where nothing changes, why."""
    if all(effect.is_none for effect in effects.values()):
        st.markdown(f"{icon(0.0, distinguishable=False)} {same(run, after, before)}")
        return
    for mode, effect in effects.items():
        mark, sentence = _verdict(effect)
        lead = f"**{_(mode.title)}**{punctuation(': ')}" if len(effects) > 1 else ""
        st.markdown(f"{mark} {lead}{sentence}")


def _verdict(effect: Effect) -> tuple[str, str]:
    """A mark, and the first metric in a sentence."""
    metric, change = next(iter(effect.metrics.items()))
    compared = change.comparison
    mark = icon(compared.delta, distinguishable=compared.distinguishable)
    if effect.is_none:
        return mark, _("No list changes.")
    moved = effect.moved()
    lists = _("{count} of {all} lists changed.", count=f"{np.count_nonzero(moved):,}",
              all=f"{len(moved):,}")  # fmt: skip
    numbers = {
        "metric": metric_title(metric),
        "delta": f"**{signed(compared.delta)}**",
        "low": signed(compared.low),
        "high": signed(compared.high),
    }
    if not compared.distinguishable:
        sentence = _(
            "{metric} changes by {delta} (95% interval {low} to {high}): not distinguishable from "
            "no change.",
            **numbers,
        )  # fmt: skip
    elif compared.delta > 0:
        sentence = _(
            "{metric} gains {delta} (95% interval {low} to {high}): better by more than chance.",
            **numbers,
        )  # fmt: skip
    else:
        sentence = _(
            "{metric} loses {delta} (95% interval {low} to {high}): worse by more than chance.",
            **numbers,
        )  # fmt: skip
    return mark, f"{sentence}{punctuation(' ')}{lists}"


def one_of(effects: Mapping[ReadingMode, Effect]) -> Effect:
    """The effect that is looked at more closely, in the way to read that is chosen."""
    modes = {mode.key: mode for mode in effects}
    if len(modes) == 1:
        return next(iter(effects.values()))
    chosen = st.segmented_control(
        _("Looked at more closely"),
        list(modes),
        format_func=lambda key: _(modes[key].title),
        default=next(iter(modes)),
        required=True,
        key="effect-mode",
    )
    return effects[modes[chosen]]


def same(run: Run, after: Template, before: Template | None) -> str:
    """Why two prompts make the same lists: they are equal, or the model ignores the difference."""
    other = before or run.config.template
    if other is not None and other.pieces == after.pieces:
        return _("This is the prompt that it is compared with. Change a word: the effect is here.")
    return _(
        "Both prompts make the same lists, though their words differ: the model {model} does not "
        "heed them. It was trained with another prompt, or goes by the history alone.",
        model=f"**{plain(run.name)}**",
    )


def draw_numbers(effects: Mapping[ReadingMode, Effect]) -> None:
    """Before, after and the difference of every metric, in every way to read."""
    rows: list[tuple[str | Cell, list[Cell]]] = [
        (
            Cell(metric_title(metric), _(mode.title)) if len(effects) > 1 else metric_title(metric),
            [
                Cell(f"{change.b:.4f}", ""),
                Cell(f"{change.a:.4f}", ""),
                Cell(
                    signed(change.comparison.delta),
                    f"{signed(change.comparison.low)} – {signed(change.comparison.high)}",
                    change.comparison.distinguishable,
                ),
                Cell(_chance(change.comparison.p_value), ""),
            ],
        )
        for mode, effect in effects.items()
        for metric, change in effect.metrics.items()
    ]
    heads = [
        (_("before"), _("the prompt that is compared with")),
        (_("with this prompt"), ""),
        (_("difference"), _("with its 95% interval, from resampling users")),
        ("p", _("how often chance alone would make as large a difference")),
    ]
    draw_table(_("Metric"), heads, rows)
    holdout = effects[WHOLE].holdout
    users = ngettext("{count} test user", "{count} test users", len(holdout.users))
    st.caption(f"{users} · {say(holdout.protocol.description)}")


def _chance(p_value: float) -> str:
    return "< .001" if p_value < 0.001 else f"{p_value:.3f}"
