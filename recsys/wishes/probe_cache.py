"""What words mean of a catalogue, on disk: learned once, then read from the cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Protocol, Self, TypeVar

import numpy as np
import pandas as pd

from recsys.dataset import Dataset
from recsys.language_models import Encoder, Progress, load_encoder
from recsys.language_models.local import fingerprint
from recsys.storage.folders import cache_folder
from recsys.wishes.dictionary_wishes import other_wishes, remarks
from recsys.wishes.facets import Facets
from recsys.wishes.grounding import covered
from recsys.wishes.meanings import BILINGUAL, ENCODERS, Meanings, find_meanings
from recsys.wishes.phrases import PHRASE_FILES
from recsys.wishes.probe import Probe, fit_probe
from recsys.wishes.requests import SMALL_TALK, WISHES, neutral_sentences

#: Counts up when `fit_probe` gives other probes for the same texts.
_FORMAT = 4
#: Files kept; those that were made first go first. One takes up to 6 MB.
_MOST = 48

_HASHES: dict[int, tuple[weakref.ref[pd.DataFrame], str]] = {}


class _Kept(Protocol):
    """What is made of arrays."""

    def tensors(self) -> dict[str, np.ndarray]: ...

    @classmethod
    def from_tensors(cls, tensors: dict[str, np.ndarray]) -> Self: ...


_T = TypeVar("_T", bound=_Kept)


def cached_probe(
    catalogue: Dataset, facets: Facets, encoder: Encoder, progress: Progress | None = None
) -> Probe:
    """The probe of a catalogue for an encoder: from the cache, else fitted and put there.

    That of the bilingual encoder also learns from what the dictionary has that is asked for
    elsewhere; it stands beside every other probe, whatever that has learned from.
    """
    nothing = neutral_sentences()
    if encoder.name == BILINGUAL:
        nothing = [*nothing, *other_wishes()]
    return _cached(
        _path(catalogue, encoder),
        Probe,
        lambda: fit_probe(catalogue, facets, encoder, nothing, progress),
    )


def cached_meanings(
    catalogue: Dataset, facets: Facets, progress: Progress | None = None
) -> Meanings:
    """What words mean of a catalogue: from the cache, else learned and put there."""
    return _cached(
        _meanings_path(catalogue), Meanings, lambda: find_meanings(catalogue, facets, progress)
    )


def _cached(path: Path, kind: type[_T], make: Callable[[], _T]) -> _T:
    if (kept := _read(path, kind)) is None:
        kept = make()
        with suppress(OSError):  # a disk that is full, or may only be read: it is made again
            _write(path, kept)
    return kept


def is_cached(catalogue: Dataset, encoder: Encoder) -> bool:
    """Whether all that a reader needs of the catalogue is in the cache."""
    return _are_cached(catalogue, encoder, load_encoder(BILINGUAL))


def are_meanings_cached(catalogue: Dataset) -> bool:
    """Whether what a reader with a probe of its own needs of the catalogue is in the cache."""
    return _are_cached(catalogue, load_encoder(BILINGUAL))


def _are_cached(catalogue: Dataset, *encoders: Encoder) -> bool:
    """Whether the meanings are in the cache and, where there are any, the probes for encoders."""
    if not _meanings_path(catalogue).exists():
        return False
    probes = all(_path(catalogue, encoder).exists() for encoder in encoders)
    return probes or not covered(Facets.of(catalogue)).any()


def forget_probes() -> None:
    """Delete all of them, since they were learned from the titles of data."""
    shutil.rmtree(_folder(), ignore_errors=True)


def catalogue_hash(data: Dataset) -> str:
    """A hash of the items and what is said of them, 16 hex digits; events do not change it."""
    frame = data.item_frame
    known = _HASHES.get(id(frame))
    if known is None or known[0]() is not frame:
        text = frame.to_json(orient="split", default_handler=str)
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        known = weakref.ref(frame), digest
        _HASHES[id(frame)] = known
    return known[1]


def _folder() -> Path:
    return cache_folder() / "probes"


def _path(catalogue: Dataset, encoder: Encoder) -> Path:
    content = f"{_FORMAT}:{_texts()}:{encoder.name}:{_model(encoder.folder)}:{encoder.max_tokens}"
    model = hashlib.sha256(content.encode()).hexdigest()[:16]
    return _folder() / f"{catalogue_hash(catalogue)}-{model}.safetensors"


def _meanings_path(catalogue: Dataset) -> Path:
    models = ":".join(_model(load_encoder(name).folder) for name in ENCODERS[catalogue.language])
    own = hashlib.sha256(f"{_FORMAT}:{_texts()}:{models}".encode()).hexdigest()[:16]
    return _folder() / f"{catalogue_hash(catalogue)}-{own}-meanings.safetensors"


@cache
def _model(folder: Path) -> str:
    return fingerprint(folder)


@cache
def _texts() -> str:
    """A hash of all that a probe learns from beside the catalogue."""
    made = [*neutral_sentences(), *other_wishes(), *remarks()]
    own = "\n".join([*WISHES, *SMALL_TALK, *made])
    digest = hashlib.sha256(own.encode())
    for path in PHRASE_FILES:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(path: Path, kind: type[_T]) -> _T | None:
    """What was written; None where nothing was, or where it is damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return kind.from_tensors(load_file(path))
    except (OSError, SafetensorError, TypeError, KeyError, ValueError):
        return None


def _write(path: Path, kept: _Kept) -> None:
    from safetensors.numpy import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_suffix(f".{os.getpid()}")
    try:
        # safetensors writes the memory of an array as it lies, whatever its strides say.
        save_file({k: np.ascontiguousarray(v) for k, v in kept.tensors().items()}, making)
        os.replace(making, path)
    finally:
        making.unlink(missing_ok=True)
    files = sorted(path.parent.glob("*.safetensors"), key=lambda each: each.stat().st_mtime)
    for old in files[:-_MOST]:
        old.unlink(missing_ok=True)
