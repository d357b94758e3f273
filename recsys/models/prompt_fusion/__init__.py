"""Prompt fusion: a frozen language model beside a sequential recommender."""

from recsys.models.prompt_fusion.model import PromptFusionConfig, PromptFusionRecommender

__all__ = ["PromptFusionConfig", "PromptFusionRecommender"]
