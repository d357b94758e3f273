"""EASE against its definition in float64."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.models import ease
from recsys.models.base import Queries
from recsys.models.ease import Ease, EaseConfig, recent_first


@pytest.fixture
def data() -> Dataset:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "user_id": rng.integers(30, size=400).astype(str),
            "item_id": np.minimum(rng.geometric(0.1, size=400), 20).astype(str),
        }
    )
    return Dataset.from_frames(frame, name="small")


def published(matrix: np.ndarray, regularisation: float) -> np.ndarray:
    """Steck 2019, algorithm 1."""
    gram = matrix.T @ matrix + regularisation * np.eye(matrix.shape[1])
    inverse = np.linalg.inv(gram)
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


@pytest.mark.parametrize("block", [3, 512])
def test_weights_are_the_published_ones(
    data: Dataset, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ease, "_BLOCK", block)
    model = Ease(EaseConfig(regularisation=5, recency=0))
    model.fit(data)
    matrix = data.matrix().toarray().astype(np.float64)
    expected = published(matrix, 5)
    np.testing.assert_allclose(model.weights, expected, atol=5e-4)  # float16
    scores = model.score(Queries(data, np.arange(data.n_users)))
    np.testing.assert_allclose(scores, matrix @ expected, atol=5e-3)
    assert scores.dtype == np.float32


def test_rare_items_get_no_weights(data: Dataset) -> None:
    model = Ease(EaseConfig(regularisation=5, recency=0, max_items=6))
    model.fit(data)
    matrix = data.matrix().toarray().astype(np.float64)
    popular = np.sort(np.argsort(-matrix.sum(axis=0), kind="stable")[:6])
    assert model.kept.tolist() == popular.tolist()
    scores = model.score(Queries(data, np.arange(data.n_users)))
    rare = np.setdiff1d(np.arange(data.n_items), popular)
    assert not scores[:, rare].any()
    expected = matrix[:, popular] @ published(matrix[:, popular], 5)
    np.testing.assert_allclose(scores[:, popular], expected, atol=5e-3)


def test_recent_items_weigh_more() -> None:
    frame = pd.DataFrame({"user_id": list("uuuuv"), "item_id": list("abcad")})
    data = Dataset.from_frames(frame, name="small")
    weighed = recent_first(data, np.array([1, 0]), 1.0).toarray()
    # u met a last (again), before it c, before that b.
    np.testing.assert_allclose(weighed, [[0, 0, 0, 1], [1, 1 / 3, 1 / 2, 0]], atol=1e-6)
    plain = recent_first(data, np.array([0]), 0.0).toarray()
    assert plain.tolist() == [[1, 1, 1, 0]]


def test_a_user_without_history_scores_zero(data: Dataset) -> None:
    model = Ease()
    model.fit(data)
    nobody = data.select(data.user != 0)
    assert not model.score(Queries(nobody, np.array([0]))).any()
    assert model.score(Queries(data, np.zeros(0, dtype=int))).shape == (0, data.n_items)


def test_scores_survive_saving_exactly(data: Dataset, tmp_path: Path) -> None:
    model = Ease(EaseConfig(max_items=10))
    model.fit(data)
    model.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"config.json", "model.safetensors"}
    again = Ease.load(tmp_path, data)
    assert again.config == model.config
    queries = Queries(data, np.arange(data.n_users))
    assert np.array_equal(again.score(queries), model.score(queries))


def test_a_matrix_that_cannot_be_inverted_says_so() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="λ"):
        ease._inverse(-np.eye(3, dtype=np.float32))
