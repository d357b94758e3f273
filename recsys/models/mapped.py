"""Saved tensors as they lie on disk: read when used, and given back when they were."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator
from pathlib import Path

import numpy as np

#: How the safetensors format calls the types that models save.
_TYPES = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32,
    "I16": np.int16, "I8": np.int8, "U8": np.uint8, "BOOL": np.bool_,
}  # fmt: skip
#: Rows read at once by `blocks`.
ROWS = 32_768


def load_mapped(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a safetensors file, whose pages come into memory when they are touched.

    Writing into them changes memory only. The format: the length of a JSON header (8 bytes, little
    endian), the header (name → type, shape, place), the numbers.

    Raises:
        OSError: if the file is not there.
        ValueError, KeyError: if it is damaged.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > path.stat().st_size:
            raise ValueError(f"{path} has no header")
        header = json.loads(file.read(length))
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        dtype, shape = np.dtype(_TYPES[entry["dtype"]]), tuple(entry["shape"])
        if end - begin != dtype.itemsize * int(np.prod(shape)):
            raise ValueError(f"{name} in {path} has another size")
        empty = begin == end  # nothing to map
        tensors[name] = (
            np.zeros(shape, dtype)
            if empty
            else np.memmap(path, dtype, "c", 8 + length + begin, shape)
        )
    return tensors


def blocks(rows: np.ndarray) -> Iterator[np.ndarray]:
    """The rows of an array, `ROWS` at a time; what was mapped does not stay in memory."""
    for start in range(0, len(rows), ROWS):
        yield rows[start : start + ROWS]
        if isinstance(rows, np.memmap) and hasattr(mmap, "MADV_DONTNEED"):
            rows._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]
