"""Words that items are graded by: directions in the space of their texts."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.language_models import Encoder, load_encoder
from recsys.wishes.antonyms import antonyms
from recsys.wishes.graded import GradedWords


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder("use")


def items() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)


def along(direction: np.ndarray) -> np.ndarray:
    """All pairs of items, the one that lies further along a direction first."""
    order = np.argsort(items() @ direction)
    return np.array([(order[b], order[a]) for a in range(60) for b in range(a + 1, 60)])


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def test_a_judged_word_orders_items_as_judged(encoder: Encoder) -> None:
    scary, sad = np.eye(8)[:2]
    graded = GradedWords.fit({"scary": along(scary), "sad": along(sad)}, items(), encoder)
    found = graded.scores(["scary", "sad"], items(), encoder)
    assert correlation(found[0], items() @ scary) > 0.9
    assert correlation(found[1], items() @ sad) > 0.9


def test_a_word_that_nobody_judged_is_ordered_as_the_ones_like_it(encoder: Encoder) -> None:
    scary, long = np.eye(8)[:2]
    graded = GradedWords.fit({"scary": along(scary), "long": along(long)}, items(), encoder)
    found = graded.scores(["frightening", "吓人的", "lengthy"], items(), encoder)
    alike = [[correlation(f, items() @ d) for d in (scary, long)] for f in found]
    assert alike[0][0] > alike[0][1] and alike[1][0] > alike[1][1] and alike[2][0] < alike[2][1]


def test_the_opposite_of_a_word_has_the_opposite_order(encoder: Encoder) -> None:
    judged = {"realistic": along(np.eye(8)[0])}
    plain = GradedWords.fit(judged, items(), encoder)
    opposed = GradedWords.fit(judged, items(), encoder, {"realistic": ["unrealistic"]})
    with_, without = (g.scores(["unrealistic"], items(), encoder)[0] for g in (opposed, plain))
    assert correlation(without, items()[:, 0]) > 0.9
    assert correlation(with_, items()[:, 0]) < -0.9


def test_opposites_are_those_of_the_dictionary() -> None:
    assert antonyms()["realistic"] == ["unrealistic"]
