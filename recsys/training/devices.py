"""Where tensors lie while a model is trained."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from recsys.schema import N_, ConfigError

if TYPE_CHECKING:
    import torch


@cache
def has_gpu() -> bool:
    """Whether this machine has a GPU that can be trained on."""
    if version("torch").endswith("+cpu"):  # said without importing it, which takes seconds
        return False
    import torch

    return torch.cuda.is_available()


def configured_device(name: str) -> torch.device:
    """The device that a `TrainingConfig` names; "auto" is a GPU where there is one, else the CPU.

    Raises:
        ConfigError: if a GPU is asked for and there is none.
    """
    import torch

    if name == "cuda" and not has_gpu():
        raise ConfigError(
            N_("This machine has no GPU that can be used. Train on the CPU, or on another machine.")
        )
    if name == "auto":
        name = "cuda" if has_gpu() else "cpu"
    return torch.device(name)
