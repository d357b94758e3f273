"""Does a wish move the list? The share of the top 10 that has the value asked for.

    python -m benchmarks.steering RUN --attribute genres --value Comedy \
        "Recommend comedy films only." "something funny that makes me laugh"

RUN is the folder of a finished run of a model that reads prompts. Prints a JSON object a wish, the
first for no wish at all; "distinct_items" is how many different items the lists of all users hold
together, so 10 would mean that a user's own taste no longer shows.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from recsys.models import Queries
from recsys.recommend import recommend
from recsys.runs import open_run


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("run", type=Path)
    arguments.add_argument("wishes", nargs="+")
    arguments.add_argument("--attribute", required=True)
    arguments.add_argument("--value", required=True)
    arguments.add_argument("--users", type=int, default=100)
    chosen = arguments.parse_args()
    run = open_run(chosen.run.parent, chosen.run.name)
    model, data = run.model(), run.dataset()
    has = np.array([chosen.value in values for values in data.attribute_values(chosen.attribute)])
    history, users = run.split().test.history, np.arange(min(chosen.users, data.n_users))
    for wish in ["", *chosen.wishes]:
        lists = recommend(model, Queries(history, users, intent=wish))
        items = data.items.positions(lists["item_id"].tolist())
        print(
            json.dumps(
                {
                    "wish": wish,
                    "users": len(users),
                    "share": round(float(has[items].mean()), 3),
                    "distinct_items": len(np.unique(items)),
                },
                ensure_ascii=False,
            )
        )


if __name__ == "__main__":
    main()
