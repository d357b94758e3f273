"""The paths of a service and what answers them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from recsys import __version__
from recsys.schema import N_, RecsysError
from recsys.serving import answers
from recsys.serving.current import CurrentRun
from recsys.serving.errors import RETRY_AFTER, RefusedRequest, status_of
from recsys.serving.metrics import CONTENT_TYPE, Metrics
from recsys.serving.new_items import WithNewItems, check_item
from recsys.serving.posted import Posted, PostedEvent, PostedItem
from recsys.serving.requests import (
    BatchRequest,
    EventsRequest,
    ItemRequest,
    ListRequest,
    ReloadRequest,
)
from recsys.serving.scoring import Scoring

PREFIX = f"/v{answers.API_VERSION}"
#: The paths that are counted by name.
COUNTED = frozenset(
    {
        *("/health", "/ready", "/metrics"),
        *(f"{PREFIX}/{path}" for path in "recommend recommend/batch events items".split()),
        *(f"{PREFIX}/{path}" for path in "admin/reload openapi.json".split()),
    }
)
#: Titles of neighbours that are told of a new item.
_NEIGHBOURS = 3
_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": answers.Error, "description": text}
    for status, text in (
        (400, "The body is no JSON."),
        (401, "The token is missing, or another one."),
        (403, "From where it is asked, nothing is answered."),
        (404, "The user is unknown."),
        (409, "The item is in the data already, or there are too many new ones."),
        (413, "The body is too long."),
        (422, "Something in the body is not allowed."),
        (429, "Too many requests wait."),
        (503, "The model is being loaded."),
    )
}
_DESCRIPTION = (
    "Lists by a trained run. Every error is a JSON object with one sentence under `error`. With a "
    "token, every path but `/health` and `/ready` asks for `Authorization: Bearer TOKEN`."
)


def make_app(
    current: CurrentRun,
    posted: Posted,
    metrics: Metrics,
    reload: Callable[[str | None], str],
) -> FastAPI:
    """The application.

    Args:
        current: the run that answers.
        posted: takes what is sent.
        metrics: what is told.
        reload: lets every process of the service go on with a run, and gives its name; None for
            the present one, read anew.
    """
    scoring = Scoring(current, posted, metrics)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(scoring.end)
        posted.close()

    app = FastAPI(
        title="PromptRec",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=life,
        docs_url=None,  # they load scripts of others
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
        responses=_ERRORS,
    )
    _add_lists(app, scoring)
    _add_posts(app, current, posted, reload)
    _add_states(app, current, metrics)
    for kind in (RecsysError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _refused)
    return app


def _add_lists(app: FastAPI, scoring: Scoring) -> None:
    async def made(requests: list[ListRequest]) -> list[dict[str, Any]]:
        futures = scoring.submit(requests)
        found = await asyncio.gather(*map(asyncio.wrap_future, futures))
        for answer in found:
            if isinstance(answer, RecsysError):
                raise answer
        return [answer for answer in found if isinstance(answer, dict)]

    @app.post(
        f"{PREFIX}/recommend", response_model=answers.ListAnswer, summary="A list for one person"
    )
    async def recommend(asked: ListRequest) -> Response:
        """The items that suit somebody best, of those that they have not met.

        Somebody is a user of the data, with the events that were sent since, or whoever has the
        history in the request.
        """
        return JSONResponse((await made([asked]))[0])

    @app.post(
        f"{PREFIX}/recommend/batch",
        response_model=answers.BatchAnswer,
        summary="Lists for several people",
    )
    async def recommend_batch(asked: BatchRequest) -> Response:
        """Several lists at once; none where one of them cannot be made."""
        return JSONResponse({"lists": await made(asked.requests)})


def _add_posts(
    app: FastAPI,
    current: CurrentRun,
    posted: Posted,
    reload: Callable[[str | None], str],
) -> None:
    @app.post(f"{PREFIX}/events", response_model=answers.EventsAnswer, summary="What people did")
    def events(sent: EventsRequest) -> Response:
        """Events that count in the next list of these people; whoever is unknown becomes known.

        The same event again changes nothing; with another rating, that counts. All are kept or
        none.
        """
        served = current.now()
        served.items([one.item_id for one in sent.events])
        for one in sent.events:
            served.check_rating(one.rating)
        new = posted.add_events([PostedEvent(**one.model_dump()) for one in sent.events])
        return JSONResponse({"new": new, "made_by": served.made_by()})

    @app.post(
        f"{PREFIX}/items",
        response_model=answers.ItemAnswer,
        status_code=201,
        summary="An item that is new",
    )
    def items(sent: ItemRequest) -> Response:
        """An item with its text, which can be recommended at once; sent again, it is replaced."""
        item = PostedItem(**sent.model_dump())
        check_item(current.now().run.dataset(), item)
        posted.add_item(item)
        served = current.grown()
        assert isinstance(served.model, WithNewItems)
        like = served.model.most_like(served.data.items.position(item.item_id), _NEIGHBOURS)
        titles = [str(title) for title in served.data.titles[like]]
        made_by = served.made_by()
        return JSONResponse(
            {"item_id": item.item_id, "like": titles, "made_by": made_by}, status_code=201
        )

    @app.post(
        f"{PREFIX}/admin/reload",
        response_model=answers.ReloadAnswer,
        status_code=202,
        summary="Go on with another run",
    )
    def admin_reload(asked: ReloadRequest) -> Response:
        """Read another run beside the present one, which answers until that one is ready."""
        return JSONResponse({"loading": reload(asked.run)}, status_code=202)


def _add_states(app: FastAPI, current: CurrentRun, metrics: Metrics) -> None:
    @app.get("/health", response_model=answers.Alive, summary="Whether the process lives")
    async def health() -> Response:
        """Answers as long as the process does."""
        return JSONResponse({"status": "alive"})

    @app.get("/ready", response_model=answers.Ready, summary="Whether lists can be made")
    async def ready() -> Response:
        """The run that answers; 503 until it is loaded."""
        return JSONResponse({"status": "ready", "made_by": current.now().made_by()})

    @app.get("/metrics", response_class=Response, summary="Counts and latencies for Prometheus")
    def told() -> Response:
        """Counts and latencies, as Prometheus reads them."""
        return Response(metrics.text(), media_type=CONTENT_TYPE)


async def _refused(_request: Request, error: Exception) -> Response:
    """One sentence, whatever went wrong."""
    headers: dict[str, str] = {}
    if isinstance(error, RequestValidationError):
        error = _invalid(error)
    elif isinstance(error, HTTPException):
        headers.update(error.headers or {})
        error = _http(error)
    assert isinstance(error, RecsysError)
    status = status_of(error)
    if status in (429, 503):
        headers["Retry-After"] = str(RETRY_AFTER)
    return JSONResponse({"error": str(error)}, status_code=status, headers=headers)


def _invalid(error: RequestValidationError) -> RefusedRequest:
    """What is wrong with a body, where it begins to be."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return RefusedRequest(400, N_("The body of the request is no JSON."))
    where = ".".join(str(part) for part in first["loc"] if part != "body")[:200]
    return RefusedRequest(
        422,
        N_("{where}: {problem}."),
        where=where or "body",
        problem=str(first["msg"]).rstrip("."),
    )


def _http(error: HTTPException) -> RefusedRequest:
    if error.status_code == 404:
        return RefusedRequest(
            404,
            N_("There is nothing at this path. {paths} says what there is."),
            paths=f"{PREFIX}/openapi.json",
        )
    if error.status_code == 405:
        return RefusedRequest(405, N_("This path is asked with another method."))
    if error.status_code == 400:
        return RefusedRequest(400, N_("The body of the request is no JSON."))
    return RefusedRequest(error.status_code, N_("{problem}."), problem=str(error.detail))
