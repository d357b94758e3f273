"""The speed suite, run whole on small data and a small language model."""

from __future__ import annotations

import pytest

from recsys.benchmark import SuiteRequest
from recsys.benchmark.speed import BASELINE, Size, timed_records
from recsys.cli.benchmark import table
from recsys.models.tuned import TuningConfig
from tests.models.support import SHORT_PROMPT, split
from tests.models.tiny import tiny_bert


def test_rows_have_speed_and_a_loss_like_the_baselines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = TuningConfig(language_model=str(tiny_bert()), prompt=SHORT_PROMPT, intent_share=0.0)
    size = Size(positions=64, cheap_positions=64, warm_up=16, users=24)
    asked = SuiteRequest("speed", (BASELINE, "prompt-fusion", "soft-prompt"), seeds=1)
    *rows, fusion, ours = timed_records(asked, split(), size=size, config=config)
    assert [row["model"] for row in rows] == [BASELINE, "prompt-fusion", "soft-prompt"]
    speed = {row["model"]: row["positions_per_second"] for row in rows}
    assert all(rate > 0 for rate in speed.values())  # which is faster, other work may decide here
    parameters = {row["model"]: row["trainable_parameters"] for row in rows}
    assert parameters["soft-prompt"] == parameters[BASELINE]
    assert (ours["a"], ours["b"], ours["metric"]) == ("soft-prompt", BASELINE, "loss")
    assert ours["delta"] == pytest.approx(0.0, abs=0.2)
    assert fusion["a"] == "prompt-fusion"
    assert ours["speedup"] == pytest.approx(speed["soft-prompt"] / speed[BASELINE])
    assert "loss" in table([*rows, ours]).splitlines()[0]
    assert capsys.readouterr().out == ""  # what `--json` prints is JSON and nothing else
