"""A session of a running app without a browser: Streamlit's own messages over its websocket.

A browser costs more than the server it talks to, so that many of them on one machine measure
themselves. This client sends what the browser's code sends (the values of all widgets, the
fragment that is to run, the long messages it still has) and takes what comes back, drawing nothing.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

#: So long a script may run before its session counts as failed.
PATIENCE_SECONDS = 120.0
_DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class SessionError(Exception):
    """What a person would see instead of the page."""


@dataclass(frozen=True)
class Answer:
    """What came back for one change.

    Attributes:
        seconds: from sending it to the end of the script.
        shown: from sending it to the element that was looked for; None where it did not come.
    """

    seconds: float
    shown: float | None


@dataclass
class StreamlitSession:
    """One tab of one person.

    Attributes:
        address: of the app, "http://127.0.0.1:8501".
        page: the page's name in the URL.
        parameters: of the URL.
    """

    address: str
    page: str
    parameters: dict[str, str] = field(default_factory=dict)
    _socket: ClientConnection | None = None
    _page_hash: str = ""
    _fragment_of: dict[str, str] = field(default_factory=dict)
    _ids: dict[str, str] = field(default_factory=dict)
    _values: dict[str, WidgetState] = field(default_factory=dict)
    _kept: dict[str, ForwardMsg] = field(default_factory=dict)

    async def open(self, shows: str = "") -> Answer:
        """Open the page; returns once its script is over."""
        host = self.address.removeprefix("http://")
        self._socket = await connect(
            f"ws://{host}/_stcore/stream", max_size=None, ping_interval=None, open_timeout=60
        )
        return await self._run(self._state(page_name=self.page), shows)

    async def type(self, key: str, text: str, shows: str = "") -> Answer:
        """Type into the text field with a key and wait until what depends on it is drawn."""
        name = self._ids[key]
        self._values[name] = WidgetState(id=name, string_value=text)
        return await self._run(self._state(fragment_id=self._fragment_of.get(name, "")), shows)

    def ready(self, key: str) -> bool:
        """Whether the page came, with the field that is to be typed into."""
        return key in self._ids

    async def close(self) -> None:
        """Close the tab."""
        if self._socket is not None:
            with suppress(Exception):
                await self._socket.close()

    def _state(self, **fields: str) -> ClientState:
        state = ClientState(
            query_string=urlencode(self.parameters), page_script_hash=self._page_hash, **fields
        )
        state.context_info.timezone = "UTC"
        state.context_info.locale = "en-GB"
        state.context_info.url = f"{self.address}/{self.page}"
        state.widget_states.widgets.extend(self._values.values())
        state.cached_message_hashes.extend(self._kept)
        return state

    async def _run(self, state: ClientState, shows: str) -> Answer:
        assert self._socket is not None
        begin = time.perf_counter()
        await self._socket.send(BackMsg(rerun_script=state).SerializeToString())
        async with asyncio.timeout(PATIENCE_SECONDS):
            shown = None
            while True:
                message = await self._message()
                kind = message.WhichOneof("type")
                if kind == "new_session":
                    self._page_hash = message.new_session.page_script_hash
                elif kind == "page_info_changed":
                    query = message.page_info_changed.query_string
                    self.parameters = dict(
                        pair.split("=", 1) for pair in query.split("&") if "=" in pair
                    )
                elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                    self._take(message.delta.new_element, message.delta.fragment_id)
                    if shown is None and shows and shows in _words(message.delta.new_element):
                        shown = time.perf_counter() - begin
                elif kind == "session_event" and message.session_event.HasField(
                    "script_compilation_exception"
                ):
                    raise SessionError(message.session_event.script_compilation_exception.message)
                elif kind == "script_finished" and message.script_finished in _DONE:
                    return Answer(time.perf_counter() - begin, shown)

    async def _message(self) -> ForwardMsg:
        assert self._socket is not None
        message = ForwardMsg()
        data = await self._socket.recv()
        assert isinstance(data, bytes)
        message.ParseFromString(data)
        if message.WhichOneof("type") == "ref_hash":
            whole = ForwardMsg()
            whole.CopyFrom(self._kept[message.ref_hash])
            whole.metadata.CopyFrom(message.metadata)
            return whole
        if message.metadata.cacheable and message.hash:
            self._kept[message.hash] = message
        return message

    def _take(self, element: Element, fragment: str) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise SessionError(element.exception.message or element.exception.type)
        if kind == "alert" and element.alert.format == element.alert.ERROR:
            raise SessionError(element.alert.body)
        told = getattr(element, kind or "", None)
        name = getattr(told, "id", "")
        if isinstance(name, str) and name:
            # An id ends in the key that the page gave: "$$ID-<hash>-<key>".
            self._ids[name.split("-", 2)[-1]] = name
            self._fragment_of[name] = fragment


def _words(element: Element) -> str:
    """The HTML or the heading of an element, to look for words in."""
    kind = element.WhichOneof("type")
    if kind == "html":
        return element.html.body
    return element.heading.body if kind == "heading" else ""
