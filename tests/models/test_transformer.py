"""The causal transformer sees the past, the whole past, and nothing but the past."""

from __future__ import annotations

import pytest
import torch

from recsys.models.transformer import CausalTransformer


@pytest.fixture
def network() -> CausalTransformer:
    torch.manual_seed(0)
    network = CausalTransformer(8, layers=2, heads=2, dropout=0.5, length=6).double().eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.3 * torch.randn_like(parameter)
    return network


def test_state_j_has_seen_the_events_before_j(network: CausalTransformer) -> None:
    """By the whole Jacobian: state j moves with event i exactly where i < j."""
    events = torch.randn(1, 6, 8, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(network, events)  # (1, 7, 8, 1, 6, 8)
    moved = jacobian[0, :, :, 0].abs().amax((1, 3))  # (states, events)
    assert torch.equal(moved > 1e-9, torch.ones(7, 6, dtype=torch.bool).tril(-1))


@pytest.mark.parametrize("changed", range(6))
def test_another_event_leaves_earlier_states_as_they_were(
    network: CausalTransformer, changed: int
) -> None:
    events = torch.randn(3, 6, 8, dtype=torch.float64)
    others = events.clone()
    others[:, changed] = torch.randn(3, 8, dtype=torch.float64)
    before, after = network(events), network(others)
    assert torch.equal(before[:, : changed + 1], after[:, : changed + 1])
    assert not torch.isclose(before[:, changed + 1 :], after[:, changed + 1 :]).all(-1).any()


def test_what_stands_behind_does_not_matter(network: CausalTransformer) -> None:
    """Histories are padded on the right, to any length and in any company."""
    events = torch.randn(2, 6, 8, dtype=torch.float64)
    together = network(events)
    for row in range(2):
        for t in range(7):
            alone = network(events[row : row + 1, :t])
            torch.testing.assert_close(alone[0], together[row, : t + 1])


def test_order_matters(network: CausalTransformer) -> None:
    events = torch.randn(1, 3, 8, dtype=torch.float64)
    assert not torch.allclose(network(events)[0, -1], network(events.flip(1))[0, -1])


def test_shapes_of_nothing(network: CausalTransformer) -> None:
    assert network(torch.zeros(0, 4, 8, dtype=torch.float64)).shape == (0, 5, 8)
    assert network(torch.zeros(2, 0, 8, dtype=torch.float64)).shape == (2, 1, 8)
