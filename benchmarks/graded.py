"""Fits the directions of graded words that come with the product.

    python -m benchmarks.graded FOLDER

FOLDER holds soft-attributes….csv, as for the suite `wishes`; all its attributes are used.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from recsys.benchmark.quality import CLEANING
from recsys.benchmark.soft_attributes import read
from recsys.cleaning import prepare
from recsys.language_models import load_encoder
from recsys.language_models.item_texts import item_texts
from recsys.wishes.antonyms import antonyms
from recsys.wishes.graded import ENCODER, SHIPPED, GradedWords


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("folder", type=Path)
    (file,) = arguments.parse_args().folder.glob("soft-attributes*.csv")
    films, _ = prepare("movielens", cleaning=CLEANING)
    encoder = load_encoder(ENCODER)
    texts = encoder.encode(item_texts(films))
    graded = GradedWords.fit(read(file, films), texts, encoder, antonyms())
    graded.save(SHIPPED)
    print(f"{len(graded.names)} words in {SHIPPED}")


if __name__ == "__main__":
    main()
