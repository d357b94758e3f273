"""Probes kept on disk: learned once for a catalogue, whatever its events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.language_models import Encoder, load_encoder
from recsys.wishes import probe_cache
from recsys.wishes.facets import Facets
from recsys.wishes.meanings import BILINGUAL
from recsys.wishes.probe import Probe
from recsys.wishes.probe_cache import (
    cached_meanings,
    cached_probe,
    catalogue_hash,
    forget_probes,
    is_cached,
)
from recsys.wishes.reader_cache import forget_readers, is_quick, reader_for
from tests.models.tiny import tiny_bert


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path))


def catalogue(genre: str = "Western") -> Dataset:
    events = pd.DataFrame({"user_id": ["u", "u"], "item_id": ["a", "b"]})
    items = pd.DataFrame({"item_id": list("abc"), "title": list("ABC")})
    items["genres"] = [[genre], [genre], ["Comedy"]]
    return Dataset.from_frames(events, items, name="items")


def encoder() -> Encoder:
    return Encoder("tiny", tiny_bert())


def probe(data: Dataset) -> Probe:
    return cached_probe(data, Facets.of(data), encoder())


def kept(data: Dataset) -> bool:
    return probe_cache._path(data, encoder()).exists()


def test_all_that_a_reader_needs_is_two_probes_and_the_meanings() -> None:
    data = catalogue()
    probe(data)
    learned = cached_meanings(data, Facets.of(data))
    assert not is_cached(data, encoder())
    probe_cache._path(data, load_encoder(BILINGUAL)).touch()
    assert is_cached(data, encoder())
    again = cached_meanings(data, Facets.of(data))
    assert again.words.words == learned.words.words
    for name, values in learned.tensors().items():
        np.testing.assert_array_equal(again.tensors()[name], values)


def test_a_probe_is_read_back_as_it_was_learned() -> None:
    data = catalogue()
    assert not kept(data)
    learned = probe(data)
    assert kept(data)
    again = probe(data)
    for name, values in learned.tensors().items():
        np.testing.assert_array_equal(again.tensors()[name], values)
        assert again.tensors()[name].dtype == values.dtype


def test_the_second_time_nothing_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    data = catalogue()
    probe(data)
    monkeypatch.setattr(probe_cache, "fit_probe", None)  # calling it would raise
    probe(data)


def test_events_do_not_matter_and_values_do() -> None:
    data = catalogue()
    fewer = data.select(np.array([0]))
    assert catalogue_hash(fewer) == catalogue_hash(data) == catalogue_hash(catalogue())
    assert catalogue_hash(catalogue("War")) != catalogue_hash(data)


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    data = catalogue()
    learned = probe(data)
    (file,) = (tmp_path / "probes").iterdir()
    file.write_bytes(file.read_bytes()[:-9])
    np.testing.assert_array_equal(probe(data).weights, learned.weights)
    assert kept(data)


def test_a_folder_that_cannot_be_written_costs_time_alone(tmp_path: Path) -> None:
    (tmp_path / "probes").write_text("a file where the folder would be")
    data = catalogue()
    assert probe(data).weights.shape == (2, 33)
    assert not kept(data)


def test_all_can_be_forgotten() -> None:
    data = catalogue()
    probe(data)
    forget_probes()
    assert not kept(data)


def test_old_ones_make_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(probe_cache, "_MOST", 2)
    for genre in ("War", "Western", "Horror"):
        probe(catalogue(genre))
    assert len(list((tmp_path / "probes").iterdir())) == 2
    assert kept(catalogue("Horror"))


def test_readers_are_shared_by_all_histories_of_a_catalogue() -> None:
    data = catalogue()
    forget_readers()
    reader = reader_for(data)
    assert reader_for(data.select(np.array([1]))) is reader and is_quick(data)
    assert reader.read("a western").wanted == ("Western",)
    forget_readers()
    assert reader_for(data) is not reader
