"""Parts of models as named arrays, which is how models are saved."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy.sparse as sp


def sparse_tensors(square: sp.csr_matrix) -> dict[str, np.ndarray]:
    """A square matrix as `sparse_from_tensors` takes it; its values are kept in float16."""
    return {
        "data": square.data.astype(np.float16),
        "indices": square.indices.astype(np.int32),
        "indptr": square.indptr.astype(np.int64),
    }


def rounded(square: sp.csr_matrix) -> sp.csr_matrix:
    """The matrix with the values that `sparse_tensors` keeps, so that saving changes no score."""
    return sparse_from_tensors(sparse_tensors(square))


def sparse_from_tensors(tensors: Mapping[str, np.ndarray]) -> sp.csr_matrix:
    """Rebuild what `sparse_tensors` gave, in float32."""
    n = len(tensors["indptr"]) - 1
    parts = (tensors["data"].astype(np.float32), tensors["indices"], tensors["indptr"])
    return sp.csr_matrix(parts, shape=(n, n))


def named(part: str, tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The tensors of a part of a model, under names that begin with it."""
    return {f"{part}.{name}": value for name, value in tensors.items()}


def pop_named(part: str, tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Take out of `tensors` those of a part, under their own names."""
    names = [name for name in tensors if name.startswith(f"{part}.")]
    return {name.removeprefix(f"{part}."): tensors.pop(name) for name in names}
