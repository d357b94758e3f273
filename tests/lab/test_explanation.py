"""What a search found out, on values that are known, and told in sentences."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np

from recsys.evaluation.multiple import compare_pairs
from recsys.lab.account import account, beside_history, headline, outcome
from recsys.lab.explanation import Attempt, Explanation, Tried, explained
from recsys.schema import Message
from recsys.storage.checked import reader
from tests.models.support import split

#: Of the planted users, half next meet a western; their years are from 1990 on.
TEST, SEARCHED = split().test, split().validation
N = len(TEST.users)
WESTERN = np.array([user % 2 == 1 for user in TEST.users])


def told(found: Explanation, *, holds: bool) -> dict[str, list[str]]:
    sections = account(found, holds=holds)
    return {str(part.title): list(map(str, part.sentences)) for part in sections}


def example(*, holds: bool = True) -> Explanation:
    """Westerns are ranked badly; leaving a line out helps them, moving one helps nobody."""
    rng = np.random.default_rng(0)
    start = np.where(WESTERN, 0.1, 0.6) + rng.uniform(-0.1, 0.1, N)
    seen_western = np.array([user % 2 == 1 for user in SEARCHED.users])
    dropped = np.where(seen_western, 0.3, 0.0) + rng.uniform(-0.05, 0.05, N)
    moved = rng.uniform(-0.05, 0.05, N)
    winner = start + (np.where(WESTERN, 0.3, 0.0) if holds else 0.0)
    attempts = [
        Attempt("drop", dropped, kept=True),
        Attempt("move", moved[:20]),
        Attempt("move", moved),
    ]
    return explained(
        (TEST, start), (TEST, winner, start), SEARCHED, attempts, {"title": 2, "phrase": 0}
    )


def test_for_whom_it_fails() -> None:
    found = example()
    assert [group.name for group in found.failed] == ["genres: Western"]
    (worst,) = found.failed
    assert (worst.users, str(worst.description)) == (
        24, "24 users whose next item is of the kind Western"
    )  # fmt: skip
    assert worst.comparison.delta == worst.value - worst.other < -0.45
    assert {group.name for group in found.groups} > {"genres: Comedy"}


def test_the_same_users_are_compared_once() -> None:
    """Every comedy of the planted data is short, too."""
    names = [group.name for group in example().groups]
    assert "genres: Comedy" in names and "genres: Short" not in names
    assert "history: new" not in names  # all histories are equally long: that is everybody


def test_what_was_tried() -> None:
    found = example()
    moved, dropped = found.tried
    assert (moved.done, moved.variants, moved.helped) == ("move", 2, 0)
    assert (dropped.done, dropped.variants, dropped.helped) == ("drop", 1, 1)
    (of_westerns,) = found.tried_for
    assert of_westerns.group == "genres: Western"
    assert (of_westerns.done, of_westerns.variants, of_westerns.helped) == ("drop", 3, 1)
    assert of_westerns.best.delta > dropped.best.delta + 0.1


def test_what_helped() -> None:
    names = [group.name for group in example().helped]
    assert names[0] == "genres: Western" and "genres: Comedy" not in names
    assert example(holds=False).helped == []


def test_it_is_told_in_sentences() -> None:
    found = example()
    sentences = told(found, holds=True)
    assert list(sentences) == ["For whom the prompt fails", "What was tried", "What helped"]
    fails, serves = sentences["For whom the prompt fails"]
    assert serves.startswith("It does best for 24 users whose next item is of the kind Comedy")
    assert fails.startswith("24 users whose next item is of the kind Western: NDCG@10 is 0.")
    assert f"difference −{-found.failed[0].comparison.delta:.4f}" in fails
    tried = sentences["What was tried"]
    assert tried[0] == (
        "a line moved: 2 tried, none better than what it was made from beyond chance."
    )
    assert tried[1].startswith("a line left out: 1 tried, 1 better")
    assert tried[2].startswith(
        "For “Western”, better beyond chance: 1 of 3 tried; most helps: a line left"
    )
    assert "a line left out" in tried[2]
    assert tried[3] == "Refused, since they copy a title of the catalogue: 2."
    assert len(tried) == 4
    step, group, *_ = sentences["What helped"]
    assert step.startswith("a line left out: +0.1") and "chance" not in step
    assert group.startswith("24 users whose next item is of the kind Western")


def test_a_step_that_may_be_luck_is_told_as_such() -> None:
    values = np.full(N, 0.5)
    gains = np.where(np.arange(N) % 2, 0.2, -0.19)
    attempts = [Attempt("add", gains, kept=True)]
    found = explained((TEST, values), (TEST, values, values), SEARCHED, attempts, {})
    step = told(found, holds=True)["What helped"][0]
    assert step.startswith("a line added: +0.0050") and step.endswith("which may be chance.")


def test_what_does_not_hold_is_no_help() -> None:
    """Even where a group gains: the winner as a whole was not confirmed."""
    assert told(example(), holds=False)["What helped"] == [
        "Nothing that holds on users that the search never saw."
    ]


def test_where_nobody_is_worse_that_is_said() -> None:
    values = np.full(N, 0.5)
    found = explained((TEST, values), (TEST, values, values), SEARCHED, [], {})
    sentences = told(found, holds=False)
    assert found.failed == [] and found.tried == ()
    assert sentences["For whom the prompt fails"][0].startswith("Nobody in particular: of ")
    assert sentences["What was tried"] == [
        "Nothing: the search ended before a variant was measured."
    ]


def test_the_headline_is_whether_it_holds() -> None:
    assert str(headline(holds=False)) == "No wording was better than yours beyond chance"
    loss, gain = compare_pairs(np.array([[-0.0013] * 9, [0.2] * 9]), np.ones((2, 9), dtype=bool))
    lucky = str(outcome(False, False, 9, loss))
    assert "was lucky" in lucky and "loses NDCG@10 beyond chance (−0.0013" in lucky
    sentence = str(outcome(False, False, 9, replace(loss, high=0.0004)))
    assert "changes NDCG@10 by −0.0013" in sentence and "not offered" in sentence
    assert "gain" not in sentence
    assert "it gains +0.2000 in NDCG@10" in str(outcome(True, False, 9, gain))
    assert "−" not in str(outcome(False, True, 9, loss))
    whole = str(beside_history(gain))
    assert "NDCG@10 by +0.2000 (+0." in whole and whole.endswith("for them.")
    chance = compare_pairs(np.array([[0.1, -0.1, 0.1]]), np.ones((1, 3), dtype=bool))[0]
    assert str(beside_history(chance)).endswith("for them, which may be chance.")


def test_it_is_kept_and_read_again() -> None:
    found = example()
    kept = json.loads(json.dumps(asdict(found)))
    again = reader(Explanation).validate_python(kept)
    assert again == found
    assert isinstance(again.groups[0].description, Message)
    assert isinstance(again.tried[0], Tried)
