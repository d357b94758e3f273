"""`python -m recsys prompts …`: look at prompts, compare them, measure them."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from recsys.cli.create import checked, find_prompt, find_run, find_version, prompt_source
from recsys.cli.grid import grid
from recsys.cli.optimise import discretise, search, tune
from recsys.cli.output import aligned, to_json
from recsys.cli.progress import ProgressLines, printable
from recsys.lab.lookup import look_up
from recsys.lab.version import Version
from recsys.lab.version_store import PromptStore
from recsys.prompts import LIBRARY, Finding, Verbaliser, lint
from recsys.prompts.diff import word_diff

if TYPE_CHECKING:  # models bring torch, which other commands need not wait for
    from recsys.lab.effect import Effect
    from recsys.lab.readings import ReadingMode

#: As `git diff --word-diff` marks words.
_MARKS = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}


def prompts(arguments: argparse.Namespace) -> int:
    """Run one of the commands below; returns the exit status."""
    commands = {
        "list": list_prompts,
        "show": show,
        "lint": find_mistakes,
        "diff": diff,
        "score": score,
        "ablate": ablate,
        "blame": ablate,
        "grid": grid,
        "discretise": discretise,
        "harden": discretise,
        "search": search,
        "tune": tune,
    }
    return commands[arguments.action](arguments)


def list_prompts(arguments: argparse.Namespace) -> int:
    """Prompts that were saved, then those of the library; or what has some words."""
    prompts = PromptStore.default()
    if arguments.search is not None:
        return _look_up(prompts, " ".join(arguments.search), as_json=arguments.json)
    for name in prompts.names():
        latest = prompts.latest(name)
        if arguments.json:
            facts = {"name": name, "versions": latest.number, "labels": prompts.labels(name)}
            print(to_json(facts))
        else:
            print(f"{name}  (version {latest.number})")
    for name, template in LIBRARY.items():
        facts = {"name": name, "title": template.title, "language": template.language}
        if arguments.json:
            print(to_json({**facts, "description": template.description}))
        else:
            print(f"{name}  ({template.language})\n    {template.title}. {template.description}")
    return 0


def _look_up(prompts: PromptStore, words: str, *, as_json: bool) -> int:
    """Versions and prompts of the library that have all the words; the status is 1 for none."""
    found = look_up(prompts, words)
    for hit in found:
        number, note = (hit.version.number, hit.version.note) if hit.version else (None, "")
        if as_json:
            facts = {"prompt": hit.link, "name": hit.name, "version": number, "note": note}
            print(to_json({**facts, "excerpt": hit.excerpt}))
        else:
            print("  ".join(filter(None, [hit.link, printable(note)])))
            print(f"    {printable(hit.excerpt, 120)}")
    return int(not found)


def show(arguments: argparse.Namespace) -> int:
    """One prompt: its text, and what it speaks of."""
    template = find_prompt(arguments.prompt)
    if arguments.json:
        facts = {
            "name": template.name,
            "title": template.title,
            "language": template.language,
            "variables": template.variables,
            "soft_tokens": template.soft_tokens,
            "source": template.source,
        }
        version = find_version(arguments.prompt)
        print(to_json(facts if version is None else {**facts, **_kept(version)}))
    else:
        print(template.source.rstrip("\n"))
    return 0


def _kept(version: Version) -> dict[str, Any]:
    """What is kept of a version beside its text."""
    prompts = PromptStore.default()
    remarks = prompts.remarks(version)
    return {
        "version": version.number,
        "sha256": version.hash,
        "created": version.created,
        "parent": version.parent,
        "note": version.note,
        "lint": None if remarks is None else remarks.to_dict(),
        "scores": prompts.scores(version.name, version.number),
    }


def find_mistakes(arguments: argparse.Namespace) -> int:
    """What is worth knowing about a prompt; the status is 1 where it cannot be used."""
    found = _findings(arguments.prompt, arguments.run)
    for finding in found:
        facts = {"severity": finding.severity, "line": finding.line, "column": finding.column}
        if arguments.json:
            print(to_json({**facts, "message": str(finding.message)}))
        else:
            words = printable(str(finding.message))
            print(f"{finding.line}:{finding.column}: {finding.severity}: {words}")
    if not found and not arguments.json:
        print("nothing to improve")
    return int(any(finding.severity == "error" for finding in found))


def diff(arguments: argparse.Namespace) -> int:
    """What the second prompt changes of the first, word by word."""
    a, b = find_prompt(arguments.prompt), find_prompt(arguments.other)
    found = word_diff(a.source, b.source)
    if arguments.json:
        print(to_json({"words": [{"kind": one.kind, "text": one.text} for one in found]}))
        return 0
    print("".join(_MARKS[one.kind].format(one.text) for one in found))
    return 0


def score(arguments: argparse.Namespace) -> int:
    """How much better one prompt ranks than another, on the test users of a run."""
    from recsys.lab.effect import PromptLab
    from recsys.lab.readings import WHOLE, WHY_THEY_DIFFER, WORDS, modes_of

    run = find_run(arguments.run)
    a = find_prompt(arguments.prompt)
    b = None if arguments.against is None else find_prompt(arguments.against)
    for template in filter(None, (a, b)):
        checked(template, run.dataset())
    lab = PromptLab(run.model(), run.split().test)
    progress = ProgressLines(sys.stderr)
    began = time.perf_counter()

    def scored(done: int, total: int) -> None:
        if time.perf_counter() - began > 1:
            progress.counting("users scored", done, total)

    modes = modes_of(lab.model)
    effects = {mode: lab.compare(a, b, scored, mode=mode) for mode in modes}
    seconds = time.perf_counter() - began
    if arguments.json:
        told = effects[WHOLE].to_dict()
        if WORDS in effects:
            told["words"] = effects[WORDS].to_dict()["metrics"]
        print(to_json({**told, "seconds": round(seconds, 3)}))
        return 0
    for mode, effect in effects.items():
        if len(modes) > 1:
            print(f"{mode.title}:")
        print(_compared(effect, a.name, "trained" if b is None else b.name))
    if len(modes) > 1:
        print(WHY_THEY_DIFFER)
    print(f"{len(lab.holdout.users):,} users; {lab.holdout.protocol}; {seconds:.1f} s")
    return 0


def _compared(effect: Effect, name: str, against: str) -> str:
    """The difference in every metric, a line each."""
    rows = [
        [
            metric,
            f"{change.a:.4f}",
            f"{change.b:.4f}",
            f"{change.comparison.delta:+.4f}",
            f"[{change.comparison.low:+.4f} {change.comparison.high:+.4f}]",
            f"{change.comparison.p_value:.3f}",
            "" if change.comparison.distinguishable else "not distinguishable",
        ]
        for metric, change in effect.metrics.items()
    ]
    return aligned(["", name, against, "difference", "95% interval", "p", ""], rows)


def ablate(arguments: argparse.Namespace) -> int:
    """Measure a prompt without each of its parts on the test users of a run."""
    from recsys.lab.ablation import ablate as measure_parts
    from recsys.lab.effect import PromptLab
    from recsys.lab.readings import WHOLE, WHY_THEY_DIFFER, WORDS, modes_of

    run = find_run(arguments.run)
    template = checked(find_prompt(arguments.prompt), run.dataset())
    lab = PromptLab(run.model(), run.split().test)
    progress = ProgressLines(sys.stderr)
    modes = modes_of(lab.model)

    def losses(mode: ReadingMode) -> list[dict[str, Any]]:
        found = measure_parts(
            lab, template, lambda *count: progress.counting("parts", *count), mode=mode
        )
        return [one.to_dict("ndcg@10") for one in found]

    lost = {mode: losses(mode) for mode in modes}
    if arguments.json:
        for place, one in enumerate(lost[WHOLE]):
            print(to_json({**one, "words": lost[WORDS][place]} if WORDS in lost else one))
        return 0
    heads = ["ndcg@10 lost", "without it", "95% interval", "exchanged", "95% interval"]
    for mode, parts in lost.items():
        rows = [
            [printable(one["text"] or one["kind"], 50), *_lost(one), *_lost(one["exchanged"])]
            for one in parts
        ]
        print(*([f"{mode.title}:"] if len(modes) > 1 else []), aligned(heads, rows), sep="\n")
    print("exchanged: with the value of another user in its place")
    if len(modes) > 1:
        print(WHY_THEY_DIFFER)
    return 0


def _lost(compared: Mapping[str, Any] | None) -> list[str]:
    if compared is None:
        return ["", ""]
    return [f"{compared['delta']:+.4f}", f"[{compared['low']:+.4f} {compared['high']:+.4f}]"]


def _findings(prompt: str, run: str | None) -> list[Finding]:
    """Remarks on a prompt; without a run, those that hold for any data."""
    source = prompt_source(prompt)
    if run is None:
        return lint(source)
    return lint(source, Verbaliser(find_run(run).dataset()).values(0))
