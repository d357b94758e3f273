"""Words of a catalogue for whose kinds no sentence was written, read with the real encoders."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.language_models import load_encoder
from recsys.wishes.facets import Facets
from recsys.wishes.grounding import content, covered
from recsys.wishes.item_words import ItemWords, words_of
from recsys.wishes.meanings import Meanings, _telling, find_meanings
from recsys.wishes.reader import WishReader
from recsys.wishes.wordnet import about_anything, senses

KINDS = {
    "Samurai": "Ronin of the old capital",
    "Vampire": "Castle of the count",
    "Mecha": "Steel pilots",
    "Vegetables": "Leek and carrot",
    "Astronomy": "Nebula atlas",
    "Locksmithing": "Pins and tumblers",
    "Gardening": "Roses all year",
    "Sailing": "Knots and tides",
}


@pytest.fixture(scope="module")
def data() -> Dataset:
    titles = [f"{title} {n}" for title in KINDS.values() for n in ("one", "two", "three")]
    items = pd.DataFrame({"item_id": [f"{i}" for i in range(len(titles))], "title": titles})
    items["kind"] = [[kind] for kind in KINDS for _ in range(3)]
    events = pd.DataFrame({"user_id": "u", "item_id": items["item_id"]})
    return Dataset.from_frames(events, items, name="things")


@pytest.fixture(scope="module")
def meanings(data: Dataset) -> Meanings:
    return find_meanings(data, Facets.of(data))


@pytest.fixture(scope="module")
def reader(data: Dataset) -> WishReader:
    return WishReader(data, load_encoder())


def test_no_sentences_cover_the_kinds(data: Dataset) -> None:
    assert not covered(Facets.of(data)).any()


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("swordsmen in feudal Japan", "Samurai"),
        ("blood-sucking undead", "Vampire"),
        ("giant robots piloted by teenagers", "Mecha"),
        ("stars and planets through a telescope", "Astronomy"),
        ("how to open a door without a key", "Locksmithing"),
        ("封建时代的日本剑客", "Samurai"),
        ("用望远镜看星星和行星", "Astronomy"),
    ],
)
def test_the_kind_that_is_meant_is_the_likeliest(
    data: Dataset, meanings: Meanings, words: str, kind: str
) -> None:
    values = Facets.of(data).values
    evidence = meanings.read([words], np.ones(len(values), dtype=bool))
    assert values[evidence.likely[0].argmax()] == kind


def test_what_is_sure_enough_is_wanted(reader: WishReader) -> None:
    assert reader.read("swordsmen in feudal Japan").wanted[0] == "Samurai"
    assert reader.read("no blood-sucking undead").avoided[0] == "Vampire"
    assert reader.read("用望远镜看星星和行星").wanted[0] == "Astronomy"


def test_texts_together_are_read_as_alone(meanings: Meanings) -> None:
    texts = ["robots", "看星星", "a boat"]
    among = np.ones(len(KINDS), dtype=bool)
    together = meanings.read(texts, among)
    for row, text in enumerate(texts):
        alone = meanings.read([text], among)
        np.testing.assert_allclose(together.likely[row], alone.likely[0], atol=1e-4)
        np.testing.assert_allclose(together.sure[row], alone.sure[0], atol=1e-3)


def test_only_values_among_the_asked_are_likely(meanings: Meanings) -> None:
    among = np.zeros(len(KINDS), dtype=bool)
    among[2:4] = True
    likely = meanings.read(["swordsmen in feudal Japan"], among).likely[0]
    assert likely[among].sum() == pytest.approx(1, abs=0.05) and not likely[~among].any()


@pytest.mark.parametrize("words", ["in French, please", "under ten dollars", "法语的"])
def test_what_the_data_has_not_is_said_to_be_missing(reader: WishReader, words: str) -> None:
    read = reader.read(words)
    assert not read and not read.changes_lists and len(read.missing) >= 1


@pytest.mark.parametrize("words", ["What should I watch?", "It is raining.", "你好"])
def test_talk_asks_for_nothing_and_misses_nothing(reader: WishReader, words: str) -> None:
    read = reader.read(words)
    assert not read and not read.changes_lists and read.missing == ()


def test_content_leaves_out_function_words_at_the_ends() -> None:
    assert content("I want something by Stanley Kubrick, please") == "by Stanley Kubrick"
    assert content("some more") == ""


def test_senses_are_of_the_name_its_parts_or_its_last_word() -> None:
    assert any("Japanese warrior" in sense for sense in senses("Samurai"))
    assert {s.split(":")[0] for s in senses("Fruit & vegetables")} == {"fruit", "vegetable"}
    assert {s.split(":")[0] for s in senses("Kitchen garden")} >= {"garden"}
    assert senses("qwrtzp") == []
    assert len(about_anything()) == 300 == len(set(about_anything()) | set(about_anything()))


def test_words_of_items_tell_their_values() -> None:
    texts = ["red wine", "white wine", "dry bread", "bread rolls", "wines of Spain", "old bread"]
    held = sp.csr_matrix(np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 0], [0, 1]], np.float32))
    # In half of the items a word is no content word, so that others are put beside these.
    texts += ["this", "that"] * 6
    held = sp.vstack([held, sp.csr_matrix((12, 2), dtype=np.float32)]).tocsr()
    words = ItemWords.of(texts, held)
    assert {"wine", "bread"} <= set(words.words) and "red" not in words.words
    found = words.evidence(["a glass of wine", "nothing known"])
    # Counted by hand: 3 of 3 holders have the word, expected are 3 · 3/18.
    share = 3 / 18
    assert found[0, 0] == pytest.approx(np.log((3 + share) / (3 * share + share)), abs=1e-5)
    assert found[0, 1] == 0 and not found[1].any()


def test_words_have_no_plural_and_chinese_comes_in_pairs() -> None:
    assert words_of("Two wines, an OX") == {"two", "wine"}
    assert words_of("看星星") == {"看星", "星星"}


def test_texts_that_tell_nothing_do_not_count() -> None:
    rng = np.random.default_rng(0)
    held = np.zeros((300, 2))
    held[:100, 0] = held[200:, 1] = 1
    vectors = rng.normal(size=(300, 8))
    vectors[:100, 0] += 5  # the first value is in the texts, the second is not
    vectors = vectors[order := rng.permutation(300)]
    telling = _telling(vectors, held[order])
    assert telling[0] > 0.9 and telling[1] < 0.75 < telling[0]
