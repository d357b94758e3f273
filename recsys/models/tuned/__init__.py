"""Language models that are tuned to recommend: a soft prompt, adapters, or all weights."""

from recsys.models.tuned.base import TunedRecommender
from recsys.models.tuned.config import TuningConfig
from recsys.models.tuned.full import FullTuning
from recsys.models.tuned.lora import Lora, LoraTuningConfig
from recsys.models.tuned.soft_prompt import SoftPrompt

__all__ = [
    "FullTuning",
    "Lora",
    "LoraTuningConfig",
    "SoftPrompt",
    "TunedRecommender",
    "TuningConfig",
]
