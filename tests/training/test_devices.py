"""Where a model is trained."""

from __future__ import annotations

import pytest

from recsys.schema import ConfigError
from recsys.training import devices
from recsys.training.devices import configured_device


@pytest.mark.parametrize("there", [True, False], ids=["a GPU", "no GPU"])
def test_a_gpu_is_taken_where_there_is_one(there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "has_gpu", lambda: there)
    assert configured_device("cpu").type == "cpu"
    assert configured_device("auto").type == ("cuda" if there else "cpu")
    if there:
        assert configured_device("cuda").type == "cuda"
    else:
        with pytest.raises(ConfigError, match="no GPU"):
            configured_device("cuda")
