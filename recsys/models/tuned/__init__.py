"""Language models that are tuned to recommend: a soft prompt, or adapters."""

from recsys.models.tuned.base import TunedRecommender, TuningConfig
from recsys.models.tuned.lora import Lora, LoraTuningConfig
from recsys.models.tuned.soft_prompt import SoftPrompt

__all__ = [
    "Lora",
    "LoraTuningConfig",
    "SoftPrompt",
    "TunedRecommender",
    "TuningConfig",
]
