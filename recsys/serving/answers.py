"""What a service answers, as OpenAPI describes it."""

from __future__ import annotations

from pydantic import BaseModel, Field

#: Counts up when answers change in a way that clients notice; it is part of every path.
API_VERSION = "1"


class PromptTold(BaseModel):
    """The prompt a list was made with."""

    name: str = Field(description="Of the prompt that the run was trained with, else `request`.")
    hash: str = Field(description="The first 16 hex digits of the SHA-256 of its text.")


class Provenance(BaseModel):
    """What an answer was made by."""

    api: str = Field(examples=[API_VERSION])
    run: str = Field(examples=["evenings"])
    model: str = Field(description="The kind of model, as `train --model` takes it.")
    data_hash: str = Field(description="Of the content of the data that the run was trained on.")
    prompt: PromptTold | None = Field(description="null for a model that reads no prompts.")


class Recommended(BaseModel):
    """An item of a list."""

    rank: int
    item_id: str
    title: str
    score: float


class ListAnswer(BaseModel):
    """A list, best first; shorter than asked where fewer items are left."""

    items: list[Recommended]
    made_by: Provenance


class BatchAnswer(BaseModel):
    """The lists in the order of the requests."""

    lists: list[ListAnswer]


class EventsAnswer(BaseModel):
    """How many events count that did not before."""

    new: int
    made_by: Provenance


class ItemAnswer(BaseModel):
    """The item as it can be recommended from now on."""

    item_id: str
    like: list[str] = Field(description="Titles of the items whose texts are most like its own.")
    made_by: Provenance


class ReloadAnswer(BaseModel):
    """The run that is being loaded; `/ready` says when it answers."""

    loading: str


class Alive(BaseModel):
    """The process answers."""

    status: str = Field(examples=["alive"])


class Ready(BaseModel):
    """The run that answers."""

    status: str = Field(examples=["ready"])
    made_by: Provenance


class Error(BaseModel):
    """Why a request was not answered."""

    error: str = Field(description="One sentence.")
