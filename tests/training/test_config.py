"""What a person decides about a training."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import pytest

from recsys.schema import ConfigError
from recsys.training import TrainingConfig


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"epochs": -3},
        {"minutes": 0.0},
        {"minutes": -1.0},
        {"minutes": math.nan},
        {"seed": -1},
        {"device": "tpu"},
        {"seed": 2**32},
    ],
    ids=str,
)
def test_bad_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as refused:
        TrainingConfig(**wrong)
    assert str(next(iter(wrong.values()))) in str(refused.value)


def test_is_checked_without_torch() -> None:
    asked = "import sys, recsys.training.config; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
