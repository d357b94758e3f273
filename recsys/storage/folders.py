"""Where things are kept that belong to no run."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """Where computed things are kept: `$RECSYS_CACHE`, else `~/.cache/promptrec-studio`."""
    default = Path.home() / ".cache" / "promptrec-studio"
    return Path(os.environ.get("RECSYS_CACHE") or default)
