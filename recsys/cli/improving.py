"""`python -m recsys prompts search|tune`: make a prompt better, by search or by gradient."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from recsys.cli import INTERRUPTED, MISTAKE
from recsys.cli.making import checked, find_prompt, find_run
from recsys.cli.output import to_json
from recsys.cli.progress import ProgressLines, printable
from recsys.lab.versions import PromptStore
from recsys.prompts import Template
from recsys.schema import N_, ConfigError

if TYPE_CHECKING:
    from recsys.lab.search import Found
    from recsys.runs import Run


def search(arguments: argparse.Namespace) -> int:
    """Look for a better prompt; the winner is printed, and confirmed on users left out of it."""
    from recsys.lab.search import Round
    from recsys.lab.searches import SearchJob, SearchRequest

    if arguments.into is not None:
        job = SearchJob(arguments.into)
    elif arguments.run is None or arguments.prompt is None:
        raise ConfigError(N_("Name a run, and with --prompt what to begin with."))
    else:
        run = find_run(arguments.run)
        start = checked(find_prompt(arguments.prompt), run.dataset())
        limits = {"budget": arguments.budget, "target": arguments.target, "seed": arguments.seed}
        job = SearchJob.create(run, SearchRequest(start.name, start.source, **limits))
    progress = ProgressLines(sys.stderr)

    def observe(told: Round | Found) -> None:
        if arguments.json:
            print(to_json(told.to_dict()), flush=True)
        if isinstance(told, Round):
            where = f"generation {told.generation}, {told.candidates} left on {told.users} users"
            best = f"best {told.gain:+.4f} ({told.done})"
            done = min(told.spent, told.budget)
            progress.counting(f"{where}, {best}; lists", done, told.budget)

    with _first_ctrl_c_stops() as stopped:
        found = job.execute(observe, lambda: bool(stopped))
    _tell_found(found, arguments)
    return INTERRUPTED if stopped else 0


def tune(arguments: argparse.Namespace) -> int:
    """Train only a prompt on a general model, frozen; say what it gains."""
    from recsys.cli.commands import first_signal_stops
    from recsys.runs import create_run, execute

    general = find_run(arguments.run)
    data = general.dataset()
    template = checked(find_prompt(arguments.prompt), data)
    run = create_run(
        general.folder.parent,
        data,
        model="prompt-tuned",
        general=general,
        template=template,
        language_model=arguments.language_model,
        seed=arguments.seed,
        name=arguments.name,
        source=general.config.source,
        command=tuple(sys.argv),
    )
    began = time.perf_counter()
    with first_signal_stops(run.request_stop) as stopped:
        status = execute(run, ProgressLines(sys.stderr).show)
    if status.message is not None:
        print(f"recsys: {printable(str(status.message))}", file=sys.stderr)
        return INTERRUPTED if stopped else MISTAKE
    if arguments.save:
        _keep_tuned(arguments.save, template, run)
    _tell_tuned(run, time.perf_counter() - began, as_json=arguments.json)
    return INTERRUPTED if stopped else 0


def _keep_tuned(name: str, template: Template, run: Run) -> None:
    """The prompt as a version, with what tuning it gained."""
    prompts, results = PromptStore.default(), run.evaluation()
    version = prompts.save(name, template.source, note=f"tuned: {run.name}")
    metrics = {name: value["value"] for name, value in results["metrics"].items()}
    about = {"run": run.name, "data_hash": run.config.data_hash}
    prompts.add_score(version, {**about, "metrics": metrics, "gain": results["gain"]})


def _tell_tuned(run: Run, seconds: float, *, as_json: bool) -> None:
    results = run.evaluation()
    gain = results["gain"]
    if as_json:
        print(to_json({"run": str(run.folder), "gain": gain, "seconds": round(seconds, 1)}))
        return
    before, after = gain["general"]["value"], results["metrics"]["ndcg@10"]["value"]
    sure = "" if gain["distinguishable"] else ": not distinguishable from no gain"
    interval = f"{gain['delta']:+.4f} [{gain['low']:+.4f} {gain['high']:+.4f}]"
    print(f"NDCG@10 {before:.4f} -> {after:.4f} ({interval}{sure}), {seconds:.0f} s")
    print(run.folder)


def _tell_found(found: Found, arguments: argparse.Namespace) -> None:
    if arguments.save and found.best.source:
        version = PromptStore.default().save(arguments.save, found.best.source, note="search")
        print(f"saved as {version.name}, version {version.number}", file=sys.stderr)
    if arguments.json:
        return
    change = found.confirmed.metrics["ndcg@10"]
    compared = change.comparison
    print(found.best.source)
    told = "it holds" if found.holds else "it does not hold: this may be chance"
    print(
        f"\n{found.reason}; on {len(found.confirmed.holdout.users)} users that the search never "
        f"saw: NDCG@10 {change.b:.4f} -> {change.a:.4f} ({compared.delta:+.4f} "
        f"[{compared.low:+.4f} {compared.high:+.4f}], p = {compared.p_value:.3f}); {told}"
    )


@contextmanager
def _first_ctrl_c_stops() -> Iterator[list[int]]:
    """Ctrl-C lets the search end with what it has; a second one ends the process."""
    received: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield received
    finally:
        signal.signal(signal.SIGINT, before)
