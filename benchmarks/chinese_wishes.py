"""Measures whether wishes in Chinese that do not name a kind of film are followed.

    python -m benchmarks.chinese_wishes [--part dev|test]

The words are in `chinese_wishes.toml`. On the MovieLens sample, whose genres have English names:
the share of the ten films in a list that are of the genre, mean over 100 users, for popularity and
for the model that ships with the app. Intervals are over wishes. Then how many texts that ask for
no genre are understood as one.
"""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

import numpy as np

from recsys.benchmark.steering import Catalogue, Shares
from recsys.cleaning import prepare
from recsys.evaluation import bootstrap_interval
from recsys.models import MODELS, Queries, Recommender
from recsys.ranking import seen_items, top_k
from recsys.recommend import reader_of, scores
from recsys.runs.demo import open_demo
from recsys.splitting import Split, leave_last_out

PARTS = ("dev", "test")
_USERS = 100
_K = 10


def main() -> None:
    told = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    told.add_argument("--part", choices=PARTS, default="dev")
    part = told.parse_args().part
    wishes = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    nothing = wishes.pop("nothing")[part]
    data, _ = prepare("movielens")
    split = leave_last_out(data)
    popularity = MODELS["popularity"]()
    popularity.fit(split.train)
    demo = open_demo(data).model()
    texts = [(genre, text) for genre, parts in wishes.items() for text in parts[part]]
    found = {"popularity": shares(popularity, split, texts), "flagship": shares(demo, split, texts)}
    print(f"{'':12}", *(f"{name:>11}" for name in found))
    for genre in wishes:
        rows = [of == genre for of, _ in texts]
        print(f"{genre:12}", *(f"{each[rows].mean():11.2f}" for each in found.values()))
    for name, each in found.items():
        interval = bootstrap_interval(each)
        print(f"{name}: {interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]")
        if part == "dev":  # the others are not for looking at
            for (genre, text), share in zip(texts, each, strict=True):
                print(f"  {share:.2f} {genre}: {text}")
    for name, model in (("popularity", popularity), ("flagship", demo)):
        reader = reader_of(model, data)
        wrong = [text for text in nothing if reader.read(text).wanted]
        print(f"{name}: {len(wrong)} of {len(nothing)} that ask for no genre are taken for one")
        if part == "dev":
            print(*(f"  {reader.read(text).wanted}: {text}" for text in wrong), sep="\n")


def shares(model: Recommender, split: Split, texts: list[tuple[str, str]]) -> np.ndarray:
    """The share of each list that is of the genre, mean over users: (n_texts,).

    Args:
        texts: the genre that is meant, and the words.
    """
    history = split.test.history
    catalogue = Catalogue.of(history)
    users = np.random.default_rng(0).permutation(history.n_users)[:_USERS]
    found = Shares(seen_items(history, users))
    for genre, text in texts:
        queries = Queries(history, users, intent=text)
        found.add(top_k(scores(model, queries), _K, found.seen)[0], catalogue.genres[genre])
    return np.array([of_users.mean() for of_users in found.followed])


if __name__ == "__main__":
    main()
