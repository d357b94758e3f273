"""Turns of sessions: few at once, in order, and the same lists as alone."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from streamlit.runtime.scriptrunner_utils.script_requests import (
    RerunData,
    ScriptRequests,
    ScriptRequestType,
)

from pages._ui.common import runs
from pages._ui.common.turns import ASKED_SECONDS, Turns, one_torch_thread
from pages._ui.recommend import suggest
from recsys.models import Queries
from recsys.models.prompt_fusion.state_cache import StateCache
from recsys.recommend import reader_of
from recsys.runs import Run
from tests.app.made_runs import made, tiny


def until_waiting(turns: Turns, about: object, count: int) -> None:
    """Return once so many wait with a wish of `about`."""
    end = time.monotonic() + 30
    while len(turns.wishes(about)) < count:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_no_more_than_so_many_at_once_and_everybody_in_the_end() -> None:
    turns, lock = Turns(2), threading.Lock()
    inside, most, done = 0, 0, 0

    def one(_place: int) -> None:
        nonlocal inside, most, done
        with turns.turn():
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.01)
            with lock:
                inside -= 1
                done += 1

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(one, range(40)))
    assert (most, done, inside) == (2, 40, 0)


def test_turns_come_in_the_order_of_asking() -> None:
    turns, about, order = Turns(1), object(), list[str]()

    def one(wish: str) -> None:
        with turns.turn(about, wish):
            order.append(wish)

    with ThreadPoolExecutor(3) as pool, turns.turn():
        for place, wish in enumerate(("first", "second", "third")):
            pool.submit(one, wish)
            until_waiting(turns, about, place + 1)
        assert turns.wishes(about) == ["first", "second", "third"]
        assert turns.wishes(object()) == []
    with turns.turn():
        pass
    assert order == ["first", "second", "third"]


def test_an_error_reaches_its_caller_and_the_turn_goes_on() -> None:
    turns = Turns(1)

    def fails() -> None:
        with turns.turn():
            raise KeyError("gone")

    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(fails) for _ in range(5)]
    assert all(isinstance(one.exception(), KeyError) for one in asked)
    with turns.turn():  # would wait for ever if one had kept its turn
        pass


def test_who_leaves_the_queue_has_no_turn_and_holds_up_nobody() -> None:
    turns, about = Turns(1), object()
    told, made_lists = list[int](), list[str]()

    class TypedOn(Exception):
        pass

    def leaves(before: int) -> None:
        told.append(before)
        raise TypedOn

    def one(wish: str, *, stays: bool) -> None:
        with turns.turn(about, wish, waiting=None if stays else leaves):
            made_lists.append(wish)

    with ThreadPoolExecutor(2) as pool:
        with turns.turn():
            old = pool.submit(one, "old", stays=False)
            until_waiting(turns, about, 1)
            new = pool.submit(one, "new", stays=True)
            with pytest.raises(TypedOn):
                old.result(timeout=30 + ASKED_SECONDS)
        new.result(timeout=30)
    assert told == [1]  # the one who has its turn is before it
    assert made_lists == ["new"]


def test_torch_has_one_thread_in_a_turn_and_all_of_them_after_it() -> None:
    usual = torch.get_num_threads()
    with one_torch_thread():
        assert torch.get_num_threads() == 1
        with one_torch_thread():
            assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == usual
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(torch.get_num_threads).result() == usual


def test_streamlit_tells_as_before_that_a_session_asks_anew() -> None:
    requests = ScriptRequests()  # what `_asked_anew` looks at has no public name
    assert requests._state is not ScriptRequestType.RERUN
    requests.request_rerun(RerunData(fragment_id="one"))
    requests.on_scriptrunner_ready()
    requests.request_rerun(RerunData(fragment_id="one"))
    assert requests.on_scriptrunner_yield() is None  # a fragment that runs is not stopped for it
    assert requests._state is ScriptRequestType.RERUN


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return made(tmp_path_factory.mktemp("runs"), "prompt-fusion", name="fusion")


def test_a_model_is_read_once_for_all_sessions(run: Run) -> None:
    fresh = Run(run.folder)

    def model(_session: int) -> int:
        runs.read(fresh)
        return id(fresh.model())

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(model, range(8)))) == 1


WISHES = ("", "a comedy", "a war film", "no drama, please", "something like Film 4", "drama or war")


def test_many_sessions_get_the_lists_that_each_gets_alone(run: Run) -> None:
    data = run.dataset()
    asked = [(user, wish) for wish in WISHES for user in range(4)]

    def listed(fresh: Run, user: int, wish: str) -> suggest.Suggestions:
        return suggest.suggest(
            fresh.model(), data, user, k=5, template=None, intent=wish, allowed=None
        )

    alone, turns, together = Run(run.folder), Turns(2), Run(run.folder)
    expected = [listed(alone, *one) for one in asked]

    def session(one: tuple[int, str]) -> suggest.Suggestions:
        with turns.turn(together.model(), one[1]), one_torch_thread():
            return listed(together, *one)

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(session, asked))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.items, other.items)
        np.testing.assert_array_equal(one.plain, other.plain)
        np.testing.assert_allclose(one.scores, other.scores, rtol=1e-5, atol=1e-5)


def test_wishes_that_are_read_ahead_are_read_as_alone(run: Run) -> None:
    ahead, alone = Run(run.folder).model(), Run(run.folder).model()
    data = run.dataset()
    reader_of(ahead, data).read_ahead([*WISHES, " a comedy "])
    for wish in WISHES:
        read = [reader_of(model, data).read(wish).to_dict() for model in (ahead, alone)]
        assert read[0] == read[1]


def test_the_list_without_a_wish_is_made_once_for_all_wishes(run: Run) -> None:
    model, data = Run(run.folder).model(), run.dataset()
    one, other = (
        suggest.suggest(model, data, 3, k=5, template=None, intent=wish, allowed=None)
        for wish in ("a comedy", "a war film")
    )
    assert one.plain is other.plain
    only = np.zeros(data.n_items, dtype=bool)
    only[:4] = True
    kept = suggest.suggest(model, data, 3, k=5, template=None, intent="a comedy", allowed=only)
    assert set(kept.plain.tolist()) <= {0, 1, 2, 3}


def test_kept_states_are_those_of_their_group_whoever_asks_at_once() -> None:
    data, kept = tiny(), StateCache()

    def states(place: int) -> bool:
        users = np.array([place % 100])  # more groups than are kept
        found = kept.get(Queries(data, users), lambda asked: torch.from_numpy(asked.users.copy()))
        return found.tolist() == users.tolist()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(states, range(4000)))
