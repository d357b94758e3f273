"""Raw frames → a `Dataset`, and a report of everything that was dropped or repaired and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from recsys.cleaning.attributes import attributes, item_table
from recsys.cleaning.events import filter_events, in_order, read_events, require_two
from recsys.cleaning.joining import joined
from recsys.cleaning.knowledge import (
    add_knowledge,
    join_knowledge,
    keep_knowledge,
    without_knowledge,
)
from recsys.cleaning.report import CleaningReport, CleaningStep, Journal
from recsys.dataset import Dataset
from recsys.event_order import is_order_of_ids
from recsys.readable_columns import unreadable_columns
from recsys.schema import N_, POSITION, RATING, TIMESTAMP, USER_ID, ConfigError
from recsys.sources import SOURCES, CleaningConfig, RawFrames, ReadOptions, load_source
from recsys.sources.progress import report_share

__all__ = [
    "CleaningConfig",
    "CleaningReport",
    "CleaningStep",
    "add_knowledge",
    "clean",
    "keep_knowledge",
    "prepare",
    "without_knowledge",
]


def prepare(
    spec: str | Path,
    *,
    items: str | Path | None = None,
    users: str | Path | None = None,
    knowledge: str | Path | None = None,
    encoding: str | None = None,
    read: ReadOptions | None = None,
    item_read: ReadOptions | None = None,
    user_read: ReadOptions | None = None,
    columns: Mapping[str, str] | None = None,
    item_columns: Mapping[str, str] | None = None,
    user_columns: Mapping[str, str] | None = None,
    cleaning: CleaningConfig | None = None,
) -> tuple[Dataset, CleaningReport]:
    """Load a sample, a file or a folder and clean it: `load_source`, then `clean`.

    Args:
        cleaning: None takes the sample's own, and for files one that keeps everything.
    """
    raw = load_source(
        spec,
        items=items,
        users=users,
        knowledge=knowledge,
        encoding=encoding,
        read=read,
        item_read=item_read,
        user_read=user_read,
        columns=columns,
        item_columns=item_columns,
        user_columns=user_columns,
    )
    sample = SOURCES.get(str(spec))
    if cleaning is None:
        cleaning = sample.cleaning if sample else CleaningConfig()
    return clean(raw, cleaning, name=sample.name if sample else Path(spec).resolve().stem)


def clean(
    raw: RawFrames, config: CleaningConfig | None = None, *, name: str
) -> tuple[Dataset, CleaningReport]:
    """Clean raw frames, which stay as they are, into a `Dataset` called `name`.

    Order comes from `timestamp`, among equal times from `position`, else from the file. How far it
    is, is reported by `report_share`.

    Raises:
        DataError: fewer than two users or two items are left.
        ConfigError: the configuration makes no sense.
    """
    config = config or CleaningConfig()
    _check(config)
    journal = Journal(raw.notes)
    report_share(0.0)
    events, liked_from = read_events(raw.interactions, raw.read, journal)
    report_share(0.6)
    if config.liked_from is None and liked_from is not None:
        config = replace(config, liked_from=liked_from)
    if config.liked_from is not None and RATING not in events:
        journal.note(N_("There are no ratings, so every event counts as liked."))
        config = replace(config, liked_from=None, only_liked=False)
    events = filter_events(events, config, raw.interactions, journal)
    require_two(events, len(raw.interactions))
    items = item_table(raw, events, config, journal)
    met = pd.Index(events[USER_ID].unique().astype("str"))
    users = joined(attributes(raw.users, USER_ID, "users", journal), USER_ID, met, journal)
    report_share(0.8)
    steps = raw.read.shape in ("lists", "sequences") and POSITION in events
    steps = steps and TIMESTAMP not in events
    events = in_order(events)
    if steps:  # are all that is known of the time
        events[TIMESTAMP] = events.groupby(USER_ID, observed=True, sort=False).cumcount()
    dataset = Dataset.from_frames(
        events, items, users, name=name, liked_from=config.liked_from, steps=steps
    )
    if raw.knowledge is not None:
        dataset = join_knowledge(dataset, raw.knowledge, journal)
    _note_uninformative(dataset, journal)
    report = CleaningReport(
        tuple(journal.steps), len(raw.interactions), dataset.n_events, tuple(journal.notes)
    )
    report_share(1.0)
    return dataset, report


def _check(config: CleaningConfig) -> None:
    if config.only_liked and config.liked_from is None:
        raise ConfigError(N_("To keep only liked events, say from which rating an event is liked."))
    if config.min_item_events < 1 or config.min_user_events < 1:
        raise ConfigError(N_("The least number of events of a user or an item is 1 or more."))


def _note_uninformative(dataset: Dataset, journal: Journal) -> None:
    """Note where the order of events, or a column of the items, carries no information."""
    if is_order_of_ids(dataset):
        journal.note(
            N_(
                "There are no times, and each user's items ascend by their ids: the order tells "
                "nothing, and the last event is only the highest id. Add a column of times; until "
                "then, test on items drawn at random (the protocol “random”)."
            ),
            grave=True,
        )
    if columns := unreadable_columns(dataset):
        journal.note(
            N_(
                "Addresses and codes are no words, so the language model does not read these "
                "columns of the items: {columns}."
            ),
            columns=", ".join(columns),
        )
