"""Prompts in contexts (user, cutoff), as tokens."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from recsys.dataset import Dataset
from recsys.models.tuned.language import TextModel
from recsys.models.tuned.packing import Tokens
from recsys.prompts import Template, Verbaliser
from recsys.prompts.verbalise import TITLE_LISTS


class PromptWriter:
    """Renders templates from a history and cuts them into tokens.

    Args:
        history: the events that prompts may hold.
        vectors: how many trained vectors there are; the n-th place that a template has for one
            takes the n-th of them, and places beyond the last stay empty.
        in_front: whether a template without a place for them gets them in front.
        limit: tokens that a prompt has at most.
    """

    def __init__(
        self, history: Dataset, model: TextModel, *, vectors: int, in_front: bool, limit: int
    ) -> None:
        self._data = history
        self._verbaliser = Verbaliser(history)
        self._model = model
        self._vectors = vectors
        self._in_front = in_front
        self._limit = limit

    def whole(
        self,
        template: Template,
        user: int,
        end: int,
        intent: str = "",
        exchanged: Mapping[str, np.ndarray] | None = None,
    ) -> Tokens:
        """The prompt for a user from all of their events before event `end`.

        Args:
            exchanged: as in `Queries`.
        """
        values = self._verbaliser.values(
            user,
            intent=intent,
            language=template.language,
            events=slice(int(self._data.offsets[user]), end),
            exchanged=exchanged,
        )
        return self._tokens(template, values, intent)

    def stretch(
        self, template: Template, user: int, begin: int, ends: list[int], intents: list[str]
    ) -> list[Tokens]:
        """The prompts of one user at several cutoffs, made to share their beginnings.

        Lists of titles start at event `begin`, so that each prompt has the list of the one before
        and one entry more. All other variables hold what they held at `begin`.
        """
        language = template.language
        first = int(self._data.offsets[user])
        shared = self._verbaliser.values(user, language=language, events=slice(first, begin))
        prompts = []
        for end, intent in zip(ends, intents, strict=True):
            now = self._verbaliser.values(user, language=language, events=slice(begin, end))
            values = {**shared, **{name: now[name] for name in TITLE_LISTS}, "intent": intent}
            prompts.append(self._tokens(template, values, intent))
        return prompts

    def _tokens(
        self, template: Template, values: dict[str, str | list[str]], intent: str
    ) -> Tokens:
        tokens: list[int] = []
        given = 0
        if self._in_front and not template.soft_tokens:
            tokens += [-1 - place for place in range(self._vectors)]
        text = ""
        for segment in template.render(values).segments:
            if segment.kind != "soft":
                text += segment.text
                continue
            tokens += self._model.words(text)
            text = ""
            tokens += [-1 - n for n in range(given, min(given + segment.n, self._vectors))]
            given += segment.n
        if intent and "intent" not in template.variables:
            text += f"\n{intent}"  # a wish is read even where the template has no place for it
        return self._model.marked([*tokens, *self._model.words(text)], self._limit)
