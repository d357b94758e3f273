"""What stands before every request: who asks, from where, how much; and one sentence for errors."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import json
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from recsys.schema import N_
from recsys.serving.errors import RefusedRequest
from recsys.serving.limits import BODY_SECONDS, MAX_BODY
from recsys.serving.metrics import Metrics
from recsys.serving.scoring import UNEXPECTED

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

#: What a supervisor asks, which brings no token.
OPEN = frozenset({"/health", "/ready"})
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class Guard:
    """Lets through what may be asked; refuses the rest before anything of it is read.

    Args:
        app: what answers.
        metrics: counts every answer.
        paths: those that are counted by name.
        local: whether the service listens at this machine only. Then a request has to name this
            machine: a page of a stranger can let its own name lead here, and the browser would let
            it read the answers (DNS rebinding).
        token: what requests have to bring; None where nothing is asked.

    Attributes:
        closes: whether the connection is closed behind every answer.
    """

    closes = False

    def __init__(
        self, app: App, metrics: Metrics, paths: frozenset[str], *, local: bool, token: str | None
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._paths = paths
        self._local = local
        self._token = None if token is None else f"Bearer {token}".encode()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1003})
                return
            await self._app(scope, receive, send)
            return
        begin, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if self.closes:
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        try:
            self._check(scope)
            body = await _body(scope, receive)
            await self._app(scope, _replayed(body, receive), sending)
        except RefusedRequest as error:
            await refuse(sending, error)
        except Exception:  # noqa: BLE001  whatever it is, no client reads a traceback
            traceback.print_exc(file=sys.stderr)
            await refuse(sending, RefusedRequest(500, UNEXPECTED))
        finally:
            path = scope["path"] if scope["path"] in self._paths else "other"
            self._metrics.answered(path, status, time.perf_counter() - begin)

    def _check(self, scope: Message) -> None:
        """Raise `RefusedRequest` for whom nothing is answered."""
        headers = dict(scope["headers"])
        host = _host(headers.get(b"host", b""))
        if self._local and host not in _LOCAL and not _is_loopback(host):
            raise RefusedRequest(
                403, N_("This service answers requests to 127.0.0.1 and localhost only.")
            )
        origin = headers.get(b"origin")
        if origin is not None and _origin(origin) != headers.get(b"host", b"").lower():
            raise RefusedRequest(403, N_("Pages of other sites may not use this service."))
        if self._token is not None and scope["path"] not in OPEN:
            if not hmac.compare_digest(headers.get(b"authorization", b""), self._token):
                raise RefusedRequest(
                    401, N_("Send the token of this service: Authorization: Bearer TOKEN.")
                )


def _host(header: bytes) -> str:
    """The name in a Host header, without its port."""
    try:
        return urlsplit(f"//{header.decode('ascii')}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(header: bytes) -> bytes:
    """Host and port of an Origin header."""
    return header.lower().partition(b"://")[2]


async def _body(scope: Message, receive: Receive) -> bytes:
    """The whole body, no longer than is read here.

    Raises:
        RefusedRequest: if it is longer, or does not come.
    """
    too_long = RefusedRequest(
        413,
        N_("The request is longer than {limit} KiB. Send less at once."),
        limit=MAX_BODY // 1024,
    )
    length = dict(scope["headers"]).get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 12 or int(length) > MAX_BODY:
        raise too_long
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                body += message.get("body", b"")
                if len(body) > MAX_BODY:
                    raise too_long
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError as error:
        raise RefusedRequest(408, N_("The request did not come to its end in time.")) from error


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read already, then what comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def refuse(send: Send, error: RefusedRequest) -> None:
    """Answer with the sentence of an error."""
    body = json.dumps({"error": str(error)}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),  # the rest of a body that is too long is not read
    ]
    if error.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
