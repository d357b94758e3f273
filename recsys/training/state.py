"""Everything that a training needs to go on exactly where it was."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from recsys.models.base import Optimisation
from recsys.schema import N_, RunError
from recsys.training.averaging import AveragedWeights
from recsys.training.optimisers import optimiser_for

#: What `state_dict` gives: groups of tensors by name, and under "values" what JSON can hold.
StateDict = dict[str, dict[str, Any]]

_VALUES = "values"


@dataclass
class Counters:
    """The progress of a training.

    Attributes:
        epoch: complete passes over the training positions.
        batches: batches done of the pass after those.
        steps: gradient steps; a batch without a target makes none.
        positions: training positions learned from.
        validated: how many those were at the last validation.
        loss_sum, loss_positions: the losses since the last `Step` event, summed over positions.
        seconds: since the first step was to be made, pauses left out.
        stepping_seconds: of those, what gradient steps took.
    """

    epoch: int = 0
    batches: int = 0
    steps: int = 0
    positions: int = 0
    validated: int = 0
    loss_sum: float = 0.0
    loss_positions: int = 0
    seconds: float = 0.0
    stepping_seconds: float = 0.0


@dataclass
class Best:
    """The weights with the highest validation value so far; none before the first."""

    weights: dict[str, torch.Tensor] = field(default_factory=dict)
    value: float = -math.inf
    epoch: float = 0.0


class TrainerState:
    """Weights, their mean, the best ones, optimiser, counters, and every random generator.

    Random numbers come from three places: torch's global generator (first weights, dropout), the
    numpy generator that `model.batches` is given (order, and whatever a model draws for a batch),
    and the generator of the objective (sampled items).

    Args:
        network: of the prepared model; it is trained in place.
        seed: of the order and of what the objective draws. Preparing a model seeds the global one.
    """

    def __init__(self, network: torch.nn.Module, plan: Optimisation, seed: int) -> None:
        self.network = network
        self.optimiser = optimiser_for(network, plan)
        keep_mean = plan.averaged and not plan.plain
        self.averaged = AveragedWeights(network) if keep_mean else None
        self.best = Best()
        self.counters = Counters()
        self.order = np.random.default_rng(seed)
        #: What `order` was at the beginning of the present epoch, whose batches come from there.
        self.epoch_order: dict[str, Any] = dict(self.order.bit_generator.state)
        self.device = next(network.parameters()).device
        self.drawn = torch.Generator().manual_seed(seed)
        #: The weights that are trained, while the network holds others that are measured.
        self._set_aside: dict[str, torch.Tensor] | None = None

    def is_finite(self) -> bool:
        """Whether all weights that are trained are finite numbers."""
        trained = (p for p in self.network.parameters() if p.requires_grad)
        return all(bool(weights.isfinite().all()) for weights in trained)

    def show_measured(self) -> dict[str, torch.Tensor]:
        """Put the mean of the weights, where there is one, into the network; a copy of them."""
        self._set_aside = _copy(self.network.state_dict())
        shown = self._set_aside if self.averaged is None else self.averaged.state()
        self.network.load_state_dict(shown)
        return shown

    def show_trained(self) -> None:
        """Put the weights that are trained back, after `show_measured`."""
        assert self._set_aside is not None
        self.network.load_state_dict(self._set_aside)
        self._set_aside = None

    def state_dict(self) -> StateDict:
        """A copy of everything."""
        trained = self.network.state_dict() if self._set_aside is None else self._set_aside
        return {
            "weights": _copy(trained),
            "mean": {} if self.averaged is None else self.averaged.mean(),
            "best": _copy(self.best.weights),
            "optimiser": self._optimiser_state(),
            "generators": self._generators(),
            _VALUES: {
                "counters": asdict(self.counters),
                "mean_steps": 0 if self.averaged is None else self.averaged.steps,
                "best_value": self.best.value if math.isfinite(self.best.value) else None,
                "best_epoch": self.best.epoch,
                "order": self.order.bit_generator.state,
                "epoch_order": self.epoch_order,
            },
        }

    def load_state_dict(self, state: StateDict) -> None:
        """Go on from what `state_dict` gave for a network of the same shape.

        Raises:
            RunError: if it does not fit.
        """
        try:
            self._load(state, state[_VALUES])
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise unreadable() from error

    def _load(self, state: StateDict, values: dict[str, Any]) -> None:
        load_weights(self.network, state["weights"])
        self._set_aside = None
        if self.averaged is not None:
            self.averaged.load(state["mean"], values["mean_steps"])
        value = values["best_value"]
        best = {name: tensor.to(self.device) for name, tensor in state["best"].items()}
        self.best = Best(best, -math.inf if value is None else value, values["best_epoch"])
        self._load_optimiser(state["optimiser"])
        self.counters = Counters(**values["counters"])
        self.order.bit_generator.state = values["order"]
        self.epoch_order = values["epoch_order"]
        generators = state["generators"]
        self.drawn.set_state(generators["objective"])
        torch.set_rng_state(generators["torch"])
        if self.device.type == "cuda":
            torch.cuda.set_rng_state(generators["cuda"], self.device)

    def _generators(self) -> dict[str, torch.Tensor]:
        found = {"torch": torch.get_rng_state(), "objective": self.drawn.get_state()}
        if self.device.type == "cuda":
            found["cuda"] = torch.cuda.get_rng_state(self.device)
        return found

    def _optimiser_state(self) -> dict[str, torch.Tensor]:
        """The moments of every parameter that had a gradient, as "key of the moment:parameter"."""
        return {
            f"{key}:{name}": value.clone()
            for name, parameter in self.network.named_parameters()
            for key, value in self.optimiser.state.get(parameter, {}).items()
        }

    def _load_optimiser(self, moments: Mapping[str, torch.Tensor]) -> None:
        parameters = dict(self.network.named_parameters())
        self.optimiser.state.clear()
        for place, value in moments.items():
            key, _, name = place.partition(":")
            parameter = parameters[name]
            # The number of steps stays where the optimiser keeps it, on the CPU.
            moment = value.clone() if key == "step" else value.to(parameter.device, copy=True)
            self.optimiser.state[parameter][key] = moment


def save_state(state: StateDict, file: Path) -> None:
    """Write a state into one safetensors file, what is no tensor as JSON in its head.

    Raises:
        OSError, SafetensorError: where it cannot be written.
    """
    from safetensors.torch import save_file

    tensors = {
        f"{group}/{name}": tensor.detach().cpu().contiguous()
        for group, members in state.items()
        if group != _VALUES
        for name, tensor in members.items()
    }
    save_file(tensors, file, metadata={_VALUES: json.dumps(state[_VALUES])})


def read_state(file: Path) -> StateDict:
    """Read what `save_state` wrote.

    Raises:
        RunError: if it is not there, or damaged.
    """
    from safetensors import SafetensorError, safe_open

    groups = ("weights", "mean", "best", "optimiser", "generators", "backbone")
    state: StateDict = {group: {} for group in groups}
    try:
        with safe_open(file, "pt") as opened:
            state[_VALUES] = json.loads((opened.metadata() or {})[_VALUES])
            for place in opened.keys():  # noqa: SIM118 - it is no mapping
                group, _, name = place.partition("/")
                state[group][name] = opened.get_tensor(place)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise unreadable() from error
    return state


def load_weights(network: torch.nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    """Put kept weights into a network. Raises `RunError` if they do not fit."""
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise unreadable() from error


def unreadable() -> RunError:
    """What is said of a state that cannot be gone on from."""
    return RunError(
        N_("What was kept of this training cannot be read, or is of another model. Train again.")
    )


def _copy(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in tensors.items()}
