"""What every loss in `OBJECTIVES` promises, and what the sampled one estimates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from recsys.models.batches import CandidateBatch, RegressionBatch, SoftmaxBatch
from recsys.training import OBJECTIVES, objectives

#: Those of queries and keys.
SOFTMAX = ("full-softmax", "sampled-softmax")

every_objective = pytest.mark.parametrize("name", SOFTMAX)


def batch(n: int = 5, m: int = 12, d: int = 4, *, seed: int = 0) -> SoftmaxBatch:
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, dtype=torch.float64, generator=generator).requires_grad_()

    targets = torch.randint(m, (n,), generator=generator)
    return SoftmaxBatch(normal(n, d), normal(m, d), normal(m), targets)


def loss(name: str, compared: SoftmaxBatch, seed: int = 0) -> torch.Tensor:
    return OBJECTIVES[name](compared, torch.Generator().manual_seed(seed))


def logits(compared: SoftmaxBatch) -> np.ndarray:
    scores = compared.queries @ compared.keys.T + compared.bias
    return scores.detach().numpy()


def draw(count: int) -> list[int]:
    """The different keys among 12 that the sampled loss draws with seed 0."""
    return torch.randint(12, (count,), generator=torch.Generator().manual_seed(0)).unique().tolist()


@pytest.fixture(params=[4, 4096], ids=["few keys drawn", "all keys"])
def drawn(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(objectives, "SAMPLED_KEYS", request.param)
    return int(request.param)


@every_objective
@pytest.mark.usefixtures("drawn")
class TestContract:
    def test_is_a_finite_number(self, name: str) -> None:
        value = loss(name, batch())
        assert value.shape == () and torch.isfinite(value) and value > 0

    @pytest.mark.parametrize("size", [1e-6, 1e4])
    def test_stays_finite_far_from_the_origin(self, name: str, size: float) -> None:
        compared = batch()
        compared = replace(compared, queries=(compared.queries * size).detach().requires_grad_())
        value = loss(name, compared)
        value.backward()
        assert torch.isfinite(value)
        assert compared.queries.grad is not None
        assert torch.isfinite(compared.queries.grad).all()

    def test_has_the_right_gradient(self, name: str) -> None:
        compared = batch()

        def value(*parts: torch.Tensor) -> torch.Tensor:
            return loss(name, SoftmaxBatch(*parts, compared.targets))

        parts = compared.queries, compared.keys, compared.bias
        assert torch.autograd.gradcheck(value, parts)

    def test_only_differences_between_scores_count(self, name: str) -> None:
        compared = batch()
        moved = replace(compared, bias=compared.bias + 7.0)
        torch.testing.assert_close(loss(name, moved), loss(name, compared))

    def test_is_the_mean_over_the_batch(self, name: str) -> None:
        compared = batch()
        each = [
            loss(name, replace(compared, queries=q[None], targets=t[None]))
            for q, t in zip(compared.queries, compared.targets, strict=True)
        ]
        torch.testing.assert_close(torch.stack(each).mean(), loss(name, compared))

    def test_falls_when_the_target_scores_higher(self, name: str) -> None:
        compared = batch(n=1)
        bias = compared.bias.detach().clone()
        bias[compared.targets] += 1.0
        assert loss(name, replace(compared, bias=bias)) < loss(name, compared)

    def test_repeats_with_its_generator(self, name: str) -> None:
        assert torch.equal(loss(name, batch(), seed=3), loss(name, batch(), seed=3))

    def test_one_item_is_always_found(self, name: str) -> None:
        assert loss(name, batch(m=1)).item() == pytest.approx(0, abs=1e-12)


def several(n: int = 5, m: int = 12, k: int = 3, *, seed: int = 0) -> SoftmaxBatch:
    """A batch with k targets a query; the last of some counts nothing."""
    generator = torch.Generator().manual_seed(seed + 1)
    targets = torch.stack([torch.randperm(m, generator=generator)[:k] for _ in range(n)])
    weights = torch.rand(n, k, dtype=torch.float64, generator=generator) + 0.1
    weights[::2, -1] = 0.0
    return replace(batch(n, m, seed=seed), targets=targets, weights=weights)


def brute_force(compared: SoftmaxBatch, keys: list[int] | None) -> float:
    """Target by target; `keys` are those drawn, each of which stands for m / len(keys)."""
    scores, losses = logits(compared), []
    m = scores.shape[1]
    for row, targets in enumerate(compared.targets.tolist()):
        loss, total = 0.0, 0.0
        for place, target in enumerate(targets):
            weight = 1.0 if compared.weights is None else float(compared.weights[row, place])
            own = np.exp(scores[row, target])
            if keys is None:
                others = sum(np.exp(scores[row, key]) for key in range(m) if key != target)
            else:
                drawn = [key for key in keys if key not in targets]
                others = sum(np.exp(scores[row, key]) * m / len(keys) for key in drawn)
            loss -= weight * np.log(own / (own + others))
            total += weight
        losses.append(loss / total)
    return float(np.mean(losses))


class TestSeveralTargets:
    @pytest.mark.parametrize("weighted", [True, False])
    def test_full_softmax_against_a_loop(self, weighted: bool) -> None:
        compared = several()
        compared = compared if weighted else replace(compared, weights=None)
        value = loss("full-softmax", compared).item()
        assert value == pytest.approx(brute_force(compared, None))

    @pytest.mark.parametrize("weighted", [True, False])
    def test_sampled_softmax_against_a_loop(
        self, weighted: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(objectives, "SAMPLED_KEYS", 7)
        compared = several()
        compared = compared if weighted else replace(compared, weights=None)
        keys = draw(7)
        assert set(keys) & set(compared.targets.flatten().tolist())
        value = loss("sampled-softmax", compared).item()
        assert value == pytest.approx(brute_force(compared, keys))

    @every_objective
    @pytest.mark.usefixtures("drawn")
    def test_the_gradient_is_right(self, name: str) -> None:
        compared = several()

        def value(*parts: torch.Tensor) -> torch.Tensor:
            return loss(name, SoftmaxBatch(*parts, compared.targets, compared.weights))

        assert torch.autograd.gradcheck(value, (compared.queries, compared.keys, compared.bias))

    @every_objective
    @pytest.mark.usefixtures("drawn")
    def test_one_of_them_is_the_loss_of_that_one(self, name: str) -> None:
        compared = batch()
        column = replace(compared, targets=compared.targets[:, None])
        weighted = replace(column, weights=torch.full((5, 1), 0.3, dtype=torch.float64))
        torch.testing.assert_close(loss(name, column), loss(name, compared))
        torch.testing.assert_close(loss(name, weighted), loss(name, compared))

    @every_objective
    @pytest.mark.usefixtures("drawn")
    def test_only_the_ratio_of_weights_counts(self, name: str) -> None:
        compared = several()
        assert compared.weights is not None
        doubled = replace(compared, weights=2 * compared.weights)
        torch.testing.assert_close(loss(name, doubled), loss(name, compared))


@every_objective
@pytest.mark.usefixtures("drawn")
def test_known_scores_count_like_any_other(name: str) -> None:
    """Known of every item, they are the same as a bias."""
    compared, n, m = several(), 5, 12
    generator = torch.Generator().manual_seed(2)
    added = torch.randn(m, dtype=torch.float64, generator=generator)
    order = torch.stack([torch.randperm(m, generator=generator) for _ in range(n)])
    known = replace(compared, known=order, known_scores=added[order])
    moved = replace(compared, bias=compared.bias + added)
    torch.testing.assert_close(loss(name, known), loss(name, moved))
    for ours, theirs in zip(
        torch.autograd.grad(loss(name, known), (compared.queries, compared.keys)),
        torch.autograd.grad(loss(name, moved), (compared.queries, compared.keys)),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs)


def test_full_softmax_by_hand() -> None:
    compared = batch()
    scores = logits(compared)
    share = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    expected = -np.log(share[np.arange(5), compared.targets]).mean()
    assert loss("full-softmax", compared).item() == pytest.approx(expected)


class TestSampledSoftmax:
    def test_is_the_full_one_for_small_catalogues(self) -> None:
        assert torch.equal(loss("sampled-softmax", batch()), loss("full-softmax", batch()))

    def test_by_hand(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(objectives, "SAMPLED_KEYS", 6)
        compared = batch()
        # The same draw: the only thing that is random.
        keys = draw(6)
        scores, told = logits(compared), []
        for row, target in enumerate(compared.targets.tolist()):
            others = [12 / len(keys) * np.exp(scores[row, key]) for key in keys if key != target]
            own = np.exp(scores[row, target])
            told.append(-np.log(own / (own + sum(others))))
        assert any(target in keys for target in compared.targets.tolist())
        assert loss("sampled-softmax", compared).item() == pytest.approx(np.mean(told), rel=1e-6)

    def test_estimates_the_sum_over_the_catalogue_without_bias(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(objectives, "SAMPLED_KEYS", 5)
        compared = batch(n=1)
        scores = logits(compared)[0]
        generator = torch.Generator().manual_seed(0)
        own = float(scores[compared.targets])
        sums = []
        for _ in range(4000):
            value = OBJECTIVES["sampled-softmax"](compared, generator)
            sums.append(np.exp(value.item() + own))  # loss = log(sum) - own
        error = np.std(sums) / np.sqrt(len(sums))
        assert abs(np.mean(sums) - np.exp(scores).sum()) < 4 * error

    def test_a_target_drawn_as_a_negative_does_not_count(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With two items and many draws: if the target counted, it would be twice there."""
        monkeypatch.setattr(objectives, "SAMPLED_KEYS", 1)
        compared = batch(n=1, m=2)
        for seed in range(8):
            (key,) = torch.randint(2, (1,), generator=torch.Generator().manual_seed(seed)).tolist()
            value = loss("sampled-softmax", compared, seed).item()
            if key == int(compared.targets):
                assert value == 0.0
            else:
                own, other = logits(compared)[0, [int(compared.targets), key]]
                assert value == pytest.approx(np.log1p(2 * np.exp(other - own)))


