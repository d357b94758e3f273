"""What follows what: SLIT with few neighbours, and how much it counts."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.models import Queries
from recsys.models.prompt_fusion.config import PromptFusionConfig
from recsys.models.prompt_fusion.cooccurrence import CoOccurrence
from recsys.models.slit import Slit
from tests.models.support import prepared, split


def slit() -> Slit:
    model = Slit()
    model.fit(split().train)
    return model


def test_is_slit_where_all_neighbours_are_kept() -> None:
    data, users = split().test.history, np.array([3, 1, 3])
    scores = CoOccurrence.fit(split().train, 200).score(data, users)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, slit().score(Queries(data, users)), atol=1e-6)


def test_the_strongest_are_kept() -> None:
    tensors = CoOccurrence.fit(split().train, 3).tensors()
    whole = np.abs(slit().weights)
    for item in range(len(whole)):
        begin, end = tensors["indptr"][item : item + 2]
        kept = np.sort(np.abs(tensors["data"][begin:end]))
        strongest = np.sort(whole[item])[-3:]
        np.testing.assert_allclose(kept, strongest[strongest > 0], rtol=1e-3, atol=1e-6)


def test_survives_its_tensors() -> None:
    model, users = CoOccurrence.fit(split().train, 200), np.arange(9)
    again = CoOccurrence.from_tensors(model.tensors())
    assert np.array_equal(again.score(split().train, users), model.score(split().train, users))


@pytest.mark.parametrize("trained", [0.0, 128.0])
@pytest.mark.parametrize("factor", [*PromptFusionConfig().counting_factors, None])
def test_the_share_that_measures_best_is_taken(trained: float, factor: float | None) -> None:
    model = prepared()
    model.blend = trained
    best = trained if factor is None else factor * 128.0
    model.calibrate(lambda: float(factor is not None and model.blend == best))
    assert model.blend == best
