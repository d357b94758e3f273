"""Dropout by bytes: the right share, the same mean, the same again from the same seed."""

from __future__ import annotations

import pytest
import torch

from recsys.models.dropout import ByteDropout


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_drops_its_share_and_keeps_the_mean(share: float) -> None:
    torch.manual_seed(0)
    x = torch.ones(501, 403, requires_grad=True)
    y = ByteDropout(share)(x)
    assert (y == 0).float().mean().item() == pytest.approx(share, abs=0.005)
    assert y.mean().item() == pytest.approx(1.0, abs=0.01)
    y.sum().backward()
    torch.testing.assert_close(x.grad, y.detach())  # what was dropped learns nothing


def test_a_seed_fixes_it() -> None:
    x, dropout = torch.ones(7, 11), ByteDropout(0.5)
    torch.manual_seed(3)
    first = dropout(x)
    again = dropout(x)
    torch.manual_seed(3)
    assert torch.equal(dropout(x), first)
    assert not torch.equal(again, first)


def test_does_nothing_outside_training_or_with_nothing_to_drop() -> None:
    x = torch.ones(3, 5)
    assert ByteDropout(0.5).eval()(x) is x
    assert ByteDropout(0.0)(x) is x
