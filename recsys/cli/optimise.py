"""`python -m recsys prompts search|tune|discretise`: make a prompt better, or put it into words."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from recsys.cli.create import checked, find_prompt, find_run
from recsys.cli.exit_status import INTERRUPTED, MISTAKE
from recsys.cli.model_flags import chosen
from recsys.cli.output import aligned, difference, to_json
from recsys.cli.program import complain
from recsys.cli.progress import ProgressLines, printable
from recsys.defaults import TUNED_MODEL
from recsys.jobs.signals import first_signal_stops
from recsys.lab.account import account, beside_history, headline, outcome
from recsys.lab.remarks import Remarks
from recsys.lab.version import Version, tuned_note
from recsys.lab.version_store import PromptStore
from recsys.prompts import Verbaliser
from recsys.schema import N_, ConfigError

if TYPE_CHECKING:
    from recsys.evaluation import Comparison
    from recsys.lab.search_steps import Found
    from recsys.runs import Run


def search(arguments: argparse.Namespace) -> int:
    """Look for a better prompt; the winner is printed, and confirmed on users left out of it."""
    from recsys.lab.search_job import SearchJob, SearchRequest
    from recsys.lab.search_steps import Round

    if arguments.into is not None:
        job = SearchJob(arguments.into)
    elif arguments.run is None or arguments.prompt is None:
        raise ConfigError(N_("Name a run, and with --prompt what to begin with."))
    else:
        run = find_run(arguments.run)
        start = checked(find_prompt(arguments.prompt), run.dataset())
        limits = {
            name: getattr(arguments, name) for name in ("budget", "target", "seed", "reading")
        }
        job = SearchJob.create(run, SearchRequest(start.name, start.source, **limits))
    progress = ProgressLines(sys.stderr)

    def observe(event: Round | Found) -> None:
        if arguments.json:
            print(to_json(event.to_dict()), flush=True)
        if isinstance(event, Round):
            where = f"generation {event.generation}, {event.candidates} left on {event.users} users"
            best = f"best {event.gain:+.4f} ({event.done})"
            done = min(event.spent, event.budget)
            progress.counting(f"{where}, {best}; lists", done, event.budget)

    with first_signal_stops(job.request_stop, "what was measured is kept") as stopped:
        found = job.execute(observe)
    _tell_found(found, job.run, arguments)
    return INTERRUPTED if stopped else 0


def tune(arguments: argparse.Namespace) -> int:
    """Train only a prompt on a backbone, frozen; say what it gains."""
    from recsys.runs import Run, execute

    run = Run(arguments.into) if arguments.into is not None else _tuning_run(arguments)
    began = time.perf_counter()
    with first_signal_stops(run.request_stop, "the best model is kept") as stopped:
        status = execute(run, ProgressLines(sys.stderr).show)
    if status.message is not None:
        complain(status.message)
        return INTERRUPTED if stopped else MISTAKE
    if (name := arguments.save or run.config.save_as) is not None:
        _keep_tuned(name, run)
    _tell_tuned(run, time.perf_counter() - began, as_json=arguments.json)
    return INTERRUPTED if stopped else 0


def discretise(arguments: argparse.Namespace) -> int:
    """The trained vectors of a run's prompt in words, and what that costs."""
    from recsys.lab.discretise import discretise as in_words
    from recsys.lab.effect import PromptLab

    run = find_run(arguments.run)
    template = run.config.template
    lab = PromptLab(run.model(), run.split().test)
    assert template is not None  # the lab takes no model that reads no prompts
    progress = ProgressLines(sys.stderr)
    discrete = in_words(lab, template, lambda *count: progress.counting("users scored", *count))
    if arguments.save:
        _save(arguments.save, discrete.template.source, run, note=f"{run.name}, in words")
    if arguments.json:
        print(to_json(discrete.to_dict()))
        return 0
    rows = [[word or "-", *(f"{w} {like:.2f}" for w, like in near[:5])]
            for word, near in zip(discrete.chosen, discrete.near, strict=True)]  # fmt: skip
    print(aligned(["word", "nearest", *[""] * 4], rows))
    print("\nThese words make no sentence: each is only the nearest to one vector.")
    change = discrete.effect.metrics["ndcg@10"]
    print(f"NDCG@10 {change.b:.4f} -> {change.a:.4f} in words ({_interval(change.comparison)})")
    return 0


