"""`python -m recsys prompts …`: look at prompts, compare them, measure them."""

from __future__ import annotations

import argparse
import sys
import time

from recsys.cli import crossing, improving
from recsys.cli.making import checked, find_prompt, find_run, prompt_source
from recsys.cli.output import aligned, to_json
from recsys.cli.progress import ProgressLines, printable
from recsys.lab.versions import PromptStore
from recsys.prompts import LIBRARY, Finding, Template, Verbaliser, lint
from recsys.prompts.diff import word_diff
from recsys.schema import TemplateError

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
        "blame": blame,
        "grid": crossing.grid,
        "search": improving.search,
        "tune": improving.tune,
    }
    return commands[arguments.action](arguments)


def list_prompts(arguments: argparse.Namespace) -> int:
    """Prompts that were saved, then those of the library."""
    prompts = PromptStore.default()
    for name in prompts.names():
        latest = prompts.latest(name)
        if arguments.json:
            told = {"name": name, "versions": latest.number, "labels": prompts.labels(name)}
            print(to_json(told))
        else:
            print(f"{name}  (version {latest.number})")
    for name, template in LIBRARY.items():
        told = {"name": name, "title": template.title, "language": template.language}
        if arguments.json:
            print(to_json({**told, "description": template.description}))
        else:
            print(f"{name}  ({template.language})\n    {template.title}. {template.description}")
    return 0


def show(arguments: argparse.Namespace) -> int:
    """One prompt: its text, and what it speaks of."""
    template = find_prompt(arguments.prompt)
    if arguments.json:
        told = {
            "name": template.name,
            "title": template.title,
            "language": template.language,
            "variables": template.variables,
            "soft_tokens": template.soft_tokens,
            "source": template.source,
        }
        print(to_json(told))
    else:
        print(template.source.rstrip("\n"))
    return 0


def find_mistakes(arguments: argparse.Namespace) -> int:
    """What is worth knowing about a prompt; the status is 1 where it cannot be used."""
    found = _findings(arguments.prompt, arguments.run)
    for finding in found:
        told = {"severity": finding.severity, "line": finding.line, "column": finding.column}
        if arguments.json:
            print(to_json({**told, "message": str(finding.message)}))
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

    effect = lab.compare(a, b, scored)
    told = effect.to_dict()
    seconds = time.perf_counter() - began
    if arguments.json:
        print(to_json({**told, "seconds": round(seconds, 3)}))
        return 0
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
    against = "trained" if b is None else b.name
    print(aligned(["", a.name, against, "difference", "95% interval", "p", ""], rows))
    print(f"{told['users']:,} users; {lab.holdout.protocol}; {seconds:.1f} s")
    return 0


def blame(arguments: argparse.Namespace) -> int:
    """What every part of a prompt is worth on the test users of a run."""
    from recsys.lab.blame import blame as without_each
    from recsys.lab.blame import parts
    from recsys.lab.effect import PromptLab

    run = find_run(arguments.run)
    template = checked(find_prompt(arguments.prompt), run.dataset())
    lab = PromptLab(run.model(), run.split().test)
    progress = ProgressLines(sys.stderr)
    effects = without_each(lab, template, lambda *count: progress.counting("parts", *count))
    rows = []
    for part, effect in zip(parts(template), effects, strict=True):
        change = effect.metrics["ndcg@10"]
        if arguments.json:
            told = {"kind": part.kind, "text": part.text, **change.comparison.to_dict()}
            print(to_json(told))
        compared = change.comparison
        interval = f"[{compared.low:+.4f} {compared.high:+.4f}]"
        rows.append([printable(part.text or part.kind, 50), f"{compared.delta:+.4f}", interval])
    if not arguments.json:
        print(aligned(["part", "ndcg@10", "95% interval"], rows))
    return 0


def _findings(prompt: str, run: str | None) -> list[Finding]:
    """Remarks on a prompt; without a run's data, only whether it can be read."""
    source = prompt_source(prompt)
    if run is not None:
        return lint(source, Verbaliser(find_run(run).dataset()).values(0))
    try:
        Template.parse(source)
    except TemplateError as error:
        return [Finding("error", error.message, error.line, error.column)]
    return []
