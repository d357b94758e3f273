"""Lists for several requests at once: those that can be are scored together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from recsys.models.base import Queries
from recsys.recommend import reader_of, recommend
from recsys.schema import ITEM_ID, N_, TITLE, USER_ID, LanguageModelError, RecsysError
from recsys.serving.errors import RefusedRequest
from recsys.serving.people import Event, Person, histories
from recsys.serving.posted import Posted, PostedEvent
from recsys.serving.requests import ListRequest, PastEvent
from recsys.serving.served import Filters, ServedRun, filters_of

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


def make_lists(served: ServedRun, requests: Sequence[ListRequest], posted: Posted) -> list[Answer]:
    """The answers to some requests, in their order."""
    sent = posted.events_of([one.user_id for one in requests if one.user_id is not None])
    answers: dict[int, Answer] = {}
    groups: dict[_Group, list[tuple[int, Person]]] = defaultdict(list)
    for place, request in enumerate(requests):
        try:
            person = _person(served, request, sent.get(request.user_id or "", []))
            group = _Group(
                known=person.user is not None and not person.events,
                wish=request.wish,
                prompt=request.prompt,
                filters=filters_of(request.filters),
                disliked=person.disliked(served.data),
            )
            groups[group].append((place, person))
        except RecsysError as error:
            answers[place] = error
    _read_ahead(served, [group.wish for group in groups if group.wish])
    for group, members in groups.items():
        places = [place for place, _of in members]
        try:
            k = max(requests[place].k for place in places)
            lists, made_by = _scored(served, group, [of for _place, of in members], k)
        except RecsysError as error:
            answers.update(dict.fromkeys(places, error))
            continue
        for place, items in zip(places, lists, strict=True):
            answers[place] = {"items": items[: requests[place].k], "made_by": made_by}
    return [answers[place] for place in range(len(requests))]


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


def _scored(
    served: ServedRun, group: _Group, people: Sequence[Person], k: int
) -> tuple[list[list[dict[str, Any]]], dict[str, Any]]:
    """The lists of some people, and what made them."""
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
    return [lists.get(keys[row], []) for row in rows], served.made_by(template)


def _by_user(frame: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Rows as `recommend` gives them, a list for each user."""
    lists: dict[str, list[dict[str, Any]]] = {}
    columns = (frame[name].tolist() for name in (USER_ID, "rank", ITEM_ID, TITLE, "score"))
    for user, rank, item, title, score in zip(*columns, strict=True):
        entry = {"rank": rank, "item_id": item, "title": str(title), "score": score}
        lists.setdefault(user, []).append(entry)
    return lists
