"""The embeddings that a transformer reads, as places to take gradients at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


@contextmanager
def watched(module: Any) -> Iterator[list[torch.Tensor]]:
    """Within it, the embeddings that a transformer reads are leaves of the graph.

    Yields:
        A list that every forward pass adds its embeddings (n, tokens, d) to.
    """
    seen: list[torch.Tensor] = []

    def watch(_module: Any, _inputs: Any, output: torch.Tensor) -> torch.Tensor:
        seen.append(output.detach().requires_grad_())
        return seen[-1]

    handle = module.get_input_embeddings().register_forward_hook(watch)
    try:
        yield seen
    finally:
        handle.remove()
