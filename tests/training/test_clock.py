"""Time spent, pauses left out."""

from __future__ import annotations

import pytest

from recsys.training import clock


def test_stands_still_while_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [10.0]
    monkeypatch.setattr(clock.time, "monotonic", lambda: now[0])
    watch = clock.Stopwatch()
    now[0] = 13.0
    assert watch.seconds() == 3.0
    watch.stop()
    now[0] = 20.0
    assert watch.seconds() == 3.0
    watch.stop()  # no more than once
    watch.go_on()
    now[0] = 21.0
    watch.go_on()  # does not start it anew
    assert watch.seconds() == 4.0
