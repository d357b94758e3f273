"""Prompts measured on a trained model, and one compared with another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from recsys.evaluation import METRICS, Comparison, paired_bootstrap
from recsys.evaluation.metrics import RankingMetric
from recsys.evaluation.multiple import compare_pairs
from recsys.evaluation.protocol import rank
from recsys.evaluation.slices import Slice, by_attribute, by_history_length
from recsys.lab.readings import WHOLE, ReadingMode
from recsys.models.base import Queries, Recommender
from recsys.models.protocols import measured_users
from recsys.prompts import Template
from recsys.prompts.contexts.reading import PromptReader
from recsys.schema import N_, ConfigError
from recsys.splitting import Holdout

#: The length of the lists that are compared.
K = 10
#: Metrics of one user's list; the first one decides who gained and who lost.
METRICS_COMPARED = ("ndcg", "recall")
#: Users scored at once: few enough that progress is seen to go on.
_BATCH = 128
#: Prompts whose lists are kept.
_REMEMBERED = 200

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Measured:
    """What a prompt makes of n users.

    Attributes:
        template: the prompt; None for the one that the model was trained with.
        exchanged: the variable whose values were those of other users; None for none.
        lists: (n, K) item positions, best first, padded with -1.
        per_user: "ndcg@10" → its value for each user (n,).
    """

    template: Template | None
    lists: np.ndarray
    per_user: dict[str, np.ndarray]
    exchanged: str | None = None


@dataclass(frozen=True)
class Change:
    """A metric under two prompts, over some users: two means, and their difference."""

    a: float
    b: float
    comparison: Comparison

    def to_dict(self) -> dict[str, float]:
        """As the command line prints it."""
        return {"a": self.a, "b": self.b, **self.comparison.to_dict()}


@dataclass(frozen=True, eq=False)
class Effect:
    """How prompt a does beside prompt b, on the same users.

    Attributes:
        holdout: the users, and what they met next.
        a, b: what was measured of each.
    """

    holdout: Holdout
    a: Measured
    b: Measured

    @cached_property
    def metrics(self) -> dict[str, Change]:
        """Over all users, by metric."""
        return {name: self.change(name) for name in self.a.per_user}

    def change(self, metric: str, mask: np.ndarray | None = None) -> Change:
        """Over the users of a slice, `mask` (n,) bool; over all without one."""
        chosen = slice(None) if mask is None else mask
        a, b = self.a.per_user[metric][chosen], self.b.per_user[metric][chosen]
        return Change(float(a.mean()), float(b.mean()), paired_bootstrap(a, b))

    def among(self, groups: Sequence[Slice]) -> list[Comparison]:
        """What groups of users gain in the first metric.

        The intervals are simultaneous: a single false gain or loss among all groups is held at 5%.
        """
        masks = np.stack([group.mask for group in groups])
        return compare_pairs(np.tile(self.gains, (len(masks), 1)), masks)

    @cached_property
    def slices(self) -> dict[str, Slice]:
        """New, light and heavy users, then users by what they met and by what they are."""
        return {**by_history_length(self.holdout), **by_attribute(self.holdout)}

    @cached_property
    def gains(self) -> np.ndarray:
        """What each user gains by a in the first metric, (n,)."""
        metric = f"{METRICS_COMPARED[0]}@{K}"
        gains: np.ndarray = self.a.per_user[metric] - self.b.per_user[metric]
        return gains

    def gained(self, most: int) -> np.ndarray:
        """Places in `holdout.users` of those who gain, the most first."""
        return self._extreme(-self.gains, most)

    def lost(self, most: int) -> np.ndarray:
        """The same of those who lose."""
        return self._extreme(self.gains, most)

    def moved(self) -> np.ndarray:
        """How many of each user's items under a are not among those under b: (n,)."""
        same = (self.a.lists[:, :, None] == self.b.lists[:, None, :]).any(2)  # (n, K)
        moved: np.ndarray = (~same & (self.a.lists >= 0)).sum(1)
        return moved

    @property
    def is_none(self) -> bool:
        """Whether both prompts make the very same lists."""
        return np.array_equal(self.a.lists, self.b.lists)

    def to_dict(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            "users": len(self.holdout.users),
            "metrics": {name: change.to_dict() for name, change in self.metrics.items()},
        }

    def score(self, run: str, data_hash: str) -> dict[str, Any]:
        """What `PromptStore.add_score` keeps of prompt a."""
        metrics = {name: change.a for name, change in self.metrics.items()}
        users = len(self.holdout.users)
        return {"run": run, "data_hash": data_hash, "users": users, "metrics": metrics}

    def _extreme(self, order: np.ndarray, most: int) -> np.ndarray:
        places = np.argsort(order, kind="stable")[:most]
        return places[order[places] < 0]


