"""What is sent to a service, as OpenAPI describes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from recsys.serving.limits import (
    MAX_ATTRIBUTES,
    MAX_BATCH,
    MAX_EVENTS,
    MAX_HISTORY,
    MAX_ID,
    MAX_K,
    MAX_PROMPT,
    MAX_TEXT,
    MAX_VALUES,
    MAX_WISH,
)

Id = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_ID),
    Field(description="An id as it is written in the data.", examples=["42"]),
]
Value = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT)]
Rating = Annotated[
    float,
    Field(allow_inf_nan=False, description="On the scale of the data; only where it has ratings."),
]
Moment = Annotated[
    int, Field(ge=0, le=253_370_764_800, description="Seconds since 1970 UTC.", strict=True)
]
Values = Annotated[list[Value], Field(max_length=MAX_VALUES)]


class _Body(BaseModel):
    """Other keys than these are refused: a typing error would silently change the answer."""

    model_config = ConfigDict(extra="forbid")


class PastEvent(_Body):
    """An event of a history."""

    item_id: Id
    rating: Rating | None = None
    timestamp: Moment | None = None


class ListRequest(_Body):
    """Whose list is asked for, and how: a `user_id`, or a `history`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"user_id": "42", "wish": "something funny", "k": 5}]},
    )

    user_id: Id | None = Field(
        None, description="Somebody of the data, or somebody of whom events were sent."
    )
    history: Annotated[list[Id | PastEvent], Field(max_length=MAX_HISTORY)] | None = Field(
        None,
        description="What somebody else met, oldest first: ids of items, or events; may be empty.",
    )
    wish: Annotated[str, StringConstraints(max_length=MAX_WISH)] = Field(
        "", description="What they would like now, in their own words."
    )
    prompt: Annotated[str, StringConstraints(min_length=1, max_length=MAX_PROMPT)] | None = Field(
        None, description="Another prompt template than the one the model was trained with."
    )
    filters: Annotated[dict[Id, Values], Field(max_length=MAX_ATTRIBUTES)] = Field(
        default_factory=dict,
        description="Attribute → values: only items that have one of the values of each.",
    )
    k: Annotated[int, Field(ge=1, le=MAX_K, strict=True)] = Field(10, description="How many items.")


class BatchRequest(_Body):
    """Several lists in one request."""

    requests: Annotated[list[ListRequest], Field(min_length=1, max_length=MAX_BATCH)]


class NewEvent(_Body):
    """What somebody just did."""

    user_id: Id
    item_id: Id
    rating: Rating | None = None
    timestamp: Moment | None = Field(
        None, description="Seconds since 1970 UTC; without it, it counts as done just now."
    )


class EventsRequest(_Body):
    """Events that count from the next list on."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"events": [{"user_id": "42", "item_id": "1"}]}]},
    )

    events: Annotated[list[NewEvent], Field(min_length=1, max_length=MAX_EVENTS)]


class ItemRequest(_Body):
    """An item that the model has not been trained with."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "item_id": "new-1",
                    "title": "Toy Story 5",
                    "attributes": {"genres": ["Animation", "Comedy"]},
                }
            ]
        },
    )

    item_id: Id
    title: Value
    attributes: Annotated[
        dict[Id, Annotated[float, Field(allow_inf_nan=False)] | Value | Values],
        Field(max_length=MAX_ATTRIBUTES),
    ] = Field(default_factory=dict, description="Attribute of the data → its value, or values.")


class ReloadRequest(_Body):
    """The run to go on with."""

    run: Annotated[str, StringConstraints(min_length=1, max_length=1_000)] | None = Field(
        None, description="The name of a run; without it, the present one is read anew."
    )
