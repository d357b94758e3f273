"""The suite `wishes`: what real people asked real people for, and kinds of other catalogues.

A seeker of ReDial likes some films, asks for something in words, and is suggested films; those that
they like have to be found among the whole catalogue, by what they like, by what they wrote, and by
both. For other catalogues see `kinds`, for qualities of films `soft_attributes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from recsys.benchmark import kinds, soft_attributes
from recsys.benchmark.catalogues import KindsCatalogue
from recsys.benchmark.conversations import Conversations
from recsys.benchmark.measuring import compared, train
from recsys.benchmark.quality import CLEANING
from recsys.benchmark.suites import Record, SuiteRequest, check_name
from recsys.benchmark.text_neighbours import TextNeighbours
from recsys.cleaning import prepare
from recsys.dataset import Dataset
from recsys.evaluation import METRICS, bootstrap_interval
from recsys.evaluation.metrics import RankingMetric
from recsys.models import MODELS, Queries, Recommender
from recsys.ranking import top_k
from recsys.recommend import scores
from recsys.schema import N_, ConfigError
from recsys.splitting import leave_last_out

KNOWN: dict[str, Callable[[], Recommender]] = {**MODELS, "text-knn": TextNeighbours}
BASELINE = "text-knn"
#: What is known of a seeker, a slice each.
HISTORY, REQUEST, BOTH = "history", "request", "history and request"
MEASURED = ("recall@10", "ndcg@10")
MINUTES = 10.0
_K = 10


def run(asked: SuiteRequest) -> Iterator[Record]:
    """Measure on all that the folder holds: conversations, and catalogues with wishes.

    Raises:
        ConfigError: if it holds none of these, or a file is not as it should be.
    """
    for name in asked.models:
        check_name(name, KNOWN)
    assert asked.data is not None
    conversations = sorted(asked.data.glob("redial*.jsonl"))
    folders = sorted(file.parent for file in asked.data.glob("kinds/*/wishes.json"))
    judged_files = sorted(asked.data.glob("soft-attributes*.csv"))
    if not conversations and not folders and not judged_files:
        raise ConfigError(
            N_(
                "{folder} holds nothing to measure wishes with: redial….jsonl, kinds/NAME/"
                "wishes.json and soft-attributes….csv are looked for."
            ),
            folder=str(asked.data),
        )
    # All is read before anything is trained, so that mistakes are told at once.
    catalogues = [KindsCatalogue.read(folder, asked.part) for folder in folders]
    sizes = [(c.name, len(c.wishes), c.data.n_items) for c in catalogues]
    parts = [partial(kinds.records, asked, catalogue, KNOWN) for catalogue in catalogues]
    if conversations or judged_files:
        data, _ = prepare("movielens", cleaning=CLEANING)
    for file in judged_files[:1]:
        judged = soft_attributes.read(file, data)
        parts.insert(0, partial(soft_attributes.records, asked, data, judged))
        sizes.insert(0, ("SoftAttributes", len(judged), data.n_items))
    for file in conversations[:1]:
        asked_for = Conversations.read(file, data)
        parts.insert(0, partial(records, asked, data, asked_for))
        sizes.insert(0, ("ReDial", len(asked_for), data.n_items))
    names, requests, items = zip(*sizes, strict=True)
    asked.report_data(", ".join(names), sum(requests), sum(items), "requests, full catalogue")
    for measured in parts:
        yield from measured()


def records(asked: SuiteRequest, data: Dataset, asked_for: Conversations) -> Iterator[Record]:
    """The records of conversations: each model and seed, in slices, then beside text neighbours."""
    split = leave_last_out(data)
    found: dict[tuple[str, str, str], list[np.ndarray]] = {}
    for name in asked.models:
        for seed in range(asked.seeds):
            trained = train(KNOWN[name](), seed, split, MINUTES, asked.observe)
            for part in (HISTORY, REQUEST, BOTH):
                values = measure(trained.model, asked_for, part)
                for metric, of in values.items():
                    found.setdefault((name, part, metric), []).append(of)
                metrics = {metric: bootstrap_interval(of) for metric, of in values.items()}
                yield trained.record(asked.suite, name, metrics, part)
    for name in asked.models:
        if name != BASELINE and BASELINE in asked.models:
            for part in (HISTORY, REQUEST, BOTH):
                for metric in MEASURED:
                    pair = found[name, part, metric], found[BASELINE, part, metric]
                    yield compared(asked.suite, (name, BASELINE), metric, pair, part)


def measure(model: Recommender, asked_for: Conversations, part: str) -> dict[str, np.ndarray]:
    """Metrics of each seeker, (n,) each, by what is known of them."""
    known = asked_for.history
    history = known.select(known.user < asked_for.first) if part == REQUEST else known
    lists = []
    for row, request in enumerate(asked_for.requests):
        user = np.array([asked_for.first + row])
        queries = Queries(history, user, intent="" if part == HISTORY else request)
        # Text neighbours read the request as one more text; others follow it as on pages.
        by_itself = isinstance(model, TextNeighbours)
        scored = model.score(queries) if by_itself else scores(model, queries)
        lists.append(top_k(scored, _K, asked_for.left_out[row])[0])
    found = np.concatenate(lists)  # (n, k)
    values = {}
    for name in MEASURED:
        metric = METRICS[name.removesuffix(f"@{_K}")]
        assert isinstance(metric, RankingMetric)
        values[name] = metric.measure(found, asked_for.targets)
    return values
