"""A device that is none: its tensors say that they lie on it, and are computed on the CPU.

Without a GPU nothing else tells tensors apart that lie in different places. The device is called
"meta", which torch knows on every machine; the tensors hold values all the same.
"""

from __future__ import annotations

from typing import Any, Self

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

DEVICE = torch.device("meta")

#: What may take values from one device to the other.
_COPIES = ("aten::_to_copy", "aten::copy_")


class MixedDevicesError(AssertionError):
    """Tensors of both devices met in one operation."""


class Elsewhere(torch.Tensor):
    """A tensor on the other device; `held` has its values."""

    held: torch.Tensor

    @staticmethod
    def __new__(cls, held: torch.Tensor) -> Elsewhere:
        made: Elsewhere = torch.Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls,
            held.shape,
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=DEVICE,
        )
        made.held = held
        return made

    def __repr__(self, *, tensor_contents: object = None) -> str:
        return f"Elsewhere({self.held})"

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _compute(func, args, kwargs or {})


class OtherDevice(TorchDispatchMode):
    """Within it, tensors can be made on `DEVICE`, and brought there and back.

    Inference mode does without gradients only: torch makes no views of subclasses in it.
    """

    def __enter__(self) -> Self:
        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(torch.inference_mode, "__enter__", _without_gradients)
        self._patch.setattr(torch.inference_mode, "__exit__", _as_before)
        return super().__enter__()

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._patch.undo()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _compute(func, args, kwargs or {})


def _without_gradients(mode: Any) -> None:
    mode.gradients = torch.is_grad_enabled()
    torch.set_grad_enabled(mode.gradients and not mode.mode)


def _as_before(mode: Any, *error: object) -> None:
    torch.set_grad_enabled(mode.gradients)


def _compute(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Compute on the CPU, if all tensors lie on one device; a single number may lie on the CPU."""
    name = func.name().partition(".")[0]
    tensors: list[torch.Tensor] = []
    held_args = _held(args, tensors)
    held_kwargs = {key: _held(value, tensors) for key, value in kwargs.items()}
    there = any(isinstance(tensor, Elsewhere) for tensor in tensors)
    here = [tensor for tensor in tensors if not isinstance(tensor, Elsewhere)]
    if there and name not in _COPIES and any(tensor.dim() for tensor in here):
        raise MixedDevicesError(f"{name} of {[tuple(tensor.shape) for tensor in tensors]}")
    if kwargs.get("device") is not None:
        there = torch.device(kwargs["device"]) == DEVICE
        held_kwargs["device"] = torch.device("cpu")
    elif name == "aten::copy_":
        there = isinstance(args[0], Elsewhere)
    found = func(*held_args, **held_kwargs)
    if not there:
        return found
    if name.endswith("_") and isinstance(args[0], Elsewhere):
        return args[0]
    return tree_map_only(torch.Tensor, Elsewhere, found)


def _held(value: Any, tensors: list[torch.Tensor]) -> Any:
    """An argument with the values of tensors in their place; all tensors in it are noted.

    Arguments of operations hold nothing but lists: torch's own `tree_map`, which knows every kind
    of container, would take longer than the operations.
    """
    if isinstance(value, torch.Tensor):
        tensors.append(value)
        return value.held if isinstance(value, Elsewhere) else value
    if isinstance(value, (list, tuple)):
        return type(value)([_held(each, tensors) for each in value])
    return value
