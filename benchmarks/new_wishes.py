"""How long a list takes under a wish that was never read before, in one process.

    python -m benchmarks.new_wishes [--wishes 240] [--seed 0]

Asks the model that ships with the app, and popularity, for lists of one user of the MovieLens
sample, each under a new wish put together of pieces of the suite `steering`: one clause or two,
with years, with what is to be avoided, and all of it. Prints milliseconds by the clock and of the
processor, 50th and 95th percentile. Vectors are kept in an empty cache folder, so that no wish is
known.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time

import numpy as np
import torch

#: What is put together, a kind of wish each.
SHAPES = (
    "{a} this evening",
    "{b}, {c}",
    "{b} {years}",
    "{a}, {avoided}",
    "{b}, {c}, {years}, {avoided}",
    "{b} {years}. {c} {years}, {avoided}",
)
YEARS = ("from the nineties", "before 1980", "after 2000", "between 1960 and 1975", "from 1994")
AVOIDED = ("but no romance", "nothing scary", "without singing and dancing", "no war, please")
#: Pieces of more letters are paragraphs; shorter ones stand beside others.
LONGEST, SHORT = 110, 50
WARM_UP = 20


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--wishes", type=int, default=240)
    arguments.add_argument("--seed", type=int, default=0)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RECSYS_CACHE"] = folder
        measure(asked.wishes, asked.seed)


def measure(n: int, seed: int) -> None:
    """Print the latencies of both models."""
    from recsys.cleaning import prepare
    from recsys.models import MODELS, Queries
    from recsys.recommend import reader_of, recommend
    from recsys.runs.demo import open_demo
    from recsys.runs.measure import validation_ndcg
    from recsys.splitting import leave_last_out
    from recsys.training import TrainingConfig, fit

    torch.set_num_threads(1)  # as the app does for one user's list
    data, _ = prepare("movielens")
    popularity = MODELS["popularity"]()
    split = leave_last_out(data)
    for _ in fit(popularity, split, TrainingConfig(), validate=validation_ndcg(split)):
        pass
    for name, model in {"popularity": popularity, "shipped": open_demo(data).model()}.items():
        reader_of(model, data)
        rng = np.random.default_rng(seed)
        waits = []
        for wish in new_wishes(WARM_UP + n, seed, name == "shipped"):
            queries = Queries(data, rng.integers(data.n_users, size=1), intent=wish)
            begin, used = time.perf_counter(), time.process_time()
            recommend(model, queries, 10)
            waits.append((time.perf_counter() - begin, time.process_time() - used))
        low, high = 1000 * np.percentile(waits[WARM_UP:], [50, 95], axis=0)
        for kind, p50, p95 in zip(("clock", "processor"), low, high, strict=True):
            print(f"{name}, {kind}: p50 {p50:.0f} ms, p95 {p95:.0f} ms")


def new_wishes(n: int, seed: int, shipped: bool) -> list[str]:
    """n different wishes, of every shape in turn; others for the other model."""
    from recsys.benchmark.steering import WISHES

    groups = WISHES["genres"].values()
    pieces = [text for group in groups for part in group.values() for text in part]
    longer = [text for text in pieces if len(text) < LONGEST]
    short = [text for text in pieces if len(text) < SHORT]
    rng = np.random.default_rng([seed, shipped])
    wishes: dict[str, None] = {}
    while len(wishes) < n:
        parts = {"a": longer, "b": short, "c": short, "years": YEARS, "avoided": AVOIDED}
        drawn = {name: texts[rng.integers(len(texts))] for name, texts in parts.items()}
        wishes[SHAPES[len(wishes) % len(SHAPES)].format(**drawn)] = None
    return list(wishes)


if __name__ == "__main__":
    main()
