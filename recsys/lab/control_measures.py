"""The controls of a run: its NDCG@10 beside what is left of it without a part of what it used.

Nothing is trained for them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from recsys.dataset import Dataset
from recsys.defaults import FLOOR
from recsys.evaluation import paired_bootstrap
from recsys.evaluation.metrics import ndcg
from recsys.evaluation.protocol import Score, rank
from recsys.lab.controls import CONTROLS, Control, ControlName, ControlValues
from recsys.models.base import Queries, Recommender
from recsys.prompts import Template
from recsys.runs import Run
from recsys.runs.measure import affordable, batch_size, score_with
from recsys.splitting import Holdout
from recsys.storage.checked import reader
from recsys.storage.files import read_json, unwritable, write_json

#: What is compared.
METRIC, K = "ndcg@10", 10
#: Of the shuffle of histories.
SEED = 0
EMPTY = Template.parse("")

#: Called with a control's name and (done, total) users.
Progress = Callable[[str, int, int], None]


def controls_of(
    run: Run, progress: Progress = lambda name, done, total: None
) -> dict[str, Control]:
    """The controls of a measured run, by name; kept in the run, and read from there later.

    - "shuffled-histories": every user is scored as another one, whose history, attributes and
      learned vector stand for their own. What the user has seen is left out as always, so that
      what remains is what the model does without knowing who it is.
    - "backbone": the model that it builds on, alone. Models that build on one have it. With
      an empty prompt such a model can do worse than that, since it never learned from one.
    - "empty-prompt": the model reads an empty template. Models that read
      prompts have it.
    - "popularity": the most popular items. All but popularity itself have it.

    They are measured on the users that the result was measured on.

    Raises:
        RunError: if the run was not measured, or has no model.
    """
    file = run.folder / "controls.json"
    try:
        kept = reader(dict[ControlName, ControlValues]).validate_python(read_json(file))
        return {name: Control.from_dict(values) for name, values in kept.items()}
    except (OSError, ValueError):
        pass  # not measured yet
    found = _measure(run, progress)
    try:
        write_json(file, {name: control.to_dict() for name, control in found.items()})
    except OSError as error:
        raise unwritable(run.folder, error) from error
    return found


def _measure(run: Run, progress: Progress) -> dict[str, Control]:
    results = run.per_user()
    own = results["model"][METRIC]
    model = run.model()
    holdout = affordable(model, run.split()).test
    values: dict[str, np.ndarray] = {}

    def measured(name: str, score: Score) -> np.ndarray:
        lists = rank(
            score, holdout, K, batch_size(model), lambda done, total: progress(name, done, total)
        )
        # As exact as results are kept, so that what is equal has no difference.
        return ndcg(lists, holdout.targets).astype(np.float32)

    if len(holdout.users) > 1:
        values["shuffled-histories"] = measured("shuffled-histories", as_others(model, holdout))
    if model.reads_prompts:
        values["empty-prompt"] = measured("empty-prompt", score_with(model, holdout, EMPTY))
    if model.backbone is not None:
        values["backbone"] = results[model.backbone.name][METRIC]
    if model.name != FLOOR:
        values[FLOOR] = results[FLOOR][METRIC]
    return {
        name: Control(
            float(values[name].mean(dtype=np.float64)), paired_bootstrap(own, values[name])
        )
        for name in CONTROLS
        if name in values
    }


def as_others(model: Recommender, holdout: Holdout) -> Score:
    """The model as a score function for `rank`, with every user scored as another one."""
    stand_in = np.arange(holdout.history.n_users)
    stand_in[holdout.users] = others(holdout.history, holdout.users)
    return lambda users: model.score(Queries(holdout.history, stand_in[users]))


def others(history: Dataset, users: np.ndarray, seed: int = SEED) -> np.ndarray:
    """For every user another one of `users` (n,), each once: a random derangement.

    Nobody gets somebody with the very same history, as long as no history is that of more than
    half of them: users stand in a ring, those of one history side by side, and each gets whoever
    stands as many places on as the largest such group has members.
    """
    order = np.random.default_rng(seed).permutation(len(users))
    groups: dict[bytes, list[int]] = {}
    for place in order.tolist():
        groups.setdefault(history.history(int(users[place])).tobytes(), []).append(place)
    ring = np.array([place for group in groups.values() for place in group])
    largest = max(map(len, groups.values()))
    result = np.empty_like(users)
    result[ring] = users[np.roll(ring, -max(1, min(largest, len(users) // 2)))]
    return result
