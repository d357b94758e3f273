"""A language model as it comes, asked by a prompt: nothing is trained."""

from recsys.models.zero_shot.model import ZeroShot, ZeroShotConfig

__all__ = ["ZeroShot", "ZeroShotConfig"]
