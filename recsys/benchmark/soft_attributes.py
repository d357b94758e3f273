"""Part of the suite `wishes`: which of two films is more "scary", as people judged it.

SoftAttributes (Balog, Radlinski and Karatzoglou 2021, SIGIR): a person judged films to be less,
about as, or more of an attribute than a reference film. Of every film judged more and every one
judged less, the order is right or wrong.
"""

from __future__ import annotations

import csv
import json
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from recsys.benchmark.measuring import compared, untrained
from recsys.benchmark.suites import GRADED, TEXT_COSINE, Record, SuiteRequest
from recsys.dataset import Dataset
from recsys.evaluation import bootstrap_interval
from recsys.language_models import load_encoder
from recsys.language_models.item_texts import item_texts
from recsys.ranking import unit_rows
from recsys.schema import N_, ConfigError
from recsys.wishes.antonyms import antonyms
from recsys.wishes.graded import ENCODER, GradedWords

SLICE = "soft attributes"
ORDER, ABOVE = "pairs in order", "attributes above the cosine"
_YEAR = re.compile(r"\s*\((\d{4})\)\s*$")
_OTHER_TITLE = re.compile(r"\s*\([^)]*\)")
_ARTICLE_LAST = re.compile(r"^(.*), (the|a|an)$")


def read(file: Path, data: Dataset) -> dict[str, np.ndarray]:
    """Attribute → (m, 2) positions of films, the first judged more, the second less.

    Both are compared with the same film by the same person. Films that the data lack are passed
    over.

    Raises:
        ConfigError: if the file is not as it should be, or has no such pair.
    """
    known = {
        (_normal(str(title)), None if year != year else int(year)): position
        for position, (title, year) in enumerate(
            zip(data.titles, data.item_frame["year"].astype(float), strict=True)
        )
    }

    def positions(cell: str) -> list[int]:
        titles = json.loads(cell) if cell else []
        found = [known.get((_normal(title), _year(title))) for title in titles]
        return [position for position in found if position is not None]

    pairs: dict[str, list[tuple[int, int]]] = defaultdict(list)
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                more, less = positions(row["more_than"]), positions(row["less_than"])
                pairs[row["soft_attribute"]] += [(a, b) for a in more for b in less]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(N_("{file} is no table of SoftAttributes."), file=str(file)) from error
    kept = {attribute: np.array(of) for attribute, of in sorted(pairs.items()) if of}
    if not kept:
        raise ConfigError(N_("{file} judges no two films of the data."), file=str(file))
    return kept


def records(asked: SuiteRequest, data: Dataset, judged: dict[str, np.ndarray]) -> Iterator[Record]:
    """The record of the cosine of texts, that of graded words, and how much better these are."""
    attributes = list(judged)
    found, took = {}, {}
    for name, scored in ((TEXT_COSINE, by_cosine), (GRADED, left_out)):
        began = time.perf_counter()
        lines = scored(data, judged)
        took[name] = time.perf_counter() - began
        found[name] = np.array(
            [in_order(of, judged[a]) for a, of in zip(attributes, lines, strict=True)]
        )
    for name, values in found.items():
        above = values > found[TEXT_COSINE]
        metrics = {
            ORDER: bootstrap_interval(values),
            **({} if name == TEXT_COSINE else {ABOVE: bootstrap_interval(above.astype(float))}),
        }
        each = dict(zip(attributes, values.tolist(), strict=True))
        yield {**untrained(asked.suite, name, metrics, SLICE, took[name]), "attributes": each}
    pair = [found[GRADED]], [found[TEXT_COSINE]]
    yield compared(asked.suite, (GRADED, TEXT_COSINE), ORDER, pair, SLICE)


def in_order(scores: np.ndarray, pairs: np.ndarray) -> float:
    """The share of pairs (m, 2) whose first item has the higher score; half for equal ones."""
    difference = scores[pairs[:, 0]] - scores[pairs[:, 1]]
    return float(np.mean((np.sign(difference) + 1) / 2))


def by_cosine(data: Dataset, judged: dict[str, np.ndarray]) -> np.ndarray:
    """The cosine of each film's text with the attribute, by MiniLM: (n_attributes, n_items)."""
    encoder = load_encoder("minilm")
    texts = unit_rows(encoder.encode(item_texts(data)))
    cosines: np.ndarray = unit_rows(encoder.encode(list(judged))) @ texts.T
    return cosines


def left_out(data: Dataset, judged: dict[str, np.ndarray]) -> np.ndarray:
    """Graded words, each fitted on all other attributes: (n_attributes, n_items)."""
    encoder = load_encoder(ENCODER)
    texts = encoder.encode(item_texts(data))
    scores = []
    for attribute in judged:
        others = {word: pairs for word, pairs in judged.items() if word != attribute}
        graded = GradedWords.fit(others, texts, encoder, antonyms())
        scores.append(graded.scores([attribute], texts, encoder)[0])
    return np.array(scores)


def _year(title: str) -> int | None:
    found = _YEAR.search(title)
    return int(found[1]) if found else None


def _normal(title: str) -> str:
    """A title without year, other titles in brackets, and marks; with its article in front."""
    bare = _OTHER_TITLE.sub("", title).strip().lower()
    if found := _ARTICLE_LAST.match(bare):
        bare = f"{found[2]} {found[1]}"
    return " ".join(re.findall(r"\w+", bare))
