"""Settings that all tuned language models have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from recsys.language_models import DEFAULT_LANGUAGE_MODEL
from recsys.models.settings import ModelConfig, Setting
from recsys.models.shared_settings import (
    BATCH_POSITIONS,
    DROPOUT,
    INTENT_SHARE,
    LANGUAGE_MODEL,
    MAX_TOKENS,
    PROMPT,
)
from recsys.prompts import LIBRARY, Template
from recsys.schema import N_

_EPOCH_POSITIONS = Setting(
    N_("Positions in an epoch"),
    N_("Drawn anew for each; a pass over all would take long."),
    minimum=1,
    maximum=100_000_000,
    step=256,
)


@dataclass(frozen=True)
class TuningConfig(ModelConfig):
    """Settings that all tuned language models have.

    Attributes:
        prompt: the source of the template it is trained with; "" for the library's `sequential`.
        language_model: as `recsys.language_models.describe` takes it.
        max_tokens: longer prompts lose words at their end.
        epoch_positions: training positions drawn for an epoch. A pass over all would take far
            longer than the time between two looks at the curve may be.
        batch_positions: training positions in a batch, about.
        dropout: of query dimensions, while training.
        intent_share: the share of positions that are trained with a wish for an attribute of
            their own target.
    """

    prompt: Annotated[str, PROMPT] = ""
    language_model: Annotated[str, LANGUAGE_MODEL] = DEFAULT_LANGUAGE_MODEL
    max_tokens: Annotated[int, MAX_TOKENS] = 256
    epoch_positions: Annotated[int, _EPOCH_POSITIONS] = 2048
    batch_positions: Annotated[int, BATCH_POSITIONS] = 16
    dropout: Annotated[float, DROPOUT] = 0.1
    intent_share: Annotated[float, INTENT_SHARE] = 0.25

    @property
    def template(self) -> Template:
        """The template, parsed."""
        return Template.parse(self.prompt) if self.prompt else LIBRARY["sequential"]
