"""Prompts that people keep: every version stays, unchanged, with what was measured of it."""

from __future__ import annotations

import os
import re
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from pydantic import OnErrorOmit
from typing_extensions import TypedDict

from recsys.lab.remarks import Remarks
from recsys.lab.version import Version, one_line
from recsys.prompts.places import normalised
from recsys.prompts.syntax import MAX_SOURCE
from recsys.schema import N_, ConfigError
from recsys.storage.checked import Count, FiniteFloat, Unreadable, reader
from recsys.storage.files import (
    append_line,
    fsync_folder,
    make_folder,
    make_last,
    read_bytes,
    read_json,
    read_lines,
    remembered,
    unwritable,
    write_json,
    write_new,
)
from recsys.storage.trash import put_away, take_back

_NAME = re.compile(r"[^\W_][\w \-]{0,59}")
#: Windows keeps these to itself.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10))}
_LABEL = re.compile(r"[^\W_][\w\-]{0,29}")
_FILE = re.compile(r"([0-9]{4,9})\.j2")
#: Of a file with one version, in bytes: its text and the comment before it.
_MAX_FILE = 8 * MAX_SOURCE
#: How often a save is begun anew while somebody deletes.
_ATTEMPTS = 100


class PromptStore:
    """Prompts in a folder, `NAME/0001.j2`, `NAME/0002.j2`, …: nothing is ever written twice.

    Two processes may save at once: each gets a number of its own.

    Args:
        folder: made when something is saved.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def default(cls) -> Self:
        """The one in `$RECSYS_PROMPTS`, else in `prompts/` where the program was started."""
        return cls(Path(os.environ.get("RECSYS_PROMPTS") or "prompts"))

    def names(self) -> list[str]:
        """The prompts of which a version can be read, by name."""
        return sorted(name for name in _listed(self.folder) if self._readable(name))

    def versions(self, name: str) -> list[Version]:
        """All versions of a prompt that can be read, the latest first."""
        found = (self._found(name, number) for number in reversed(self._numbers(name)))
        return [version for version in found if version is not None]

    def unreadable(self, name: str) -> list[int]:
        """The numbers of its versions that cannot be read."""
        return [number for number in self._numbers(name) if self._found(name, number) is None]

    def latest(self, name: str) -> Version:
        """The latest that can be read. Raises `ConfigError` where there is no such prompt."""
        return self.get(name, self._readable(name) or 1)

    def get(self, name: str, number: int) -> Version:
        """Raises `ConfigError` where there is no such version, or it cannot be read."""
        version = self._found(name, number)
        if version is None:
            raise ConfigError(
                N_('There is no version {number} of the prompt "{name}" that can be read.'),
                number=number,
                name=name[:80],
            )
        return version

    def save(
        self,
        name: str,
        source: str,
        *,
        parent: int | None = None,
        note: str = "",
        remarks: Remarks | None = None,
    ) -> Version:
        """Keep a text as the next version; the latest one, if that has the same text and note.

        A prompt that was tuned is a new version, though its words are the same.

        Args:
            parent, note: see `Version`.
            remarks: what lint says of the text now.

        Raises:
            ConfigError: if the name is not allowed, or the text is too long.
        """
        name = checked_name(name)
        source = normalised(source)
        if len(source) > MAX_SOURCE:
            raise ConfigError(
                N_("The prompt is too long: at most {limit} characters are allowed."),
                limit=MAX_SOURCE,
            )
        for _attempt in range(_ATTEMPTS):
            try:
                return self._save(name, source, parent, one_line(note), remarks)
            except FileNotFoundError:
                continue  # the prompt was deleted meanwhile: this is its first version again
            except OSError as error:
                raise unwritable(self.folder, error) from error
        raise _gone(name)

    def _save(
        self, name: str, source: str, parent: int | None, note: str, remarks: Remarks | None
    ) -> Version:
        numbers = self._numbers(name)
        last = self._found(name, numbers[-1]) if numbers else None
        if last is not None and last.source == source and note in ("", last.note):
            return last
        self.folder.mkdir(parents=True, exist_ok=True)
        make_folder(self.folder / name)
        fsync_folder(self.folder)
        number = numbers[-1] + 1 if numbers else 1
        while True:
            version = Version(name, number, source, round(time.time(), 3), parent, note)
            if write_new(self._file(name, number), version.to_file()):
                break
            number += 1  # somebody else was quicker
        make_last(self._file(name, number))
        if remarks is not None:
            with suppress(FileNotFoundError):  # deleted meanwhile, with its remarks
                write_json(self._remarks(version), remarks.to_dict())
        return version

    def remarks(self, version: Version) -> Remarks | None:
        """What lint said of a version when it was saved; None where it was not asked."""
        try:
            return Remarks.from_dict(read_json(self._remarks(version)))
        except (OSError, ValueError, LookupError, AttributeError, TypeError):
            return None

    def adopt(self) -> None:
        """Take in `.j2` files that lie loose in the folder, each as a version of its prompt."""
        for path in sorted(self.folder.glob("*.j2")):
            try:
                self.save(path.stem, read_bytes(path, _MAX_FILE).decode("utf-8-sig"))
            except (OSError, ValueError, ConfigError):
                continue  # no prompt of ours: it stays as it is
            path.unlink(missing_ok=True)  # another session may take it in, too

    # Labels and scores, which may change

    def labels(self, name: str) -> dict[str, int]:
        """Which version each label stands at, such as "production"."""
        try:
            kept = read_json(self.folder / name / "labels.json")
        except (OSError, ValueError):
            return {}
        return {label: number for label, number in kept.items() if type(number) is int}

    def label(self, name: str, label: str, number: int | None) -> None:
        """Put a label at a version, from wherever it stood; None takes it away.

        Raises:
            ConfigError: if there is no such version, or the label has other characters than
                letters, digits and dashes.
        """
        if not _LABEL.fullmatch(label):
            raise ConfigError(
                N_('A label cannot be "{label}". Use up to 30 letters, digits and dashes.'),
                label=label[:80],
            )
        if number is not None:
            self.get(name, number)
        kept = self.labels(name)
        kept.pop(label, None)
        if number is not None:
            kept[label] = number
        with self._there(name):
            write_json(self.folder / name / "labels.json", kept)
            make_last(self.folder / name / "labels.json")

    def add_score(self, version: Version, score: Mapping[str, Any]) -> None:
        """Keep what was measured of a version: the run, its data, and the metrics."""
        line = {"version": version.number, "time": round(time.time(), 3), **score}
        scores = self.folder / version.name / "scores.jsonl"
        with self._there(version.name):
            append_line(scores, line)
            make_last(scores)

    def scores(self, name: str, number: int) -> list[dict[str, Any]]:
        """What was measured of a version, the latest first; see `Measured` for what is sure."""
        lines, _ = read_lines(self.folder / name / "scores.jsonl")
        found = []
        for line in reversed(lines):
            with suppress(Unreadable):
                score = {**line, **reader(Measured).validate_python(line)}
                if score["version"] == number:
                    found.append(score)
        return found

    # Deleting, which can be undone

    def delete(self, name: str) -> str:
        """Put a prompt with all its versions into the trash; returns what `restore` takes.

        Raises:
            ConfigError: if there is no such prompt.
            RunError: if it was deleted already.
        """
        if not _NAME.fullmatch(name) or not os.path.isdir(self.folder / name):
            raise _gone(name)
        return put_away(self.folder / name)

    def restore(self, token: str) -> str:
        """Take back what was deleted; returns the name of the prompt.

        Raises:
            RunError: if it is not in the trash, or a prompt has that name now.
        """
        return take_back(self.folder, token).name

    @contextmanager
    def _there(self, name: str) -> Iterator[None]:
        """Say so where something cannot be written since the prompt was deleted meanwhile."""
        try:
            yield
        except FileNotFoundError as error:
            raise _gone(name) from error
        except OSError as error:
            raise unwritable(self.folder / name, error) from error

    def _readable(self, name: str) -> int | None:
        """The number of the latest version that can be read; None for none."""
        numbers = reversed(self._numbers(name))
        return next((number for number in numbers if self._found(name, number)), None)

    def _found(self, name: str, number: int) -> Version | None:
        version = _read(self._file(name, number))
        return None if version is None else replace(version, name=name, number=number)

    def _numbers(self, name: str) -> list[int]:
        if not _NAME.fullmatch(name):
            return []
        files = _listed(self.folder / name)
        return sorted(int(match[1]) for file in files if (match := _FILE.fullmatch(file)))

    def _file(self, name: str, number: int) -> Path:
        return self.folder / (name if _NAME.fullmatch(name) else "-") / f"{number:04d}.j2"

    def _remarks(self, version: Version) -> Path:
        return self._file(version.name, version.number).with_suffix(".lint.json")


def checked_name(name: str) -> str:
    """The name as it is used (Unicode NFC, outer spaces off).

    Raises:
        ConfigError: if it has other characters than letters, digits, spaces and dashes, so that it
            cannot leave the folder.
    """
    tidy = unicodedata.normalize("NFC", name).strip()
    if not _NAME.fullmatch(tidy) or tidy.casefold() in _RESERVED:
        raise ConfigError(
            N_(
                'A prompt cannot be called "{name}". Use up to 60 letters, digits, spaces and '
                "dashes, beginning with a letter or digit."
            ),
            name=tidy[:80],
        )
    return tidy


class Measured(TypedDict):
    """What every line of scores has."""

    version: Count
    run: str
    metrics: dict[OnErrorOmit[str], OnErrorOmit[FiniteFloat]]


def _gone(name: str) -> ConfigError:
    return ConfigError(N_('There is no prompt called "{name}": it was deleted.'), name=name[:80])


def _listed(folder: Path) -> list[str]:
    """What is in a folder; nothing where there is none."""
    try:
        return os.listdir(folder)
    except OSError:
        return []


@remembered(2048)
def _read(path: Path) -> Version | None:
    """A version from its file; None where it cannot be read."""
    try:
        return Version.from_file(read_bytes(path, _MAX_FILE).decode("utf-8"))
    except (OSError, ValueError):
        return None
