"""Requests to a training while it runs."""

from __future__ import annotations

from typing import Literal

#: Go on; wait until that changes; or end now and keep the best weights.
Control = Literal["run", "pause", "stop"]