def _tuning_run(arguments: argparse.Namespace) -> Run:
    """A new run that tunes a prompt on the backbone of another."""
    from recsys.runs import create_run

    if arguments.run is None or arguments.prompt is None:
        raise ConfigError(N_("Name a run, and with --prompt what to begin with."))
    backbone = find_run(arguments.run)
    data = backbone.dataset()
    return create_run(
        backbone.folder.parent,
        data,
        model=TUNED_MODEL,
        model_config=chosen(arguments, [TUNED_MODEL])[TUNED_MODEL],
        backbone=backbone,
        template=checked(find_prompt(arguments.prompt), data),
        language_model=arguments.language_model,
        seed=arguments.seed,
        name=arguments.name,
        save_as=arguments.save,
        source=backbone.config.source,
        command=tuple(sys.argv),
    )


def _keep_tuned(name: str, run: Run) -> None:
    """The prompt as a version, with what tuning it gained."""
    results, template = run.evaluation(), run.config.template
    assert template is not None
    version = _save(name, template.source, run, note=tuned_note(run.name))
    metrics = {name: value["value"] for name, value in results["metrics"].items()}
    about = {"run": run.name, "data_hash": run.config.data_hash}
    PromptStore.default().add_score(version, {**about, "metrics": metrics, "gain": results["gain"]})


def _tell_tuned(run: Run, seconds: float, *, as_json: bool) -> None:
    results = run.evaluation()
    gain = results["gain"]
    if as_json:
        print(to_json({"run": str(run.folder), "gain": gain, "seconds": round(seconds, 1)}))
        return
    before, after = gain["backbone"]["value"], results["metrics"]["ndcg@10"]["value"]
    sure = "" if gain["distinguishable"] else ": not distinguishable from no gain"
    print(f"NDCG@10 {before:.4f} -> {after:.4f} ({difference(gain)}{sure}), {seconds:.0f} s")
    print(run.folder)


def _tell_found(found: Found, run: Run, arguments: argparse.Namespace) -> None:
    """The outcome first, then the winner if there is one, and what was found out on the way."""
    if arguments.save and found.holds:
        _save(arguments.save, found.winner.source, run, note="search")
    elif arguments.save:
        print("nothing is saved", file=sys.stderr)
    if arguments.json:
        return
    compared = found.confirmed.metrics["ndcg@10"].comparison
    users = len(found.confirmed.holdout.users)
    print(headline(holds=found.holds))
    if found.holds:
        print(f"\n{found.winner.source.strip()}\n")
    same = found.leader is found.start
    print(f"{outcome(found.holds, same, users, compared)} ({found.reason})")
    print(f"Scored: {found.mode.title}")
    if found.holds and found.whole is not None:
        print(beside_history(found.whole.metrics["ndcg@10"].comparison))
    for section in account(found.explanation, holds=found.holds):
        print(f"\n{section.title}")
        for sentence in section.sentences:
            print(f"- {printable(str(sentence))}")


def _save(name: str, source: str, run: Run, *, note: str) -> Version:
    """Keep a prompt with what lint says of it on the data of a run."""
    remarks = Remarks.of(source, Verbaliser(run.dataset()))
    version = PromptStore.default().save(name, source, note=note, remarks=remarks)
    print(f"saved as {version.name}, version {version.number}", file=sys.stderr)
    return version


def _interval(compared: Comparison) -> str:
    """A difference with its interval and p-value."""
    return f"{difference(compared.to_dict())}, p = {compared.p_value:.3f}"
