"""Jobs of all kinds, killed at random: what is left has to be true, and the work to go on.

    python -m benchmarks.kills --times 200 --seed 0

Every job is a command of `python -m recsys`, in a process of its own (forked from one that has
imported everything already, so that a kill takes seconds), on data of 48 users. It is killed with
SIGKILL, one time in four with SIGTERM, at a random moment of the time that it takes. Then every
folder is opened, every model scored, and the same command run again. Prints one JSON object: for
each kind how often it was killed, and what was wrong afterwards.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

#: Seconds after which a process that was asked to end, or to work, counts as hung.
PATIENCE = 120.0
#: One kill in so many is a SIGTERM, which a job may answer by ending with what it has.
GENTLE = 4
#: A prompt without words, of which there are few variants.
LINES = "{{ soft(2) }}\n{{ history | last(3) }}\n{{ genres }}\n{{ liked }}"
PROMPT = "{{ soft(2) }} The user watched {{ history | last(3) }}."


def data_in(folder: Path) -> None:
    """48 users who went round 16 films of two kinds, with ratings, as files."""
    rows = [
        (f"u{user}", f"{'cw'[user % 2]}{(user // 2 + step) % 8}", 2 + (user + step) % 4)
        for user in range(48)
        for step in range(6)
    ]
    folder.mkdir(parents=True)
    events = pd.DataFrame(rows, columns=["user_id", "item_id", "rating"])
    events.to_csv(folder / "interactions.csv", index=False)
    ids = [f"{kind}{number}" for number in range(8) for kind in "wc"]
    genres = ["Western" if item[0] == "w" else "Comedy" for item in ids]
    items = {"item_id": ids, "title": [f"Film {item}" for item in ids], "genres": genres}
    pd.DataFrame(items).to_csv(folder / "items.csv", index=False)
    (folder / "prompt.j2").write_text(PROMPT, "utf-8")
    (folder / "lines.j2").write_text(LINES, "utf-8")


@dataclass(frozen=True)
class Kind:
    """A kind of job.

    Attributes:
        command: of `python -m recsys`; `{data}` and `{runs}` are folders.
        makes: the name of the run that it makes, whose name has to be free afterwards.
        reads: whether it needs the language model and the trained runs that read with it.
    """

    command: str
    makes: str | None = None
    reads: bool = False


def _train(options: str, *, reads: bool = False) -> Kind:
    return Kind(f"train --data {{data}} --name job {options}", "job", reads)


KINDS = {
    "mf": _train("--model mf --epochs 12"),
    "mf-ratings": _train("--model mf --objective ratings --epochs 12"),
    "ncf": _train("--model ncf --epochs 8"),
    "sasrec": _train("--model sasrec --epochs 12"),
    "ease": _train("--model ease"),
    "prompt-tuned": _train("--model prompt-tuned --epochs 3", reads=True),
    "prompt-fusion": _train("--model prompt-fusion --epochs 6", reads=True),
    "soft-prompt": _train("--model soft-prompt --prompt {data}/prompt.j2 --epochs 2", reads=True),
    "tune": Kind(
        "prompts tune {runs}/general --prompt sequential --name job --save tuned", "job", True
    ),
    "search": Kind(
        "prompts search {runs}/fusion --prompt {data}/lines.j2 --budget 1500 --save better",
        reads=True,
    ),
    "discretise": Kind("prompts discretise {runs}/fusion --save discrete", reads=True),
    "grid": Kind("prompts grid --data {data} --models mf,sasrec --minutes 0.01"),
    "grid-prompts": Kind(
        "prompts grid --data {data} --models prompt-tuned,mf --prompts sequential,{data}/prompt.j2 "
        "--minutes 0.01",
        reads=True,
    ),
    "evaluate": Kind("evaluate {runs}/unmeasured"),
    "save": Kind(""),
}


@dataclass
class Tally:
    """What came of the kills of one kind."""

    kills: int = 0
    wrong: list[str] = field(default_factory=list)


class Trial:
    """One folder with data, runs and prompts, in which one job is killed."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder, self.kind = folder, KINDS[kind]
        self.runs, self.prompts = folder / "runs", folder / "prompts"
        self.saved = folder / "saved.txt"

    def start(self) -> int:
        """Begin the job in a process of its own; returns its number."""
        command = self._command()
        sys.stdout.flush()
        child = os.fork()
        if child:
            return child
        try:  # nothing of the parent's is to happen in the child
            os.setsid()
            log = os.open(self.folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.environ.update(RECSYS_RUNS=str(self.runs), RECSYS_PROMPTS=str(self.prompts))
            os._exit(self._work(command))
        except SystemExit as end:
            os._exit(end.code if isinstance(end.code, int) else 1)
        except BaseException:  # noqa: BLE001 - a child must never come back
            traceback.print_exc()
        os._exit(1)

    def _command(self) -> list[str]:
        return self.kind.command.format(data=self.folder / "data", runs=self.runs).split()

    def _work(self, command: list[str]) -> int:
        from recsys.cli import main
        from recsys.lab.version_store import PromptStore

        if command:
            return main(command)
        store = PromptStore.default()
        for number in range(30):
            version = store.save("mine", f"Version {number} of a prompt.")
            store.label("mine", "production", version.number)
            with self.saved.open("a") as file:
                file.write(f"{version.number} {version.source}\n")
        return 0

    def here(self) -> None:
        """Do the job in this process."""
        os.environ.update(RECSYS_RUNS=str(self.runs), RECSYS_PROMPTS=str(self.prompts))
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            assert self._work(self._command()) == 0

    def finish(self) -> tuple[int, float]:
        """Let the job get to its end; its exit status, and the seconds it took."""
        began = time.monotonic()
        status = ended(self.start())
        return status, time.monotonic() - began


def ended(pid: int) -> int:
    """The exit status of a process, minus the signal that killed it; hung ones are killed."""
    deadline = time.monotonic() + PATIENCE
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise TimeoutError(f"it did not end within {PATIENCE:.0f} s")
        time.sleep(0.002)


def killed(trial: Trial, after: float, by: signal.Signals) -> bool:
    """Kill the job after some seconds; False where it had ended by then."""
    pid = trial.start()
    time.sleep(after)
    done, _ = os.waitpid(pid, os.WNOHANG)
    if done:
        return False
    os.kill(pid, by)
    ended(pid)
    return True


def wrong_with_runs(trial: Trial) -> list[str]:
    """What is not so of what the runs say, or cannot be read."""
    from recsys.runs import list_runs, open_run
    from recsys.schema import RecsysError

    wrong = []
    if trial.runs.is_dir():
        seen = {run.name for run in list_runs(trial.runs)}
        shown = {path.name for path in trial.runs.iterdir() if not path.name.startswith(".")}
        wrong += [f"{name} is no run" for name in shown - seen]
        for name in seen:
            try:
                wrong += wrong_with_run(open_run(trial.runs, name))
            except RecsysError as error:
                wrong.append(f"{name}: {error}")
    return wrong


def wrong_with_run(run: object) -> list[str]:
    """The same of one run: its state, and whether its model is what the status says."""
    from recsys.runs import Run
    from recsys.runs.measure import validation_ndcg
    from recsys.schema import RecsysError

    assert isinstance(run, Run)
    wrong, status, kept = [], run.status(), run.model_measurement()
    if status.active:
        wrong.append(f"{run.name} is {status.state}, but its process is dead")
    for look in (run.evaluation, run.per_user):
        try:
            look()
        except RecsysError:
            if status.has_model:
                wrong.append(f"{run.name} is {status.state} without results")
    run.events()
    if kept is None:
        if status.best_ndcg is not None or status.has_model or run.has_model():
            wrong.append(f"{run.name} claims a model without a measurement")
        return wrong
    model = run.model()
    if kept.loss is not None:
        users, items, ratings = run.split().validation.rated()
        found, claimed = float(np.mean((model.predict(users, items) - ratings) ** 2)), kept.loss
    else:
        found, claimed = validation_ndcg(run.split())(model), status.best_ndcg
    if claimed is None or abs(found - claimed) > 5e-5:
        wrong.append(f"{run.name} claims {claimed}, on disk is {found:.4f}")
    return wrong


def wrong_with_rest(trial: Trial) -> list[str]:
    """The same of grids, searches and prompts."""
    from recsys.lab.grid_store import list_grids
    from recsys.lab.search_job import SearchJob
    from recsys.lab.version_store import PromptStore
    from recsys.runs import list_runs

    wrong = []
    for job in list_grids(trial.runs):
        job.rows()
        if job.status().active:
            wrong.append("the grid is at work, but its process is dead")
    for run in list_runs(trial.runs):
        search = SearchJob.latest(run)
        if search is not None:
            search.request(), search.events()
            if search.status().active:
                wrong.append("the search is at work, but its process is dead")
    store = PromptStore(trial.prompts)
    for name in store.names():
        for version in store.versions(name):
            store.remarks(version)
        store.labels(name), store.scores(name, 1)
    lines = trial.saved.read_text().splitlines() if trial.saved.exists() else []
    for number, _, source in (line.partition(" ") for line in lines):
        if store.get("mine", int(number)).source != source:
            wrong.append(f"version {number} is not what was saved")
    return wrong


def wrong_again(trial: Trial) -> list[str]:
    """What is not so when the same command is given again, and gets to its end."""
    from recsys.runs import delete_run, list_runs, open_run

    done = {run.name for run in list_runs(trial.runs) if run.status().state == "finished"}
    measured = {path: path.read_bytes() for path in trial.runs.glob("*/searches/*/values.jsonl")}
    if trial.kind.makes is not None and (trial.runs / trial.kind.makes).exists():
        delete_run(open_run(trial.runs, trial.kind.makes))
    status, _ = trial.finish()
    if status != 0:
        tail = (trial.folder / "output.txt").read_text(errors="replace").strip().splitlines()[-1:]
        return [f"given again it ended with {status}: {''.join(tail)}"]
    wrong = []
    if "grid" in trial.kind.command:
        made = [run.config for run in list_runs(trial.runs) if run.status().state == "finished"]
        cells = [(c.model, c.prompt_source, c.backbone_run) for c in made if c.name not in BASE]
        if len(cells) != len(set(cells)):
            wrong.append("a run of the grid that was there was made again")
        wrong += [f"{name} is gone" for name in done - {config.name for config in made}]
    for path, before in measured.items():
        whole = before[: before.rfind(b"\n") + 1]
        if not path.read_bytes().startswith(whole):
            wrong.append("what the search had measured is lost")
    return wrong + wrong_with_runs(trial) + wrong_with_rest(trial)


#: Runs that are there before a job begins.
BASE = ("general", "fusion", "unmeasured")


def prepare(folder: Path, kinds: list[str]) -> None:
    """The data, and the runs that some kinds need."""
    import torch

    from recsys.cleaning import prepare as clean
    from recsys.prompts import Template
    from recsys.runs import create_run, execute

    torch.set_num_threads(1)
    data_in(folder / "data")
    (folder / "prompts").mkdir()
    runs, (data, _) = folder / "runs", clean(str(folder / "data"))
    runs.mkdir()
    if "evaluate" in kinds:
        unmeasured = create_run(runs, data, model="mf", epochs=2, name="unmeasured")
        execute(unmeasured)
        (unmeasured.folder / "evaluation.json").unlink()
        unmeasured.update(state="interrupted", test_ndcg=None)
    if any(KINDS[kind].reads for kind in kinds):
        from recsys.language_models import load_encoder

        execute(create_run(runs, data, model="mf", epochs=3, name="general"))
        template = Template.parse(PROMPT, "mine")
        execute(create_run(runs, data, template=template, epochs=2, name="fusion"))
        load_encoder("minilm").encode(["warm"])


def run(times: int, seed: int, kinds: list[str], folder: Path, minutes: float) -> dict[str, Tally]:
    """Kill jobs of some kinds in turn, for so long at most; returns what came of it."""
    end = time.monotonic() + 60 * minutes
    base = folder / "base"
    base.mkdir()
    prepare(base, kinds)
    for kind in kinds:  # so that what is imported late is imported before the forks
        trial = fresh(base, folder / f"{kind}-warm", kind)
        trial.here()
        shutil.rmtree(trial.folder)
    rng = random.Random(seed)  # noqa: S311 - no secret
    tallies = {kind: Tally() for kind in kinds}
    takes: dict[str, float] = {}
    for number in range(times):
        if time.monotonic() > end:
            break
        kind = kinds[number % len(kinds)]
        tally, by = tallies[kind], signal.SIGTERM if rng.randrange(GENTLE) == 0 else signal.SIGKILL
        if kind not in takes:
            trial = fresh(base, folder / f"{kind}-whole", kind)
            status, takes[kind] = trial.finish()
            assert status == 0, (trial.folder / "output.txt").read_text()
            tally.wrong += wrong_with_runs(trial) + wrong_with_rest(trial)
            shutil.rmtree(trial.folder)
        for attempt in range(50):  # until it comes in time
            trial = fresh(base, folder / f"{kind}-{number}-{attempt}", kind)
            after = rng.uniform(0, takes[kind])
            if killed(trial, after, by):
                break
            shutil.rmtree(trial.folder)
        tally.kills += 1
        wrong = told(lambda t=trial: wrong_with_runs(t) + wrong_with_rest(t))  # type: ignore[misc]
        wrong += told(lambda t=trial: wrong_again(t))  # type: ignore[misc]
        tally.wrong += [f"{by.name} after {after:.2f} s: {each}" for each in wrong]
        print(f"{number + 1} of {times}: {kind} {by.name} {after:.2f} s {wrong}", file=sys.stderr)
        if not wrong:
            shutil.rmtree(trial.folder)
    return tallies


def fresh(base: Path, folder: Path, kind: str) -> Trial:
    """A copy of what there is before a job begins."""
    shutil.copytree(base, folder)
    return Trial(folder, kind)


def told(look: Callable[[], list[str]]) -> list[str]:
    """What a look finds wrong; a crash of it is wrong, too."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - it is what is looked for
        return [f"{type(error).__name__}: {error}", traceback.format_exc(limit=-3)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill jobs at random and look at what is left.")
    parser.add_argument("--times", type=int, default=200, help="kills in all (default 200)")
    parser.add_argument("--seed", type=int, default=0, help="of moments and signals (default 0)")
    parser.add_argument("--kinds", default=",".join(KINDS), help="default: all")
    parser.add_argument("--minutes", type=float, default=1e9, help="no kill after so many")
    arguments = parser.parse_args()
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    kinds = arguments.kinds.split(",")
    tallies = run(arguments.times, arguments.seed, kinds, folder, arguments.minutes)
    table = {name: {"kills": t.kills, "wrong": t.wrong} for name, t in tallies.items()}
    total = {
        "kills": sum(t.kills for t in tallies.values()),
        "wrong": sum(len(t.wrong) for t in tallies.values()),
        "seconds": round(time.monotonic() - began),
    }
    print(json.dumps({"kinds": table, "all": total}, indent=2, ensure_ascii=False))
    if not total["wrong"]:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if total["wrong"] else 0)


if __name__ == "__main__":
    main()
