"""The events of a run as lines for a terminal or a log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TextIO

from recsys.runs import ACTIVE, STATES

if TYPE_CHECKING:
    from recsys.reading import Reading

#: Where there is no terminal, a line of progress is written at most this often.
LOG_SECONDS = 5.0


class ProgressLines:
    """Writes progress to `stream`: one line rewritten on a terminal, else a line now and then."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._epochs = 0
        self._best = ""
        self._loss = ""
        self._last = float("-inf")
        self._counts: dict[str, tuple[float, int, int]] = {}  # when, from where, how far
        self._open_line = False

    def say(self, text: str) -> None:
        """A line that stays."""
        if self._open_line:
            self._stream.write("\r\x1b[K")
            self._open_line = False
        self._stream.write(printable(text) + "\n")
        self._stream.flush()

    def counting(self, what: str, done: int, total: int) -> None:
        """Something counted, with its rate and the time left."""
        now = time.monotonic()
        began, first, before = self._counts.get(what, (now, done, done))
        if done < before:  # another count of the same kind begins
            began, first = now, done
        self._counts[what] = (began, first, done)
        rate = (done - first) / (now - began) if now > began else 0.0
        left = f"  {rate:,.0f}/s  {duration((total - done) / rate)} left" if rate > 0 else ""
        self._passing(f"{what}: {done:,} of {total:,}{left}", last=done >= total)

    def reading(self, reading: Reading) -> None:
        """How far a file is that is read in a process of its own, once that takes a while."""
        if reading.seconds < LOG_SECONDS or not reading.active:
            return
        share = "" if reading.share is None else f"  {reading.share:.0%}"
        self._passing(f"reading {reading.filename}: {duration(reading.seconds)}{share}")

    def show(self, event: dict[str, Any]) -> None:
        """One event of `recsys.runs.execute`."""
        kind = event["event"]
        if kind == "state":
            state = event["state"]
            self.say(STATES[state] + (" …" if state in ACTIVE else ""))
        elif kind == "waiting":
            self.say(event["message"])
        elif kind in ("paused", "resumed"):
            self.say(kind)
        elif kind == "stage":
            self.say(f"stage {event['stage']} of {event['of']}: {event['model']}")
        elif kind == "started":
            self._epochs, self._best, self._loss = event["epochs"], "", ""
            self.say(
                f"{event['model']}: {event['positions_per_epoch']:,} positions an epoch, "
                f"{event['trainable_parameters']:,} trainable parameters"
            )
        elif kind == "step":
            self._step(event)
        elif kind == "validated":
            mark = " (best so far)" if event["best"] else ""
            self._best = f"  NDCG@10 {event['ndcg']:.4f}{mark}"
            if self._terminal:
                self.say(
                    f"epoch {event['epoch']}{self._loss}{self._best}"
                    f"  after {duration(event['elapsed'])}"
                )
        elif kind == "tested":
            self._tested(event)
        elif kind == "finished":
            self._finished(event)
        elif kind == "evaluating":
            self.say(f"measuring {event['what']} on the test users …")
        elif kind == "converting":
            self.say(
                f"preparing the language model {event['language_model']} for its first use; "
                "takes up to a minute, once …"
            )
        elif kind == "reading":
            self.counting("texts read by the language model", event["done"], event["total"])
        elif kind == "scoring":
            self.counting("users scored", event["done"], event["total"])

    def _step(self, event: dict[str, Any]) -> None:
        loss = event["loss"]
        self._loss = "" if loss is None else f"  loss {loss:.3f}"
        eta = event["eta_seconds"]
        left = "" if eta is None else f"  {duration(eta)} left"
        self._passing(
            f"epoch {event['epoch']}/{self._epochs}{self._loss}{self._best}"
            f"  {event['positions_per_second']:,.0f} positions/s{left}"
        )

    def _tested(self, event: dict[str, Any]) -> None:
        mark = " (best so far)" if event["best"] else ""
        losses = f"  validation loss {event['validation_loss']:.3f}{mark}"
        self._best = f"{losses}  test loss {event['test_loss']:.3f}"
        if self._terminal:
            self.say(
                f"epoch {event['epoch']}{self._loss}{self._best}"
                f"  after {duration(event['elapsed'])}"
            )

    def _finished(self, event: dict[str, Any]) -> None:
        best = ""
        if event["reason"] != "computed":
            best = f"; best at epoch {event['best_epoch']}: "
            if event["best_ndcg"] is not None:
                best += f"NDCG@10 {event['best_ndcg']:.4f}"
            elif event["best_loss"] is not None:
                best += f"validation loss {event['best_loss']:.4f}"
            else:
                best = ""  # nothing is measured of a model on all events
        self.say(f"trained in {duration(event['elapsed'])} ({event['reason']}){best}")

    def _passing(self, text: str, *, last: bool = False) -> None:
        """A line that the next one may replace."""
        now = time.monotonic()
        if self._terminal:
            self._stream.write("\r" + printable(text)[:200] + "\x1b[K")
            self._open_line = True
            self._stream.flush()
        elif last or now - self._last >= LOG_SECONDS:
            self._last = now
            self.say(text)


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def printable(text: str, limit: int = 600) -> str:
    """One line without control characters, which could rewrite a terminal."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= limit else line[:limit] + "…"
