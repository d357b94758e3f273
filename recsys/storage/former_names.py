"""Names that files of earlier versions have for what is called otherwise now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Settings of models, in `config.json` of runs and models and in `grid.json`.
SETTINGS = {"general": "backbone", "general_settings": "backbone_settings"}
#: Keys of the `config.json` of a run.
RUN_KEYS = {"general_run": "backbone_run"}
#: Controls, in `controls.json` of runs and in the events of grids.
CONTROLS = {"general-model": "backbone"}


def renamed(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A copy in which every former name is the present one; a present name that is there stays."""
    former = {names[key]: value for key, value in values.items() if key in names}
    return former | {key: value for key, value in values.items() if key not in names}
