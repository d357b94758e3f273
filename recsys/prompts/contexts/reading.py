"""A template read in many contexts at once: its pieces as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys.dataset import Dataset
from recsys.prompts import Soft, Template, Variable, Words
from recsys.prompts.contexts.contexts import ListToken, PromptContexts, ValuesToken
from recsys.prompts.contexts.variables import Variables


@dataclass(frozen=True, eq=False)
class Reading:
    """A template in n contexts, piece by piece.

    Attributes:
        words: the sentences of the template, and of what is known about users and of what they
            met.
        asking: (len(words),) bool, whether a sentence may be a wish; texts that come from the
            data are none, even in the same words.
        word_of: (n, s) positions in `words`, -1 where a sentence is not there in that context.
        lists: the list variables: the items of each, or the attribute values that are picked.
        soft: (n, soft tokens) bool, which trainable vectors are there.
        intent: (n,) bool, whether the template lets the intent be read in that context.
    """

    words: tuple[str, ...]
    asking: np.ndarray
    word_of: np.ndarray
    lists: tuple[ListToken | ValuesToken, ...]
    soft: np.ndarray
    intent: np.ndarray


class PromptReader:
    """Reads templates over one set of events.

    A context is a user and a cutoff, a position in the arrays of the whole data: the
    events of that user before the cutoff are known.

    Args:
        history: the events.
    """

    def __init__(self, history: Dataset) -> None:
        self._variables = Variables(history)
        self._history = history

    def read(
        self,
        template: Template,
        users: np.ndarray,
        events: np.ndarray,
        *,
        has_intent: np.ndarray,
        wish: str = "",
        forget: np.ndarray | None = None,
        exchanged: Mapping[str, np.ndarray] | None = None,
        exact: bool = False,
    ) -> Reading:
        """Read `template` in n contexts.

        Args:
            users, events: (n,) whose context, and the position in the data of its cutoff.
            has_intent: (n,) bool, whether there is a wish.
            wish: its text, where all contexts have the same one; facts about it come first.
            forget: (n,) bool, contexts in which no event may be used.
            exchanged: as in `Queries`; the value of another user is read after all of their events.
            exact: as in `PromptContexts`.
        """
        n = len(users)
        begins = self._history.offsets[users]
        cutoffs = events if forget is None else np.where(forget, begins, events)
        contexts = PromptContexts(self._variables, users, begins, cutoffs, has_intent, wish, exact)
        others = {
            name: contexts.exchanged(name, whose[users])
            for name, whose in (exchanged or {}).items()
        }
        words: dict[tuple[str, bool], int] = {}  # text, whether it may be a wish → its position
        columns: list[np.ndarray] = []
        lists: list[ListToken | ValuesToken] = []
        soft: list[np.ndarray] = []
        intent = np.zeros(n, dtype=bool)
        for piece in template.pieces:
            there = contexts.holds(piece)
            source = others.get(piece.name, contexts) if isinstance(piece, Variable) else contexts
            if isinstance(piece, Words):
                columns.append(
                    np.where(there, words.setdefault((piece.text, True), len(words)), -1)
                )
            elif isinstance(piece, Soft):
                soft += [there] * piece.n
            elif piece.name == "intent":
                intent |= there & has_intent
            elif piece.name == "knowledge":
                facts = source.facts_of(piece, there)
                for at_place in facts.T[(facts >= 0).any(0)]:
                    texts = np.append(self._variables.facts.texts, "")[at_place]  # -1 is none
                    columns.append(_places(texts, words))
            elif (token := source.list_token(piece, there)) is not None:
                lists.append(token)
            elif (about := self._variables.user_texts(piece.name, piece.picks)) is not None:
                columns.append(np.where(there, _places(about[source.users], words), -1))
        return Reading(
            words=tuple(text for text, _ in words),
            asking=np.array([may_ask for _, may_ask in words], dtype=bool),
            word_of=np.stack(columns, 1) if columns else np.zeros((n, 0), dtype=np.int64),
            lists=tuple(lists),
            soft=np.stack(soft, 1) if soft else np.zeros((n, 0), dtype=bool),
            intent=intent,
        )

    def read_now(
        self,
        template: Template,
        users: np.ndarray,
        *,
        wish: str,
        exchanged: Mapping[str, np.ndarray] | None = None,
        exact: bool = False,
    ) -> Reading:
        """Read `template` for n users (positions), each after their last event.

        Args:
            wish: what they ask for, or "".
            exchanged: as in `Queries`.
            exact: as in `PromptContexts`.
        """
        users = np.asarray(users)
        now = PromptContexts.now(self._variables, users)
        wishes = np.full(len(users), bool(wish))
        reading = self.read(
            template,
            users,
            now.cutoffs,
            has_intent=wishes,
            wish=wish,
            exchanged=exchanged,
            exact=exact,
        )
        if wish:
            # A wish is read even where the template has no place for it.
            reading.intent[:] = True
        return reading

    def holders(self, variable: str) -> np.ndarray:
        """The users for whom a variable is not empty after their last event: positions."""
        all_users = np.arange(self._history.n_users)
        return np.flatnonzero(PromptContexts.now(self._variables, all_users).present(variable))


def _places(texts: np.ndarray, words: dict[tuple[str, bool], int]) -> np.ndarray:
    """The positions of texts that are no wishes, (n,), -1 for ""; new ones are added."""
    of, distinct = pd.factorize(texts)
    places = [words.setdefault((str(t), False), len(words)) if t else -1 for t in distinct]
    return np.array(places, dtype=np.int64)[of]
