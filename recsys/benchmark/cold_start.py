"""The suite `cold-start`: users and items never seen in training, by how much is known of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from recsys.benchmark.cold_start_data import KNOWN_EVENTS, ColdStart
from recsys.benchmark.measuring import train
from recsys.benchmark.quality import CLEANING
from recsys.benchmark.suites import Record, SuiteRequest, check_name
from recsys.benchmark.text_neighbours import TextNeighbours
from recsys.cleaning import prepare
from recsys.dataset import Dataset
from recsys.evaluation import METRICS, bootstrap_interval, paired_bootstrap
from recsys.evaluation.metrics import RankingMetric
from recsys.models import MODELS, Recommender
from recsys.models.base import Queries
from recsys.prompts import Template
from recsys.ranking import seen_items, top_k

#: What the other models are compared with.
BASELINES = ("popularity", "ease", "sasrec", "text-knn")
KNOWN: dict[str, Callable[[], Recommender]] = {**MODELS, "text-knn": TextNeighbours}
#: Known events of a cold-start user, a slice each.
EVENTS = (0, 1, 3, 5, 10)
PROFILE = "0, profile"
NEW_ITEMS = "new items"
COMPARED = ("ndcg@10", "hit_rate@10", "ndcg@10/next", "ndcg@10/new-items")
MINUTES = 10.0
_K = 10
_BATCH = 256

#: By slice and metric: the users asked for (n,) and a value each (n,).
PerUser = dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]


def run(asked: SuiteRequest) -> Iterator[Record]:
    """Train each model with each seed's known users and items, then measure on the unknown ones."""
    for name in asked.models:
        check_name(name, KNOWN)
    data, _ = prepare("movielens", cleaning=CLEANING)
    yield from cold_records(asked, data)


def cold_records(
    asked: SuiteRequest, data: Dataset, models: dict[str, Callable[[], Recommender]] = KNOWN
) -> Iterator[Record]:
    """The records of the suite on `data`, whose items have genres.

    Every seed keeps other users and items from training; a comparison is over all users that any
    seed asked for, each with the mean over those seeds.
    """
    asked.report_data(data.name, data.n_users, data.n_items, "cold-start, full catalogue")
    measured: dict[str, list[PerUser]] = {name: [] for name in asked.models}
    for name in asked.models:
        for seed in range(asked.seeds):
            parts = ColdStart.of(data, seed)
            trained = train(models[name](), seed, parts.split, MINUTES, asked.observe)
            values = _measure_slices(trained.model, parts)
            measured[name].append(values)
            for part in dict.fromkeys(part for part, _ in values):
                metrics = {
                    metric: bootstrap_interval(per_user)
                    for (of, metric), (_, per_user) in values.items()
                    if of == part
                }
                yield trained.record(asked.suite, name, metrics, part)
    for name in asked.models:
        if name not in BASELINES:
            for baseline in BASELINES:
                if baseline in measured:
                    yield from _compare(asked.suite, name, baseline, measured)


def _measure_slices(model: Recommender, parts: ColdStart) -> PerUser:
    """Every metric of every slice."""
    values: PerUser = {}
    holdout = parts.cold_users
    # The same candidates in every slice: items of all events that could be known are left out.
    left_out = seen_items(holdout.history, holdout.users)
    for n in EVENTS:
        queries = Queries(parts.after(n), holdout.users)
        lists = _lists(model, queries, left_out)
        _measure(values, str(n), holdout.users, lists, holdout.targets)
        if n < KNOWN_EVENTS:
            of_next = _lists(model, queries, seen_items(queries.history, holdout.users))
            _measure(values, str(n), holdout.users, of_next, parts.next_items(n), "/next")
        if n == 0:
            if model.reads_prompts:
                lists = _profiled(model, queries, parts.profiles, left_out)
            _measure(values, PROFILE, holdout.users, lists, holdout.targets)
    holdout = parts.new_items
    seen = seen_items(holdout.history, holdout.users)
    queries = Queries(holdout.history, holdout.users)
    lists = _lists(model, queries, seen)
    _measure(values, NEW_ITEMS, holdout.users, lists, holdout.targets)
    lists = _lists(model, queries, seen, parts.is_new)
    _measure(values, NEW_ITEMS, holdout.users, lists, holdout.targets, "/new-items")
    return values


def _lists(
    model: Recommender,
    queries: Queries,
    left_out: sp.csr_matrix,
    allowed: np.ndarray | None = None,
) -> np.ndarray:
    """The best items (n, k) of each user, without those left out (n, n_items)."""
    lists = []
    for start in range(0, len(queries.users), _BATCH):
        stop = start + _BATCH
        scores = model.score(replace(queries, users=queries.users[start:stop]))
        lists.append(top_k(scores, _K, left_out[start:stop], allowed)[0])
    return np.concatenate(lists)


def _profiled(
    model: Recommender, queries: Queries, profiles: np.ndarray, left_out: sp.csr_matrix
) -> np.ndarray:
    """The same where the prompt is the profile of each user."""
    lists = np.full((len(queries.users), _K), -1)
    for profile in dict.fromkeys(profiles):
        rows = np.flatnonzero(profiles == profile)
        profiled = replace(queries, users=queries.users[rows], template=Template.parse(profile))
        lists[rows] = _lists(model, profiled, left_out[rows])
    return lists


def _measure(
    values: PerUser,
    part: str,
    users: np.ndarray,
    lists: np.ndarray,
    targets: sp.csr_matrix,
    among: str = "",
) -> None:
    for name, metric in METRICS.items():
        if isinstance(metric, RankingMetric):
            values[part, f"{name}@{_K}{among}"] = users, metric.measure(lists, targets)


def _compare(
    suite: str, name: str, baseline: str, measured: dict[str, list[PerUser]]
) -> Iterator[Record]:
    for part, metric in measured[name][0]:
        if metric in COMPARED:
            a, b = (_over_seeds(measured[each], (part, metric)) for each in (name, baseline))
            pair = {"a": name, "b": baseline, "slice": part, "metric": metric}
            yield {"suite": suite, **pair, **paired_bootstrap(a, b).to_dict()}


def _over_seeds(of_seeds: list[PerUser], key: tuple[str, str]) -> np.ndarray:
    """The mean over seeds of every user whom any seed asked for, by position of the user."""
    sums: dict[int, list[float]] = defaultdict(list)
    for values in of_seeds:
        for user, value in zip(*values[key], strict=True):
            sums[int(user)].append(float(value))
    return np.array([np.mean(sums[user]) for user in sorted(sums)])