def check_reads_prompts(model: Recommender) -> None:
    """Raises `ConfigError` if the model reads no prompts."""
    if not model.reads_prompts:
        raise ConfigError(
            N_("The model {model} reads no prompts. Choose a run of one that does."),
            model=model.name,
        )


class PromptLab:
    """Measures prompts on one trained model; what was measured is kept.

    Args:
        model: one that reads prompts.
        holdout: the users to measure on.

    Raises:
        ConfigError: if the model reads no prompts.
    """

    def __init__(self, model: Recommender, holdout: Holdout) -> None:
        check_reads_prompts(model)
        limit = measured_users(model)
        self.model = model
        self.holdout = holdout if limit is None else holdout.sample(limit)
        self._measured: dict[object, Measured] = {}
        self._partners: dict[str, np.ndarray | None] = {}

    def measure(
        self,
        template: Template | None,
        progress: Progress | None = None,
        *,
        exchanged: str | None = None,
        mode: ReadingMode = WHOLE,
    ) -> Measured:
        """Rank the catalogue for every user under a prompt.

        Args:
            progress: called with (done, total) users.
            mode: one of the `modes_of` the model.
            exchanged: a variable of which everybody gets the value of somebody else, see
                `partners`.
        """
        read = None if template is None else (template.body, template.language)
        key = (read, exchanged, mode)
        if key not in self._measured:
            if len(self._measured) >= _REMEMBERED:
                del self._measured[next(iter(self._measured))]
            self._measured[key] = self._measure(template, exchanged, mode, progress)
        return self._measured[key]

    def partners(self, variable: str) -> np.ndarray | None:
        """Whose value of a variable each user gets where it is exchanged: (n_users,) positions.

        The users who have one stand in a ring, in an order that is always the same, and each gets
        the value of the next: nobody keeps their own. None where fewer than two have one.
        """
        if variable not in self._partners:
            self._partners[variable] = self._ring(variable)
        return self._partners[variable]

    def _ring(self, variable: str) -> np.ndarray | None:
        holders = np.intersect1d(self._reader.holders(variable), self.holdout.users)
        if len(holders) < 2:
            return None
        partners = np.arange(self.holdout.history.n_users)
        ring = np.random.default_rng(0).permutation(holders)
        partners[ring] = np.roll(ring, -1)
        return partners

    @cached_property
    def _reader(self) -> PromptReader:
        return PromptReader(self.holdout.history)

    def compare(
        self,
        a: Template | None,
        b: Template | None,
        progress: Progress | None = None,
        *,
        mode: ReadingMode = WHOLE,
    ) -> Effect:
        """How prompt `a` does beside prompt `b`; None stands for the trained one."""
        measured = (self.measure(each, progress, mode=mode) for each in (a, b))
        return Effect(self.holdout, *measured)

    def queries(
        self,
        users: np.ndarray,
        template: Template | None,
        exchanged: str | None = None,
        mode: ReadingMode = WHOLE,
    ) -> Queries:
        """What the model is asked for some users: positions in the data."""
        partners = None if exchanged is None else self.partners(exchanged)
        others = {} if exchanged is None or partners is None else {exchanged: partners}
        return Queries(
            self.holdout.history,
            users,
            template,
            exchanged=others,
            history_weight=mode.history_weight,
        )

    def _measure(
        self,
        template: Template | None,
        exchanged: str | None,
        mode: ReadingMode,
        progress: Progress | None,
    ) -> Measured:
        batch = _BATCH if measured_users(self.model) is None else 1
        lists = rank(
            lambda users: self.model.score(self.queries(users, template, exchanged, mode)),
            self.holdout,
            K,
            batch,
            progress,
        )
        per_user = {}
        for name in METRICS_COMPARED:
            metric = METRICS[name]
            assert isinstance(metric, RankingMetric)
            per_user[f"{name}@{K}"] = metric.measure(lists, self.holdout.targets)
        return Measured(template, lists, per_user, exchanged)
