"""The refusal of a request: one sentence and the status of the answer."""

from __future__ import annotations

from typing import Any

from recsys.schema import N_, LanguageModelError, RecsysError

NOT_READY = N_("The model is being loaded. Ask again in a few seconds.")
FULL = N_("Too many requests wait already. Ask again in {seconds} s.")
#: Seconds after which a client that was refused may ask again.
RETRY_AFTER = 1


class RefusedRequest(RecsysError):
    """A request that is not answered, and why.

    Attributes:
        status: the HTTP status of the answer.
    """

    def __init__(self, status: int, template: str, **params: Any) -> None:
        super().__init__(template, **params)
        self.status = status


def status_of(error: RecsysError) -> int:
    """The HTTP status of an answer that says an error."""
    if isinstance(error, RefusedRequest):
        return error.status
    # What the machine lacks is no mistake of whoever asks.
    return 503 if isinstance(error, LanguageModelError) else 422
