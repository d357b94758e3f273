"""How long a large CSV takes to become a Dataset, and how much memory, stage by stage.

    python -m benchmarks.large_csv SHAPE [--megabytes 200] [--folder FOLDER] [--beside-a-busy-core]

SHAPE is one of `SHAPES`, or "all". Makes the file once (always the same for the same size), loads
each in a process of its own on one thread at low priority, and prints one JSON object a file: the
size, and for every stage its seconds (those of the processor, too, as other work may take turns)
and the most memory (MB resident) that was held during it.
Linux only, as it reads /proc.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

_BLOCK_ROWS = 50_000
_MEGABYTE = 1024**2
_WORDS = np.array(
    """silver quiet river garden of the lost winter and "red" house, night; rain café story last
    summer train l'été city dream music 1999 island 故宫 light paper""".split(),
    dtype=object,
)

Rng = np.random.Generator


def _ratings(rng: Rng, n: int) -> Iterator[list[str]]:
    """As MovieLens writes them: small numbers and Unix times."""
    users, items = rng.integers(1, 162_000, n), _popular(rng, 59_000, n)
    for u, i, r, t in zip(
        users, items, rng.integers(1, 11, n) / 2, rng.integers(8e8, 1.6e9, n), strict=True
    ):
        yield [str(u), str(i), str(r), str(t)]


def _long_ids(rng: Rng, n: int) -> Iterator[list[str]]:
    """As Amazon writes them: ids of letters and digits, times in ISO 8601."""
    users, items = rng.integers(0, 1_500_000, n), _popular(rng, 300_000, n)
    times = np.datetime_as_string(
        rng.integers(1e9, 1.7e9, n).astype("datetime64[s]"), unit="s"
    ).tolist()
    for u, i, r, t in zip(users, items, rng.integers(1, 6, n), times, strict=True):
        yield [f"A{u * 7_919_191_919:026X}", f"B{i * 104_729:09X}", f"{r}.0", f"{t}Z"]


def _quoted(rng: Rng, n: int) -> Iterator[list[str]]:
    """Every cell in quotation marks, with a title that holds commas and marks beside each event."""
    titles = [_title(np.random.default_rng(i)) for i in range(20_000)]
    users, items = rng.integers(0, 200_000, n), _popular(rng, len(titles), n)
    times = np.datetime_as_string(
        rng.integers(1e9, 1.7e9, n).astype("datetime64[s]"), unit="s"
    ).tolist()
    for u, i, r, t in zip(users, items, rng.integers(1, 6, n), times, strict=True):
        cells = (f"u{u}", f"i{i}", titles[i].replace('"', '""'), str(r), t.replace("T", " "))
        yield [f'"{cell}"' for cell in cells]


def _german(rng: Rng, n: int) -> Iterator[list[str]]:
    """Semicolons, a comma before decimals, days first."""
    users, items = rng.integers(0, 100_000, n), _popular(rng, 20_000, n)
    days = np.datetime_as_string(
        rng.integers(1e9, 1.7e9, n).astype("datetime64[s]"), unit="s"
    ).tolist()
    for u, i, r, t in zip(users, items, rng.integers(2, 11, n) / 2, days, strict=True):
        yield [
            str(u),
            str(i),
            str(r).replace(".", ","),
            f"{t[8:10]}.{t[5:7]}.{t[:4]} {t[11:19]}",
        ]


def _wide(rng: Rng, n: int) -> Iterator[list[str]]:
    """Few rows with long texts, some of them in quotation marks and over several lines."""
    for u, i, r, t in zip(
        rng.integers(0, 5_000, n),
        _popular(rng, 3_000, n),
        rng.integers(1, 6, n),
        rng.integers(8e8, 1.6e9, n),
        strict=True,
    ):
        prose = [" ".join(_WORDS[rng.integers(0, len(_WORDS), 80)]) for _ in range(8)]
        prose[0] = prose[0].replace(" the ", "\n")
        yield [str(u), str(i), str(r), str(t), *('"' + p.replace('"', '""') + '"' for p in prose)]


def _popular(rng: Rng, count: int, n: int) -> np.ndarray:
    """Items (n,) of which few are met often."""
    return np.minimum((count * rng.random(n) ** 3).astype(np.int64), count - 1)


def _title(rng: Rng) -> str:
    return " ".join(_WORDS[rng.integers(0, len(_WORDS), rng.integers(2, 7))])


