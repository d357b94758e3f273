"""Which of the facts that were added to the data a prompt holds: `knowledge` in a template."""

from __future__ import annotations

import re
from functools import cached_property

import numpy as np
import pandas as pd
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.prompts.attributes import encode

#: The latest events whose items, and their attribute values, facts are looked up for.
RECENT = 20
#: The weight of an event halves with every so many events after it.
HALF_LIFE = 5
#: Facts in a prompt at most, and the characters that all of them have at most.
MAX_FACTS, MAX_CHARACTERS = 8, 1000

_WORD = re.compile("[^\\W\u3400-\u9fff]{3,}")
_CHINESE = re.compile("[\u3400-\u9fff]+")
#: Words that are left out when a wish and a fact are compared.
_COMMON = frozenset(
    """the and for with that this from are was were has have had not but you your our his her its
    they them one any all some like want would please show give recommend something anything more
    most about into than then what which who when where how can could should will just only very
    film films movie movies item items""".split()
)


class Facts:
    """The facts of a data set, and what they are about.

    A fact weighs what its subject weighs: the recency-weighted count of the subject among the
    user's latest events, times its inverse document frequency over the items (Spärck Jones 1972),
    so that what is known of one film comes before what is known of a genre that all films have.
    Of several facts about one subject, the k-th in the file counts 1/k, so that no subject
    displaces all others. Rendered prompts and models that read prompts in pieces both use `chosen`.

    Attributes:
        texts: (n_facts,) strings.
    """

    def __init__(self, data: Dataset) -> None:
        self.texts: np.ndarray = np.zeros(0, dtype=object)
        if data.knowledge is None:
            return
        pairs = data.knowledge[["column", "subject"]]
        subjects = pairs.drop_duplicates()
        subject_of = pairs.groupby(["column", "subject"], sort=False).ngroup().to_numpy()
        held = _held(data, subjects)  # (n_items, n_subjects)
        items_with = np.asarray(held.sum(0)).ravel()
        known = items_with[subject_of] > 0  # of other data, perhaps, whose items are not here
        subject_of = subject_of[known]
        self.texts = data.knowledge["fact"].to_numpy(dtype=object)[known]
        self._lengths = np.array([len(text) for text in self.texts], dtype=np.int64)
        rarity = np.log((data.n_items + 1) / np.maximum(items_with, 1))
        self._subjects = sp.csr_matrix(held @ sp.diags(rarity))
        place = pd.Series(subject_of).groupby(subject_of).cumcount().to_numpy()
        weights = 1 / (1 + place)
        shape = (len(subjects), len(self.texts))
        facts = np.arange(len(self.texts))
        self._facts = sp.csr_matrix((weights, (subject_of, facts)), shape=shape)
        # Later facts of a subject are never among the first `MAX_FACTS`, unless they fit a wish.
        first = place < MAX_FACTS
        self._first = sp.csr_matrix(
            (weights[first], (subject_of[first], facts[first])), shape=shape
        )

    def __len__(self) -> int:
        return len(self.texts)

    def chosen(self, items: np.ndarray, held: np.ndarray, wish: str = "") -> np.ndarray:
        """The facts that fit n contexts, best first.

        Args:
            items: (n, length) the positions of the items before each cutoff, newest first;
                the first `RECENT` count.
            held: (n, length) bool, which of them are there.
            wish: facts that share words with it come before all others.

        Returns:
            (n, MAX_FACTS) positions in `texts`, -1 where there is none.
        """
        n = len(items)
        found = np.full((n, MAX_FACTS), -1)
        if not len(self.texts):
            return found
        held = held[:, :RECENT]
        row, age = np.nonzero(held)
        met = sp.csr_matrix(
            (0.5 ** (age / HALF_LIFE), (row, items[row, age])), shape=(n, self._subjects.shape[0])
        )
        weights = (met @ self._subjects) @ (self._facts if wish else self._first)
        row = np.repeat(np.arange(n), np.diff(weights.indptr))
        fact, weight = weights.indices, weights.data
        shared = self._shared(fact, wish)
        order = np.lexsort((fact, -weight, -shared, row))
        row, fact = row[order], fact[order]
        rank = np.arange(len(row)) - weights.indptr[row]
        row, fact, rank = (each[rank < MAX_FACTS] for each in (row, fact, rank))
        lengths = np.zeros((n, MAX_FACTS), dtype=np.int64)
        lengths[row, rank] = self._lengths[fact]
        fits = (lengths.cumsum(1) <= MAX_CHARACTERS)[row, rank]
        found[row[fits], rank[fits]] = fact[fits]
        return found

    def of_history(self, items: np.ndarray, wish: str = "") -> list[str]:
        """The facts for a history of `items` (oldest first)."""
        if not len(self.texts):
            return []
        latest = items[::-1][None, :RECENT]
        latest_facts = self.chosen(latest, np.ones(latest.shape, dtype=bool), wish)[0]
        return [str(text) for text in self.texts[latest_facts[latest_facts >= 0]]]

    @property
    def first_texts(self) -> list[str]:
        """All facts that a prompt can hold without a wish."""
        if not len(self.texts):
            return []
        return [str(text) for text in self.texts[np.unique(self._first.indices)]]

    def _shared(self, facts: np.ndarray, wish: str) -> np.ndarray:
        """How many words of the wish each fact has: (len(facts),)."""
        wished = _content_words(wish)
        if not wished:
            return np.zeros(len(facts), dtype=np.int64)
        distinct, of = np.unique(facts, return_inverse=True)
        counts = [len(wished & self._words[fact]) for fact in distinct]
        return np.array(counts, dtype=np.int64)[of]

    @cached_property
    def _words(self) -> list[frozenset[str]]:
        return [_content_words(str(text)) for text in self.texts]


def _held(data: Dataset, subjects: pd.DataFrame) -> sp.csr_matrix:
    """Which items are a subject, or have it for a value: (n_items, n_subjects) of 0 and 1."""
    columns, values = (subjects[name].to_numpy(dtype=object) for name in subjects.columns)
    rows, places = [], []
    for column in dict.fromkeys(columns):
        of_column = np.flatnonzero(columns == column)
        if not column:
            items = data.items.positions(values[of_column])
            rows.append(items[items >= 0])
            places.append(of_column[items >= 0])
        elif column in data.item_attributes:
            attribute = encode(data, column)
            item_of = np.repeat(np.arange(data.n_items), np.diff(attribute.offsets))
            code = pd.Index(values[of_column]).get_indexer(attribute.values)[attribute.codes]
            rows.append(item_of[code >= 0])
            places.append(of_column[code[code >= 0]])
    row, place = (np.concatenate([np.zeros(0, dtype=np.int64), *parts]) for parts in (rows, places))
    held = sp.csr_matrix((np.ones(len(row)), (row, place)), shape=(data.n_items, len(subjects)))
    held.data[:] = 1.0  # a value that stands twice in a cell was summed
    return held


def _content_words(text: str) -> frozenset[str]:
    """The words of a text without common ones; of Chinese, pairs of characters."""
    runs = _CHINESE.findall(text)
    pairs = {run[place : place + 2] for run in runs for place in range(len(run) - 1)}
    return frozenset(pairs | (set(_WORD.findall(text.lower())) - _COMMON))
