"""Models that another can build on: trained first, then frozen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recsys.models.base import BackboneRecommender
from recsys.models.mf import MatrixFactorisation
from recsys.models.sasrec import SASRec

#: By name. To add one, add a line here; `MODELS` has them, too.
BACKBONES: dict[str, type[BackboneRecommender]] = {"mf": MatrixFactorisation, "sasrec": SASRec}


def can_be_built_on(model: str, settings: Mapping[str, Any]) -> bool:
    """Whether another can build on a model with these settings: it learns which items are met."""
    kind = BACKBONES.get(model)
    return kind is not None and not kind.configured(settings).predicts_ratings
