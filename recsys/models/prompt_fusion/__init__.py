"""Prompt fusion: a frozen language model beside a sequential recommender."""

from recsys.models.prompt_fusion.config import PromptFusionConfig
from recsys.models.prompt_fusion.model import PromptFusionRecommender

__all__ = ["PromptFusionConfig", "PromptFusionRecommender"]
