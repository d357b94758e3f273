"""Events and items that were sent to a service: one small SQLite file for all of its processes."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from recsys.schema import N_
from recsys.serving.errors import RefusedRequest
from recsys.serving.limits import MAX_EVENTS_KEPT, MAX_EVENTS_OF_ONE, MAX_ITEMS

#: Counts up when the tables change; a file of another version is begun anew.
_VERSION = 1
_TABLES = """
create table event (user text, item text, time integer, rating real,
    number integer not null, primary key (user, item, time)) without rowid;
create index of_user on event (user, number);
create index by_number on event (number);
create table item (id text primary key, title text, attributes text, number integer) without rowid;
"""
#: Stands in the key for an event without a time, which is one for each user and item.
_JUST_NOW = -1
#: Seconds to wait for another process that writes.
_PATIENCE = 5.0


@dataclass(frozen=True)
class PostedEvent:
    """An event as it was sent; `timestamp` in seconds since 1970, None for "just now"."""

    user_id: str
    item_id: str
    rating: float | None = None
    timestamp: int | None = None


@dataclass(frozen=True)
class PostedItem:
    """An item as it was sent: attribute → number, text or texts."""

    item_id: str
    title: str
    attributes: dict[str, float | str | list[str]]


class Posted:
    """What was sent to a service. The oldest events go where there are more than the limits.

    Args:
        file: is made where it is not there.
    """

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(
            file, timeout=_PATIENCE, check_same_thread=False, isolation_level=None
        )
        self._database.execute("pragma journal_mode=wal")
        self._database.execute("pragma synchronous=normal")
        with self._writing() as database:
            if database.execute("pragma user_version").fetchone()[0] != _VERSION:
                for (table,) in database.execute(
                    "select name from sqlite_master where type = 'table'"
                ).fetchall():
                    database.execute(f'drop table "{table}"')
                for statement in filter(str.strip, _TABLES.split(";")):
                    database.execute(statement)
                database.execute(f"pragma user_version={_VERSION}")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that no other process writes beside."""
        with self._lock:
            self._database.execute("begin immediate")
            try:
                yield self._database
            except BaseException:
                self._database.execute("rollback")
                raise
            self._database.execute("commit")

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def add_events(self, events: Sequence[PostedEvent]) -> int:
        """Keep events; the same event again changes nothing, with another rating it replaces it.

        Returns:
            How many were not there before.
        """
        new = 0
        with self._writing() as database:
            number = time.time_ns()
            for place, event in enumerate(events):
                when = _JUST_NOW if event.timestamp is None else event.timestamp
                key = (event.user_id, event.item_id, when)
                known = database.execute(
                    "select rating from event where user = ? and item = ? and time = ?", key
                ).fetchone()
                if known is not None and known[0] == event.rating:
                    continue
                new += known is None
                database.execute(
                    "insert or replace into event values (?, ?, ?, ?, ?)",
                    (*key, event.rating, number + place),
                )
            for user in {event.user_id for event in events}:
                _drop_oldest(database, "user = ?", (user,), MAX_EVENTS_OF_ONE)
            _drop_oldest(database, "1", (), MAX_EVENTS_KEPT)
        return new

    def events_of(self, users: Sequence[str]) -> dict[str, list[PostedEvent]]:
        """The events of some users in the order in which they were sent; none for the others."""
        found: dict[str, list[PostedEvent]] = {}
        places = ", ".join("?" * len(users))
        with self._lock:
            rows = self._database.execute(
                f"select user, item, rating, time from event where user in ({places}) "
                "order by number",
                list(users),
            ).fetchall()
        for user, item, rating, when in rows:
            timestamp = None if when == _JUST_NOW else when
            found.setdefault(user, []).append(PostedEvent(user, item, rating, timestamp))
        return found

    def add_item(self, item: PostedItem) -> None:
        """Keep an item; one with the same id is replaced.

        Raises:
            RefusedRequest: if there are as many as are kept.
        """
        with self._writing() as database:
            (others,) = database.execute(
                "select count(*) from item where id <> ?", (item.item_id,)
            ).fetchone()
            if others >= MAX_ITEMS:
                raise RefusedRequest(
                    409,
                    N_("There are {most} new items already. Train a run with them first."),
                    most=MAX_ITEMS,
                )
            said = (item.item_id, item.title, json.dumps(item.attributes))
            known = database.execute(
                "select id, title, attributes from item where id = ?", (item.item_id,)
            ).fetchone()
            if known != said:
                database.execute(
                    "insert or replace into item values (?, ?, ?, ?)", (*said, time.time_ns())
                )

    def items(self) -> list[PostedItem]:
        """All new items, those sent first in front."""
        with self._lock:
            rows = self._database.execute(
                "select id, title, attributes from item order by number"
            ).fetchall()
        return [PostedItem(key, title, json.loads(attributes)) for key, title, attributes in rows]

    def items_version(self) -> tuple[int, int]:
        """Changes whenever the new items change."""
        with self._lock:
            count, last = self._database.execute(
                "select count(*), max(number) from item"
            ).fetchone()
        return int(count), int(last or 0)


def _drop_oldest(
    database: sqlite3.Connection, where: str, values: tuple[str, ...], most: int
) -> None:
    (count,) = database.execute(f"select count(*) from event where {where}", values).fetchone()
    if count > most:
        database.execute(
            f"delete from event where {where} and number <= (select number from event "
            f"where {where} order by number desc limit 1 offset ?)",
            (*values, *values, most),
        )
