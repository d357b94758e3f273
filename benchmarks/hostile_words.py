"""Hostile wishes, questions and templates: how long the slowest of each kind takes, and what fails.

    python -m benchmarks.hostile_words [--seconds 2] [--length 20000] [--json FILE]

Every fragment of what the readers look for is repeated to `--length` characters, with an end that
fits and one that does not, and given to the model that reads wishes, to the answers, and to the
template language. A failure is an error that no sentence tells, or more than `--seconds` of
processor time. Prints a JSON table: kind, tried, worst seconds, failures.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from benchmarks.hostile_fragments import FRAGMENTS, TAGS
from recsys.conversation.answer import answer
from recsys.dataset import Dataset
from recsys.language_models import load_encoder
from recsys.models.base import Queries, Recommender
from recsys.prompts import LIBRARY, Template, Verbaliser, lint
from recsys.prompts.diff import word_diff
from recsys.schema import RecsysError
from recsys.wishes.facets import Facets
from recsys.wishes.probe import Probe
from recsys.wishes.reader import WishReader

KINDS = ("Comedy", "War", "Western", "Horror", "Science Fiction", "恐怖", "喜剧", "战争")


def catalogue() -> Dataset:
    """Sixty-four films of eight kinds, and what twenty people met of them."""
    names = [f"Toy Story {n} (19{n + 30})" for n in range(60)] + ["Alien", "Like", "No", "特别"]
    items = pd.DataFrame(
        {
            "item_id": [str(n) for n in range(64)],
            "title": names,
            "genres": [[KINDS[n % 8]] for n in range(64)],
            "year": [1930 + n for n in range(64)],
        }
    )
    events = pd.DataFrame(
        [(f"u{u}", str((7 * u + n) % 64)) for u in range(20) for n in range(30)],
        columns=["user_id", "item_id"],
    )
    return Dataset.from_frames(events, items, name="films")


class Reader(Recommender):
    """A model that scores by what a wish asks for alone."""

    name = "reader"
    reads_prompts = True

    def __init__(self, data: Dataset) -> None:
        weights = np.zeros((Facets.of(data).n_values, 385), dtype=np.float32)
        none = np.zeros((0, 384), dtype=np.float16), np.zeros(0, dtype=np.int64)
        self._wishes = WishReader(data, load_encoder(), Probe(weights, *none))

    @property
    def wish_reader(self) -> WishReader:
        return self._wishes

    def score(self, queries: Queries) -> np.ndarray:
        wish = self._wishes.read(queries.intent)
        return np.tile(self._wishes.bonus(wish), (len(queries.users), 1))

    def tensors(self) -> dict[str, np.ndarray]:
        return {}

    @classmethod
    def from_tensors(cls, config: object, tensors: object, data: Dataset) -> Reader:
        return cls(data)


def measured(
    kind: str, read: Callable[[str], object], texts: Sequence[str], limit: float
) -> dict[str, object]:
    """A row of the table."""
    worst, slowest, failed = 0.0, "", []
    for text in texts:
        begun = time.thread_time()
        try:
            read(text)
        except RecsysError as error:
            str(error)  # a sentence
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            failed.append(f"{text[:20]!r}: {error!r}"[:120])
        taken = time.thread_time() - begun
        if taken > limit:
            failed.append(f"{text[:20]!r}: {taken:.1f} s")
        if taken > worst:
            worst, slowest = taken, text[:20]
    row = {"kind": kind, "tried": len(texts), "worst_seconds": round(worst, 3)}
    return row | {"slowest": slowest, "failures": len(failed), "failed": failed[:5]}


def main() -> int:
    """Run all kinds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="of processor time, at most")
    parser.add_argument("--length", type=int, default=20_000, help="characters of each text")
    parser.add_argument("--json", metavar="FILE", help="write the table there, too")
    given = parser.parse_args()

    def repeated(fragments: Sequence[str]) -> list[str]:
        ends = ("", "x")
        return [f * (given.length // len(f) + 1) + end for f in fragments for end in ends]

    data = catalogue()
    model, values = Reader(data), Verbaliser(data).values(0, intent="a western")
    before = answer(model, data, 0, "a western")
    own = LIBRARY["intent"].source

    def questions(text: str) -> None:
        answer(model, data, 0, text)
        answer(model, data, 0, f"And {text}", before=before)

    def template(source: str) -> None:
        lint(source, values)
        Template.parse(source).render(values)

    words = repeated(FRAGMENTS)
    fits = [text[:19_000] for text in repeated((*TAGS, *FRAGMENTS))]
    tried: tuple[tuple[str, Callable[[str], object], Sequence[str]], ...] = (
        ("wishes", model.wish_reader.read, words),
        ("questions", questions, words),
        ("templates", template, fits),
        ("templates, within a tag", lambda text: template("{{ x " + text + " }}"), fits),
        (
            "templates, within an if",
            lambda text: template("{% if x %}" + text + "{% endif %}"),
            fits,
        ),
        ("templates beside the library's", lambda text: word_diff(own, text), fits),
    )
    rows = [measured(kind, read, texts, given.seconds) for kind, read, texts in tried]
    told = json.dumps(rows, ensure_ascii=True, indent=1)
    print(told)
    if given.json:
        with open(given.json, "w", encoding="utf-8") as file:
            file.write(told + "\n")
    return int(any(row["failures"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
