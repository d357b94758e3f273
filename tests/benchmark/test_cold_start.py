"""Cold start: what is kept from training, what is told, and what has to be found."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from recsys.benchmark import SuiteRequest
from recsys.benchmark.cold_start import EVENTS, NEW_ITEMS, PROFILE, _over_seeds, cold_records
from recsys.benchmark.cold_start_data import KNOWN_EVENTS, TARGETS, ColdStart
from recsys.dataset import Dataset
from recsys.models import MODELS
from recsys.models.popularity import Popularity
from tests.models.support import small_model


@cache
def wandering() -> Dataset:
    """Sixty users who each go through 25 of 60 films, some of them twice."""
    rng = np.random.default_rng(0)
    rows = [
        (f"u{user}", f"i{item}", place)
        for user in range(60)
        for place, item in enumerate([*rng.permutation(60)[:25], 0, 1])
    ]
    events = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    genres = [["Comedy"] if item % 3 else ["Western", "War"] for item in range(60)]
    ids = [f"i{item}" for item in range(60)]
    items = pd.DataFrame({"item_id": ids, "title": ids, "genres": genres})
    return Dataset.from_frames(events, items, name="wandering")


@pytest.mark.parametrize("seed", [0, 3])
def test_training_never_sees_the_unknown(seed: int) -> None:
    data = wandering()
    parts = ColdStart.of(data, seed)
    held_out = parts.cold_users.users
    assert len(held_out) == data.n_users // 5
    assert parts.is_new.sum() == data.n_items // 10
    for known in (parts.split.train, parts.split.validation.history, parts.split.test.history):
        assert not np.isin(held_out, known.user).any()
        assert not parts.is_new[known.item].any()
    assert not np.isin(held_out, parts.new_items.users).any()


def test_other_seeds_keep_others() -> None:
    users = [ColdStart.of(wandering(), seed).cold_users.users for seed in range(5)]
    assert sorted(np.concatenate(users)) == list(range(60))


def test_cold_users_have_the_same_targets_however_many_events_are_known() -> None:
    data = wandering()
    parts = ColdStart.of(data, 0)
    for row, user in enumerate(parts.cold_users.users):
        met = list(dict.fromkeys(i for i in data.history(int(user)) if not parts.is_new[i]))
        for n in EVENTS:
            assert list(parts.after(n).history(int(user))) == met[:n]
        sought = parts.cold_users.targets[row].indices
        assert sorted(sought) == sorted(met[KNOWN_EVENTS : KNOWN_EVENTS + TARGETS])


@pytest.mark.parametrize("n", [0, 3, KNOWN_EVENTS - 1])
def test_the_next_item_is_the_first_that_is_not_known(n: int) -> None:
    parts = ColdStart.of(wandering(), 0)
    history = parts.cold_users.history
    for row, user in enumerate(parts.cold_users.users):
        assert parts.next_items(n)[row].indices.tolist() == [history.history(int(user))[n]]


def test_a_profile_names_the_genres_of_the_known_events() -> None:
    parts = ColdStart.of(wandering(), 0)
    genres = wandering().attribute_values("genres")
    for user, profile in zip(parts.cold_users.users, parts.profiles, strict=True):
        met = parts.cold_users.history.history(int(user))
        assert len(met) == KNOWN_EVENTS
        counts = Counter(genre.lower() for item in met for genre in genres[item])
        words = profile.removeprefix("The user likes ").removesuffix(" films.").split(" and ")
        assert [counts[word] for word in words] == sorted(counts.values(), reverse=True)[:2]


def test_a_profile_holds_the_five_years_met_most() -> None:
    data = wandering()
    years = [1990 + item % 10 if item % 4 else None for item in range(60)]
    dated = replace(data, item_frame=data.item_frame.assign(year=years))
    parts = ColdStart.of(dated, 0)
    for user, profile in zip(parts.cold_users.users, parts.profiles, strict=True):
        met = [years[item] for item in parts.cold_users.history.history(int(user))]
        early, late = (
            sum(y in five for y in met) for five in (range(1990, 1995), range(1995, 2000))
        )
        told = "1990 to 1994" if early >= late else "1995 to 1999"
        assert profile.endswith(f" films, most of them from {told}.")


def test_known_users_are_asked_just_before_their_last_new_item() -> None:
    data = wandering()
    parts = ColdStart.of(data, 1)
    for row, user in enumerate(parts.new_items.users):
        met = list(dict.fromkeys(data.history(int(user))))
        (target,) = parts.new_items.targets[row].indices
        assert target == [item for item in met if parts.is_new[item]][-1]
        before = [item for item in met[: met.index(target)] if not parts.is_new[item]]
        assert list(parts.new_items.history.history(int(user))) == before


def test_records_have_a_line_a_slice_and_comparisons() -> None:
    models = {"popularity": Popularity, "ease": MODELS["ease"]}
    models["prompt-fusion"] = lambda: small_model("prompt-fusion")
    asked = SuiteRequest("cold-start", ("popularity", "prompt-fusion"), seeds=2)
    records = list(cold_records(asked, wandering(), models))
    slices = [*map(str, EVENTS), NEW_ITEMS]
    slices.insert(1, PROFILE)
    of_first = [r for r in records if r.get("model") == "popularity" and r["seed"] == 0]
    assert [record["slice"] for record in of_first] == slices
    metrics = {"ndcg@10", "recall@10", "mrr@10", "hit_rate@10"}
    assert set(of_first[5]["metrics"]) == metrics
    assert set(of_first[0]["metrics"]) == metrics | {f"{metric}/next" for metric in metrics}
    assert "ndcg@10/new-items" in of_first[-1]["metrics"]
    # Popularity knows nobody, so it is as good with ten events as with none.
    for part in of_first[:-1]:
        assert all(part["metrics"][m] == of_first[0]["metrics"][m] for m in metrics)
    compared = [r for r in records if "a" in r]
    assert {(r["a"], r["b"]) for r in compared} == {("prompt-fusion", "popularity")}
    assert [r["slice"] for r in compared if r["metric"] == "ndcg@10"] == slices
    ndcg = {
        name: np.mean(
            [
                record["metrics"]["ndcg@10"]["value"]
                for record in records
                if record.get("model") == name and record["slice"] == "5"
            ]
        )
        for name in ("prompt-fusion", "popularity")
    }
    delta = next(r["delta"] for r in compared if (r["slice"], r["metric"]) == ("5", "ndcg@10"))
    assert delta == pytest.approx(ndcg["prompt-fusion"] - ndcg["popularity"])


def test_a_user_asked_for_twice_counts_once() -> None:
    first = {("1", "ndcg@10"): (np.array([4, 7]), np.array([0.0, 1.0]))}
    second = {("1", "ndcg@10"): (np.array([7, 2]), np.array([0.5, 0.25]))}
    assert _over_seeds([first, second], ("1", "ndcg@10")).tolist() == [0.25, 0.0, 0.75]
