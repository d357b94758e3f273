"""A pre-trained language model that ranks by a prompt: nothing is trained."""

from recsys.models.zero_shot.model import ZeroShot, ZeroShotConfig

__all__ = ["ZeroShot", "ZeroShotConfig"]
