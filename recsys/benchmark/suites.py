"""The suites by name, and the request to run one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from recsys.schema import N_, ConfigError

Record = dict[str, Any]
Observe = Callable[[dict[str, Any]], None]

#: Parts of what is measured: one to look at while something is built, one to be measured once.
PARTS = DEV, TEST = "dev", "test"
#: A record of the suite `wishes`, of no model: what the names of kinds give.
NAMES = "names"
#: The same of soft attributes: the cosine of texts, and what is learned from other attributes.
TEXT_COSINE, GRADED = "text-cosine", "graded"


@dataclass(frozen=True)
class Suite:
    """What is measured, and how (gettext templates).

    Attributes:
        module: the file of this folder whose `run(asked)` yields the records; it is imported
            only then, as models bring torch.
        models: those compared where nobody says otherwise.
        seeds: trainings a model where nobody says otherwise.
        needs_data: whether `--data` has to say where the data is.
        in_parts: whether what is measured has a part for development and one for the test.
    """

    title: str
    description: str
    module: str
    models: tuple[str, ...]
    seeds: int = 3
    needs_data: bool = False
    in_parts: bool = False


@dataclass(frozen=True)
class SuiteRequest:
    """One call of a suite.

    Attributes:
        suite: a key of `SUITES`.
        models: to be measured, in this order.
        seeds: trainings a model, with seeds 0, 1, …
        data: the folder of data that does not come with the product.
        observe: called with events of training, and with the size of the data.
        part: one of `PARTS`, for a suite that has parts.
    """

    suite: str
    models: tuple[str, ...]
    seeds: int
    data: Path | None = None
    observe: Observe = lambda event: None
    part: str = DEV

    def report_data(self, name: str, users: int, items: int, protocol: str) -> None:
        """Let `observe` know what is measured on."""
        facts = {"data": name, "users": users, "items": items, "protocol": protocol}
        self.observe({"event": "measured on", **facts})


#: To add a suite, write one file and one line here.
SUITES: dict[str, Suite] = {
    "movielens-small": Suite(
        N_("MovieLens, small"),
        N_(
            "Films with at least five ratings; each user's last film has to be found among all "
            "others the user has not met. Every model stops by validation, or after 10 minutes."
        ),
        "quality",
        ("popularity", "ease", "slit", "mf", "sasrec", "prompt-fusion"),
    ),
    "movielens-1m": Suite(
        N_("MovieLens, a million"),
        N_(
            "A million ratings by 6,040 users; each user's last film has to be found among all "
            "others the user has not met. Every model stops by validation, or after 60 minutes."
        ),
        "quality",
        ("popularity", "ease", "slit", "sasrec", "prompt-fusion"),
        needs_data=True,
    ),
    "speed": Suite(
        N_("Training speed"),
        N_(
            "Positions trained a second, and the loss after them, beside a soft prompt of peft in "
            "a plain transformers Trainer: same language model, same data, same prompts."
        ),
        "speed",
        ("peft-trainer", "soft-prompt", "prompt-fusion"),
    ),
    "cold-start": Suite(
        N_("Cold start"),
        N_(
            "A fifth of the users and a tenth of the films are kept from training, others with "
            "each seed. Of a new user 0, 1, 3, 5 or 10 events are told, or a sentence that names "
            "the two genres and the five years most met in the first ten; the ten films after "
            "those ten have to be found, and the very next film. New films have to be found for "
            "users who met one next, among all films and among the new ones alone."
        ),
        "cold_start",
        ("popularity", "ease", "sasrec", "text-knn", "prompt-fusion"),
    ),
    "latency": Suite(
        N_("Waiting for a list"),
        N_(
            "From a query to a ranked list of ten, model loaded, in a process of its own: one user "
            "at a time, and everybody at once; with the catalogue of MovieLens, and with that "
            "catalogue grown to 100,000 and to a million items by copies that differ a little."
        ),
        "latency",
        ("prompt-fusion",),
        seeds=1,
    ),
    "steering": Suite(
        N_("Following wishes"),
        N_(
            "The share of the top 10 that has what is asked for: every genre by its name and in "
            "words that training never used, in part written by strangers, two wishes at once, "
            "wishes to avoid, and years; how little small talk changes; and NDCG@10 without a wish "
            "beside a model that was never trained for wishes."
        ),
        "steering",
        ("prompt-fusion", "prompt-fusion-unsteered"),
    ),
    "wishes": Suite(
        N_("Real requests"),
        N_(
            "People who asked people for films (ReDial): the films suggested later that they liked "
            "have to be found among all films not named so far, by the films that they like, by "
            "what they wrote, and by both. Catalogues of different worlds: the share of the top 10 "
            "that is of the kind asked for in words that do not name it, for made visitors. "
            "SoftAttributes: how often the order of two films is as a person judged it."
        ),
        "wishes",
        ("popularity", "text-knn", "ease", "sasrec", "prompt-fusion"),
        needs_data=True,
        in_parts=True,
    ),
}

#: What a person calls the baselines that are no model of the product.
BASELINE_TITLES: dict[str, str] = {
    "text-knn": N_("Text neighbours"),
    NAMES: N_("The nearest name"),
    TEXT_COSINE: N_("Cosine of texts"),
    GRADED: N_("Graded words, fitted on other attributes"),
    "peft-trainer": N_("Soft prompt, plain Trainer"),
    "prompt-fusion-unsteered": N_("Prompt fusion, trained without wishes"),
}


def run_suite(
    suite: str,
    models: Sequence[str] | None = None,
    seeds: int | None = None,
    observe: Observe = lambda event: None,
    data: Path | None = None,
    part: str | None = None,
) -> Iterator[Record]:
    """Measure the models of a suite; yields a record for each and seed, then the comparisons.

    A record is `{"suite", "model", "seed", "metrics", "train_seconds", "positions_per_second",
    "peak_mb", "trainable_parameters"}`, with "slice" where a suite has slices, and
    `{"value", "low", "high"}` for each metric. A comparison is `{"suite", "a", "b", "metric",
    "delta", "low", "high", "p_value"}`, how much better a is than b by the paired bootstrap over
    users, of each user's mean over the seeds.

    Raises:
        ConfigError: if there is no such suite or model, or the data is missing.
    """
    check_name(suite, SUITES)
    settings = SUITES[suite]
    if settings.needs_data and data is None:
        raise ConfigError(
            N_("The suite {suite} needs its data. Say where it is: --data FOLDER."), suite=suite
        )
    if data is not None and not settings.needs_data:
        raise ConfigError(
            N_("The suite {suite} brings its own data. Leave out --data."), suite=suite
        )
    if part is not None and not settings.in_parts:
        raise ConfigError(N_("The suite {suite} has no parts. Leave out --part."), suite=suite)
    check_name(part or DEV, PARTS)
    asked = SuiteRequest(
        suite,
        settings.models if models is None else tuple(name.strip() for name in models),
        settings.seeds if seeds is None else seeds,
        data,
        observe,
        part or DEV,
    )
    run: Callable[[SuiteRequest], Iterator[Record]]
    run = import_module(f"recsys.benchmark.{settings.module}").run
    yield from run(asked)


def check_name(name: str, known: Collection[str]) -> None:
    """Raise `ConfigError`, which names what there is, for an unknown suite or model."""
    if name not in known:
        raise ConfigError(
            N_('There is no "{name}" to compare. Choose one of: {names}.'),
            name=name,
            names=", ".join(known),
        )
