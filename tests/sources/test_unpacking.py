"""Compressed files and archives are read by what they hold, within bounds."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.schema import DataError
from recsys.sources import files
from recsys.sources.base import Table
from recsys.sources.columns.choosing import Kind
from recsys.sources.files import read_cells
from recsys.sources.options import ReadOptions

RATINGS = "user_id,item_id,rating\n" + "".join(f"u{n % 9},i{n % 7},{n % 5}\n" for n in range(60))
MOVIES = "item_id,title\n" + "".join(f"i{n},Film {n}\n" for n in range(7))
USERS = "user_id,age\n" + "".join(f"u{n},{20 + n}\n" for n in range(9))


def zipped(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(members: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members.items():
            part = tarfile.TarInfo(name)
            part.size = len(content.encode())
            archive.addfile(part, io.BytesIO(content.encode()))
    return out.getvalue()


def read(data: bytes, kind: Kind = "interactions", **options: str) -> Table:
    return read_cells(data, "f", ReadOptions(**options), kind)  # type: ignore[arg-type]


def zst(data: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(data)
    return out.getvalue().to_pybytes()


PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zst}
WHOLE = {
    "ml/ratings.csv": RATINGS,
    "ml/movies.csv": MOVIES,
    "ml/users.csv": USERS,
    "ml/README.txt": "SUMMARY\n=======\n\nThis, and that, is described here.\n" * 50,
    "__MACOSX/ml/._ratings.csv": "\0\0",
}


@pytest.mark.parametrize("name", PACKERS)
def test_compressed_files(name: str) -> None:
    table = read(PACKERS[name](RATINGS.encode()))
    assert len(table.frame) == 60
    assert table.notes == []


def test_parts_of_gzip_one_after_the_other() -> None:
    half = len(RATINGS) // 2
    data = gzip.compress(RATINGS[:half].encode()) + gzip.compress(RATINGS[half:].encode())
    assert len(read(data).frame) == 60


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("interactions", ["user_id", "item_id", "rating"]),
        ("items", ["item_id", "title"]),
        ("users", ["user_id", "age"]),
    ],
)
@pytest.mark.parametrize("pack", [zipped, lambda m: gzip.compress(tarred(m))])
def test_the_file_that_looks_like_what_is_wanted(kind: Kind, columns: list[str], pack) -> None:
    table = read(pack(WHOLE), kind)
    assert table.frame.columns.tolist() == columns
    told = str(table.notes[0])
    assert f'"{table.found.sheet}" was read' in told
    assert "README" not in told
    assert "MACOSX" not in told


@pytest.mark.parametrize("name", ["ml/movies.csv", "movies.csv"])
def test_another_file_may_be_chosen(name: str) -> None:
    table = read(zipped(WHOLE), sheet=name)
    assert table.frame.columns.tolist() == ["item_id", "title"]
    assert table.found.sheet in (name, "ml/movies.csv")
    again = read(zipped(WHOLE), sheet=table.found.sheet or "")
    assert again.frame.equals(table.frame)
    with pytest.raises(DataError, match=r'nothing called "x\.csv"\. It holds: ml/rat'):
        read(zipped(WHOLE), sheet="x.csv")


def test_packed_within_an_archive() -> None:
    assert len(read(zipped({"a/ratings.csv.gz": gzip.compress(RATINGS.encode())})).frame) == 60
    book = openpyxl.Workbook()
    for row in (["user", "item"], ["u1", "a"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    assert read(zipped({"orders.xlsx": out.getvalue()})).frame.to_dict("list") == {
        "user": ["u1"],
        "item": ["a"],
    }


def test_what_is_no_table() -> None:
    with pytest.raises(DataError, match=r"holds no table\. It holds: a\.png"):
        read(zipped({"a.png": b"\x89PNG"}))
    with pytest.raises(DataError, match="holds no table"):
        read(zipped({}) if zipped({}).startswith(b"PK\x03\x04") else zipped({"a/.x": "1"}))


@pytest.mark.parametrize("name", PACKERS)
def test_what_unpacks_too_far_ends_early(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 3_000_000)
    bomb = PACKERS[name](b"u,i,1\n" * 2_000_000)
    assert len(bomb) < 100_000
    for data in (bomb, zipped({"a.csv": b"u,i,1\n" * 2_000_000}), zipped({"a.csv.x": bomb})):
        with pytest.raises(DataError, match="unpacks to more than"):
            read(data)


@pytest.mark.parametrize("name", PACKERS)
def test_damaged(name: str) -> None:
    whole = PACKERS[name](RATINGS.encode())
    with pytest.raises(DataError, match="damaged"):
        read(whole[: len(whole) // 2])


def test_archives_in_archives_end() -> None:
    inner = zipped({"a.csv": RATINGS})
    for _ in range(8):
        inner = zipped({"inner": inner})
    with pytest.raises(DataError, match="archives within archives"):
        read(inner)


ORIGINALS = [
    gzip.compress(RATINGS.encode()),
    lzma.compress(RATINGS.encode()),
    zipped(WHOLE),
    tarred({"a.csv": RATINGS}),
]


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_changed_archive_is_a_table_or_a_sentence(data: st.DataObject) -> None:
    changed = bytearray(data.draw(st.sampled_from(ORIGINALS)))
    for _ in range(data.draw(st.integers(1, 6))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        table = read(bytes(changed))
    except DataError:
        return
    assert len(table.frame) > 0
