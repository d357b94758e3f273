"""Runs for the pages to show, made in a second."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from recsys.dataset import Dataset
from recsys.jobs.status import this_process
from recsys.prompts import LIBRARY
from recsys.runs import Run, create_run, execute

IMAGE = '<img src=x onerror="document.title=1">'
LINK = "[click](javascript:alert(1)) **bold** {braces}"
SCRIPT = "</style><script>alert(1)</script>"
#: Copies of the folders of runs, by what they were made with; they go with the process.
_KEPT = TemporaryDirectory(prefix="made-runs-")
_TRAINED: dict[str, Path] = {}


def tiny(name: str = "tiny", shift: int = 0) -> Dataset:
    """Twelve users, ten items, three of them with titles that try to be more than words."""
    events = pd.DataFrame(
        {
            "user_id": [f"u{user:02d}" for user in range(12) for _ in range(7)],
            "item_id": [
                f"i{(user + shift + 3 * step) % 10}" for user in range(12) for step in range(7)
            ],
            "rating": [1.0 + (user + step) % 5 for user in range(12) for step in range(7)],
            "timestamp": [1_000_000_000 + 1000 * u + step for u in range(12) for step in range(7)],
        }
    )
    titles = [IMAGE, LINK, SCRIPT, *(f"Film {item}" for item in range(3, 10))]
    items = pd.DataFrame(
        {
            "item_id": [f"i{item}" for item in range(10)],
            "title": titles,
            "genres": [["Comedy"] if item % 2 else ["Drama", "War"] for item in range(10)],
        }
    )
    return Dataset.from_frames(events, items, name=name, liked_from=4.0)


def made(folder: Path, model: str = "ease", data: Dataset | None = None, **settings: Any) -> Run:
    """A run that was trained and measured in this process, once for all that are the same."""
    settings.setdefault("epochs", 1)
    if model in ("prompt-fusion", "prompt-tuned"):
        settings.setdefault("template", LIBRARY["sequential"])
    run = create_run(folder, data or tiny(), model=model, **settings)
    same = repr((model, run.config.data_hash, sorted(settings.items())))
    if same in _TRAINED:
        own = run.folder / "config.json"  # with its own time
        config = own.read_bytes()
        shutil.copytree(_TRAINED[same], run.folder, dirs_exist_ok=True)
        own.write_bytes(config)
        return Run(run.folder)
    assert execute(run).state == "finished"
    _TRAINED[same] = Path(_KEPT.name) / str(len(_TRAINED))
    shutil.copytree(run.folder, _TRAINED[same])
    return run


def at_work(folder: Path, state: str = "training", **settings: Any) -> Run:
    """A run that this very process seems to be training: two epochs done of five."""
    run = create_run(folder, tiny(), model="sasrec", **settings)
    run.update(state=state, started=time.time(), **this_process())
    common = {"positions_per_second": 9000.0, "eta_seconds": 60.0}
    events: list[dict[str, Any]] = [
        {"event": "started", "elapsed": 0.1, "model": "sasrec", "positions_per_epoch": 100,
         "epochs": 5, "trainable_parameters": 10},
        {"event": "step", "elapsed": 20.0, "epoch": 1, "step": 10, "loss": 5.0, **common},
        {"event": "validated", "elapsed": 21.0, "epoch": 1, "ndcg": 0.0421, "best": True},
        {"event": "step", "elapsed": 40.0, "epoch": 2, "step": 20, "loss": 4.0, **common},
        {"event": "validated", "elapsed": 41.0, "epoch": 2, "ndcg": 0.0301, "best": False},
    ]  # fmt: skip
    for event in events:
        run.add_event(event)
    return run
