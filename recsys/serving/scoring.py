"""The thread that makes lists: what waits is made together, and no more waits than is bounded."""

from __future__ import annotations

import sys
import threading
import traceback
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from recsys.schema import N_
from recsys.serving.current import CurrentRun
from recsys.serving.errors import FULL, RETRY_AFTER, RefusedRequest
from recsys.serving.limits import MAX_TOGETHER, MAX_WAITING
from recsys.serving.lists import Answer, make_lists
from recsys.serving.metrics import Metrics
from recsys.serving.posted import Posted
from recsys.serving.requests import ListRequest

UNEXPECTED = N_("Something unexpected went wrong. The log of the service has the details.")


@dataclass(eq=False)
class _Waiting:
    request: ListRequest
    answer: Future[Answer] = field(default_factory=Future)


class Scoring:
    """Makes lists in one thread, with one thread of torch.

    For one user's list more threads cost more than they gain; several lists at once wait for one
    another, and take less together, as a model scores many users in one pass.

    Args:
        current: the run they are made by.
        posted: events that were sent.
        metrics: how many wait, and are made together.
    """

    def __init__(self, current: CurrentRun, posted: Posted, metrics: Metrics) -> None:
        self._current = current
        self._posted = posted
        self._metrics = metrics
        self._queue: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._work, name="scoring", daemon=True)
        self._thread.start()

    def submit(self, requests: Sequence[ListRequest]) -> list[Future[Answer]]:
        """Let lists be made, all or none.

        Raises:
            RefusedRequest: if too many wait already.
        """
        with self._changed:
            if self._ended or len(self._queue) + len(requests) > MAX_WAITING:
                raise RefusedRequest(429, FULL, seconds=RETRY_AFTER)
            waiting = [_Waiting(request) for request in requests]
            self._queue.extend(waiting)
            self._metrics.waiting(len(self._queue))
            self._changed.notify()
        return [one.answer for one in waiting]

    def end(self) -> None:
        """Make what waits, take nothing more, and end the thread."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        import torch

        torch.set_num_threads(1)  # counts for the thread that sets it
        while batch := self._next():
            self._metrics.together(len(batch))
            for one, answer in zip(batch, self._made(batch), strict=True):
                one.answer.set_result(answer)

    def _next(self) -> list[_Waiting]:
        """What waited longest; [] at the end."""
        with self._changed:
            while not self._queue and not self._ended:
                self._changed.wait()
            batch = [self._queue.popleft() for _ in range(min(MAX_TOGETHER, len(self._queue)))]
            self._metrics.waiting(len(self._queue))
            return batch

    def _made(self, batch: Sequence[_Waiting]) -> Sequence[Answer]:
        requests = [one.request for one in batch]
        try:
            return make_lists(self._current.now(), requests, self._posted)
        except RefusedRequest as error:
            return [error] * len(batch)
        except Exception:  # noqa: BLE001  one odd request must not end the service
            if len(batch) > 1:  # nor be answered to the others
                return [answer for one in batch for answer in self._made([one])]
            traceback.print_exc(file=sys.stderr)
            return [RefusedRequest(500, UNEXPECTED)]
