"""Asking a service of this machine: a list, or how it does."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from recsys.schema import N_, RunError
from recsys.serving.service import Service
from recsys.serving.settings import ServiceSettings

#: Seconds until an answer has to come: one to a person, and one to a page that looks again soon.
_ANSWER_SECONDS, _LOOK_SECONDS = 30.0, 1.0
_MOST_BYTES = 4 * 2**20
_LISTS = "/v1/recommend"
_UNREACHABLE = N_("The service at port {port} does not answer.")


@dataclass(frozen=True)
class Counts:
    """How many lists were asked for since the service began.

    Attributes:
        answered: lists that were made.
        refused: requests that were answered with an error.
        within: upper bound in seconds → how many were answered within it; the last is infinity.
        waiting: lists that wait now.
    """

    answered: int = 0
    refused: int = 0
    within: Mapping[float, int] = field(default_factory=dict)
    waiting: int = 0

    def since(self, before: Counts) -> Counts:
        """What came after another look; all of it where the service was started anew."""
        if before.answered + before.refused > self.answered + self.refused:
            return self
        return Counts(
            self.answered - before.answered,
            self.refused - before.refused,
            {bound: n - before.within.get(bound, 0) for bound, n in self.within.items()},
            self.waiting,
        )

    def quantile(self, share: float) -> float | None:
        """Seconds within which a share of the requests was answered; None where there were none.

        Within a bucket the requests count as spread evenly, as Prometheus does it.
        """
        bounds = sorted(self.within)
        total = self.within[bounds[-1]] if bounds else 0
        if not total:
            return None
        low, fewer = 0.0, 0
        for bound in bounds:
            if self.within[bound] >= share * total:
                if bound == float("inf"):
                    return low
                among = self.within[bound] - fewer
                return low + (bound - low) * (share * total - fewer) / among
            low, fewer = bound, self.within[bound]
        return low


def counts(service: Service) -> Counts | None:
    """How a service does; None where it does not say, as it is just being started."""
    from prometheus_client.parser import text_string_to_metric_families

    try:
        status, body = _asked(service, "GET", "/metrics", None, _LOOK_SECONDS)
    except RunError:
        return None
    if status != 200:
        return None
    answered = refused = waiting = 0
    within: dict[float, int] = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            number, labels = int(sample.value), sample.labels
            if sample.name == "promptrec_lists_waiting":
                waiting += number
            elif labels.get("path") != _LISTS:
                continue
            elif sample.name == "promptrec_request_seconds_bucket":
                within[float(labels["le"])] = number
            elif sample.name == "promptrec_requests_total":
                answered += number if labels["status"] == "200" else 0
                refused += number if labels["status"] != "200" else 0
    return Counts(answered, refused, within, waiting)


def ready_run(service: Service) -> str | None:
    """The run that a service answers with; None while it is being loaded."""
    try:
        status, body = _asked(service, "GET", "/ready", None, _LOOK_SECONDS)
        return str(json.loads(body)["made_by"]["run"]) if status == 200 else None
    except (RunError, ValueError, LookupError, TypeError):
        return None


def ask(service: Service, request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request for a list, or the error as the service says it.

    Raises:
        RunError: if it does not answer.
    """
    body = json.dumps(request).encode()
    _status, answer = _asked(service, "POST", _LISTS, body, _ANSWER_SECONDS)
    try:
        found: dict[str, Any] = dict(json.loads(answer))
    except (ValueError, TypeError) as error:  # something else listens there
        raise RunError(_UNREACHABLE, port=service.name) from error
    return found


def _asked(
    service: Service, method: str, path: str, body: bytes | None, seconds: float
) -> tuple[int, bytes]:
    """Status and body of an answer."""
    settings = service.settings() or ServiceSettings("", port=int(service.name))
    headers = {"Content-Type": "application/json"}
    if (token := settings.token()) is not None:
        headers["Authorization"] = f"Bearer {token}"
    host = settings.host if settings.is_local else "127.0.0.1"
    connection = http.client.HTTPConnection(host, settings.port, timeout=seconds)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(_MOST_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise RunError(_UNREACHABLE, port=service.name) from error
    finally:
        connection.close()
