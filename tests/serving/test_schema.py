"""The service answers as its OpenAPI description says, whatever is sent (schemathesis)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.serving.support import films, running, trained


def test_whatever_is_sent_is_answered_as_described(tmp_path: Path) -> None:
    run = trained(films(), tmp_path / "runs", "films")
    with running(run) as service:
        service.wait_until_ready()
        description = f"{service.client.base_url}/v1/openapi.json"
        tried = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", description),
                *("--seed", "1", "--max-examples", "20", "--phases", "examples,coverage,fuzzing"),
                *("--exclude-path", "/v1/admin/reload", "--no-color", "--max-failures", "20"),
                # That an id is unknown, no schema can say.
                *("--exclude-checks", "positive_data_acceptance"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert tried.returncode == 0, tried.stdout[-8_000:]
        assert service.process.poll() is None
