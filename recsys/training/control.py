"""What is asked of a training while it runs."""

from __future__ import annotations

from typing import Literal

#: Go on; wait until something else is asked; or end now and keep the best weights.
Control = Literal["run", "pause", "stop"]
