"""The suites `movielens-small` and `movielens-1m`: how well the next item is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recsys.benchmark.measuring import compared, train
from recsys.benchmark.suites import Record, SuiteRequest, check_name
from recsys.cleaning import prepare
from recsys.dataset import Dataset
from recsys.evaluation import Evaluation
from recsys.models import MODELS
from recsys.runs.measure import evaluate_model
from recsys.schema import N_, ConfigError
from recsys.sources import CleaningConfig
from recsys.splitting import leave_last_out

#: What every model is compared with.
REFERENCE = "sasrec"
COMPARED = ("ndcg@10", "recall@10", "mrr@10", "hit_rate@10")
#: As in the published figures: items with at least 5 ratings.
CLEANING = CleaningConfig(min_item_events=5)


@dataclass(frozen=True)
class Conditions:
    """The same for every model of a suite: a sample, None for `--data`, and the time allowed."""

    sample: str | None
    minutes: float


CONDITIONS = {
    "movielens-small": Conditions("movielens", minutes=10.0),
    # An hour with what is read and counted before the first step, and measured after the last.
    "movielens-1m": Conditions(None, minutes=57.5),
}


def run(asked: SuiteRequest) -> Iterator[Record]:
    """Train and measure every model with every seed, then compare each with `REFERENCE`."""
    for name in asked.models:
        check_name(name, MODELS)
    conditions = CONDITIONS[asked.suite]
    split = leave_last_out(data(conditions.sample, asked.data))
    test = split.test
    asked.report_data(test.history.name, len(test.users), test.history.n_items, str(split.protocol))
    measured: dict[str, list[Evaluation]] = {name: [] for name in asked.models}
    for name in measured:
        for seed in range(asked.seeds):
            trained = train(MODELS[name](), seed, split, conditions.minutes, asked.observe)
            evaluation = evaluate_model(trained.model, split)
            measured[name].append(evaluation)
            yield trained.record(asked.suite, name, evaluation.metrics)
    for name in measured:
        if REFERENCE in measured and name != REFERENCE:
            for metric in COMPARED:
                values = [
                    [one.per_user[metric] for one in measured[each]] for each in (name, REFERENCE)
                ]
                pair = values[0], values[1]
                yield compared(asked.suite, (name, REFERENCE), metric, pair)


def data(sample: str | None, folder: Path | None) -> Dataset:
    """The sample, or the data of a folder, cleaned alike.

    Raises:
        ConfigError: if the folder is not there.
    """
    if sample is None:
        if folder is None or not folder.is_dir():
            raise ConfigError(
                N_("There is no folder {folder}. Give one that holds interactions.* and items.*."),
                folder=str(folder),
            )
        return prepare(folder, cleaning=CLEANING)[0]
    return prepare(sample, cleaning=CLEANING)[0]
