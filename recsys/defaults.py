"""Which models are taken where nobody says otherwise; keys of `recsys.models.MODELS`."""

from __future__ import annotations

#: What is trained, and chosen first in forms.
DEFAULT_MODEL = "prompt-fusion"
#: What `prompts tune` trains: a prompt on a frozen backbone.
TUNED_MODEL = "prompt-tuned"
#: What a prompt is tuned on where no trained model is named.
DEFAULT_BACKBONE = "mf"
#: What every result is compared with first, since it knows nothing of anybody.
FLOOR = "popularity"
#: Always measured beside a model, because a number alone says little.
BASELINES = (FLOOR, "ease")
#: What the Evaluate page adds where it was trained on the same data.
SEQUENTIAL_BASELINE = "sasrec"
