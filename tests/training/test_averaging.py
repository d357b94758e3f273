"""The running mean of weights, against the mean written out."""

from __future__ import annotations

import torch

from recsys.training.averaging import DECAY, AveragedWeights


def test_is_the_exponential_mean() -> None:
    network = torch.nn.Linear(2, 1)
    averaged = AveragedWeights(network)
    mean = network.weight.detach().clone()
    for step in range(1, 1500):
        with torch.no_grad():
            network.weight.fill_(float(step % 7))
        averaged.update()
        decay = min(DECAY, step / (step + 9))
        mean = decay * mean + (1 - decay) * network.weight.detach()
    torch.testing.assert_close(averaged.state()["weight"], mean)
    assert network.weight[0, 0] == 1499 % 7  # the network itself is left alone


def test_what_is_frozen_stays_and_a_state_is_a_copy() -> None:
    network = torch.nn.BatchNorm1d(2)
    network.bias.requires_grad_(False)
    averaged = AveragedWeights(network)
    state = averaged.state()
    assert set(state) == set(network.state_dict())
    with torch.no_grad():
        network.bias.fill_(3.0)
        network.weight.fill_(5.0)
    assert not state["bias"].any() and (state["weight"] == 1).all()
    assert (averaged.state()["bias"] == 3).all()
