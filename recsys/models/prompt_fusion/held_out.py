"""The scores of SLIT before every training event, fitted on other users only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F

from recsys.dataset import Dataset
from recsys.models.slit import SlitConfig, Transitions

#: Scores kept in all; where there are more events, fewer scores of each are kept.
MOST_SCORES = 60_000_000
#: Scores computed in all at most (events × items), or it would take longer than it is worth.
MOST_WORK = 5_000_000_000
#: With fewer events than this the scores add nothing to what the network learns by itself.
FEWEST_EVENTS = 10_000
_ROWS = 2048


@dataclass(frozen=True)
class HeldOutScores:
    """The highest scores of SLIT at every training event, before that event.

    As in boosting, the network is trained on top of them and learns what they leave unexplained.
    Weights fitted on the same user would leak the target into the scores, and the network would
    learn to rely on them; hence the folds (Wolpert 1992, "Stacked generalization").

    Attributes:
        kept: (m,) item positions that `places` counts in.
        places: (n_events, c) int16.
        scores: (n_events, c) float16; 0 at events that nothing precedes or that are no target.
    """

    kept: torch.Tensor
    places: torch.Tensor
    scores: torch.Tensor

    def at(self, events: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Item positions (n, c) and their scores (n, c) float32 just before n events."""
        return self.kept[self.places[events].long()], self.scores[events].float()

    @classmethod
    def of(cls, train: Dataset, folds: int, strongest: int) -> Self | None:
        """The scores; None where there is too little data, or too much for all events.

        Args:
            folds: parts into which the users are cut.
            strongest: scores kept at each event, the highest; fewer of many events.
        """
        config = SlitConfig()
        if not FEWEST_EVENTS <= train.n_events <= config.max_positions:
            return None
        if train.n_events * min(train.n_items, config.max_items) > MOST_WORK:
            return None
        transitions = Transitions.of(train, config)
        c = min(strongest, len(transitions.kept), MOST_SCORES // train.n_events)
        places = torch.zeros(train.n_events, c, dtype=torch.int16)
        scores = torch.zeros(train.n_events, c, dtype=torch.float16)
        fold = (np.random.default_rng(0).permutation(train.n_users) % folds)[transitions.users]
        gram, together = transitions.sums()
        for part in range(folds):
            rows = np.flatnonzero(fold == part)
            own_gram, own_together = transitions.sums(rows)
            weights = torch.from_numpy(
                np.ascontiguousarray(transitions.weights(gram - own_gram, together - own_together))
            )
            for chosen in np.split(rows, range(_ROWS, len(rows), _ROWS)):
                before = transitions.before[chosen]
                slit_scores = F.embedding_bag(
                    torch.from_numpy(before.indices.astype(np.int64)),
                    weights,
                    torch.from_numpy(before.indptr[:-1].astype(np.int64)),
                    mode="sum",
                    per_sample_weights=torch.from_numpy(before.data),
                )  # (r, m)
                highest, best = slit_scores.topk(c)
                events = torch.from_numpy(transitions.events[chosen])
                places[events] = best.to(torch.int16)
                scores[events] = highest.to(torch.float16)
        return cls(torch.from_numpy(transitions.kept), places, scores)
