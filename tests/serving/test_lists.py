"""Lists made together are those that each would have alone, and those of `recsys.recommend`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys.models import Queries
from recsys.recommend import recommend
from recsys.runs import Run
from recsys.schema import RecsysError
from recsys.serving.lists import Answer, make_lists
from recsys.serving.people import Event, Person, histories
from recsys.serving.posted import Posted, PostedEvent
from recsys.serving.requests import ListRequest
from recsys.serving.served import ServedRun
from tests.serving.support import films, trained


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return trained(films(), tmp_path_factory.mktemp("runs"), "films")


@pytest.fixture(scope="module")
def served(run: Run) -> ServedRun:
    return ServedRun.load(run)


@pytest.fixture
def posted(tmp_path: Path) -> Posted:
    return Posted(tmp_path / "posted.sqlite")


def ids(answer: Answer) -> list[str]:
    assert isinstance(answer, dict), answer
    return [item["item_id"] for item in answer["items"]]


def test_a_batch_of_all_kinds_is_what_each_would_have_alone(
    served: ServedRun, posted: Posted
) -> None:
    posted.add_events([PostedEvent("u2", "i0", 5.0), PostedEvent("guest", "i7", 5.0)])
    requests = [
        ListRequest(user_id="u1"),
        ListRequest(user_id="u1", k=3),
        ListRequest(user_id="u2"),
        ListRequest(user_id="guest"),
        ListRequest(history=["i3", "i5"], k=4),
        ListRequest(history=[]),
        ListRequest(user_id="u9", wish="a western", k=5),
        ListRequest(history=["i3"], wish="a western", k=5),
        ListRequest(user_id="u4", filters={"genres": ["Comedy"]}),
        ListRequest(user_id="nobody"),
        ListRequest(user_id="u5", filters={"colour": ["red"]}),
    ]
    together = make_lists(served, requests, posted)
    for request, answer in zip(requests, together, strict=True):
        fresh = ServedRun(served.run, served.model, served.data)  # with no lists kept
        (alone,) = make_lists(fresh, [request], posted)
        if isinstance(answer, RecsysError):
            assert str(answer) == str(alone)
        else:
            assert ids(answer) == ids(alone)
            assert make_lists(served, [request], posted) == [answer]
    assert ids(together[1]) == ids(together[0])[:3]
    assert [str(answer) for answer in together[-2:]] == [
        'There is no user "nobody" in the data, and no events of them were sent.',
        "The items have no attribute colour. They have: genres, year.",
    ]


def test_they_are_those_of_the_command_line(served: ServedRun, posted: Posted) -> None:
    requests = [ListRequest(user_id=f"u{user}", wish="a comedy") for user in range(5)]
    data = served.data
    for request, answer in zip(requests, make_lists(served, requests, posted), strict=True):
        assert request.user_id is not None
        user = np.array([data.users.position(request.user_id)])
        expected = recommend(served.model, Queries(data, user, intent="a comedy"), 10)
        assert ids(answer) == expected["item_id"].tolist()


def test_a_history_sent_is_as_good_as_one_of_the_data(served: ServedRun, posted: Posted) -> None:
    data = served.data
    assert data.rating is not None
    assert data.timestamp is not None
    user = data.users.position("u6")
    events = [
        {"item_id": data.items.ids[i], "rating": float(r), "timestamp": int(t)}
        for i, r, t in zip(
            *(column[data.events_of(user)] for column in (data.item, data.rating, data.timestamp)),
            strict=True,
        )
    ]
    sent = ListRequest.model_validate({"history": events})
    of_user, of_history = make_lists(served, [ListRequest(user_id="u6"), sent], posted)
    assert ids(of_user) == ids(of_history)


def test_what_somebody_disliked_just_now_lowers_the_like_of_it(
    posted: Posted, tmp_path: Path
) -> None:
    served = ServedRun.load(trained(films(), tmp_path, "vectors", model="mf"))
    data = served.data
    user = data.users.position("u3")
    disliked = int(data.history(user)[0])
    posted.add_events([PostedEvent("u3", str(data.items.ids[disliked]), 1.0)])
    (answer,) = make_lists(served, [ListRequest(user_id="u3")], posted)
    assert isinstance(answer, dict)
    found = [item["score"] for item in answer["items"]]
    history = histories(data, [Person(user, (Event(disliked, 1.0),))])
    lowered, as_they_were = (
        recommend(served.model, Queries(history, np.zeros(1, int)), 10, None, unwanted)["score"]
        for unwanted in (np.array([disliked]), None)
    )
    assert found == pytest.approx(lowered.tolist())
    assert found != pytest.approx(as_they_were.tolist())


def test_answers_say_what_made_them(served: ServedRun, posted: Posted) -> None:
    (answer,) = make_lists(served, [ListRequest(user_id="u1", k=1)], posted)
    assert isinstance(answer, dict)
    assert answer["made_by"] == {
        "api": "1",
        "run": "films",
        "model": "ease",
        "data_hash": films().content_hash,
        "prompt": None,
    }


def test_a_model_that_reads_no_prompts_refuses_one(served: ServedRun, posted: Posted) -> None:
    (answer,) = make_lists(served, [ListRequest(user_id="u1", prompt="{{ history }}")], posted)
    assert str(answer) == "The model ease reads no prompts. Leave the prompt out."
