"""Latency: a grown catalogue is a real one, and the measuring process does real work."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from recsys.benchmark import SuiteRequest
from recsys.benchmark.growing import grown_data, grown_tensors
from recsys.benchmark.latency import KNOWN, latency_records
from recsys.models import Queries
from tests.models.support import planted, shared, small_model, split


@pytest.mark.parametrize("name", KNOWN)
def test_a_grown_model_scores_the_first_items_as_before(name: str) -> None:
    data, (model, _) = planted(), shared(name)
    more = grown_data(data, 70)
    assert len(set(more.items.ids)) == more.n_items == 70
    assert more.titles[data.n_items].startswith(data.titles[0])
    tensors = grown_tensors(model.tensors(), data.n_items, 70)
    grown = type(model).from_tensors(asdict(model.config), tensors, more)
    scores = grown.score(Queries(more, np.arange(9)))
    assert scores.shape == (9, 70)
    before = model.score(Queries(data, np.arange(9)))
    met = np.unique(data.item)  # what others are is told from all items, copies too
    np.testing.assert_allclose(scores[:, met], before[:, met], rtol=1e-4, atol=1e-4)


def test_records_have_a_slice_a_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", str(root))
    asked = SuiteRequest("latency", ("sasrec",), seeds=1)
    models = {"sasrec": partial(small_model, "sasrec")}
    records = list(latency_records(asked, split(), (None, 300), lists=20, models=models))
    assert [record["slice"] for record in records] == ["18 items", "300 items"]
    for record in records:
        metrics = record["metrics"]
        assert set(metrics) == {"p50_ms", "p95_ms", "all_users_seconds", "peak_mb"}
        assert 0 < metrics["p50_ms"]["value"] <= metrics["p95_ms"]["value"]
        assert metrics["p95_ms"]["low"] <= metrics["p95_ms"]["value"] <= metrics["p95_ms"]["high"]
        assert record["peak_mb"] == metrics["peak_mb"]["value"] > 50
        assert record["model"] == "sasrec"
