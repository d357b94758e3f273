"""The samples that were written for this project: languages agree, and the files can be made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from recsys.cleaning import prepare
from recsys.models.ease import Ease
from recsys.models.popularity import Popularity
from recsys.runs.measure import evaluate_model
from recsys.splitting import leave_last_out

SAMPLES = Path(__file__).parents[2] / "assets" / "samples"
GENERATED = ("news", "music", "courses")


@pytest.mark.parametrize("name", ["attractions", *GENERATED])
def test_both_languages_tell_of_the_same(name: str) -> None:
    english, chinese = prepare(name)[0], prepare(f"{name}-zh")[0]
    assert (english.language, chinese.language) == ("en", "zh")
    assert english.items.ids.tolist() == chinese.items.ids.tolist()
    assert english.item.tolist() == chinese.item.tolist()
    assert english.item_attributes == chinese.item_attributes
    assert len(set(english.titles)) == len(set(chinese.titles)) == english.n_items
    for column in english.item_attributes:
        ours, theirs = (data.attribute_values(column) for data in (english, chinese))
        assert list(map(len, ours)) == list(map(len, theirs))
        # One value, one word: no translation splits or joins what is a filter and a wish.
        pairs = {
            (a, b)
            for one, other in zip(ours, theirs, strict=True)
            for a, b in zip(one, other, strict=True)
        }
        assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def test_users_and_events_are_made_again_as_they_are(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(SAMPLES / "make.py"), str(tmp_path)], check=True)
    for name in GENERATED:
        for file in ("interactions.csv", "users.csv", "users-zh.csv"):
            assert (tmp_path / name / file).read_bytes() == (SAMPLES / name / file).read_bytes()


@pytest.mark.parametrize("name", GENERATED)
def test_there_is_something_to_learn(name: str) -> None:
    split = leave_last_out(prepare(name)[0])
    found = {}
    for model in (Ease(), Popularity()):
        model.fit(split.train)
        found[model.name] = evaluate_model(model, split).metrics["ndcg@10"].value
    assert found["ease"] > 2 * found["popularity"] > 0
