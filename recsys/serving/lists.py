"""Lists for several requests at once: those that can be are scored together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from recsys.dataset import Dataset
from recsys.models.base import Queries
from recsys.recommend import reader_of, recommend
from recsys.schema import ITEM_ID, N_, TITLE, USER_ID, LanguageModelError, RecsysError
from recsys.serving.errors import RefusedRequest
from recsys.serving.kept_lists import Filters, Items, ListKey
from recsys.serving.people import Event, Person, histories
from recsys.serving.posted import Posted, PostedEvent
from recsys.serving.requests import ListRequest, PastEvent
from recsys.serving.served import ServedRun, filters_of

#: What a request is answered with: a list, or why there is none.
Answer = dict[str, Any] | RecsysError


@dataclass(frozen=True)
class _Group:
    """What lists have to have in common to be scored together."""

    known: bool  # they are of users of the data of whom nothing else is known
    wish: str
    prompt: str | None
    filters: Filters
    disliked: tuple[int, ...]

    @classmethod
    def of(cls, key: ListKey, data: Dataset) -> _Group:
        known = key.person.user is not None and not key.person.events
        return cls(known, key.wish, key.prompt, key.filters, key.person.disliked(data))


def make_lists(served: ServedRun, requests: Sequence[ListRequest], posted: Posted) -> list[Answer]:
    """The answers to some requests, in their order."""
    sent = posted.events_of([one.user_id for one in requests if one.user_id is not None])
    answers: dict[int, Answer] = {}
    groups: dict[_Group, list[tuple[int, ListKey]]] = defaultdict(list)
    for place, request in enumerate(requests):
        try:
            person = _person(served, request, sent.get(request.user_id or "", []))
            key = ListKey(person, request.wish, request.prompt, filters_of(request.filters))
            kept = served.kept.get(key, request.k)
            if kept is None:
                groups[_Group.of(key, served.data)].append((place, key))
            else:
                answers[place] = _answer(served, key.prompt, kept)
        except RecsysError as error:
            answers[place] = error
    _read_ahead(served, [group.wish for group in groups if group.wish])
    for group, members in groups.items():
        places = [place for place, _key in members]
        try:
            k = max(requests[place].k for place in places)
            lists = _scored(served, group, [key.person for _place, key in members], k)
            for (place, key), items in zip(members, lists, strict=True):
                served.kept.put(key, k, items)
                answers[place] = _answer(served, group.prompt, items[: requests[place].k])
        except RecsysError as error:
            answers.update(dict.fromkeys(places, error))
    return [answers[place] for place in range(len(requests))]


def _answer(served: ServedRun, prompt: str | None, items: Items) -> Answer:
    template = None if prompt is None else served.template(prompt)
    return {"items": items, "made_by": served.made_by(template)}


def _person(served: ServedRun, request: ListRequest, sent: Sequence[PostedEvent]) -> Person:
    """Whose list is asked for.

    Raises:
        RefusedRequest: if nobody is, or somebody or something unknown.
    """
    if (request.user_id is None) == (request.history is None):
        raise RefusedRequest(422, N_("Send either a user_id or a history."))
    if request.user_id is not None:
        known = request.user_id in served.data.users
        if not known and not sent:
            raise RefusedRequest(
                404,
                N_('There is no user "{user}" in the data, and no events of them were sent.'),
                user=request.user_id,
            )
        user = served.data.users.position(request.user_id) if known else None
        # Events with items of another run's data say nothing here.
        there = [one for one in sent if one.item_id in served.data.items]
        ratings = served.data.rating is not None
        return Person(
            user,
            tuple(
                Event(
                    served.data.items.position(one.item_id),
                    one.rating if ratings else None,
                    one.timestamp,
                )
                for one in there
            ),
        )
    events = [
        one if isinstance(one, PastEvent) else PastEvent(item_id=one)
        for one in request.history or ()
    ]
    for one in events:
        served.check_rating(one.rating)
    items = served.items([one.item_id for one in events]).tolist()
    return Person(
        None,
        tuple(
            Event(item, one.rating, one.timestamp) for item, one in zip(items, events, strict=True)
        ),
    )


def _read_ahead(served: ServedRun, wishes: Sequence[str]) -> None:
    """Read new wishes in one pass through the language model."""
    if not wishes:
        return
    with suppress(LanguageModelError):  # it is said where they are scored
        reader_of(served.model, served.data).read_ahead(wishes)


def _scored(served: ServedRun, group: _Group, people: Sequence[Person], k: int) -> list[Items]:
    """The lists of some people."""
    template = None if group.prompt is None else served.template(group.prompt)
    if group.known:
        users, rows = np.unique([person.user for person in people], return_inverse=True)
        history, keys = served.data, served.data.users.ids[users]
    else:
        history = histories(served.data, people)
        users = rows = np.arange(len(people))
        keys = history.users.ids
    frame = recommend(
        served.model,
        Queries(history, users, template, group.wish),
        k,
        served.allowed(group.filters),
        np.array(group.disliked, dtype=np.int64),
    )
    lists = _by_user(frame)
    return [lists.get(keys[row], []) for row in rows]


def _by_user(frame: pd.DataFrame) -> dict[str, Items]:
    """Rows as `recommend` gives them, a list for each user."""
    lists: dict[str, Items] = {}
    columns = (frame[name].tolist() for name in (USER_ID, "rank", ITEM_ID, TITLE, "score"))
    for user, rank, item, title, score in zip(*columns, strict=True):
        entry = {"rank": rank, "item_id": item, "title": str(title), "score": score}
        lists.setdefault(user, []).append(entry)
    return lists
