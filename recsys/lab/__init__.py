"""The prompt lab: what an edit of a prompt does to the lists of everybody."""

from recsys.lab.effect import METRICS_COMPARED, Change, Effect, Measured, PromptLab

__all__ = ["METRICS_COMPARED", "Change", "Effect", "Measured", "PromptLab"]
