"""The attribute values that a wish can ask for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset, as_values
from recsys.prompts.attributes import MAX_CATEGORY_VALUES, Attribute, encode
from recsys.readable_columns import unreadable_columns


@dataclass(frozen=True, eq=False)
class Facets:
    """The attribute values that a wish can ask for, such as genres.

    Attributes:
        columns: the attribute each value belongs to, (n_values,) strings.
        values: (n_values,) strings.
        held: which items have which values, (n_items, n_values) float32 of 0 and 1.
    """

    columns: np.ndarray
    values: np.ndarray
    held: sp.csr_matrix

    @property
    def n_values(self) -> int:
        return len(self.values)

    @classmethod
    def of(cls, dataset: Dataset) -> Facets:
        """The facets of all attributes whose values are shared by several items."""
        unreadable = set(unreadable_columns(dataset))
        readable = [name for name in dataset.item_attributes if name not in unreadable]
        attributes = [encode(dataset, name) for name in readable]
        chosen = [a for a in attributes if _can_be_wished(a)]
        empty = sp.csr_matrix((dataset.n_items, 0), dtype=np.float32)
        return cls(
            np.array([a.column for a in chosen for _ in a.values], dtype=object),
            np.array([v for a in chosen for v in a.values], dtype=object),
            sp.csr_matrix(sp.hstack([empty, *map(_matrix, chosen)], dtype=np.float32)),
        )

    def for_more_items(self, catalogue: Dataset) -> Facets:
        """The same values for a catalogue with more items behind these; no value is added."""
        places = {key: n for n, key in enumerate(zip(self.columns, self.values, strict=True))}
        known = self.held.shape[0]
        pairs = [
            (row, places[column, value])
            for column in dict.fromkeys(self.columns)
            for row, cell in enumerate(catalogue.item_frame[column].iloc[known:])
            for value in dict.fromkeys(as_values(cell))
            if (column, value) in places
        ]
        shape = (catalogue.n_items - known, self.n_values)
        rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        more = sp.csr_matrix((np.ones(len(pairs), np.float32), (rows, columns)), shape=shape)
        return replace(self, held=sp.csr_matrix(sp.vstack([self.held, more], dtype=np.float32)))


def _can_be_wished(attribute: Attribute) -> bool:
    few = len(attribute.values) <= MAX_CATEGORY_VALUES
    return attribute.is_shared and few and not attribute.is_numeric


def _matrix(attribute: Attribute) -> sp.csr_matrix:
    shape = (len(attribute.offsets) - 1, len(attribute.values))
    ones = np.ones(len(attribute.codes), dtype=np.float32)
    matrix = sp.csr_matrix((ones, attribute.codes, attribute.offsets), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix
