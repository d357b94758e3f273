"""A file that takes a while to read."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table that takes some seconds to read, of 40 MB."""
    path = tmp_path_factory.mktemp("long") / "long.csv"
    path.write_text("user,item\n" + "".join(f"u{n % 9999},i{n}\n" for n in range(3_000_000)))
    return path
