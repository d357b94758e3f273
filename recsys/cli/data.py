"""`python -m recsys data list|delete|sweep`: what is kept of data, and how it goes."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from recsys.cli.exit_status import MISTAKE
from recsys.cli.output import aligned, to_json
from recsys.cli.program import complain
from recsys.cli.progress import printable
from recsys.lab.version_store import PromptStore
from recsys.privacy.copies import copies_in, kept_data
from recsys.privacy.erase import Holding, erase, holding
from recsys.privacy.retention import DATA_DAYS, TRASH_DAYS, sweep
from recsys.runs import runs_folder

_DAY = 86_400.0


def data(arguments: argparse.Namespace) -> int:
    """Run one of the commands below; returns the exit status."""
    commands = {"list": list_data, "delete": delete_data, "sweep": sweep_data}
    return commands[arguments.action](arguments)


def list_data(arguments: argparse.Namespace) -> int:
    """Data that people brought: kept by the app, or copied into runs and grids."""
    found: dict[str, dict[str, Any]] = {}
    for copy in [*kept_data(), *copies_in(_runs(arguments))]:
        if not copy.own:
            continue
        copies = found.setdefault(
            copy.key,
            {"hash": copy.key, "data": copy.name, "bytes": 0, "opened": None,
             "run": 0, "grid": 0, "trash": 0},
        )  # fmt: skip
        copies["bytes"] += copy.size
        if copy.kind == "data":
            copies["opened"] = round(copy.opened, 3)
        else:
            copies[copy.kind] += 1
    if arguments.json:
        for copies in found.values():
            print(to_json(copies))
        return 0
    rows = [
        [copies["hash"], printable(copies["data"], 40), f"{copies['bytes'] / 1e6:.1f}",
         _ago(copies["opened"]), *(str(copies[kind]) for kind in ("run", "grid", "trash"))]
        for copies in found.values()
    ]  # fmt: skip
    if rows:
        heads = ["hash", "data", "MB", "last opened in the app", "runs", "grids", "in the trash"]
        print(aligned(heads, rows))
    print(f"kept in the trash for {TRASH_DAYS} days, in the app {DATA_DAYS} days after opening")
    return 0


def delete_data(arguments: argparse.Namespace) -> int:
    """Delete data with all that was made of it; without --yes, say what that is."""
    runs_dir, prompts = _runs(arguments), PromptStore.default().folder
    if not arguments.yes:
        found = holding(arguments.hash, runs_dir, prompts)
        _tell(found, arguments, deleted=False)
        complain("this cannot be undone; repeat it with --yes.")
        return MISTAKE
    _tell(erase(arguments.hash, runs_dir, prompts), arguments, deleted=True)
    return 0


def sweep_data(arguments: argparse.Namespace) -> int:
    """Delete for good what is older than its limit, as the app does when it starts."""
    swept = sweep(_runs(arguments), PromptStore.default().folder)
    if arguments.json:
        print(to_json(vars(swept)))
    else:
        print(f"from the trash: {swept.trash}; data: {swept.data}; unsaved edits: {swept.drafts}")
    return 0


def _tell(found: Holding, arguments: argparse.Namespace, *, deleted: bool) -> None:
    facts: dict[str, Any] = {
        "deleted": deleted,
        "data": found.name,
        "hashes": sorted(found.keys),
        **{kind: found.names(kind) for kind in ("run", "grid", "trash")},
        "kept": found.count("data"),
        "drafts": len(found.drafts),
        "at_work": list(found.at_work),
        "prompts_that_stay": list(found.prompts),
    }
    if arguments.json:
        print(to_json(facts))
        return
    print(printable(found.name))
    print(f"  {', '.join(facts['hashes'])}")
    for kind, words in (("run", "runs"), ("grid", "grids"), ("trash", "in the trash")):
        if names := found.names(kind):
            print(f"  {words}: {printable(', '.join(names))}")
    print(f"  kept by the app: {found.count('data')}")
    print(f"  unsaved edits of prompts that name something of it: {len(found.drafts)}")
    print("  all vectors of texts, which are computed again")
    if found.prompts:
        print(f"  saved prompts that name something of it stay: {', '.join(found.prompts)}")
    if found.at_work:
        print(f"  at work: {printable(', '.join(found.at_work))}")


def _runs(arguments: argparse.Namespace) -> Path:
    return arguments.runs or runs_folder()


def _ago(opened: float | None) -> str:
    if opened is None:
        return ""
    days = int((time.time() - opened) / _DAY)
    return "today" if days <= 0 else f"{days} days ago"
