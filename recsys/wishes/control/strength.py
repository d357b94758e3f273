"""How much a wish counts, from a nudge to a rule."""

from __future__ import annotations

#: The strength at which a wish is a nudge.
NUDGE = 0.5
#: How steeply a wish counts more the stronger it is. Of what a rule changes in the top ten, the
#: middle changes .27 (EASE), .30 (popularity) to .72 (prompt fusion): nine wishes for films, 112
#: people, the share of items that have what was asked for.
_STEEP = 3.5


def lift(strength: float) -> float:
    """How much of a bonus counts at a strength of a wish from 0, nothing, to 1, a rule: 0 to 1.

    The share of wanted items among the best never falls with it: an item passes another only if
    its bonus is higher.
    """
    return float(strength**_STEEP)
