"""Recommend page: what a list is requested with, and the list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pages._ui.recommend import suggest
from pages._ui.recommend.person import Person
from pages._ui.recommend.wishes import Options
from recsys.prompts import Template
from recsys.recommend import allowed_items
from recsys.wishes.control.corrections import Corrections

if TYPE_CHECKING:  # models bring torch, which the first page must not wait for
    from recsys.models import Recommender


@dataclass(frozen=True)
class ListRequest:
    """What the list was requested with, and for whom.

    Attributes:
        who: an id, or `person.YOU`.
        intent: the wish in their words, or "".
        options: what the list is made with.
        corrections: what was said of the wish.
        strength: how much it counts.
    """

    who: str
    intent: str
    options: Options
    corrections: Corrections = field(default_factory=Corrections)
    strength: float = 1.0


def made(
    model: Recommender, of: Person, request: ListRequest, template: Template | None
) -> suggest.Suggestions:
    """The list by a model and a prompt, without what they know and what is filtered out."""
    wanted = request.options.wanted
    allowed = allowed_items(of.data, wanted) if wanted else None
    if len(of.left_out):
        allowed = np.ones(of.data.n_items, dtype=bool) if allowed is None else allowed
        allowed[of.left_out] = False
    return suggest.suggest(
        model,
        of.data,
        of.user,
        k=request.options.k,
        template=template,
        intent=request.intent,
        allowed=allowed,
        unwanted=of.disliked,
        history_weight=request.options.history_weight,
        corrections=request.corrections,
        strength=request.strength,
    )
