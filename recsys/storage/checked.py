"""Types of what is read from files, checked by pydantic where it is read.

A run's folder may come from another version, another machine, or a full disk. Whoever reads a file
of it gets values of the types that are declared, or one error: `Unreadable`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, TypeVar, overload

from pydantic import AfterValidator, Field, FiniteFloat, StringConstraints, TypeAdapter
from pydantic import ValidationError as Unreadable

T = TypeVar("T")

#: Seconds since 1970 that a calendar has a date for.
Timestamp = Annotated[FiniteFloat, Field(ge=0, le=253_370_764_800)]
#: The number of a process; 0 and below would name groups of them.
ProcessId = Annotated[int, Field(gt=0, le=2**31 - 1)]
Count = Annotated[int, Field(ge=0, le=2**63 - 1)]
#: What a person reads in one line.
Line = Annotated[str, StringConstraints(max_length=1_000)]


def _short(value: dict[str, Any]) -> dict[str, Any]:
    if len(value) > 1_000:
        raise ValueError("too many entries")
    return value


#: Values that only those look into who know what to expect.
Loose = Annotated[dict[str, Any], AfterValidator(_short)]

__all__ = [
    "Count",
    "FiniteFloat",
    "Line",
    "Loose",
    "ProcessId",
    "Timestamp",
    "Unreadable",
    "lenient",
    "reader",
]


@overload
def reader(kind: type[T]) -> TypeAdapter[T]: ...
@overload
def reader(kind: Any) -> TypeAdapter[Any]: ...
def reader(kind: Any) -> TypeAdapter[Any]:
    """What reads values of a type; made once for each, since that takes longer than reading."""
    return _reader(kind)


@cache
def _reader(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def lenient(reader: TypeAdapter[T], values: Mapping[str, Any]) -> tuple[T, list[str]]:
    """Read values without those that cannot be read; returns their names beside.

    For types of which every field has a default.
    """
    try:
        return reader.validate_python(values), []
    except Unreadable as error:
        odd = sorted({str(one["loc"][0]) for one in error.errors() if one["loc"]})
    return reader.validate_python({k: v for k, v in values.items() if k not in odd}), odd
