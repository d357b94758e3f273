"""Files within files: what gzip, bzip2, xz, Zstandard, zip and tar hold; by content, not name.

Nothing is written to disk, and nothing grows beyond the size of the largest file that is read.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import IO, Protocol

import pyarrow as pa

from recsys.schema import N_, DataError, Message, listed
from recsys.sources import limits
from recsys.sources.columns.choosing import Kind
from recsys.sources.formats.workbook import OLE, ZIP, is_workbook
from recsys.sources.likeness import Likeness, likeness, no_such_part
from recsys.sources.options import ReadOptions
from recsys.sources.parts import holds_names, without_numbers
from recsys.sources.text.decoding import decode
from recsys.sources.text.dialects import first_rows

_XZ_MEMORY = 256 * 1024**2
_CHUNK_BYTES = 1 << 20
#: Archives within archives, such as a gzipped table in a zip.
_MOST_LAYERS = 4
_MOST_MEMBERS = 10_000
#: Members whose beginnings are looked at, those first whose names look most like a table.
_MOST_LOOKED_AT = 30
_HEAD_BYTES = 64 * 1024
_LISTED = 10
#: Files that are parts of one table.
_MOST_PARTS = 2_000
#: Endings of files that are no tables.
_NO_TABLES = re.compile(
    r"\.(?:md|rst|html?|pdf|docx?|pptx?|png|jpe?g|gif|svg|py|ipynb|r|sql|pl|sh|m|mat|pkl|npy|npz|h5"
    r"|log\.old|ds_store|gitignore|yaml|yml|toml|ini|xml)$"
    r"|(?:^|/)(?:read.?me|licen[cs]e|copying|change.?log|authors|citation)(?:[._-]\w+)*$"
)
#: Endings of files among them that may hold one, where nothing else is there.
_SOMETIMES = re.compile(r"\.(?:sql|xml|html?)$")
#: What stands in texts of Word and the like, which are packed XML, too.
_OF_A_DOCUMENT = re.compile(r"\[Content_Types\]\.xml$|(?:word|ppt|visio)/|META-INF/|mimetype$")
_DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
    NotImplementedError,
    zipfile.LargeZipFile,
)


class _Stream(Protocol):
    """What can be read from the beginning to the end."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True)
class Unpacked:
    """What a file holds.

    Attributes:
        data: the bytes of the table.
        member: how it is called in the archive; None where there is no archive.
        parts: name and bytes of the other files that are parts of the same table.
        like: files with the same names of columns, which are parts where each is of a person.
        others: the names of the files that are none of these.
        names: those of the columns, which another file holds, and how that is called.
    """

    data: bytes
    member: str | None = None
    notes: list[Message] = field(default_factory=list)
    parts: list[tuple[str, bytes]] = field(default_factory=list)
    like: list[tuple[str, bytes]] = field(default_factory=list)
    names: tuple[str, list[str]] | None = None
    others: tuple[str, ...] = ()


def unpack(data: bytes, filename: str, options: ReadOptions, kind: Kind, most: int) -> Unpacked:
    """The table in a compressed file or an archive; other files come back as they are.

    Args:
        options: `sheet` may name the file in the archive.
        kind: which of several tables is wanted.
        most: the largest size of what is unpacked, in bytes.

    Raises:
        DataError: it is damaged, locked, unpacks to more, or holds no such file, or no file.
    """
    found = Unpacked(data)
    for _ in range(_MOST_LAYERS):
        name = _format(found.data)
        if name is None:
            return found
        try:
            if name in _STREAMS:
                whole = _all(_STREAMS[name](io.BytesIO(found.data)), filename, most)
                found = replace(found, data=whole)
            else:
                members = _zipped(found.data) if name == "zip" else _tarred(found.data)
                inner = _chosen(members, filename, options, kind, most)
                found = replace(inner, notes=[*found.notes, *inner.notes])
        except RuntimeError as error:
            if "password" not in str(error):
                raise limits.unreadable(filename, name) from error
            raise DataError(
                N_("{filename} is locked by a password. Save it without one."), filename=filename
            ) from error
        except (*_DAMAGED, pa.ArrowException) as error:
            raise limits.unreadable(filename, name) from error
    raise DataError(
        N_("{filename} holds archives within archives. Unpack it and upload the table."),
        filename=filename,
    )


def _format(data: bytes) -> str | None:
    """How a file is packed; None where it is not, or where it is a workbook."""
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            return name
    if data.startswith(ZIP):
        return None if is_workbook(data) else "zip"
    return "tar" if data[257:262] == b"ustar" else None


def _xz(stream: _Stream) -> _Stream:
    return io.BufferedReader(_Xz(stream))


class _Xz(io.RawIOBase):
    """An .xz stream with a limit on the memory that it may ask for, which `lzma` alone lacks."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self._decoder = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._decoder.eof:
            fresh = self._stream.read(_CHUNK_BYTES) if self._decoder.needs_input else b""
            if self._decoder.needs_input and not fresh:
                raise EOFError("cut off")
            part = self._decoder.decompress(fresh, len(buffer))
            if part:
                buffer[: len(part)] = part
                return len(part)
        return 0


def _zst(stream: _Stream) -> _Stream:
    packed = pa.py_buffer(stream.read())
    return pa.CompressedInputStream(pa.BufferReader(packed), "zstd")


_MARKS = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}
_STREAMS: dict[str, Callable[[IO[bytes]], _Stream]] = {
    "gzip": lambda stream: gzip.GzipFile(fileobj=stream),
    "bzip2": lambda stream: bz2.BZ2File(stream),
    "xz": _xz,
    "Zstandard": _zst,
}


def _all(stream: _Stream, filename: str, most: int) -> bytes:
    """A stream to its end. Raises `DataError` where it is longer than `most`."""
    parts: list[bytes] = []
    size = 0
    while part := stream.read(_CHUNK_BYTES):
        parts.append(part)
        size += len(part)
        if size > most:
            raise limits.unpacks_too_far(filename, most)
    return b"".join(parts)


@dataclass(frozen=True)
class _Member:
    """A file in an archive: its name, its size as the archive states it, and what opens it."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


def _zipped(data: bytes) -> list[_Member]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    return [
        _Member(part.filename, part.file_size, partial(archive.open, part))
        for part in archive.infolist()[:_MOST_MEMBERS]
        if part.filename and not part.is_dir()
    ]


def _opened(archive: tarfile.TarFile, part: tarfile.TarInfo) -> IO[bytes]:
    return archive.extractfile(part) or io.BytesIO()


def _tarred(data: bytes) -> list[_Member]:
    archive = tarfile.TarFile(fileobj=io.BytesIO(data))
    members: list[_Member] = []
    while len(members) < _MOST_MEMBERS and (part := archive.next()) is not None:
        if part.isreg():
            members.append(_Member(part.name, part.size, partial(_opened, archive, part)))
    return members


def _chosen(
    members: list[_Member], filename: str, options: ReadOptions, kind: Kind, most: int
) -> Unpacked:
    """The file that is given, or else looks most like a table of `kind`; others are named."""
    shown = [m for m in members if not _is_hidden(m.name)]
    tables = [m for m in shown if m.size and not _NO_TABLES.search(m.name.casefold())]
    if not tables and not any(map(_OF_A_DOCUMENT.match, (m.name for m in members))):
        tables = [m for m in shown if m.size and _SOMETIMES.search(m.name.casefold())]
    naming = [m for m in tables if holds_names(m.name)]
    if len(naming) < len(tables):
        tables = [m for m in tables if m not in naming]
    if not tables:
        raise DataError(
            N_("{filename} is packed, but holds no table. It holds: {names}."),
            filename=filename,
            names=listed([m.name for m in shown], _LISTED) or "–",
        )
    given = [m for m in shown if options.sheet in (m.name, m.name.rsplit("/", 1)[-1])]
    # The name may be that of a sheet of a workbook in the archive.
    workbooks = [m for m in tables if re.search(r"\.(?:xls[xmb]?|ods)$", m.name.casefold())]
    if options.sheet is not None and not given and not workbooks:
        raise no_such_part(filename, options.sheet, [m.name for m in shown])
    if given:
        best = given[0]
    else:
        pool = workbooks if options.sheet is not None else tables
        by_name = sorted(pool, key=lambda m: (*likeness([], m.name, kind, rows_in_all=0), m.size))
        looked = by_name[::-1][:_MOST_LOOKED_AT]
        best = looked[0] if len(looked) == 1 else max(looked, key=lambda m: _likeness(m, kind))
    data = _all(best.open(), filename, most)
    if options.sheet is not None:
        left = tuple(m.name for m in tables if m is not best)
        return Unpacked(data, best.name, names=_names(naming, best), others=left)
    parts, like = _beside(best, tables, kind)
    read = _within(parts, filename, most - len(data))
    notes = []
    others = [m.name for m in tables if m is not best and m not in parts]
    if others:
        note = N_(
            '{filename} holds several files; "{name}" was read. The others are: {others}. To read '
            "another one, choose its name."
        )
        params = {"filename": filename, "name": best.name, "others": listed(others, _LISTED)}
        notes.append(Message(note, params))
    more = [] if parts else _within(like, filename, most - len(data))
    names = _names(naming, best)
    return Unpacked(data, best.name, notes, read, more, names, tuple(others))


