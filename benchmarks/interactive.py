"""How long a person waits: lists for one user, with and without a new wish, and cached texts.

    python -m benchmarks.interactive RUN [--users 200]

RUN is the folder of a finished prompt-fusion run. Prints one JSON object: milliseconds for one
user from query to ranked frame (50th and 95th percentile), each wish being words the encoder has
never read; seconds to get the vectors of all item texts from the cache; and the ratio of the two
percentiles to a plain list, which holds on any machine.
"""

from __future__ import annotations

import argparse
import json
import time
import uuid
from pathlib import Path

import numpy as np

from recsys.language_models import load_encoder
from recsys.language_models.item_texts import item_texts
from recsys.models import Queries
from recsys.recommend import recommend
from recsys.runs import open_run


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("run", type=Path)
    arguments.add_argument("--users", type=int, default=200)
    chosen = arguments.parse_args()
    run = open_run(chosen.run.parent, chosen.run.name)
    model, data = run.model(), run.dataset()
    # Nobody is asked for twice: a model may keep what it knows of them.
    users = np.random.default_rng(0).permutation(data.n_users)[: 2 * chosen.users]

    def wait(user: int, intent: str) -> float:
        begin = time.perf_counter()
        recommend(model, Queries(data, np.array([user]), intent=intent))
        return 1000 * (time.perf_counter() - begin)

    for warm_up in ("", "something else"):
        wait(0, warm_up)
    plain = [wait(user, "") for user in users[::2]]
    wished = [wait(user, f"a film about {uuid.uuid4().hex[:6]}") for user in users[1::2]]
    texts = item_texts(data)
    load_encoder.cache_clear()
    begin = time.perf_counter()
    load_encoder().encode(texts)
    cached = time.perf_counter() - begin
    (p50, p95), (w50, w95) = np.percentile(plain, [50, 95]), np.percentile(wished, [50, 95])
    print(
        json.dumps(
            {
                "users": len(plain),
                "items": data.n_items,
                "plain_ms": {"p50": round(p50, 1), "p95": round(p95, 1)},
                "new_wish_ms": {"p50": round(w50, 1), "p95": round(w95, 1)},
                "new_wish_over_plain": round(w50 / p50, 1),
                "cached_texts_seconds": round(cached, 3),
            }
        )
    )


if __name__ == "__main__":
    main()
