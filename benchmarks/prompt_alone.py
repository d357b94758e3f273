"""What a prompt is worth by itself: the flagship that reads nothing but the prompt.

    python -m benchmarks.prompt_alone [--seeds 3] [--models FOLDER]

Trains prompt fusion on the MovieLens sample as `python -m recsys benchmark movielens-small` does,
and reads it in both ways: by the prompt alone, and by all that is known. In each: NDCG@10 with the
default prompt; with the best and the worst prompt of the library, chosen on the validation users
and compared on the test users; and what is lost without a part of the default prompt, or with the
value of somebody else in its place. Means over the seeds; intervals and p-values by bootstrap over
users, of each user's mean over the seeds. Models are kept in FOLDER, and those that lie there are
not trained again.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from recsys.benchmark.measuring import train
from recsys.benchmark.quality import CONDITIONS, data
from recsys.evaluation import METRICS, paired_bootstrap
from recsys.evaluation.metrics import RankingMetric
from recsys.evaluation.protocol import rank
from recsys.evaluation.significance import bootstrap_intervals
from recsys.lab.ablation import parts
from recsys.lab.effect import PromptLab
from recsys.lab.readings import ReadingMode, modes_of
from recsys.models import MODELS, Recommender
from recsys.models.popularity import Popularity
from recsys.prompts import LIBRARY, Template
from recsys.runs.measure import evaluate_model
from recsys.splitting import Split, leave_last_out

METRIC = "ndcg@10"
#: Those of the library that any English data can be read with.
PROMPTS = {name: template for name, template in LIBRARY.items() if template.language == "en"}
DEFAULT = LIBRARY["sequential"]


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--seeds", type=int, default=3)
    told.add_argument("--models", type=Path)
    asked = told.parse_args()
    sample = CONDITIONS["movielens-small"]
    split = leave_last_out(data(sample.sample, None))
    popularity = Popularity()
    popularity.fit(split.train)
    print(f"popularity: {evaluate_model(popularity, split).metrics[METRIC].value:.4f}")
    with TemporaryDirectory() as folder:  # the models read from it as long as they are used
        kept = asked.models or Path(folder)
        models = [_model(seed, split, sample.minutes, kept) for seed in range(asked.seeds)]
        labs = [PromptLab(model, split.test) for model in models]
        validation = [PromptLab(model, split.validation) for model in models]
        for mode in modes_of(models[0]):
            _report(mode, labs, validation)


def _model(seed: int, split: Split, minutes: float, folder: Path) -> Recommender:
    kind, kept = MODELS["prompt-fusion"], folder / f"seed-{seed}"
    if not kept.exists():
        trained = train(kind(), seed, split, minutes, lambda event: None)
        print(f"seed {seed}: trained in {trained.seconds:.0f} s")
        trained.model.save(kept)
    return kind.load(kept, split.train)


def _report(mode: ReadingMode, labs: list[PromptLab], validation: list[PromptLab]) -> None:
    def of(labs: list[PromptLab], template: Template, exchanged: str | None = None) -> np.ndarray:
        """Each user's mean over the seeds."""
        measured = (lab.measure(template, exchanged=exchanged, mode=mode) for lab in labs)
        return np.mean([one.per_user[METRIC] for one in measured], axis=0)

    default = of(labs, DEFAULT)
    (interval,) = bootstrap_intervals(default[:, None], 0)
    print(f"\n{mode.title}: {METRIC} {default.mean():.4f} [{interval.low:.4f} {interval.high:.4f}]")
    print("  seeds:", *(f"{of([lab], DEFAULT).mean():.4f}" for lab in labs))
    chosen = sorted(PROMPTS, key=lambda name: float(of(validation, PROMPTS[name]).mean()))
    for name in reversed(chosen):
        print(f"  {name}: {of(labs, PROMPTS[name]).mean():.4f}")
    ends = chosen[-1], chosen[0]
    for k in (10, 20):
        best, worst = (
            np.mean([_ndcg(lab, PROMPTS[name], mode, k) for lab in labs], axis=0) for name in ends
        )
        _compared(f"ndcg@{k}, {ends[0]} over {ends[1]}", best, worst)
    for part in parts(DEFAULT):
        _compared(f"lost without {part.text or part.kind}", default, of(labs, part.without))
        if part.kind == "variable" and labs[0].partners(part.text) is not None:
            other = of(labs, DEFAULT, part.text)
            _compared(f"lost with somebody else's {part.text}", default, other)


def _ndcg(lab: PromptLab, template: Template, mode: ReadingMode, k: int) -> np.ndarray:
    """NDCG@k of each user; lists of ten tell prompts that name some titles hardly apart."""
    metric = METRICS["ndcg"]
    assert isinstance(metric, RankingMetric)
    lists = rank(
        lambda users: lab.model.score(lab.queries(users, template, mode=mode)), lab.holdout, k
    )
    return metric.measure(lists, lab.holdout.targets)


def _compared(what: str, a: np.ndarray, b: np.ndarray) -> None:
    found = paired_bootstrap(a, b)
    interval = f"[{found.low:+.4f} {found.high:+.4f}]"
    print(f"  {what}: {found.delta:+.4f} {interval}, p = {found.p_value:.4f}")


if __name__ == "__main__":
    main()