def _beside(
    best: _Member, tables: list[_Member], kind: Kind
) -> tuple[list[_Member], list[_Member]]:
    """The other files that are parts of the table in one, and those with the same first line.

    Parts are called alike, but for a number, a date or a key.
    """
    others = [m for m in tables if m is not best]
    called = without_numbers(best.name)
    ending = _ending(best.name)
    parts = [m for m in others if without_numbers(m.name) == called][:_MOST_PARTS]
    if parts or kind != "interactions":
        return parts, []
    line = _first_line(best)
    alike = [m for m in others if _ending(m.name) == ending][:_MOST_PARTS]
    return [], [m for m in alike if line and _first_line(m) == line]


def _ending(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[2].casefold()


def _first_line(member: _Member) -> bytes:
    try:
        return _head(member).splitlines()[0].strip()
    except (RuntimeError, IndexError, *_DAMAGED, pa.ArrowException):
        return b""


def _within(parts: list[_Member], filename: str, most: int) -> list[tuple[str, bytes]]:
    """Name and bytes of files, unpacked. Raises `DataError` where they are more than `most`."""
    read: list[tuple[str, bytes]] = []
    for member in parts:
        data = _all(member.open(), filename, most)
        name = _format(data)
        if name in _STREAMS:
            data = _all(_STREAMS[name](io.BytesIO(data)), filename, most)
        most -= len(data)
        read.append((member.name, data))
    return read


def _names(naming: list[_Member], best: _Member) -> tuple[str, list[str]] | None:
    """The names of columns in a file that holds nothing else: in one row, or one in each row."""
    for member in sorted(naming, key=lambda m: m.name.rpartition("/")[0] != _folder(best)):
        if member is best or member.size > _HEAD_BYTES:
            continue
        try:
            text = decode(_head(member), member.name).text.decode()
        except (DataError, RuntimeError, *_DAMAGED, pa.ArrowException):
            continue
        rows = [re.split(r"[\t,;|]", line.strip()) for line in text.splitlines() if line.strip()]
        if len(rows) == 1 and len(rows[0]) > 1:
            return member.name, [name.strip(" \"'") for name in rows[0]]
        if len(rows) > 1 and all(rows[n][0].strip() for n in range(len(rows))):
            return member.name, [row[0].strip(" \"'") for row in rows]
    return None


def _folder(member: _Member) -> str:
    return member.name.rpartition("/")[0]


def _likeness(member: _Member, kind: Kind) -> Likeness:
    """How much a file looks like the table that is wanted, by its name and its beginning."""
    try:
        head = _head(member)
        if head.startswith((ZIP, OLE, b"PAR1")):
            rows = [["", ""]]
        else:
            rows = first_rows(decode(head, member.name).text)
    except (DataError, RuntimeError, *_DAMAGED, pa.ArrowException):
        rows = []
    return likeness(rows, member.name, kind, rows_in_all=member.size)


def _head(member: _Member) -> bytes:
    """The beginning of a file, unpacked; up to its last whole line."""
    name = _format(member.open().read(300))
    stream: _Stream = member.open()
    if name in _STREAMS:
        stream = _STREAMS[name](member.open())
    head = stream.read(_HEAD_BYTES)
    return head[: head.rfind(b"\n") + 1] or head if len(head) == _HEAD_BYTES else head


def _is_hidden(name: str) -> bool:
    parts = name.split("/")
    beside = re.fullmatch(r"_[a-z]+(?:_\w+)?(?:\.crc)?|.*\.crc", parts[-1].casefold())
    return "__MACOSX" in parts or parts[-1].startswith((".", "~$")) or beside is not None
