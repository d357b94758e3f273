"""Who can reach this app: only this machine, unless it was started for others.

There is no sign-in, so `.streamlit/config.toml` lets the server listen on 127.0.0.1 alone; who
starts it otherwise is shown on the page what that means.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

import streamlit as st
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

#: Names that mean the machine itself, whatever a name server says.
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def open_to_others() -> bool:
    """Whether others than the people at this machine can reach the app.

    It listens on another address than the machine's own, or the request names another host than
    the machine: something forwards requests, such as a reverse proxy.
    """
    if not _is_own(st.get_option("server.address") or ""):
        return True
    host = st.context.headers.get("Host")
    return host is not None and not _is_own(_name(host))


def guards() -> list[Middleware]:
    """Middleware that checks every request of an app that is for this machine alone.

    A web page from elsewhere can let its own name point to 127.0.0.1 (DNS rebinding); a browser
    then takes this app for a part of that page, and Streamlit's check of origins lets it in. Such
    a request names the other page as its host. A WebSocket of a page from elsewhere Streamlit
    would refuse, too, but only after it asked a server on the internet for this machine's address.
    Where `server.allowedHosts` is set, as behind a reverse proxy, Streamlit checks by that list.
    """
    if st.get_option("server.allowedHosts") or not _is_own(st.get_option("server.address") or ""):
        return []
    return [Middleware(_OwnNamesOnly)]


class _OwnNamesOnly:
    """Refuses requests and WebSockets whose host is not a name of this machine."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind not in ("http", "websocket") or (_own_host(scope) and _own_page(scope)):
            await self._app(scope, receive, send)
        elif kind == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before accepting: status 403
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": _REFUSED})


_REFUSED = b"This app answers to this machine only (see server.allowedHosts)."


def _own_host(scope: Scope) -> bool:
    hosts = _headers(scope, b"host")
    return len(hosts) == 1 and _is_own(_name(hosts[0]))


def _own_page(scope: Scope) -> bool:
    """Whether a WebSocket is asked for by a page of this machine, or of one that was let in."""
    if scope["type"] != "websocket":
        return True
    allowed = st.get_option("server.corsAllowedOrigins")
    return all(
        origin in allowed or _is_own(_name(origin.partition("//")[2]))
        for origin in _headers(scope, b"origin")
    )


def _headers(scope: Scope, wanted: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]


def _name(host: str) -> str:
    """The name in a `Host` header, without the port; "" where it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_own(name: str) -> bool:
    if name.rstrip(".") in _OWN_NAMES:
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
