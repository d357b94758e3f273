"""The fused loss against the one written out, however few queries fit at once."""

from __future__ import annotations

import pytest
import torch

from recsys.training import fused


@pytest.mark.parametrize("at_once", [1, 30, 2**21], ids=["one query", "two queries", "all"])
def test_equals_the_loss_written_out(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fused, "_LOGITS_AT_ONCE", at_once)
    generator = torch.Generator().manual_seed(0)
    q, k, b = (
        torch.randn(*shape, dtype=torch.float64, generator=generator).requires_grad_()
        for shape in ((7, 3), (11, 3), (11,))
    )
    targets = torch.randint(11, (7, 2), generator=generator)
    targets[0, 1] = targets[0, 0]  # the same item twice counts twice
    weights = torch.rand(7, 2, dtype=torch.float64, generator=generator)

    known = torch.argsort(torch.rand(7, 11, generator=generator), 1)[:, :4]
    known_scores = torch.randn(7, 4, dtype=torch.float64, generator=generator).requires_grad_()

    scores = (q @ k.T + b).scatter_add(1, known, known_scores)
    probable = torch.log_softmax(scores, 1).gather(1, targets)
    expected = -(probable * weights).sum()
    wanted = torch.autograd.grad(3 * expected, (q, k, b, known_scores))
    loss = fused.FusedSoftmaxLoss.apply(q, k, b, targets, weights, known, known_scores)
    found = torch.autograd.grad(3 * loss, (q, k, b, known_scores))

    torch.testing.assert_close(loss, expected)
    for ours, theirs in zip(found, wanted, strict=True):
        torch.testing.assert_close(ours, theirs)
