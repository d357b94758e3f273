"""A model whose score costs seconds a user is measured on some users, and says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recsys.models.zero_shot import likelihood
from recsys.prompts import LIBRARY
from recsys.runs import create_run, execute
from tests.models.support import planted
from tests.models.tiny import tiny_gpt2


def test_a_causal_model_is_measured_on_as_many_users_as_it_can_afford(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likelihood, "EVALUATION_NODES", 100)
    monkeypatch.setattr("recsys.runs.execution.SCORING_SECONDS", 0.0)
    run = create_run(
        tmp_path,
        planted(),
        model="zero-shot",
        template=LIBRARY["sequential"],
        language_model=str(tiny_gpt2()),
    )
    events: list[dict[str, Any]] = []
    assert execute(run, events.append).state == "finished"
    limit = run.model().measured_users()
    assert limit is not None and 1 < limit < 48
    results = run.evaluation()
    assert results["users"] == limit and "drawn from 48" in results["protocol"]
    per_user = run.per_user()
    assert {len(values["ndcg@10"]) for values in per_user.values()} == {limit}  # baselines too
    scored = [(e["done"], e["total"]) for e in events if e["event"] == "scoring"]
    assert scored == [(done, limit) for done in range(1, limit + 1)]
    assert not [e for e in events if e["event"] == "validated"]  # it would take as long again
