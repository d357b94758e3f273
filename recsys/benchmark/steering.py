"""The suite `steering`: the share of items that are as wished, and how personal lists stay.

The words are in `steering.toml`; no model is trained with them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from recsys.benchmark.measuring import compared, train
from recsys.benchmark.quality import CLEANING
from recsys.benchmark.suites import Record, SuiteRequest, check_name
from recsys.cleaning import prepare
from recsys.dataset import Dataset
from recsys.evaluation import Evaluation, Interval, bootstrap_interval
from recsys.models import MODELS, Queries, Recommender
from recsys.models.prompt_fusion import PromptFusionConfig, PromptFusionRecommender
from recsys.ranking import seen_items, top_k
from recsys.recommend import scores
from recsys.runs.measure import evaluate_model
from recsys.splitting import Split, leave_last_out

WISHES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "steering.toml").read_text("utf-8"))
UNSTEERED = "prompt-fusion-unsteered"
#: Ways to ask for a value by name.
PLAIN = ("I want {value}.", "{value} only, please.", "something {value}")
#: Values of fewer items are not asked for.
FEWEST_ITEMS = 20
MINUTES = 10.0
SHARE = "share@10"
_K = 10
#: Users asked for; with some 350 wishes, all of them would take a while.
_USERS = 100


def _unsteered() -> Recommender:
    """The flagship as it would be without any training for wishes."""
    return PromptFusionRecommender(PromptFusionConfig(intent_share=0.0, small_talk_share=0.0))


KNOWN: dict[str, Callable[[], Recommender]] = {**MODELS, UNSTEERED: _unsteered}


@dataclass(frozen=True)
class Catalogue:
    """Which items hold what: genres by name, (n_items,) bool each, and years (n_items,)."""

    genres: Mapping[str, np.ndarray]
    years: np.ndarray

    @classmethod
    def of(cls, data: Dataset) -> Catalogue:
        cells = data.attribute_values("genres")
        names = sorted({value for cell in cells for value in cell})
        genres = {name: np.array([name in cell for cell in cells]) for name in names}
        return cls(genres, data.item_frame["year"].to_numpy(dtype=float))

    def within(self, span: list[int]) -> np.ndarray:
        """The items of the years from the first to the last."""
        mask: np.ndarray = (self.years >= span[0]) & (self.years <= span[1])
        return mask

    def having(self, wish: Mapping[str, Any]) -> np.ndarray:
        """The items that have all of `wanted`, none of `avoided`, and are of `years`."""
        mask = np.ones(len(self.years), dtype=bool)
        for genre in wish.get("wanted", ()):
            mask &= self.genres[genre]
        for genre in wish.get("avoided", ()):
            mask &= ~self.genres[genre]
        return mask & self.within(wish["years"]) if "years" in wish else mask

    def __contains__(self, genre: str) -> bool:
        return genre in self.genres and int(self.genres[genre].sum()) >= FEWEST_ITEMS


@dataclass
class Shares:
    """What was found of the wishes of one slice.

    Attributes:
        seen: (users, n_items) the items that are not listed, as each user has met them.
        followed: the share of each list that is as asked for, (users,) a wish.
        distinct: how many items all lists of a wish hold together.
        overlap: how much two users' lists have in common.
    """

    seen: sp.csr_matrix
    followed: list[np.ndarray] = field(default_factory=list)
    distinct: list[int] = field(default_factory=list)
    overlap: list[float] = field(default_factory=list)

    def add(self, lists: np.ndarray, wanted: np.ndarray) -> None:
        """Count the items of lists (users, k) that are `wanted` (n_items,).

        Where fewer are left for a user than a list holds, all of them are the full share.
        """
        within = lists >= 0
        found = (wanted[lists] & within).sum(1)
        left = int(wanted.sum()) - self.seen @ wanted.astype(np.float32)
        possible = np.minimum(left, lists.shape[1])
        self.followed.append(np.where(possible > 0, found / np.maximum(possible, 1), 1.0))
        self.distinct.append(len(np.unique(lists[within])))
        self.overlap.append(_overlap(lists))

    def metrics(self) -> dict[str, Interval]:
        """The mean share over wishes, with the interval over wishes; what taste is left."""
        per_wish = {
            SHARE: np.array([share.mean() for share in self.followed]),
            "distinct items": np.array(self.distinct, dtype=float),
            "overlap between users": np.array(self.overlap),
        }
        return {name: bootstrap_interval(values) for name, values in per_wish.items()}


def run(asked: SuiteRequest) -> Iterator[Record]:
    """Train each model, ask it for every wish, and compare NDCG@10 without a wish."""
    for name in asked.models:
        check_name(name, KNOWN)
    data, _ = prepare("movielens", cleaning=CLEANING)
    split = leave_last_out(data)
    asked.report_data(data.name, min(_USERS, data.n_users), data.n_items, str(split.protocol))
    without: dict[str, list[Evaluation]] = {name: [] for name in asked.models}
    for name in asked.models:
        for seed in range(asked.seeds):
            trained = train(KNOWN[name](), seed, split, MINUTES, asked.observe)
            evaluation = evaluate_model(trained.model, split)
            without[name].append(evaluation)
            yield trained.record(asked.suite, name, evaluation.metrics, "no wish")
            for part, metrics in slices(trained.model, split):
                yield trained.record(asked.suite, name, metrics, part)
    if UNSTEERED in without:
        for name in without:
            if name != UNSTEERED:
                of = [[one.per_user["ndcg@10"] for one in without[n]] for n in (name, UNSTEERED)]
                pair = of[0], of[1]
                yield compared(asked.suite, (name, UNSTEERED), "ndcg@10", pair, "no wish")


def slices(
    model: Recommender, split: Split, wishes: Mapping[str, Any] = WISHES
) -> Iterator[tuple[str, dict[str, Interval]]]:
    """The slices of the suite by name, with their metrics; of genres also "share@10/GENRE"."""
    history = split.test.history
    catalogue = Catalogue.of(history)
    users = np.random.default_rng(0).permutation(history.n_users)[:_USERS]
    seen = seen_items(history, users)

    def lists(intent: str) -> np.ndarray:
        return top_k(scores(model, Queries(history, users, intent=intent)), _K, seen)[0]

    known = [genre for genre in catalogue.genres if genre in catalogue]
    for group, words in _groups(wishes, known).items():
        together = Shares(seen)
        of_genre: dict[str, Interval] = {}
        for genre in known:
            before = len(together.followed)
            for text in words[genre]:
                together.add(lists(text), catalogue.genres[genre])
            if followed := together.followed[before:]:
                of_genre[f"{SHARE}/{genre}"] = bootstrap_interval(np.mean(followed, axis=0))
        if together.followed:
            yield group, {**together.metrics(), **of_genre}
    for part, texts in _others(wishes, catalogue).items():
        shares = Shares(seen)
        for text, wanted in texts.items():
            shares.add(lists(text), wanted)
        if shares.followed:
            yield part, shares.metrics()
    plain = lists("")
    talk = {"phrases": "small talk", "strangers": "small talk/strangers"}
    for group, part in talk.items():
        if texts := wishes["small-talk"].get(group):
            kept = [np.mean(_same(plain, lists(text))) for text in texts]
            yield part, {"list kept": bootstrap_interval(np.array(kept))}


def _groups(wishes: Mapping[str, Any], genres: list[str]) -> dict[str, dict[str, list[str]]]:
    """Words for each genre: its name, common, rare, and those written by other people."""
    groups = wishes["genres"]
    written = {"paraphrase": "common", "rare words": "rare", "strangers": "strangers"}
    return {
        "genres/plain": {g: [w.format(value=g.lower()) for w in PLAIN] for g in genres},
        **{
            f"genres/{part}": {g: groups.get(g, {}).get(group, []) for g in genres}
            for part, group in written.items()
        },
    }


def _others(wishes: Mapping[str, Any], catalogue: Catalogue) -> dict[str, dict[str, np.ndarray]]:
    """The other slices: words, and the items (n_items,) that are asked for."""
    known = catalogue.genres
    wanted = {
        "two wishes": {text: {"wanted": both} for text, both in wishes["two"].items()},
        "avoid": {text: {"avoided": value} for text, value in wishes["avoid"].items()},
        "two wishes/strangers": {
            text: {"wanted": both} for text, both in wishes.get("strangers-two", {}).items()
        },
        "avoid/strangers": {
            text: {"avoided": value} for text, value in wishes.get("strangers-avoid", {}).items()
        },
        "years": {text: {"years": span} for text, span in wishes["years"].items()},
        "several": wishes["mixed"],
        "in Chinese": {text: {"wanted": [value]} for text, value in wishes["chinese"].items()},
        "decades": _decades(catalogue),
        "single years": _single_years(catalogue),
    }
    return {
        part: {
            text: catalogue.having(wish)
            for text, wish in texts.items()
            if {*wish.get("wanted", ()), *wish.get("avoided", ())} <= set(known)
        }
        for part, texts in wanted.items()
    }


def _decades(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """Every decade with enough items, asked for in two ways."""
    asked = {}
    for decade in range(1900, 2030, 10):
        span = [decade, decade + 9]
        if catalogue.within(span).sum() >= FEWEST_ITEMS:
            asked[f"a film from the {decade}s"] = {"years": span}
            asked[f"between {decade} and {decade + 9}"] = {"years": span}
    return asked


def _single_years(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    years, counts = np.unique(catalogue.years, return_counts=True)
    enough = [int(year) for year, n in zip(years, counts, strict=True) if n >= FEWEST_ITEMS]
    return {f"a film from {year}": {"years": [year, year]} for year in enough}


def _same(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The share of each list in `a` (users, k) that is also in `b`, (users,)."""
    same: np.ndarray = (a[:, :, None] == b[:, None, :]).any(2).mean(1)
    return same


def _overlap(lists: np.ndarray) -> float:
    """The mean share of items that two users' lists (users, k) have in common."""
    n = len(lists)
    if n < 2:
        return 1.0
    pairs = [_same(lists, np.roll(lists, shift, axis=0)) for shift in range(1, n // 2 + 1)]
    return float(np.mean(pairs))
