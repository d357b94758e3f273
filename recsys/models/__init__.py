"""The recommenders. To add one, write its file and add a line to `MODELS`."""

from __future__ import annotations

from recsys.models.base import Queries, Recommender
from recsys.models.ease import Ease
from recsys.models.mf import MatrixFactorisation
from recsys.models.popularity import Popularity
from recsys.models.prompt_fusion import PromptFusionRecommender
from recsys.models.sasrec import SASRec
from recsys.models.slit import Slit
from recsys.models.tuned import FullTuning, Lora, SoftPrompt

__all__ = ["MODELS", "Queries", "Recommender"]

#: Every model by its name, simplest first.
MODELS: dict[str, type[Recommender]] = {
    "popularity": Popularity,
    "ease": Ease,
    "slit": Slit,
    "mf": MatrixFactorisation,
    "sasrec": SASRec,
    "prompt-fusion": PromptFusionRecommender,
    "soft-prompt": SoftPrompt,
    "lora": Lora,
    "full": FullTuning,
}
