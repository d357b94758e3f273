"""When events happened, as the network reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch

from recsys.dataset import Dataset
from recsys.models.prompt_fusion.network import ERAS, GAPS


@dataclass(frozen=True)
class TimeRange:
    """The time of the training data, in seconds since 1970, which the eras part evenly."""

    begin: float
    end: float

    @classmethod
    def of(cls, train: Dataset) -> Self | None:
        """The time between the first and the last event; None where no times are known."""
        if train.dates is None or not train.n_events:
            return None
        return cls(float(train.dates.min()), float(train.dates.max()))


@dataclass(frozen=True)
class Times:
    """What a data set says of the time of its events.

    Attributes:
        gap: (n_events,) the bucket of the time since the user's event before; 0 for the first.
        era: (n_events,) float32, where among the `ERAS` each event lies.
    """

    gap: torch.Tensor
    era: torch.Tensor

    def to(self, device: torch.device) -> Times:
        """The same on another device."""
        return Times(self.gap.to(device), self.era.to(device))

    @classmethod
    def of(cls, data: Dataset, span: TimeRange | None) -> Self | None:
        """The times of `data`; None where it or the training data has none, or no events."""
        if span is None or data.timestamp is None or not data.n_events:
            return None
        times = data.timestamp.astype(np.float64)
        since = np.diff(times, prepend=times[:1])
        gap = 1 + np.log2(1 + np.maximum(since, 0)).astype(np.int64)
        gap[data.offsets[:-1][np.diff(data.offsets) > 0]] = 0
        share = (times - span.begin) / max(span.end - span.begin, 1.0)
        era = np.clip(share, 0, 1) * (ERAS - 1)
        return cls(
            torch.from_numpy(np.minimum(gap, GAPS - 1)), torch.from_numpy(era.astype(np.float32))
        )
