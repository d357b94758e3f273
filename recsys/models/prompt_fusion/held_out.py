"""The scores of SLIT before every training event, fitted on other users only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F

from recsys.dataset import Dataset
from recsys.models.prompt_fusion.config import PromptFusionConfig
from recsys.models.prompt_fusion.cooccurrence import CoOccurrence, strongest
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
        folds: the weights that each part of the users is scored with.
        fold_of: (n_users,) the part that each user is in.
        kept: (m,) item positions that `places` counts in.
        places: (n_events, c) int16.
        scores: (n_events, c) float16; 0 at events that nothing precedes or that are no target.
    """

    folds: tuple[CoOccurrence, ...]
    fold_of: np.ndarray
    kept: torch.Tensor
    places: torch.Tensor
    scores: torch.Tensor

    def at(self, events: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Item positions (n, c) and their scores (n, c) float32 just before n events."""
        return self.kept[self.places[events].long()], self.scores[events].float()

    def after(self, told: Dataset, users: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """The same as `at`, after n histories told of training users (n,).

        Args:
            told: a history for each, in this order.
        """
        rows = np.arange(len(users))
        places = torch.zeros(len(rows), self.places.shape[1], dtype=torch.int64)
        scores = torch.zeros(places.shape)
        for part, weights in enumerate(self.folds):
            chosen = rows[self.fold_of[users] == part]
            found = torch.from_numpy(weights.score(told, chosen))
            scores[chosen], places[chosen] = found.topk(places.shape[1])
        return places, scores

    @classmethod
    def of(cls, train: Dataset, config: PromptFusionConfig) -> Self | None:
        """The scores; None where there is too little data, or too much for all events."""
        slit = SlitConfig()
        folds, strongest_scores = config.counting_folds, config.counting_held_out
        if not FEWEST_EVENTS <= train.n_events <= slit.max_positions:
            return None
        if train.n_events * min(train.n_items, slit.max_items) > MOST_WORK:
            return None
        transitions = Transitions.of(train, slit)
        c = min(strongest_scores, len(transitions.kept), MOST_SCORES // train.n_events)
        places = torch.zeros(train.n_events, c, dtype=torch.int16)
        scores = torch.zeros(train.n_events, c, dtype=torch.float16)
        fold_of = np.random.default_rng(0).permutation(train.n_users) % folds
        fold, kept = fold_of[transitions.users], []
        gram, together = transitions.sums()
        for part in range(folds):
            rows = np.flatnonzero(fold == part)
            own_gram, own_together = transitions.sums(rows)
            dense = np.ascontiguousarray(
                transitions.weights(gram - own_gram, together - own_together)
            )
            kept.append(
                CoOccurrence(
                    strongest(dense, transitions.kept, train.n_items, config.counting_neighbours)
                )
            )
            weights = torch.from_numpy(dense)
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
        return cls(tuple(kept), fold_of, torch.from_numpy(transitions.kept), places, scores)
