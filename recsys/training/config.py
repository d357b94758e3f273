"""The settings of a training; free of torch, so that forms can check them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from recsys.schema import N_, ConfigError

#: Where a model is trained; "auto" is a GPU where there is one.
Device = Literal["auto", "cpu", "cuda"]
DEVICES: tuple[Device, ...] = get_args(Device)


@dataclass(frozen=True)
class Stop:
    """How long a model is trained where nothing is held out that could say so.

    Attributes:
        planned: epochs along which the learning rate falls.
        epoch: those that are made; with a fraction where it ends within an epoch of large data.
    """

    planned: int
    epoch: float


@dataclass(frozen=True)
class TrainingConfig:
    """The settings of a training.

    Attributes:
        epochs: passes over the data; None leaves it to the model.
        minutes: time limit on training; None leaves it to the model. Where it will be reached
            before the last epoch, the learning rate falls with the time spent, so that the run
            still ends well; such runs repeat exactly only where the machine is as fast.
        seed: fixes weights, order and dropout; these are other ones on a GPU than on a CPU.
        device: where it is trained; a model that was saved is loaded on the CPU.

    Raises:
        ConfigError: if a value is out of range.
    """

    epochs: int | None = None
    minutes: float | None = None
    seed: int = 0
    device: Device = "auto"

    def __post_init__(self) -> None:
        if self.epochs is not None and self.epochs < 1:
            raise ConfigError(N_("The number of epochs is {value}. It has to be at least 1."),
                              value=self.epochs)  # fmt: skip
        if self.minutes is not None and not self.minutes > 0:
            raise ConfigError(N_("The time limit is {value} minutes. It has to be above 0."),
                              value=self.minutes)  # fmt: skip
        if not 0 <= self.seed < 2**32:
            raise ConfigError(N_("The seed is {value}. It has to be between 0 and 4294967295."),
                              value=self.seed)  # fmt: skip
        if self.device not in DEVICES:
            raise ConfigError(N_('There is no device called "{value}". Choose one of: {names}.'),
                              value=self.device, names=", ".join(DEVICES))  # fmt: skip
