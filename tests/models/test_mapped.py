"""Tensors mapped from disk, against what the safetensors library reads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from recsys.models import mapped
from recsys.models.mapped import blocks, load_mapped

TENSORS = {
    "half": np.arange(35, dtype=np.float16).reshape(5, 7),
    "single": np.linspace(-1, 1, 12, dtype=np.float32),
    "places": np.array([[3, -1]], dtype=np.int64),
    "flags": np.array([True, False, True]),
    "empty": np.zeros((0, 4), dtype=np.float32),
    "one": np.array(2.5, dtype=np.float64),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_file(TENSORS, tmp_path / "model.safetensors", metadata={"made": "by a test"})
    return tmp_path / "model.safetensors"


def test_what_the_library_reads(path: Path) -> None:
    library, ours = load_file(path), load_mapped(path)
    assert ours.keys() == library.keys()
    for name, tensor in library.items():
        assert ours[name].dtype == tensor.dtype and ours[name].shape == tensor.shape
        assert np.array_equal(ours[name], tensor)


def test_writing_changes_memory_only(path: Path) -> None:
    load_mapped(path)["single"][:] = 9.0
    assert np.array_equal(load_mapped(path)["single"], TENSORS["single"])


def test_blocks_are_all_rows_in_order(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "ROWS", 2)
    rows = load_mapped(path)["half"]
    assert [len(block) for block in blocks(rows)] == [2, 2, 1]
    assert np.array_equal(np.concatenate([block.copy() for block in blocks(rows)]), TENSORS["half"])
    assert np.array_equal(rows, TENSORS["half"])  # read again from disk where it was given back


@pytest.mark.parametrize("kept", [0, 4, 60])
def test_a_torn_file_is_no_model(path: Path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises((ValueError, KeyError)):
        load_mapped(path)


def test_a_header_that_lies_is_no_model(path: Path) -> None:
    for place in ([0, 99999999], [0, 8], [-8, 0]):
        header = json.dumps({"a": {"dtype": "F32", "shape": [3], "data_offsets": place}}).encode()
        path.write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 12)
        with pytest.raises(ValueError):
            load_mapped(path)
