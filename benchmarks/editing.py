"""How long an edit takes to show its effect on everybody's list, in a browser.

    python -m benchmarks.editing RUN [--edits 6]

RUN is the folder of a finished run that reads prompts. Starts the app and Chromium, types lines
into the editor of the Prompts page, and prints one JSON object: seconds from the end of typing to
the new sentence on the screen, the first time and after it; and the
median of the latter over that of the same comparisons without an app, which tells what pages and
browser cost on any machine. The pause after which the editor takes what is typed is left out.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from benchmarks.serving import launched_chromium, running_app
from recsys.lab.effect import PromptLab
from recsys.lab.readings import modes_of
from recsys.prompts import LIBRARY, Template
from recsys.runs import open_run

START = "sequential"
LINES = ("Only westerns.", "Recommend a comedy.", "Only horror.", "A quiet evening.", "Only drama.")
#: What the sentence of the effect says, before an edit or after.
SENTENCE = "lists changed|make the same lists"
#: Resolves once the sentence of the effect differs from `old`, with the seconds that took.
CHANGED = """([old, sentence]) => new Promise(done => {
  const told = new RegExp(sentence);
  const begin = performance.now();
  const look = () => {
    const found = [...document.querySelectorAll("p")].find(p => told.test(p.innerText));
    if (found && found.innerText !== old) done((performance.now() - begin) / 1000);
    else requestAnimationFrame(look);
  };
  look();
})"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("run", type=Path)
    arguments.add_argument("--edits", type=int, default=6)
    chosen = arguments.parse_args()
    body = LIBRARY[START].source
    edits = [f"{body}\n{LINES[i % len(LINES)]} {i}" for i in range(chosen.edits)]
    seen = _in_browser(chosen.run.resolve(), edits)
    alone = _alone(chosen.run.resolve(), edits)
    told = {
        "first_seconds": round(seen[0], 2),
        "after_seconds": [round(each, 2) for each in seen[1:]],
        "over_no_app": round(median(seen[1:]) / median(alone[1:]), 1),
    }
    print(json.dumps(told))


def _in_browser(run: Path, edits: list[str]) -> list[float]:
    with (
        tempfile.TemporaryDirectory() as prompts,
        running_app(RECSYS_RUNS=str(run.parent), RECSYS_PROMPTS=prompts) as address,
        sync_playwright() as playwright,
    ):
        browser = launched_chromium(playwright)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page.goto(f"{address}/prompts?lang=en&prompt={START}&run={run.name}")
        page.get_by_text(re.compile(SENTENCE)).first.wait_for(timeout=120_000)
        return [_edit(page, text) for text in edits]


def _edit(page: Page, text: str) -> float:
    page.wait_for_timeout(2_000)  # what the edit before still draws is not timed
    old = page.get_by_text(re.compile(SENTENCE)).first.inner_text()
    box = page.get_by_label("Prompt", exact=True)
    box.fill(text)
    box.press("Control+Enter")
    seconds: float = page.evaluate(CHANGED, [old, SENTENCE])
    return seconds


def _alone(run: Path, edits: list[str]) -> list[float]:
    """Seconds of the same comparisons in this process."""
    opened = open_run(run.parent, run.name)
    lab = PromptLab(opened.model(), opened.split().test)
    waits = []
    for text in edits:
        begin = time.perf_counter()
        for mode in modes_of(lab.model):
            effect = lab.compare(Template.parse(text), LIBRARY[START], mode=mode)
            assert effect.metrics
        waits.append(time.perf_counter() - begin)
    return waits


if __name__ == "__main__":
    main()
