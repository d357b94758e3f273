"""How much a service takes at once: whatever is asked, its memory and its answers stay bounded."""

from __future__ import annotations

from recsys.request_text import MAX_WISH

__all__ = ["MAX_WISH"]

#: Bytes of the body of a request, and seconds until it has come.
MAX_BODY = 256 * 1024
BODY_SECONDS = 10.0
#: Items of a list, and events of a history in a request.
MAX_K = 100
MAX_HISTORY = 1_000
#: Lists asked for in one request.
MAX_BATCH = 64
#: Letters of an id, a title or an attribute value, and of a prompt.
MAX_ID = 200
MAX_TEXT = 500
MAX_PROMPT = 10_000
#: Attributes of a filter or an item, and values of each.
MAX_ATTRIBUTES = 50
MAX_VALUES = 50
#: Events taken in one request, kept of one person, and kept of all; the oldest go first.
MAX_EVENTS = 1_000
MAX_EVENTS_OF_ONE = 1_000
MAX_EVENTS_KEPT = 100_000
#: New items kept.
MAX_ITEMS = 1_000
#: Lists that wait for the scoring thread, in one process, and those scored together.
MAX_WAITING = 256
MAX_TOGETHER = 32
