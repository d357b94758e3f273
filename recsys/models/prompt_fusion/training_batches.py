"""Training batches: positions of histories, the prompt and the intent at each, and the targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from recsys.dataset import Dataset
from recsys.models.prompt_fusion.config import PromptFusionConfig
from recsys.models.prompt_side.intent_draws import IntentDraws
from recsys.models.prompt_side.tokens import IntentTexts
from recsys.models.sequences import TrainingWindows, Windows, next_item_targets
from recsys.prompts import GENERIC_TEMPLATES, Template, Variable
from recsys.wishes.facets import Facets

#: How often a variable is left out of a prompt that is read alone.
_LEFT_OUT = 0.25


@dataclass(frozen=True, eq=False)
class TrainingBatch:
    """A training batch of n positions.

    Attributes:
        windows: the stretches of histories that hold the positions.
        asked: (w, t) bool, the events of the windows that are positions of the batch.
        users, events: (n,) whose event, and its position in the training data.
        targets: (n, k) the next items.
        weights: (n, k) the weight of each target in the loss.
        template: the prompt; None for a batch that trains the sequence encoder alone.
        told: the prompt where it is read alone: the same, without some of its variables.
        intents: the wish at each position.
        forget: (n,) bool, where no event may be used, in the prompt neither.
        alone: (m,) the positions that are read a second time, by the prompt alone.
    """

    windows: Windows
    asked: torch.Tensor
    users: np.ndarray
    events: np.ndarray
    targets: torch.Tensor
    weights: torch.Tensor
    template: Template | None
    told: Template | None
    intents: IntentTexts
    forget: np.ndarray
    alone: np.ndarray

    def to(self, device: torch.device) -> TrainingBatch:
        """The same with its tensors on another device."""
        tensors = {name: getattr(self, name).to(device) for name in ("asked", "targets", "weights")}
        return replace(self, windows=self.windows.to(device), **tensors)


class TrainingBatches:
    """Draws batches from the training data.

    Args:
        template: what the model is to be trained with; some batches read another one of the
            library, so that the model generalises to edited prompts.
    """

    def __init__(
        self, train: Dataset, facets: Facets, template: Template, config: PromptFusionConfig
    ) -> None:
        self._train = train
        self._config = config
        self._template = template
        self._draws = IntentDraws(facets, config.intent_share, config.small_talk_share)
        self._windows = TrainingWindows(train, config.length, config.batch_positions)
        self._is_target = self._windows.is_target.numpy()
        self._others = [t for t in GENERIC_TEMPLATES.values() if t.language == template.language]
        self.positions = int(self._is_target.sum())
        self._prompted_share = min(1.0, config.prompted_positions / max(self.positions, 1))

    def batches(self, rng: np.random.Generator) -> Iterator[TrainingBatch]:
        """All positions once, in shuffled batches."""
        for windows in self._windows.batches(rng):
            yield self._batch(windows, rng)

    def _batch(self, windows: Windows, rng: np.random.Generator) -> TrainingBatch:
        mask = windows.mask.numpy()  # (w, t)
        places = windows.first.numpy()[:, None] + np.arange(mask.shape[1])  # (w, t)
        asked = mask.copy()
        asked[mask] = self._is_target[places[mask]]
        users = np.broadcast_to(windows.user.numpy()[:, None], mask.shape)[asked]
        events = places[asked]
        n = len(events)
        template = self._draw_template(rng)
        forget, alone = np.zeros(n, dtype=bool), np.zeros(0, dtype=np.int64)
        intents = IntentTexts((), np.full(n, -1))
        if template is not None:
            forget = rng.random(n) < self._config.forget_share
            alone = np.flatnonzero(~forget & (rng.random(n) < self._config.history_dropout))
            intents = self._draws(self._train.item[events], rng)
        targets, weights = next_item_targets(self._train, users, events, self._is_target)
        # A wish is for the very next item, and then that one alone counts.
        weights[:, 1:] *= (intents.of < 0)[:, None]
        return TrainingBatch(
            windows=windows,
            asked=torch.from_numpy(asked),
            users=users,
            events=events,
            targets=torch.from_numpy(targets),
            weights=torch.from_numpy(weights),
            template=template,
            told=None if template is None else self._without_some(template, rng),
            intents=intents,
            forget=forget,
            alone=alone,
        )

    def _without_some(self, template: Template, rng: np.random.Generator) -> Template:
        """A template with each of its variables left out in some batches.

        A prompt that is read alone may say little: less than those of the library do.
        """
        gone = {name for name in template.variables if rng.random() < _LEFT_OUT}
        return replace(
            template,
            pieces=tuple(
                piece
                for piece in template.pieces
                if not (isinstance(piece, Variable) and piece.name in gone)
                and not any(part.variable in gone and not part.negated for part in piece.conditions)
            ),
        )

    def _draw_template(self, rng: np.random.Generator) -> Template | None:
        if rng.random() >= self._prompted_share:
            return None
        if rng.random() < self._config.other_prompt_share:
            return self._others[rng.integers(len(self._others))]
        return self._template
