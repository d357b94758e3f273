"""One remark about a template, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from recsys.prompts.nodes import Place
from recsys.schema import Message

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True)
class Finding:
    """One remark about a template: "error" (will not do what it says), "warning" or "hint"."""

    severity: Severity
    message: Message
    line: int
    column: int


def finding(severity: Severity, template: str, place: Place, **params: str) -> Finding:
    """A remark about a place, which its sentence begins with."""
    message = Message(template, {"line": place.line, "column": place.column, **params})
    return Finding(severity, message, place.line, place.column)
