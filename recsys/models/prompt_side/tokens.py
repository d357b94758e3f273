"""From a reading to the tokens that the network attends to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import scipy.sparse as sp
import torch
import torch.nn.functional as F

from recsys.language_models import Encoder
from recsys.models.prompt_side.network import LIST_KINDS, PromptFusion, Tokens
from recsys.prompts.contexts.contexts import ListToken, ValuesToken
from recsys.prompts.contexts.reading import Reading
from recsys.wishes.facets import Facets
from recsys.wishes.intent import Intent
from recsys.wishes.reader import WishReader
from recsys.wishes.requests import neutral_sentences
from recsys.wishes.tastes import is_order, states_taste

#: A sentence of a template changes lists if it names a value at least this surely (0 to 1):
#: "a quiet Friday evening" is no comedy (.38), "a helpful movie expert" no documentary (.55).
SURE_ENOUGH = 0.8

_FACETS = LIST_KINDS.index("facets")


@dataclass(frozen=True, eq=False)
class IntentTexts:
    """Wishes in n contexts: distinct `texts`, and `of` (n,) which one it is, -1 for none."""

    texts: tuple[str, ...]
    of: np.ndarray

    def at(self, rows: np.ndarray) -> IntentTexts:
        """Those of some of the contexts."""
        return IntentTexts(self.texts, self.of[rows])


class HasPrompt(Protocol):
    """A network with a prompt side."""

    prompt: PromptFusion


class Tokeniser:
    """Makes tokens from readings, for one catalogue and one encoder.

    Args:
        meanings: (n_values, dim) what each attribute value means to the encoder.
        wishes: reads what a text asks for.
    """

    def __init__(
        self,
        network: HasPrompt,
        facets: Facets,
        meanings: np.ndarray,
        encoder: Encoder,
        wishes: WishReader,
    ) -> None:
        self._network = network
        self._facets = facets
        self._meanings = meanings
        self._encoder = encoder
        self._wishes = wishes
        self._neutral = frozenset(neutral_sentences())
        self._shares: dict[tuple[str, ...], sp.csr_matrix] = {}
        named = zip(facets.columns, facets.values, strict=True)
        self._place_of = {pair: place for place, pair in enumerate(named)}

    def tokens(self, reading: Reading, intents: IntentTexts, keys: torch.Tensor) -> Tokens:
        """The tokens of n contexts; `keys` (n_items, d) are those of the items in lists."""
        network = self._network.prompt
        n = len(reading.intent)
        intent_of = np.where(reading.intent, intents.of, -1)
        texts = [*intents.texts, *reading.words]
        vectors = self._encoder.encode(texts)  # (m, dim)
        shifted = np.where(reading.word_of >= 0, reading.word_of + len(intents.texts), -1)
        sentence_of = np.concatenate([intent_of[:, None], shifted], 1)  # (n, 1 + sentences)
        asking = np.concatenate([np.ones(len(intents.texts), dtype=bool), self._asks(reading)])
        named = np.zeros((len(texts), self._facets.n_values), dtype=np.float32)
        chosen = np.flatnonzero(asking)
        for row, wish in zip(
            chosen, self._wishes.read_all([texts[i] for i in chosen]), strict=True
        ):
            own = row >= len(intents.texts)
            wanted = (_sure_enough(wish) if own else wish).wanted_sure
            named[row] = wanted / max(float(wanted.sum()), 1.0)
        soft = np.zeros((n, len(network.soft)), dtype=bool)
        places = min(soft.shape[1], reading.soft.shape[1])
        soft[:, :places] = reading.soft[:, :places]
        lists = [self._list(token, keys) for token in reading.lists]
        held = [token.held.any(1) for token in reading.lists]
        return Tokens(
            soft=self._put(soft),
            sentences=network.words(self._scaled(vectors)),
            sentence_of=self._put(sentence_of),
            lists=torch.stack(lists, 1) if lists else keys.new_zeros(n, 0, keys.shape[1]),
            lists_there=self._put(np.stack(held, 1) if held else np.zeros((n, 0), dtype=bool)),
            named=self._put(_clearest(named, sentence_of)),
        )

    def bonus(
        self, reading: Reading, wish: Intent | None = None, strength: float = 1.0
    ) -> np.ndarray | None:
        """How well each item matches the wishes in n contexts: (n, n_items); None without any.

        Asked for by a wish of some strength, and by sentences of the template's own.
        """
        asked = self._named(reading, self._asks(reading))
        own = self._added(asked)
        if wish is None or not wish.changes_lists:
            return own
        bonus = self._wishes.bonus(wish, strength)[None]  # (1, n_items)
        return bonus if own is None else bonus + own

    def tastes(self, reading: Reading) -> np.ndarray | None:
        """How well items match the tastes stated in n contexts: (n, n_items); None without any."""
        return self._added(self._named(reading, reading.asking & self._states_taste(reading)))

    def _named(self, reading: Reading, places: np.ndarray) -> list[tuple[Intent, np.ndarray]]:
        """The intents of some sentences, mask (len(words),), and their contexts, (n,) bool each."""
        chosen = np.flatnonzero(places)
        wishes = self._wishes.read_all([reading.words[place] for place in chosen])
        return [
            (_sure_enough(wish), (reading.word_of == place).any(1))
            for place, wish in zip(chosen, wishes, strict=True)
        ]

    def _added(self, named: list[tuple[Intent, np.ndarray]]) -> np.ndarray | None:
        """The sum of all matches named in a context; one row where it is the same in all."""
        named = [(wish, there) for wish, there in named if wish.changes_lists]
        if not named:
            return None
        if len(named) == 1 and named[0][1].all():
            return self._wishes.bonus(named[0][0])[None]  # (1, n_items)
        in_context = np.stack([there for _, there in named], 1).astype(np.float32)
        bonus: np.ndarray = in_context @ np.stack([self._wishes.bonus(wish) for wish, _ in named])
        return bonus

    def _asks(self, reading: Reading) -> np.ndarray:
        """Which sentences may ask for something: (len(words),) bool.

        "Which other one…" of the library asks for no category that happens to be called Other,
        "the user likes comedies" states a taste, and "recently watched:" introduces a list.
        """
        own = [word not in self._neutral and is_order(word) for word in reading.words]
        return np.array(own, dtype=bool) & reading.asking & ~self._states_taste(reading)

    def _states_taste(self, reading: Reading) -> np.ndarray:
        tastes = [word not in self._neutral and states_taste(word) for word in reading.words]
        return np.array(tastes, dtype=bool)

    def _list(self, token: ListToken | ValuesToken, keys: torch.Tensor) -> torch.Tensor:
        """The mean vector of the items or values of a list: (n, d)."""
        if isinstance(token, ValuesToken):
            return self._picked_values(token) + self._network.prompt.kinds[_FACETS]
        held = self._put(token.held)
        share = held / held.sum(1, keepdim=True).clamp(min=1)  # (n, length)
        items, table = token.items, keys
        if token.kind == "facets":  # only of the items listed: a catalogue can be large
            distinct, items = np.unique(token.items, return_inverse=True)
            items, table = (
                items.reshape(token.items.shape),
                self._mean_values_of(token.columns, distinct),
            )
        mean = F.embedding_bag(self._put(items), table, per_sample_weights=share, mode="sum")
        return mean + self._network.prompt.kinds[LIST_KINDS.index(token.kind)]

    def _picked_values(self, token: ValuesToken) -> torch.Tensor:
        """The mean of the values, each as often as it was met: (n, d)."""
        named = zip(token.columns, token.names, strict=True)
        known = np.array([self._place_of.get(pair, -1) for pair in named], dtype=np.int64)
        place = known[token.values]  # (n, k), -1 for what is no facet
        counts = self._put(np.where(place >= 0, token.counts, 0).astype(np.float32))
        share = counts / counts.sum(1, keepdim=True).clamp(min=1)  # (n, k)
        vectors = self._network.prompt.words(self._scaled(self._meanings))  # (n_values, d)
        if not len(vectors):
            return vectors.new_zeros(len(place), vectors.shape[1])
        return F.embedding_bag(
            self._put(np.maximum(place, 0)), vectors, per_sample_weights=share, mode="sum"
        )

    def _mean_values_of(self, columns: tuple[str, ...], items: np.ndarray) -> torch.Tensor:
        """The mean over the values of some attributes that each of `items` (m,) has: (m, d)."""
        if columns not in self._shares:
            chosen = np.isin(self._facets.columns, columns).astype(np.float32)
            held = self._facets.held @ sp.diags(chosen)
            share = sp.diags(1 / np.maximum(np.asarray(held.sum(1)).ravel(), 1)) @ held
            self._shares[columns] = sp.csr_matrix(share, dtype=np.float32)
        vectors = self._network.prompt.words(self._scaled(self._meanings))  # (n_values, d)
        if not len(vectors):
            return vectors.new_zeros(len(items), vectors.shape[1])
        of_items = self._shares[columns][items]
        return F.embedding_bag(
            self._put(of_items.indices.astype(np.int64)),
            vectors,
            self._put(of_items.indptr[:-1].astype(np.int64)),
            mode="sum",
            per_sample_weights=self._put(of_items.data),
        )

    def _put(self, array: np.ndarray) -> torch.Tensor:
        """An array as a tensor on the network's device."""
        return torch.from_numpy(array).to(self._network.prompt.kinds.device)

    def _scaled(self, unit: np.ndarray) -> torch.Tensor:
        return self._put(scaled(unit))


def _sure_enough(intent: Intent) -> Intent:
    """What a sentence of a template asks for, without values that are named too unsurely."""
    return replace(
        intent,
        wanted_sure=intent.wanted_sure * (intent.wanted_sure >= SURE_ENOUGH),
        avoided_sure=intent.avoided_sure * (intent.avoided_sure >= SURE_ENOUGH),
    )


def _clearest(named: np.ndarray, sentence_of: np.ndarray) -> np.ndarray:
    """The surest naming of each value among the sentences of a context: (n, n_values)."""
    table = np.concatenate([named, np.zeros((1, named.shape[1]), dtype=np.float32)])
    return table[sentence_of].max(1).astype(np.float32)  # row -1 names nothing


def scaled(unit: np.ndarray) -> np.ndarray:
    """Unit vectors (n, dim) scaled to a mean square of 1, as layers like their inputs."""
    wide: np.ndarray = unit * np.float32(np.sqrt(unit.shape[1]))
    return wide
