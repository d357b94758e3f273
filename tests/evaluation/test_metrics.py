"""Ranking metrics by hand and against ir-measures."""

from __future__ import annotations

import math

import ir_measures
import numpy as np
import pytest
import scipy.sparse as sp
from ir_measures import RR, R, Success, nDCG

from recsys.evaluation.metrics import METRICS, RankingMetric, hit_rate, mrr, ndcg, recall

NONE = -1


def wanted(rows: list[list[int]], n_items: int) -> sp.csr_matrix:
    matrix = np.zeros((len(rows), n_items), dtype=bool)
    for row, items in enumerate(rows):
        matrix[row, items] = True
    return sp.csr_matrix(matrix)


def test_metrics_by_hand() -> None:
    recommended = np.array([[4, 0, 2], [1, NONE, NONE], [NONE, NONE, NONE], [3, 0, 1]])
    targets = wanted([[0, 2, 3, 4], [2], [0], []], 5)
    discount = [1 / math.log2(2), 1 / math.log2(3), 1 / math.log2(4)]
    assert ndcg(recommended, targets) == pytest.approx([1.0, 0, 0, 0])
    assert recall(recommended, targets) == pytest.approx([3 / 4, 0, 0, 0])
    late = np.array([[1, 0, 2]])
    first = wanted([[0, 2, 3, 4]], 5)
    assert ndcg(late, first) == pytest.approx([(discount[1] + discount[2]) / sum(discount)])
    assert mrr(late, first) == pytest.approx([1 / 2])
    assert hit_rate(late, first).tolist() == [1.0]
    assert hit_rate(late, wanted([[4]], 5)).tolist() == [0.0]


def test_padding_is_never_a_hit() -> None:
    # -1 in the second row must not be taken for the last item of the first.
    targets = wanted([[4], [4]], 5)
    assert hit_rate(np.array([[4], [NONE]]), targets).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("k", [1, 5, 10])
@pytest.mark.parametrize("seed", range(3))
def test_metrics_agree_with_ir_measures(k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, n_items = 60, 30
    targets = wanted(
        [list(rng.choice(n_items, rng.integers(1, 15), replace=False)) for _ in range(n)], n_items
    )
    recommended = np.array([rng.permutation(n_items)[:k] for _ in range(n)])
    for row in range(0, n, 7):
        recommended[row, rng.integers(k) :] = NONE  # short lists, some of them empty
    qrels = [
        ir_measures.Qrel(str(row), str(item), 1)
        for row in range(n)
        for item in targets[row].indices
    ]
    run = [
        ir_measures.ScoredDoc(str(row), str(item), float(-rank))
        for row in range(n)
        for rank, item in enumerate(recommended[row])
        if item >= 0
    ]
    oracles = {nDCG @ k: ndcg, R @ k: recall, RR @ k: mrr, Success @ k: hit_rate}
    for oracle, ours in oracles.items():
        theirs = np.zeros(n)
        for value in ir_measures.iter_calc([oracle], qrels, run):
            theirs[int(value.query_id)] = value.value
        np.testing.assert_allclose(ours(recommended, targets), theirs, atol=1e-9)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_explains_itself(name: str) -> None:
    assert METRICS[name].title
    assert METRICS[name].description.endswith(".")


@pytest.mark.parametrize("name", [n for n, m in METRICS.items() if isinstance(m, RankingMetric)])
def test_ranking_metrics_run_from_nothing_to_perfect(name: str) -> None:
    metric = METRICS[name]
    assert isinstance(metric, RankingMetric)
    targets = wanted([[0, 1]], 4)
    assert metric.measure(np.array([[0, 1]]), targets).tolist() == [1.0]
    assert metric.measure(np.array([[2, 3]]), targets).tolist() == [0.0]
    assert metric.measure(np.array([[NONE]]), targets).tolist() == [0.0]
