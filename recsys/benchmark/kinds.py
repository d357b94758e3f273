"""Part of the suite `wishes`: kinds asked for in words, in catalogues of different worlds.

A catalogue comes without people, so that models are trained on made visitors. What counts is what
is understood: the share of each list that is of a kind that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from recsys.benchmark.catalogues import KindsCatalogue, Wish
from recsys.benchmark.measuring import Trained, train
from recsys.benchmark.steering import SHARE, Shares
from recsys.benchmark.suites import DEV, NAMES, Record, SuiteRequest
from recsys.benchmark.text_neighbours import TextNeighbours
from recsys.evaluation import Interval, bootstrap_interval
from recsys.language_models import first_that_reads, load_encoder
from recsys.models import MODELS, Queries, Recommender
from recsys.ranking import seen_items, top_k, unit_rows
from recsys.recommend import scores
from recsys.splitting import leave_last_out
from recsys.wishes.steering import steered

Scored = Callable[[Queries, Wish], np.ndarray]

#: Shares of the wishes: those hardly met, and those of them where the nearest name is right.
FAILED, RIGHT_BY_NAME = "wishes below .4", "below .4, right by name"
MINUTES = 3.0
_K = 10
_USERS = 50
_MET = 0.4


def records(
    asked: SuiteRequest, catalogue: KindsCatalogue, known: Mapping[str, Callable[[], Recommender]]
) -> Iterator[Record]:
    """The record of the names, then those of each model and seed.

    Each also has "wishes", the share of every one of them.
    """
    names = nearest_by_name(catalogue)
    split = leave_last_out(catalogue.data)
    popularity = train(MODELS["popularity"](), 0, split, MINUTES, asked.observe)

    def by_name(queries: Queries, wish: Wish) -> np.ndarray:
        bonus = catalogue.held[names[wish]][None].astype(np.float32)
        return steered(popularity.model.score(queries), bonus)

    def record(trained: Trained, name: str, scored: Scored) -> Record:
        share = shares(catalogue, scored)
        values = metrics(share, names)
        part = f"kinds/{catalogue.name}" + ("" if asked.part == DEV else f"/{asked.part}")
        each = {wish.text: of_wish for wish, of_wish in share.items()}
        return {**trained.record(asked.suite, name, values, part), "wishes": each}

    yield record(popularity, NAMES, by_name)
    for name in asked.models:
        for seed in range(asked.seeds):
            trained = train(known[name](), seed, split, MINUTES, asked.observe)
            yield record(trained, name, _follows(trained.model))


def shares(catalogue: KindsCatalogue, scored: Scored) -> dict[Wish, float]:
    """The mean share of the top ten that is as wished, over some visitors with what they met.

    Where fewer items are of these kinds, or left for a visitor, it is the share of those.

    Args:
        scored: gives the scores (n, n_items) for a wish.
    """
    history = catalogue.data
    users = np.random.default_rng(0).permutation(history.n_users)[:_USERS]
    found = Shares(seen_items(history, users))
    for wish in catalogue.wishes:
        queries = Queries(history, users, intent=wish.text)
        found.add(top_k(scored(queries, wish), _K, found.seen)[0], catalogue.wanted(wish))
    each = [float(of_users.mean()) for of_users in found.followed]
    return dict(zip(catalogue.wishes, each, strict=True))


def nearest_by_name(catalogue: KindsCatalogue) -> dict[Wish, str]:
    """For each wish the kind whose name lies nearest to it, for the usual language model."""
    encoder = load_encoder(first_that_reads(catalogue.data.language))
    kinds = list(catalogue.held)
    vectors = unit_rows(encoder.encode([*kinds, *(wish.text for wish in catalogue.wishes)]))
    nearest = (vectors[len(kinds) :] @ vectors[: len(kinds)].T).argmax(1)
    return {wish: kinds[i] for wish, i in zip(catalogue.wishes, nearest, strict=True)}


def metrics(share: Mapping[Wish, float], names: Mapping[Wish, str]) -> dict[str, Interval]:
    """What is reported, means over the wishes.

    Args:
        share: what `shares` gave.
        names: what `nearest_by_name` gave.
    """
    values = np.array(list(share.values()))
    failed = values < _MET
    by_name = np.array([names[wish] in wish.kinds for wish in share])
    found = {SHARE: values, FAILED: failed, RIGHT_BY_NAME: failed & by_name}
    return {name: bootstrap_interval(of.astype(float)) for name, of in found.items()}


def _follows(model: Recommender) -> Scored:
    """The scores that a model gives to a wish, as on pages."""
    if isinstance(model, TextNeighbours):  # they read the request as one more text
        return lambda queries, wish: model.score(queries)
    return lambda queries, wish: scores(model, queries)
