"""The file format of a capsule: a zip with a manifest that names every part and its SHA-256.

A capsule comes from anybody. So its parts have names out of a short list, never paths of their
own; nothing in it is code or pickle; what it unpacks to is counted before and while it is written;
and a part whose checksum is another is refused. Unpacking goes into a folder that its caller
makes, so that nothing is left of a capsule that is refused.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from recsys.schema import N_, RunError
from recsys.storage.checked import Count, Line, reader
from recsys.storage.files import parse_json, plain_file, unwritable

ENDING = ".promptrec"
VERSION: Literal[1] = 1
#: The most that a capsule may unpack to, in bytes.
MAX_BYTES = 2 * 1024**3
#: The most parts that it may have.
MAX_PARTS = 500
#: How many times its size it may unpack to, beyond what is small anyway: models and Parquet files
#: hardly get smaller.
MAX_RATIO = 50
SMALL_BYTES = 64 * 1024**2
MAX_MANIFEST = 1_000_000

_MANIFEST = "manifest.json"
#: What a part may be called: nothing that leads out of a folder, or is run.
_PART = re.compile(
    r"run/(?:config|status|evaluation|words)\.json|run/per_user\.parquet|run/events\.jsonl"
    r"|run/model/(?:config|measured)\.json|run/model/model\.safetensors"
    r"|data/(?:interactions|items|users|knowledge)\.parquet|data/dataset\.json"
    r"|prompts/[0-9]{3}\.j2"
)
_REQUIRED = ("run/config.json", "run/model/config.json", "run/model/model.safetensors")
_DATA = ("data/interactions.parquet", "data/items.parquet", "data/users.parquet",
         "data/dataset.json")  # fmt: skip
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA})
#: What LZMA may look back on, which it takes at once, in bytes.
_MAX_DICTIONARY = 64 * 1024**2
_CHUNK = 1 << 20
_DAMAGED_ERRORS = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, ValueError, NotImplementedError, RuntimeError, MemoryError, OverflowError),
)

_NO_CAPSULE = N_("{file} is no capsule of this app, or is damaged. Get the file again.")
_OTHER_VERSION = N_(
    "{file} is a capsule of version {version}; this app reads version {known}. Open it with the "
    "version of the app that made it."
)
_STRANGE_PART = N_(
    "{file} has a part that no capsule has ({part}). It was not made by this app, and nothing of "
    "it was opened."
)
_MISSING_PART = N_("{file} lacks a part ({part}). Get the file again.")
_WRONG_HASH = N_(
    "{file} was changed: its part {part} has another checksum than it was made with. Get the file "
    "again."
)
_TOO_LARGE = N_(
    "{file} unpacks to more than a capsule may hold ({limit}). Nothing of it was opened."
)

_TOO_MANY = N_("{file} has more than {limit} parts, which no capsule has. Nothing was opened.")

_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Value = Annotated[str, StringConstraints(max_length=2_000)]


@dataclass(frozen=True)
class Part:
    """One file in a capsule: its SHA-256 and its size in bytes."""

    sha256: _Sha256
    bytes: Count


@dataclass(frozen=True)
class Manifest:
    """What a capsule holds.

    Attributes:
        run: the name of the run.
        data, data_hash: what the data is called, and `Dataset.content_hash`.
        sample: the sample (key of `SOURCES`) that it is; None for a person's own data.
        with_data: whether the data is in it.
        view: where to begin: "page", and parameters of its link.
        parts: name → what it has to be.
    """

    run: Line
    data: Line
    data_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8,64}$")]
    with_data: bool
    parts: Annotated[dict[str, Part], Field(max_length=MAX_PARTS)]
    sample: Line | None = None
    view: Annotated[dict[_Value, _Value], Field(max_length=20)] = field(default_factory=dict)
    format: Literal["promptrec capsule"] = "promptrec capsule"
    version: Literal[1] = VERSION


def write_capsule(
    file: Path, describe: Callable[[dict[str, Part]], Manifest], parts: Mapping[str, Path | bytes]
) -> Manifest:
    """Write a capsule whole, replacing what is there; the same parts give the same bytes.

    LZMA: the half-precision numbers of a model hardly get smaller, but the places of its counts do.

    Args:
        describe: makes the manifest from what the parts are.
        parts: name → a file, or its bytes.

    Raises:
        ConfigError: if it cannot be written.
    """
    making = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        contents = {name: _content(part) for name, part in sorted(parts.items())}
        known = {
            name: Part(hashlib.sha256(content).hexdigest(), len(content))
            for name, content in contents.items()
        }
        manifest = describe(known)
        told = json.dumps(asdict(manifest), indent=1, ensure_ascii=False, sort_keys=True)
        with zipfile.ZipFile(making, "w") as packed:
            _add(packed, _MANIFEST, told.encode())
            for name, content in contents.items():
                _add(packed, name, content)
        os.replace(making, file)
    except OSError as error:
        raise unwritable(file.parent, error) from error
    finally:
        making.unlink(missing_ok=True)
    return manifest


def _content(part: Path | bytes) -> bytes:
    return part if isinstance(part, bytes) else part.read_bytes()


def _add(packed: zipfile.ZipFile, name: str, content: bytes) -> None:
    """A part with neither a time nor an owner."""
    packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_LZMA)


def read_manifest(file: Path) -> Manifest:
    """What a capsule says that it holds; its parts are not looked at.

    Raises:
        RunError: if it is none, or one that this version does not read.
    """
    try:
        plain_file(file)
        with zipfile.ZipFile(file) as packed:
            return _manifest(packed, file)
    except (OSError, *_DAMAGED_ERRORS) as error:
        raise RunError(_NO_CAPSULE, file=file.name) from error


def unpack_capsule(file: Path, folder: Path) -> Manifest:
    """Unpack a capsule into a folder that is there and empty.

    Raises:
        RunError: if it is none, damaged, too large, or holds what no capsule holds. What was
            written by then is the caller's to remove.
        OSError: if the folder cannot be written.
    """
    try:
        plain_file(file)
        packed = zipfile.ZipFile(file)
    except (OSError, *_DAMAGED_ERRORS) as error:
        raise RunError(_NO_CAPSULE, file=file.name) from error
    with packed:
        try:
            manifest = _manifest(packed, file)
            members = _members(packed, file, manifest)
        except _DAMAGED_ERRORS as error:
            raise RunError(_NO_CAPSULE, file=file.name) from error
        for name, part in manifest.parts.items():
            _unpack_part(packed, members[name], part, folder / name, file)
    return manifest


def _manifest(packed: zipfile.ZipFile, file: Path) -> Manifest:
    """Raises `RunError`, or one of `_DAMAGED_ERRORS`."""
    try:
        member = packed.getinfo(_MANIFEST)
    except KeyError as error:
        raise RunError(_NO_CAPSULE, file=file.name) from error
    if member.file_size > MAX_MANIFEST:
        raise RunError(_NO_CAPSULE, file=file.name)
    _check_dictionary(packed, member)
    with packed.open(member) as stream:
        said = parse_json(stream.read(MAX_MANIFEST + 1))
    version = said.get("version")
    if said.get("format") == Manifest.format and version != VERSION:
        raise RunError(_OTHER_VERSION, file=file.name, version=str(version)[:40], known=VERSION)
    return reader(Manifest).validate_python(said)


def _members(packed: zipfile.ZipFile, file: Path, manifest: Manifest) -> dict[str, zipfile.ZipInfo]:
    """The members by name, each one that the manifest names and that a capsule may have."""
    listed = packed.infolist()
    if len(listed) > MAX_PARTS:
        raise RunError(_TOO_MANY, file=file.name, limit=MAX_PARTS)
    found: dict[str, zipfile.ZipInfo] = {}
    for member in listed:
        name = member.filename
        kind = stat.S_IFMT(member.external_attr >> 16)
        strange = name in found or kind not in (0, stat.S_IFREG) or member.flag_bits & 1
        allowed = name == _MANIFEST or (_PART.fullmatch(name) and name in manifest.parts)
        if strange or not allowed or member.compress_type not in _METHODS:
            raise RunError(_STRANGE_PART, file=file.name, part=name[:80])
        _check_dictionary(packed, member)
        found[name] = member
    for name in (*_REQUIRED, *(_DATA if manifest.with_data else ()), *manifest.parts):
        if name not in found or name not in manifest.parts:
            raise RunError(_MISSING_PART, file=file.name, part=name[:80])
    total = sum(part.bytes for part in manifest.parts.values())
    if total > min(MAX_BYTES, max(MAX_RATIO * file.stat().st_size, SMALL_BYTES)):
        raise RunError(_TOO_LARGE, file=file.name, limit=f"{MAX_BYTES // 1024**2:,} MiB")
    return found


def _check_dictionary(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Raise `ValueError` where LZMA would take more memory than any capsule needs."""
    if member.compress_type != zipfile.ZIP_LZMA:
        return
    assert packed.fp is not None
    packed.fp.seek(member.header_offset + 26)
    name, extra = struct.unpack("<HH", packed.fp.read(4))
    packed.fp.seek(member.header_offset + 30 + name + extra)
    (size,) = struct.unpack("<5xI", packed.fp.read(9))
    if size > _MAX_DICTIONARY:
        raise ValueError("it looks back too far")


def _unpack_part(
    packed: zipfile.ZipFile, member: zipfile.ZipInfo, part: Part, place: Path, file: Path
) -> None:
    """Write one part, no more of it than it says that it has."""
    place.parent.mkdir(parents=True, exist_ok=True)
    counted, written = hashlib.sha256(), 0
    with place.open("xb") as out:
        try:
            stream = packed.open(member)
        except (OSError, *_DAMAGED_ERRORS) as error:
            raise RunError(_NO_CAPSULE, file=file.name) from error
        with stream:
            while True:
                try:
                    chunk = stream.read(_CHUNK)
                except (OSError, *_DAMAGED_ERRORS) as error:
                    raise RunError(_WRONG_HASH, file=file.name, part=member.filename) from error
                if not chunk:
                    break
                written += len(chunk)
                if written > part.bytes:
                    break
                counted.update(chunk)
                out.write(chunk)
    if written != part.bytes or counted.hexdigest() != part.sha256:
        raise RunError(_WRONG_HASH, file=file.name, part=member.filename)
