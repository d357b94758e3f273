"""Intents as a reader would give them, written down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recsys.wishes.intent import Intent
from recsys.wishes.mentions import Mention
from recsys.wishes.years import Span

Years = tuple[int | None, int | None]


def intent_of(
    wanted: Sequence[str] = (),
    avoided: Sequence[str] = (),
    years: Sequence[Years] = (),
    not_years: Sequence[Years] = (),
    like: tuple[str, ...] = (),
    unlike: tuple[str, ...] = (),
    *,
    cut: bool = False,
) -> Intent:
    """An intent for a catalogue that has just the values that are named."""
    values = np.array([*wanted, *avoided], dtype=object)
    sure = (np.arange(len(values)) < len(wanted)).astype(np.float32)
    spans = [tuple(Span(*span) for span in spans) for spans in (years, not_years)]
    likes, unlikes = (
        tuple(Mention(0, 0, True, (title,), (), (), 0 * sure) for title in titles)
        for titles in (like, unlike)
    )
    return Intent(values, sure, 1 - sure, *spans, likes, unlikes, cut=cut)
