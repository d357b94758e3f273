"""What each command does. Every function takes the parsed arguments and returns the exit status."""

from __future__ import annotations

import argparse
import difflib
import sys
from typing import TYPE_CHECKING

import numpy as np

from recsys.cli.create import checked, find_prompt, find_run, new_run
from recsys.cli.output import print_answer, print_final, print_list, print_results, to_json
from recsys.cli.program import complain
from recsys.cli.progress import ProgressLines
from recsys.dataset import Dataset, IdMap
from recsys.jobs.signals import first_signal_stops
from recsys.request_text import CUT, request_text
from recsys.runs import Run, evaluate_run, execute
from recsys.schema import N_, ConfigError, DataError, RunError

if TYPE_CHECKING:
    from recsys.wishes.control.corrections import Corrections

#: Among how many ids a near one is looked for.
_NEAR_AMONG = 20_000


def app(arguments: argparse.Namespace) -> int:
    """Start the app."""
    from recsys.cli import studio

    return studio.app(arguments)


def datasets(arguments: argparse.Namespace) -> int:
    """List the samples."""
    from recsys.sources import SOURCES

    for name, source in SOURCES.items():
        print(f"{name}\n    {source.title}. {source.description}\n    {source.license}")
    return 0


def train(arguments: argparse.Namespace) -> int:
    """Train a model from data, or do the work of a run that is there (`--into`)."""
    progress = ProgressLines(sys.stderr)
    run = Run(arguments.into) if arguments.into else new_run(arguments, progress)
    with first_signal_stops(run.request_stop, "the best model is kept") as stopped:
        status = execute(run, progress.show)
    if status.message is not None:  # there is no model
        complain(status.message)
        return 130 if stopped else 2
    if run.config.final is None:
        print_results(run.evaluation(), sys.stderr)
    else:
        print_final(run.config, sys.stderr)
    print(run.folder)
    return 130 if stopped else 0


def evaluate(arguments: argparse.Namespace) -> int:
    """Print the results of a run, measuring first where that was not done."""
    run = find_run(arguments.run)
    try:
        results = run.evaluation()
    except RunError:
        if run.status().active or run.config.final is not None:
            raise
        results = {}
    if results.get("data_hash") != run.config.data_hash:
        results = evaluate_run(run, run.model(), ProgressLines(sys.stderr).show)
    if arguments.json:
        print(to_json({key: results[key] for key in _EVALUATE_KEYS if key in results}))
    else:
        print_results(results, sys.stdout)
    return 0


_EVALUATE_KEYS = (
    *("run", "data", "protocol", "users", "items", "metrics", "baselines"),
    *("gain", "ratings"),  # of models that have them
)


def recommend(arguments: argparse.Namespace) -> int:
    """Print the top k of some or all users, from everything known of them."""
    from recsys.models.base import Queries
    from recsys.recommend import recommend as best_of

    run = find_run(arguments.run)
    template = None if arguments.prompt is None else find_prompt(arguments.prompt)
    data = run.dataset()
    users = np.arange(data.n_users) if arguments.all_users else _users(data, arguments.user)
    model = run.model()
    if not model.reads_prompts and template is not None:
        raise ConfigError(
            N_("The model {model} reads no prompts. Leave out --prompt."),
            model=run.config.model,
        )
    if template is not None:
        checked(template, data)
    if request_text(arguments.intent).cut:
        complain(CUT)
    corrections = _corrections(arguments.intent, arguments.correct)
    # In parts, so that the first users are printed while others are still computed.
    for start in range(0, len(users), 256):
        part = users[start : start + 256]
        queries = Queries(
            data,
            part,
            template,
            arguments.intent,
            corrections=corrections,
            strength=arguments.wish_strength,
        )
        frame = best_of(model, queries, arguments.k)
        groups = dict(iter(frame.groupby("user_id", sort=False)))
        for user in part:
            user_id = data.users.ids[user]
            print_list(user_id, groups.get(user_id, frame[:0]), as_json=arguments.json)
    return 0


def ask(arguments: argparse.Namespace) -> int:
    """Answer a question of a user."""
    from recsys.conversation.answer import answer

    run = find_run(arguments.run)
    data = run.dataset()
    user = int(_users(data, [arguments.user])[0])
    answered = answer(run.model(), data, user, arguments.question, k=arguments.k)
    print_answer(data, answered, as_json=arguments.json)
    return 0


def capsule(arguments: argparse.Namespace) -> int:
    """Pack a run into a file, or open such a file as a run."""
    from recsys.cli import capsule as actions

    return actions.capsule(arguments)


def serve(arguments: argparse.Namespace) -> int:
    """Answer requests over HTTP with the model of a run."""
    from recsys.cli.serve import serve as answer  # brings a web server

    return answer(arguments)


def data(arguments: argparse.Namespace) -> int:
    """List the data that is kept, and delete it."""
    from recsys.cli import data as actions

    return actions.data(arguments)


def benchmark(arguments: argparse.Namespace) -> int:
    """Measure the models of a suite."""
    from recsys.cli.benchmark import benchmark as measure

    return measure(arguments)


def prompts(arguments: argparse.Namespace) -> int:
    """Look at prompts, compare them, measure them."""
    from recsys.cli import prompts as actions

    return actions.prompts(arguments)


def _corrections(wish: str, said: list[str]) -> Corrections:
    """What `--correct` says of a wish. Raises `ConfigError` where it says no mark."""
    from recsys.wishes.control.corrections import Corrections, Mark

    marks = []
    for each in said:
        name, _, mark = each.rpartition("=")
        if not name or mark not in set(Mark):
            raise ConfigError(
                N_(
                    '--correct has "{given}". It takes PART=MARK, with one of these marks: {marks}.'
                ),
                given=each[:80],
                marks=", ".join(Mark),
            )
        marks.append((name, Mark(mark)))
    return Corrections(wish, tuple(marks))


def _users(data: Dataset, ids: list[str]) -> np.ndarray:
    """Positions of users. Raises `DataError` that names near ids where one is unknown."""
    wanted = list(dict.fromkeys(ids))
    for user_id in wanted:
        if user_id not in data.users:
            raise DataError(
                N_('There is no user "{user}" in {data}. Near ids: {near}.'),
                user=user_id[:80],
                data=data.name,
                near=", ".join(near_ids(data.users, user_id)),
            )
    return data.users.positions(wanted)


def near_ids(users: IdMap, wanted: str, n: int = 3) -> list[str]:
    """Ids that look like `wanted`; the first ones where none does."""
    known = [str(user_id) for user_id in users.ids[:_NEAR_AMONG]]
    near = difflib.get_close_matches(wanted[:80], known, n, cutoff=0.5)
    return [user_id[:80] for user_id in near or known[:n]]