class TestCandidates:
    def scored(self, candidates: list[int]) -> tuple[CandidateBatch, SoftmaxBatch]:
        compared = batch()
        scores = compared.queries @ compared.keys.T + compared.bias
        own = scores.gather(1, compared.targets[:, None])[:, 0]
        drawn = torch.tensor(candidates)
        return CandidateBatch(own, scores[:, drawn], compared.targets, drawn, 12), compared

    def test_all_of_them_are_the_full_softmax(self) -> None:
        candidates, compared = self.scored([*range(6, 12), *range(6)])
        told = OBJECTIVES["candidate-softmax"](candidates, torch.Generator())
        assert told.item() == pytest.approx(loss("full-softmax", compared).item())

    def test_some_of_them_stand_for_all(self) -> None:
        candidates, compared = self.scored([1, 4, 7])
        told = OBJECTIVES["candidate-softmax"](candidates, torch.Generator()).item()
        by_hand = []
        for row, target in zip(logits(compared), compared.targets.tolist(), strict=True):
            others = sum(np.exp(row[i]) * 12 / 3 for i in (1, 4, 7) if i != target)
            by_hand.append(np.log(others + np.exp(row[target])) - row[target])
        assert told == pytest.approx(np.mean(by_hand))


def test_squared_error() -> None:
    compared = RegressionBatch(torch.tensor([1.0, 4.0, 3.0]), torch.tensor([2.0, 2.0, 3.0]))
    assert OBJECTIVES["mse"](compared, torch.Generator()).item() == pytest.approx(5 / 3)
