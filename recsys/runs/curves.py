"""The events of a run added up: its curves and present figures."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from recsys.runs.event_types import reader_of
from recsys.storage.checked import Unreadable
from recsys.storage.files import parts_of_lines

#: A browser draws no more points of a curve.
MAX_POINTS = 600
#: Measurements of which the words of trained vectors are kept.
_MAX_MOMENTS = 64
#: Runs that are followed at once, over all sessions.
_FOLLOWED = 64
#: So many bytes before the place where reading goes on have to be those of before.
_TAIL = 128


class RatingLosses(NamedTuple):
    """Mean squared errors of held-out ratings after so many epochs and steps."""

    epoch: float
    step: float
    validation: float
    test: float
    best: bool


class SoftPromptWords(NamedTuple):
    """After so many epochs, of every trained vector the nearest words with their likeness."""

    epoch: float
    words: list[list[tuple[str, float]]]


@dataclass
class Curves:
    """A run by its events so far.

    Attributes:
        epochs: how many are planned; 0 before training begins.
        parameters: trainable parameters.
        loss: (step, loss) a report.
        ndcg: (epochs made, NDCG@10 on the validation users) a measurement.
        best: the best of `ndcg`, or None.
        tested: mean squared errors of a model of ratings, measurement by measurement.
        soft: the nearest words of the trained vectors, measurement by measurement.
        stage: which part of the training this is, how many there are, and what it trains; all
            other attributes but `backbone` are those of this part. None where there is one only.
        backbone: NDCG@10 of the model that this one builds on, measured before the first step.
        epoch: the one being trained, from 1; 0 before.
        rate: training positions a second.
        eta: seconds to the planned end of training, or of what is counted, or None.
        elapsed: seconds of training so far, all parts together.
        began: how many of them lie before this part.
        reason: why training ended (see `recsys.training.Finished`), or None.
        measuring: the model being measured on the test users, or None.
        converting: the language model that is being prepared for its first use, or None.
        counting: (what, done, total) of the texts or users that are counted, or None.
        reading: seconds in which a language model read texts, before training.
    """

    epochs: int = 0
    parameters: int = 0
    loss: list[tuple[float, float]] = field(default_factory=list)
    ndcg: list[tuple[float, float]] = field(default_factory=list)
    best: tuple[float, float] | None = None
    tested: list[RatingLosses] = field(default_factory=list)
    soft: list[SoftPromptWords] = field(default_factory=list)
    stage: tuple[int, int, str] | None = None
    backbone: float | None = None
    epoch: int = 0
    rate: float | None = None
    eta: float | None = None
    elapsed: float = 0.0
    began: float = 0.0
    reason: str | None = None
    measuring: str | None = None
    converting: str | None = None
    counting: tuple[str, int, int] | None = None
    reading: float = 0.0

    @property
    def share(self) -> float:
        """How much of the training is over, 0 to 1, by its own estimate of the time left.

        Parts of a training count alike, however long they take. While users are scored: how many
        of them are.
        """
        if self.counting is not None and self.counting[0] == "scoring":
            return min(self.counting[1] / max(self.counting[2], 1), 1.0)
        if self.reason is not None:
            return 1.0
        share = 0.0
        if self.eta is not None and self.elapsed + self.eta > 0:
            spent = self.elapsed - self.began
            share = spent / (spent + self.eta) if spent + self.eta > 0 else 0.0
            share = min(max(share, 0.0), 1.0)
        number, of, _ = self.stage or (1, 1, "")
        return (number - 1 + share) / of

    @property
    def best_tested(self) -> RatingLosses | None:
        """The measurement whose weights are kept."""
        return next((losses for losses in reversed(self.tested) if losses.best), None)

    @classmethod
    def of(cls, events: Iterable[dict[str, Any]], max_points: int = MAX_POINTS) -> Curves:
        """Add up events as `Run.events` gives them; one that cannot be read is passed over.

        Args:
            max_points: a longer curve is thinned to at most so many points, means of neighbours,
                for a browser draws no more.
        """
        adding = _Adding(max_points)
        for event in events:
            adding.add(event)
        return adding.curves()


def follow(folder: Path) -> Curves:
    """The curves of the run in a folder as they are now; only what is new is read."""
    return _following(str(folder / "events.jsonl")).curves()


class _Adding:
    """Curves in the making; however many events there are, what is kept stays small."""

    def __init__(self, max_points: int = MAX_POINTS) -> None:
        self._max_points = max_points
        self._now = Curves()
        self._begin()

    def _begin(self) -> None:
        self._loss, self._ndcg = _Thinned(self._max_points), _Thinned(self._max_points)
        self._tested: list[RatingLosses] = []
        self._soft: list[SoftPromptWords] = []

    def curves(self) -> Curves:
        """What was added so far."""
        return replace(
            self._now,
            loss=self._loss.points(),
            ndcg=self._ndcg.points(),
            tested=list(self._tested),
            soft=list(self._soft),
        )

    def add(self, event: dict[str, Any]) -> None:
        """Add one event, if it can be read."""
        try:
            event = reader_of(event.get("event")).validate_python(event)
        except Unreadable:
            return
        now, kind = self._now, event["event"]
        if kind == "started":
            now.epochs, now.parameters = event["epochs"], event["trainable_parameters"]
            now.counting = now.converting = now.eta = None
        elif kind == "stage":
            self._next_stage(event)
        elif kind == "step":
            now.epoch, now.rate = event["epoch"], event["positions_per_second"]
            now.eta, now.elapsed = event["eta_seconds"], event["elapsed"]
            if event["loss"] is not None:
                self._loss.add(event["step"], event["loss"])
        elif kind == "validated":
            self._validated(event)
        elif kind == "tested":
            now.epoch, now.elapsed = math.ceil(event["epoch"]), event["elapsed"]
            losses = event["validation_loss"], event["test_loss"]
            self._tested.append(RatingLosses(event["epoch"], event["step"], *losses, event["best"]))
            self._thin_tested()
        elif kind == "soft-prompt":
            self._add_words(SoftPromptWords(event["epoch"], event["words"]))
        elif kind in ("paused", "resumed"):
            now.elapsed = event["elapsed"]
        elif kind == "finished":
            now.reason, now.elapsed = event["reason"], event["elapsed"]
            now.rate, now.eta = event["positions_per_second"], 0.0
        elif kind == "evaluating":
            now.measuring, now.counting = event["what"], None
        elif kind == "converting":
            now.converting = event["language_model"]
        else:
            now.counting = (event.get("what", kind), event["done"], event["total"])
            now.eta = event.get("eta_seconds", now.eta)
            if kind == "reading":
                now.reading = max(now.reading, event.get("seconds", 0.0))

    def _validated(self, event: dict[str, Any]) -> None:
        now = self._now
        now.epoch, now.elapsed = math.ceil(event["epoch"]), event["elapsed"]
        if event["ndcg"] is None:
            return
        self._ndcg.add(event["epoch"], event["ndcg"])
        if event["epoch"] == 0:
            now.backbone = event["ndcg"]
        if event["best"]:
            now.best = event["epoch"], event["ndcg"]

    def _next_stage(self, event: dict[str, Any]) -> None:
        self._begin()
        now = self._now
        now.stage = (event["stage"], event["of"], event["model"])
        now.best, now.eta = None, None
        now.elapsed = now.began = event["elapsed"]

    def _thin_tested(self) -> None:
        """Leave every second measurement, the last, and the one whose weights are kept."""
        last = len(self._tested) - 1
        if last < self._max_points:
            return
        best = max((at for at, losses in enumerate(self._tested) if losses.best), default=last)
        kept = [losses for at, losses in enumerate(self._tested)
                if at % 2 == 0 or at in (best, last)]  # fmt: skip
        self._tested = kept

    def _add_words(self, said: SoftPromptWords) -> None:
        if self._soft and len(self._soft[-1].words) != len(said.words):
            self._soft = []  # of another prompt
        self._soft.append(said)
        if len(self._soft) > _MAX_MOMENTS:
            self._soft = [*self._soft[:-1:2], said]


class _Thinned:
    """Points of a curve, at most `limit`: means of so many neighbours; the last stays as it is."""

    def __init__(self, limit: int) -> None:
        self._limit = max(limit, 2)
        self._width = 1
        self._groups: list[tuple[float, float, int]] = []  # sums of x and y, and how many
        self._last = (0.0, 0.0)

    def add(self, x: float, y: float) -> None:
        self._last = (x, y)
        if self._groups and self._groups[-1][2] < self._width:
            sum_x, sum_y, count = self._groups[-1]
            self._groups[-1] = (sum_x + x, sum_y + y, count + 1)
            return
        self._groups.append((x, y, 1))
        if len(self._groups) > self._limit:
            firsts, seconds = self._groups[::2], self._groups[1::2]
            alone = firsts[len(seconds) :]  # the last of an odd number
            pairs = zip(firsts, seconds, strict=False)
            self._groups = [_sum(a, b) for a, b in pairs] + alone
            self._width *= 2

    def points(self) -> list[tuple[float, float]]:
        if not self._groups:
            return []
        means = [(x / count, y / count) for x, y, count in self._groups[:-1]]
        return [*means, self._last]


def _sum(a: tuple[float, float, int], b: tuple[float, float, int]) -> tuple[float, float, int]:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


class _Following:
    """The events of one file, added up as far as they were read."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()  # several sessions may look at one run
        self._anew(0)

    def _anew(self, inode: int) -> None:
        self._inode, self._since, self._tail, self._adding = inode, 0, b"", _Adding()

    def curves(self) -> Curves:
        with self._lock:
            try:
                found = os.stat(self._path)
                changed = found.st_ino != self._inode or found.st_size < self._since
                if changed or self._read_tail() != self._tail:
                    self._anew(found.st_ino)
                if found.st_size > self._since:
                    for events, since in parts_of_lines(self._path, self._since):
                        self._since = since
                        for event in events:
                            self._adding.add(event)
                    self._tail = self._read_tail()
            except (OSError, ValueError):
                self._anew(0)  # there is none, or not any more
            return self._adding.curves()

    def _read_tail(self) -> bytes:
        """The last bytes that were read: another file in its place does not have the same."""
        if not self._since:
            return b""
        begin = max(self._since - _TAIL, 0)
        with self._path.open("rb") as file:
            file.seek(begin)
            return file.read(self._since - begin)


@lru_cache(maxsize=_FOLLOWED)
def _following(path: str) -> _Following:
    return _Following(path)
