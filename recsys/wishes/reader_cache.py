"""Readers in memory, for models that have none of their own: one a catalogue and encoder."""

from __future__ import annotations

import threading
from collections import OrderedDict

from recsys.dataset import Dataset
from recsys.language_models import Encoder, Progress, first_that_reads, load_encoder
from recsys.wishes.probe_cache import catalogue_hash, is_cached
from recsys.wishes.reader import WishReader

#: Readers kept; each holds the index of a catalogue's titles.
_MOST = 4

_READERS: OrderedDict[tuple[str, str], WishReader] = OrderedDict()
_LOCK = threading.Lock()  # sessions of the app run in threads; one fits a probe, others wait


def reader_for(catalogue: Dataset, progress: Progress | None = None) -> WishReader:
    """A reader with the usual encoder for the language of the data.

    The first one of a catalogue learns what its values mean, which takes some seconds, see
    `cached_probe`.

    Raises:
        LanguageModelError: if the encoder cannot be had on this machine; says what to do.
    """
    encoder = _usual(catalogue)
    key = catalogue_hash(catalogue), encoder.name
    with _LOCK:
        if key not in _READERS:
            _READERS[key] = reader = WishReader(catalogue, encoder, progress=progress)
            reader.learn()
            while len(_READERS) > _MOST:
                _READERS.popitem(last=False)
        _READERS.move_to_end(key)
        return _READERS[key]


def is_quick(catalogue: Dataset) -> bool:
    """Whether `reader_for` finds the probe in the cache."""
    return is_cached(catalogue, _usual(catalogue))


def forget_readers() -> None:
    """Let go of all of them, as data was deleted whose titles they know."""
    with _LOCK:
        _READERS.clear()


def _usual(catalogue: Dataset) -> Encoder:
    return load_encoder(first_that_reads(catalogue.language))
