"""One version of a prompt, and the file that it is kept in."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from typing import Self

from recsys.prompts.places import normalised
from recsys.storage.checked import Timestamp, Unreadable, reader

#: Of the number of a version, at most.
_DIGITS = 9
_HEAD = re.compile(r"\{# prompt: (?P<facts>[^\n]*?) #\}\n")


@dataclass(frozen=True)
class Version:
    """One version of a prompt; it never changes.

    Attributes:
        name: of the prompt.
        number: from 1.
        source: the text of the template.
        created: seconds since 1970.
        parent: the number of the version that it was made from; None for a beginning.
        note: why it was made, in a person's words.
    """

    name: str
    number: int
    source: str
    created: float
    parent: int | None = None
    note: str = ""

    @property
    def hash(self) -> str:
        """The first 16 hex digits of the SHA-256 of the text."""
        return hashlib.sha256(self.source.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def to_file(self) -> str:
        """The version as a `.j2` file: a comment with what is known of it, then its text."""
        facts = [self.name, f"version: {self.number}", f"created: {self.created:.3f}"]
        if self.parent is not None:
            facts.append(f"parent: {self.parent}")
        facts.append(f"sha256: {self.hash}")
        if self.note:
            facts.append(f"note: {one_line(self.note)}")
        return f"{{# prompt: {'; '.join(facts)} #}}\n{self.source}"

    @classmethod
    def from_file(cls, text: str, *, name: str = "", number: int = 1) -> Self:
        """Read what `to_file` wrote, or any template; what no comment says is filled in."""
        text = normalised(text)
        match = _HEAD.match(text)
        facts: dict[str, str] = {}
        if match is not None:
            first, *others = match["facts"].split("; ", 5)
            facts = dict(fact.partition(": ")[::2] for fact in others)
            name = first or name
            text = text[match.end() :]
        return cls(
            name=name,
            number=_number(facts.get("version", "")) or number,
            source=text,
            created=_seconds(facts.get("created", "")),
            parent=_number(facts.get("parent", "")),
            note=facts.get("note", ""),
        )


def one_line(text: str) -> str:
    """A note as part of a comment, which it must not end."""
    return " ".join(text.replace("#}", "# }").replace(";", ",").split())[:200]


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def _seconds(text: str) -> float:
    """A time; now where there is none that a calendar has a date for."""
    try:
        return reader(Timestamp).validate_python(text)
    except Unreadable:
        return time.time()


def tuned_note(run: str) -> str:
    """The note of a version whose vectors were trained in a run."""
    return f"tuned: {run}"
