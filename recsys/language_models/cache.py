"""Text vectors on disk, by content: what was encoded once is never encoded again."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

#: All vectors, within the cache folder.
VECTORS_FILE = "vectors.sqlite"
#: SQLite's limit on the number of parameters in one statement, kept well below.
_CHUNK = 500
_TABLE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"


class VectorCache:
    """A map from text to vector in one SQLite file; safe for many processes at once.

    Args:
        path: the file, made where it is missing.
        space: names the model that makes the vectors; other spaces in the file are not seen.
    """

    def __init__(self, path: Path, space: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._space = space.encode()
        with self._transaction() as db:
            db.execute(_TABLE)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are kept when the block ends, and which is then closed.

        The file stays in SQLite's default journal mode: a change to write-ahead logging asks for
        the whole file and, unlike any other lock, does not wait for those who hold it.
        """
        with closing(sqlite3.connect(self._path, timeout=60)) as db:
            # A cache need not survive a power cut; waiting for the disk would slow every new wish.
            db.execute("PRAGMA synchronous=OFF")
            with db:
                yield db

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(self._space + b"\0" + text.encode("utf-8", "surrogatepass")).digest()

    def get(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """The vectors, (dim,) float32, of those `texts` that are known."""
        key_of = {self._key(text): text for text in texts}
        keys = list(key_of)
        found: dict[str, np.ndarray] = {}
        with self._transaction() as db:
            for start in range(0, len(keys), _CHUNK):
                chunk = keys[start : start + _CHUNK]
                marks = ",".join("?" * len(chunk))
                rows = db.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", chunk)
                found.update((key_of[k], np.frombuffer(v, np.float32)) for k, v in rows)
        return found

    def put(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        """Keep `vectors`, (n, dim) float32, of n texts, unless the disk is full.

        They are only kept to save time, so that whoever needs them now goes on without.
        """
        rows = [
            (self._key(text), np.asarray(vector, np.float32).tobytes())
            for text, vector in zip(texts, vectors, strict=True)
        ]
        try:
            with self._transaction() as db:
                db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise


def forget_vectors(path: Path) -> None:
    """Empty a file of vectors, so that none of them can be read from it any more.

    All of them go: keys do not show whose texts they are of. They are computed again.
    """
    with closing(sqlite3.connect(path, timeout=60)) as db:
        with db:
            db.execute("DROP TABLE IF EXISTS vectors")
            db.execute(_TABLE)
        db.execute("VACUUM")  # or what was deleted stays readable in free pages
