"""What lint said of a version when it was saved: kept beside it, in any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from string import Formatter
from typing import Any, Self, get_args

from recsys.prompts import Finding, Verbaliser, lint
from recsys.prompts.lint import Severity
from recsys.schema import Message


@dataclass(frozen=True)
class Remarks:
    """The findings of one look at a text, and what it was looked at with.

    Attributes:
        data, data_hash: the name and the content hash of the data.
        user: the id of the user whose values there were.
        findings: as `lint` gives them.
    """

    data: str
    data_hash: str
    user: str
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, source: str, verbaliser: Verbaliser, user: int = 0) -> Self:
        """Look at a text with the values of one user (a position) of the verbaliser's data."""
        data = verbaliser.dataset
        found = lint(source, verbaliser.values(user, now=datetime.now()))
        return cls(data.name, data.content_hash, str(data.users.ids[user]), tuple(found))

    def to_dict(self) -> dict[str, Any]:
        """As it is kept, and as the command line prints it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave. Raises what Python does where it is damaged."""
        findings = tuple(_finding(each) for each in kept["findings"])
        return cls(str(kept["data"]), str(kept["data_hash"]), str(kept["user"]), findings)


def _finding(kept: Mapping[str, Any]) -> Finding:
    message = Message(str(kept["message"]["template"]), dict(kept["message"]["params"]))
    for _text, place, spec, conversion in Formatter().parse(message.template):
        if place is not None and (place not in message.params or spec or conversion):
            raise ValueError(message.template)
    if kept["severity"] not in get_args(Severity):
        raise ValueError(kept["severity"])
    return Finding(kept["severity"], message, int(kept["line"]), int(kept["column"]))
