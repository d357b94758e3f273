"""The wish drawn for each training position."""

from __future__ import annotations

import numpy as np

from recsys.models.prompt_side.tokens import IntentTexts
from recsys.wishes.facets import Facets
from recsys.wishes.requests import SMALL_TALK, WISHES, wish_texts


class IntentDraws:
    """An attribute value of the target, small talk, or nothing.

    Args:
        facets: the attribute values of the items.
        wish_share: the share of positions with a wish for an attribute value of their target.
        small_talk_share: the share of positions with words that ask for nothing.
    """

    def __init__(self, facets: Facets, wish_share: float, small_talk_share: float) -> None:
        self._held = facets.held
        self._texts = [*wish_texts(facets), *SMALL_TALK]
        self._wish_share = wish_share
        self._small_talk_share = small_talk_share

    def __call__(self, targets: np.ndarray, rng: np.random.Generator) -> IntentTexts:
        """The wish at each of `targets`, (n,) item positions."""
        n, held = len(targets), self._held
        drawn = rng.random(n)
        counts = np.diff(held.indptr)[targets]
        is_wish = (drawn < self._wish_share) & (counts > 0)
        is_small_talk = drawn > 1 - self._small_talk_share
        pick = (rng.random(n) * counts).astype(np.int64)
        places = np.where(is_wish, held.indptr[targets] + pick, 0)
        value = held.indices[places] if held.nnz else places
        wish = value * len(WISHES) + rng.integers(len(WISHES), size=n)
        small_talk = len(self._texts) - 1 - rng.integers(len(SMALL_TALK), size=n)
        text = np.where(is_small_talk, small_talk, wish)
        has_text = is_wish | is_small_talk
        distinct, of = np.unique(text[has_text], return_inverse=True)
        intent_of = np.full(n, -1)
        intent_of[has_text] = of
        return IntentTexts(tuple(self._texts[i] for i in distinct), intent_of)
