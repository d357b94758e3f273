"""Capsules: a run with its data, its prompts and a view in one file, opened on any machine."""

from __future__ import annotations

from recsys.capsule.opening import Opened, open_capsule
from recsys.capsule.packing import pack_run
from recsys.storage.capsule_file import ENDING

__all__ = ["ENDING", "Opened", "open_capsule", "pack_run"]
