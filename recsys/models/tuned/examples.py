"""Training examples of tuned language models: prompts at positions, and the items that came."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recsys.dataset import Dataset
from recsys.models.tuned.config import TuningConfig
from recsys.models.tuned.language import TextModel
from recsys.models.tuned.packing import Tokens
from recsys.models.tuned.reading import PromptWriter
from recsys.prompts import Template
from recsys.splitting import first_meetings
from recsys.wishes.facets import Facets
from recsys.wishes.requests import WISHES

#: Prompts that share a row of a batch, and the items that followed them.
Group = tuple[list[Tokens], list[int]]


class Examples:
    """Draws the positions of an epoch and puts prompts of like length into a batch.

    An encoder reads a prompt for every position. For a causal model the positions of a stretch
    of a history share their beginning, which is read once.
    """

    def __init__(
        self, train: Dataset, writer: PromptWriter, model: TextModel, config: TuningConfig
    ) -> None:
        self._train = train
        self._writer = writer
        self._causal = model.causal
        self._config = config
        self._facets = Facets.of(train)
        # Repeats are no targets: seen items are filtered from lists.
        self._is_target = first_meetings(train)
        self._learnable = np.flatnonzero(self._is_target)
        self.per_epoch = min(config.epoch_positions, len(self._learnable))

    def batches(
        self, rng: np.random.Generator, template: Template
    ) -> Iterator[tuple[list[list[Tokens]], np.ndarray]]:
        """Groups of prompts, and the targets (n,) of all their prompts in order."""
        groups = self.draw(rng, template)
        # Shuffled first, so that equal lengths do not always meet; sorted, so that little is
        # padding; and the batches shuffled again.
        order = rng.permutation(len(groups))
        lengths = np.array([max(map(len, prompts)) for prompts, _ in groups])
        order = order[np.argsort(lengths[order], kind="stable")]
        sizes = np.array([len(groups[place][1]) for place in order])
        batch = (np.cumsum(sizes) - sizes) // self._config.batch_positions
        parts = np.split(order, np.flatnonzero(np.diff(batch)) + 1)
        for part in rng.permutation(len(parts)):
            chosen = [groups[place] for place in parts[part]]
            targets = np.array([item for _, items in chosen for item in items], dtype=np.int64)
            yield [prompts for prompts, _ in chosen], targets

    def draw(self, rng: np.random.Generator, template: Template) -> list[Group]:
        """The prompts of one epoch, in no order, and the items that followed."""
        return (self._stretches if self._causal else self._singles)(rng, template)

    def _singles(self, rng: np.random.Generator, template: Template) -> list[Group]:
        """Positions drawn without repeats, each with all that was known."""
        groups: list[Group] = []
        for event in rng.choice(self._learnable, self.per_epoch, replace=False):
            user, item = int(self._train.user[event]), int(self._train.item[event])
            intent = self._intent(rng, item)
            groups.append(([self._writer.whole(template, user, int(event), intent)], [item]))
        return groups

    def _stretches(self, rng: np.random.Generator, template: Template) -> list[Group]:
        """Stretches of histories that begin anywhere, up to the number of positions wanted."""
        groups: list[Group] = []
        drawn = 0
        while drawn < self.per_epoch:
            begin = int(rng.choice(self._learnable))
            user = int(self._train.user[begin])
            last = min(begin + self._config.stretch, int(self._train.offsets[user + 1]))
            events = [event for event in range(begin, last) if self._is_target[event]]
            events = events[: self.per_epoch - drawn]
            items = [int(self._train.item[event]) for event in events]
            intents = [self._intent(rng, item) for item in items]
            prompts = self._writer.stretch(template, user, begin, events, intents)
            groups.append((prompts, items))
            drawn += len(events)
        return groups

    def _intent(self, rng: np.random.Generator, item: int) -> str:
        """A wish for an attribute value of the item, or ""."""
        held = self._facets.held
        values = held.indices[held.indptr[item] : held.indptr[item + 1]]
        if not len(values) or rng.random() >= self._config.intent_share:
            return ""
        value = str(self._facets.values[rng.choice(values)])
        return str(rng.choice(WISHES)).format(value=value.lower())
