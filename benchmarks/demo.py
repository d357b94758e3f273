"""Make the run that ships with the app: train the flagship on MovieLens, measure it, pack it.

    python -m benchmarks.demo [--run RUN]

RUN is the folder of a flagship that is trained already on the sample; without it one is trained
with the model's own settings, at most five minutes. Both files in `assets/demo/`
are replaced (see `recsys/runs/demo.py`, and docs/demo.md).
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from recsys.cleaning import prepare
from recsys.dataset import Dataset
from recsys.evaluation import bootstrap_interval, paired_bootstrap
from recsys.evaluation.metrics import ndcg
from recsys.evaluation.protocol import ndcg_at, rank
from recsys.models import Queries, Recommender
from recsys.prompts import LIBRARY, Template
from recsys.runs import Run, create_run, execute, open_run
from recsys.runs.demo import FOLDER, NAME, WORDS_FILE, open_demo, pack
from recsys.runs.measure import score_with
from recsys.sources import SOURCES
from recsys.splitting import Holdout
from recsys.storage.files import write_json

_SAMPLE, _PROMPT = "movielens", "sequential"
_K = 10
_NOTHING = Template.parse("")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--run", type=Path)
    chosen = arguments.parse_args()
    data, _report = prepare(_SAMPLE)
    with tempfile.TemporaryDirectory() as temporary:
        run = _trained(Path(temporary), data) if chosen.run is None else chosen.run
        run = open_run(run.parent, run.name) if isinstance(run, Path) else run
        write_json(run.folder / WORDS_FILE, words_measured(run.model(), run.split().test))
        told = pack(run)
    os.environ["RECSYS_CACHE"] = tempfile.mkdtemp()  # opened as by somebody who has nothing yet
    shipped = open_demo(data)
    test = shipped.split().test
    again = ndcg_at(score_with(shipped.model(), test), test)
    stood = shipped.evaluation()["metrics"]["ndcg@10"]["value"]
    assert abs(again - stood) < 1e-4, f"shipped: {again}, measured: {stood}"
    size = sum(file.stat().st_size for file in FOLDER.iterdir())
    print(json.dumps({**asdict(told), "bytes": size, "ndcg@10": stood}, indent=2))


def _trained(runs_dir: Path, data: Dataset) -> Run:
    run = create_run(
        runs_dir,
        data,
        template=LIBRARY[_PROMPT],
        source={"data": _SAMPLE},
        cleaning=asdict(SOURCES[_SAMPLE].cleaning),
        name=NAME.strip("@"),
    )
    status = execute(run, lambda event: print(json.dumps(event), flush=True))
    assert status.state == "finished", status
    return run


def words_measured(model: Recommender, holdout: Holdout) -> dict[str, object]:
    """NDCG@10 of the same model with nothing in the prompt, with its prompt, and with a wish.

    The wish names one genre of the film that the person went on to watch, a random one of it: what
    somebody would say who knows what kind of film they want tonight, and no more.
    """
    rng = np.random.default_rng(0)
    cells = holdout.history.attribute_values("genres")
    target = holdout.targets.argmax(axis=1).A1
    wished = [rng.choice(cells[item]) if cells[item] else "" for item in target]
    prompt, nothing = (
        ndcg(rank(score_with(model, holdout, template), holdout, _K), holdout.targets)
        for template in (None, _NOTHING)
    )
    wish = prompt.copy()  # a film of no genre is not asked for
    for genre in sorted({*wished} - {""}):
        of_genre = np.flatnonzero(np.array(wished) == genre)
        part = replace(holdout, users=holdout.users[of_genre], targets=holdout.targets[of_genre])
        intent = f"I want {genre.lower()}."

        def score(users: np.ndarray, intent: str = intent) -> np.ndarray:
            return model.score(Queries(holdout.history, users, intent=intent))

        wish[of_genre] = ndcg(rank(score, part, _K), part.targets)
    named = {"nothing": nothing, "prompt": prompt, "wish": wish}
    return {
        "metric": f"ndcg@{_K}",
        "users": len(holdout.users),
        **{name: bootstrap_interval(values).to_dict() for name, values in named.items()},
        "wish over nothing": paired_bootstrap(wish, nothing).to_dict(),
        "prompt over nothing": paired_bootstrap(prompt, nothing).to_dict(),
    }


if __name__ == "__main__":
    main()
