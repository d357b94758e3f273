"""Data small enough to see through, shared by the tests of whole paths."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from recsys import language_models
from recsys.dataset import Dataset
from recsys.language_models.cache import VECTORS_FILE

# An example takes longer where something else runs, and that is no failure.
settings.register_profile("busy", deadline=None)
settings.load_profile("busy")

#: Twelve users who each met seven of ten films, one after the other.
EVENTS = pd.DataFrame(
    {
        "user_id": [f"u{user:02d}" for user in range(12) for _ in range(7)],
        "item_id": [f"i{(user + 3 * step) % 10}" for user in range(12) for step in range(7)],
        "timestamp": [1_000_000 + user * 1000 + step for user in range(12) for step in range(7)],
    }
)
#: Enough events that an epoch takes a second: time to stop a training, or to break it off.
MANY_EVENTS = pd.DataFrame(
    {
        "user_id": [f"u{user}" for user in range(250) for _ in range(60)],
        "item_id": [
            f"i{(user * 7 + step * 11) % 211}" for user in range(250) for step in range(60)
        ],
    }
)
ITEMS = pd.DataFrame(
    {
        "item_id": [f"i{item}" for item in range(10)],
        "title": [f"Film {item}" for item in range(10)],
        "genres": [["Comedy"] if item % 2 else ["Drama", "Western"] for item in range(10)],
    }
)


@pytest.fixture(scope="session")
def converted_models(pytestconfig: pytest.Config) -> Path:
    """Language models that were converted once: it takes half a minute, in every process anew."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("language_models")


@pytest.fixture(scope="session")
def vectors(pytestconfig: pytest.Config) -> Path:
    """What the encoders of this very code have read: the pages that every flagship learns from
    take ten seconds of processor time, in every cache anew."""
    sources = sorted(Path(language_models.__file__).parent.glob("*.py"))
    code = sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    assert pytestconfig.cache is not None
    file = pytestconfig.cache.mkdir("vectors") / f"{code}.sqlite"
    file.touch()
    return file


@pytest.fixture(autouse=True, scope="session")
def _own_folders(
    tmp_path_factory: pytest.TempPathFactory, converted_models: Path, vectors: Path
) -> Iterator[None]:
    """No test, and no process that it starts, writes into the folders of whoever runs the tests."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "cache").mkdir()
    (folder / "cache" / "language_models").symlink_to(converted_models)
    (folder / "cache" / VECTORS_FILE).symlink_to(vectors)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CACHE", "RUNS", "PROMPTS"):
            patch.setenv(f"RECSYS_{name}", str(folder / name.lower()))
        yield


@pytest.fixture
def small() -> Dataset:
    return Dataset.from_frames(EVENTS, ITEMS, name="small")


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same data as files, in a folder as `--data` takes it; only read it."""
    folder = tmp_path_factory.mktemp("data") / "small"
    folder.mkdir()
    EVENTS.to_csv(folder / "interactions.csv", index=False)
    items = ITEMS.assign(genres=ITEMS["genres"].str.join("|"))
    items.to_csv(folder / "items.csv", index=False)
    return folder


@pytest.fixture
def slow() -> Dataset:
    """Data on which training takes a while."""
    return Dataset.from_frames(MANY_EVENTS, name="slow")


@pytest.fixture
def slow_file(tmp_path: Path) -> Path:
    """The same as a file."""
    path = tmp_path / "slow.csv"
    MANY_EVENTS.to_csv(path, index=False)
    return path


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    return tmp_path / "runs"
