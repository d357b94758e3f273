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
    internal,
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
_STRETCH = internal(N_("Positions of a history in one pass"), 1, 1_000)
_FIRST_SPREAD = internal(N_("Standard deviation of the first scores"), 1e-6, 100.0)
_READ_GAIN = internal(N_("How much faster queries learn than keys"), 1e-3, 1_000.0)
_WHITENING_FLOOR = internal(N_("Floor of the whitening"), 0.0, 100.0)


@dataclass(frozen=True)
class TuningConfig(ModelConfig):
    """Settings that all tuned language models have.

    Attributes:
        prompt: the source of the template it is trained with; "" for the library's `sequential`.
        language_model: as `recsys.language_models.describe` takes it.
        max_tokens: longer prompts lose words at their end.
        epoch_positions: training positions drawn for an epoch. A pass over all would take far
            longer than the time between two validations should.
        batch_positions: training positions in a batch, about.
        dropout: of query dimensions, while training.
        intent_share: the share of positions that are trained with a wish for an attribute of
            their own target.
        stretch: positions of a history, one after the other, that a causal model learns in one
            pass; not tuned.
        first_spread: the standard deviation of the scores that training starts from; not tuned.
        read_gain: how many times faster than the keys the matrix learns that makes queries of
            states; not tuned.
        whitening_floor: how much of the largest spread is added to that of every direction when
            states are whitened; the same as in `recsys.language_models.whitening`.
    """

    prompt: Annotated[str, PROMPT] = ""
    language_model: Annotated[str, LANGUAGE_MODEL] = DEFAULT_LANGUAGE_MODEL
    max_tokens: Annotated[int, MAX_TOKENS] = 256
    epoch_positions: Annotated[int, _EPOCH_POSITIONS] = 2048
    batch_positions: Annotated[int, BATCH_POSITIONS] = 16
    dropout: Annotated[float, DROPOUT] = 0.1
    intent_share: Annotated[float, INTENT_SHARE] = 0.25
    stretch: Annotated[int, _STRETCH] = 10
    first_spread: Annotated[float, _FIRST_SPREAD] = 0.25
    read_gain: Annotated[float, _READ_GAIN] = 5.0
    whitening_floor: Annotated[float, _WHITENING_FLOOR] = 0.1

    @property
    def template(self) -> Template:
        """The template, parsed."""
        return Template.parse(self.prompt) if self.prompt else LIBRARY["sequential"]
