"""The results of a run: the model and its baselines on the test users."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from recsys.defaults import BASELINES
from recsys.evaluation import Evaluation, evaluate, ndcg_at, paired_bootstrap
from recsys.evaluation.protocol import Score
from recsys.evaluation.ratings import evaluate_ratings, mean_predictors, rating_report
from recsys.models import Recommender
from recsys.models.base import ClosedFormRecommender, Queries
from recsys.models.protocols import PredictsRatings, measured_users
from recsys.prompts import Template
from recsys.splitting import Holdout, Split


def score_with(model: Recommender, holdout: Holdout, template: Template | None = None) -> Score:
    """The model as a score function: user positions → scores, from the histories of `holdout`.

    No intent is given.

    Args:
        template: the prompt; None for the one the model was trained with.
    """
    return lambda users: model.score(Queries(holdout.history, users, template))


def validation_ndcg(split: Split) -> Callable[[Recommender], float]:
    """What training watches: NDCG@10 on the validation users."""
    holdout = split.validation
    return lambda model: ndcg_at(score_with(model, holdout), holdout)


def affordable(model: Recommender, split: Split) -> Split:
    """The split with as many of its test users as the model can be measured on in good time."""
    limit = measured_users(model)
    return split if limit is None else replace(split, test=split.test.sample(limit))


def batch_size(model: Recommender) -> int:
    """How many users are scored at once; one, where that takes seconds."""
    return 256 if measured_users(model) is None else 1


def evaluate_model(
    model: Recommender, split: Split, progress: Callable[[int, int], None] | None = None
) -> Evaluation:
    """Measure a fitted model on the test users.

    Args:
        progress: called with (done, total) users.
    """
    score = score_with(model, split.test)
    return evaluate(score, split.test, split.train, batch_size=batch_size(model), progress=progress)


def evaluate_baselines(
    split: Split, on_start: Callable[[str], None] = lambda name: None
) -> dict[str, Evaluation]:
    """Fit and measure every baseline on the same split; `on_start` gets each one's name."""
    from recsys.models import MODELS

    results = {}
    for name in BASELINES:
        on_start(name)
        baseline = MODELS[name]()
        assert isinstance(baseline, ClosedFormRecommender)
        baseline.fit(split.train)
        results[name] = evaluate_model(baseline, split)
    return results


def gain(own: Evaluation, backbone: str, of_backbone: Evaluation) -> dict[str, Any]:
    """What a model adds to its backbone, by a paired bootstrap over users."""
    metric = "ndcg@10"
    difference = paired_bootstrap(own.per_user[metric], of_backbone.per_user[metric])
    return {
        "over": backbone,
        "metric": metric,
        "backbone": of_backbone.metrics[metric].to_dict(),
        **difference.to_dict(),
        "distinguishable": difference.distinguishable,
    }


def evaluate_rating_model(model: Recommender, split: Split) -> dict[str, Any]:
    """A model of ratings and plain means, on the ratings of the test targets.

    Where the data does not say from which rating on an item counts as liked, it is the mean.
    """
    train = split.train
    assert train.rating is not None
    assert isinstance(model, PredictsRatings)
    liked_from = float(np.nanmean(train.rating)) if train.liked_from is None else train.liked_from
    own = evaluate_ratings(model.predict, split.test, liked_from)
    baselines = {
        name: evaluate_ratings(predict, split.test, liked_from)
        for name, predict in mean_predictors(split.train).items()
    }
    return rating_report(own, baselines)


def report(
    run: str,
    data: str,
    data_hash: str,
    evaluation: Evaluation,
    baselines: Mapping[str, Evaluation],
) -> dict[str, Any]:
    """What `evaluation.json` holds."""
    return {
        "run": run,
        "data": data,
        "data_hash": data_hash,
        **evaluation.to_dict(),
        "baselines": {name: one.to_dict()["metrics"] for name, one in baselines.items()},
    }


def per_user_frame(users: np.ndarray, evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """A row a test user (index: `users`), a column "model metric@k" for every per-user metric."""
    columns = {
        f"{model} {metric}": values.astype(np.float32)
        for model, evaluation in evaluations.items()
        for metric, values in evaluation.per_user.items()
    }
    return pd.DataFrame(columns, index=pd.Index(users, name="user"))
