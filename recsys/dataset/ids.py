"""`IdMap`: ids as uploaded, and their positions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np


class IdMap:
    """A two-way map between ids as uploaded (strings) and positions 0 … n-1, in given order."""

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids: np.ndarray = np.array(list(ids), dtype=object)  # (n,)
        self._positions = {value: position for position, value in enumerate(self.ids)}
        if len(self._positions) != len(self.ids):
            raise ValueError("ids must be unique")

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, value: object) -> bool:
        return value in self._positions

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IdMap) and np.array_equal(self.ids, other.ids)

    __hash__ = None  # type: ignore[assignment]

    def position(self, value: str) -> int:
        """The position of one id. Raises `KeyError` where it is unknown."""
        return self._positions[value]

    def positions(self, values: Sequence[str]) -> np.ndarray:
        """Positions (n,) of many ids, -1 where an id is unknown."""
        get = self._positions.get
        return np.fromiter((get(v, -1) for v in values), dtype=np.int64, count=len(values))
