"""How much a wish counts, from a nudge to a rule."""

from __future__ import annotations

#: The strength at which a wish is a nudge.
NUDGE = 0.5
#: How steeply a wish counts more the stronger it is, see `lift`.
_STEEP = 3.0


def lift(strength: float) -> float:
    """How much of a bonus counts at a strength of a wish from 0, nothing, to 1, a rule: 0 to 1.

    The share of wanted items among the best never falls with it: an item passes another only if
    its bonus is higher.
    """
    return float(strength**_STEEP)