#: Name → header, delimiter, line end, rows.
SHAPES: dict[str, tuple[str, str, str, Callable[[Rng, int], Iterator[list[str]]]]] = {
    "ratings": ("userId,movieId,rating,timestamp", ",", "\n", _ratings),
    "long-ids": ("reviewerID,asin,overall,reviewTime", ",", "\n", _long_ids),
    "quoted": ('"user_id","item_id","title","rating","time"', ",", "\r\n", _quoted),
    "german": ("user;item;rating;date", ";", "\n", _german),
    "wide": ("user,item,rating,time," + ",".join(f"text{i}" for i in range(8)), ",", "\n", _wide),
}


def make(shape: str, path: Path, size: int) -> None:
    """Write a file of about `size` bytes."""
    header, delimiter, end, rows_of = SHAPES[shape]
    rng = np.random.default_rng(0)
    left = size
    with path.open("wb") as file:
        file.write((header + end).encode())
        while left > 0:
            for cells in rows_of(rng, _BLOCK_ROWS if shape != "wide" else _BLOCK_ROWS // 50):
                left -= file.write((delimiter.join(cells) + end).encode())
                if left <= 0:
                    return


def load(path: Path) -> dict[str, object]:
    """Load a file in this process and say what each stage took."""
    import pyarrow as pa

    from recsys.cleaning import clean
    from recsys.sources import RawFrames, read_table
    from recsys.sources.columns.choosing import choose_columns

    pa.set_cpu_count(1)
    stages: dict[str, dict[str, float]] = {"import": {"peak_mb": _peak_mb()}}
    with _Stage("read", stages):
        frame, notes = read_table(path)
    with _Stage("columns", stages):
        raw = RawFrames(choose_columns(frame, "interactions"), notes=notes)
        del frame
    with _Stage("clean", stages):
        data, report = clean(raw, name=path.stem)
    with _Stage("hash", stages):
        digest = data.content_hash
    seconds, of_cpu = (
        sum(stage.get(each, 0.0) for stage in stages.values())
        for each in ("seconds", "cpu_seconds")
    )
    return {
        "file": path.name,
        "megabytes": round(path.stat().st_size / _MEGABYTE, 1),
        "events": data.n_events,
        "users": data.n_users,
        "items": data.n_items,
        "hash": digest,
        "steps": [[str(step.reason), step.count] for step in report.steps],
        "notes": [str(note) for note in report.notes],
        "stages": stages,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(of_cpu, 1),
        "peak_mb": max(stage["peak_mb"] for stage in stages.values()),
    }


class _Stage:
    """Times what happens inside it and watches the most memory that is resident."""

    def __init__(self, name: str, stages: dict[str, dict[str, float]]) -> None:
        self.name, self.stages = name, stages

    def __enter__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # forgets the peak until now
        self.begin, self.worked = time.perf_counter(), time.process_time()

    def __exit__(self, *error: object) -> None:
        seconds, of_cpu = time.perf_counter() - self.begin, time.process_time() - self.worked
        self.stages[self.name] = {
            "seconds": round(seconds, 1),
            "cpu_seconds": round(of_cpu, 1),
            "peak_mb": _peak_mb(),
        }


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return round(int(found[1]) / 1024)


def _spin() -> None:
    while True:
        pass


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("shape", choices=[*SHAPES, "all"])
    arguments.add_argument("--megabytes", type=int, default=200)
    arguments.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    arguments.add_argument("--beside-a-busy-core", action="store_true")
    arguments.add_argument("--in-this-process", action="store_true", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    for shape in SHAPES if chosen.shape == "all" else [chosen.shape]:
        path = chosen.folder / f"{shape}-{chosen.megabytes}.csv"
        if not path.exists():
            make(shape, path, chosen.megabytes * _MEGABYTE - 10_000)  # at most that
        if chosen.in_this_process:
            print(json.dumps(load(path), ensure_ascii=False))
            continue
        spinner = multiprocessing.Process(target=_spin, daemon=True)
        if chosen.beside_a_busy_core:
            spinner.start()
        command = [sys.executable, "-m", "benchmarks.large_csv", shape, "--in-this-process"]
        command += ["--megabytes", str(chosen.megabytes), "--folder", str(chosen.folder)]
        one_thread = {"OMP_NUM_THREADS": "1"}
        subprocess.run(["nice", *command], env=os.environ | one_thread, check=True)  # noqa: S607
        if chosen.beside_a_busy_core:
            spinner.kill()


if __name__ == "__main__":
    main()
