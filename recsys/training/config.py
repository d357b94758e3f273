"""What a person decides about a training; free of torch, so that forms can check it at once."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.schema import N_, ConfigError


@dataclass(frozen=True)
class TrainingConfig:
    """What a person decides about a training.

    Attributes:
        epochs: passes over the data; None leaves it to the model.
        minutes: time limit on training; None leaves it to the model. Where it will be reached
            before the last epoch, the learning rate falls with the time spent, so that the run
            still ends well; such runs repeat exactly only where the machine is as fast.
        seed: fixes weights, order and dropout.

    Raises:
        ConfigError: if a value is out of range.
    """

    epochs: int | None = None
    minutes: float | None = None
    seed: int = 0

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
