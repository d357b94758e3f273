"""The run directory: the only thing that passes between a training job and the app."""

from __future__ import annotations

from recsys.jobs.status import ACTIVE, STATES, Status
from recsys.runs.config import RunConfig, installed_versions
from recsys.runs.endings import how_it_ended
from recsys.runs.execution import evaluate_run, execute, start
from recsys.runs.names import check_name, default_name
from recsys.runs.run import Run
from recsys.runs.run_settings import RunSettings
from recsys.runs.store import (
    check_language_model,
    check_settings,
    create_run,
    delete_run,
    list_runs,
    open_run,
    restore_run,
    runs_folder,
    unreadable_runs,
)

__all__ = [
    "ACTIVE",
    "STATES",
    "Run",
    "RunConfig",
    "RunSettings",
    "Status",
    "check_language_model",
    "check_name",
    "check_settings",
    "create_run",
    "default_name",
    "delete_run",
    "evaluate_run",
    "execute",
    "how_it_ended",
    "installed_versions",
    "list_runs",
    "open_run",
    "restore_run",
    "runs_folder",
    "start",
    "unreadable_runs",
]
