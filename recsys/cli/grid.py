"""`python -m recsys prompts grid`: prompts × models × language models, each beside controls."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from recsys.cli.create import find_prompt, read_data, source_of
from recsys.cli.exit_status import INTERRUPTED, MISTAKE
from recsys.cli.model_flags import chosen
from recsys.cli.output import aligned, difference, to_json, with_interval
from recsys.cli.progress import ProgressLines, printable
from recsys.jobs.signals import first_signal_stops
from recsys.lab.controls import CONTROLS
from recsys.language_models import cannot_read, describe
from recsys.schema import N_, ConfigError

if TYPE_CHECKING:
    from recsys.lab.grid import Row
    from recsys.lab.grid_job import GridJob


def grid(arguments: argparse.Namespace) -> int:
    """Make the runs of a grid; the status is 2 where one of them failed."""
    from recsys.lab.grid_job import GridJob

    progress = ProgressLines(sys.stderr)
    job = GridJob(arguments.into) if arguments.into else _new_grid(arguments, progress)
    done = 0

    def observe(row: Row) -> None:
        nonlocal done
        done += 1
        if arguments.json:
            error = None if row.message is None else str(row.message)
            print(to_json({**row.to_dict(), "message": error}), flush=True)
        progress.say(f"{done} of {len(job.grid().cells())}: {_row_line(row)}")

    with first_signal_stops(job.request_stop, "the best model is kept") as stopped:
        rows = job.execute(observe, progress.show)
    if not arguments.json:
        print(_table(rows))
        print(job.folder)
    failed = any(row.state == "failed" for row in rows)
    return INTERRUPTED if stopped else MISTAKE if failed else 0


def _new_grid(arguments: argparse.Namespace, progress: ProgressLines) -> GridJob:
    """The job of what was asked for; it goes on where it was asked for before."""
    from recsys.lab.grid import Grid
    from recsys.lab.grid_job import GridJob
    from recsys.runs import runs_folder

    if arguments.data is None:
        raise ConfigError(N_("Say what to train on: --data NAME, FILE or FOLDER."))
    templates = [find_prompt(name) for name in arguments.prompts]
    settings = chosen(arguments, arguments.models)
    source = source_of(arguments)
    data, _cleaning = read_data(source, progress)
    asked = Grid(
        data=data.name,
        data_hash=data.content_hash,
        prompts=tuple((template.name, template.source) for template in templates),
        models=arguments.models,
        language_models=arguments.language_models,
        seed=arguments.seed,
        minutes=arguments.minutes,
        source=source,
        settings=settings,
    )
    job = GridJob.create(arguments.runs or runs_folder(), asked, data)
    for name in job.grid().language_models:
        if (doubt := cannot_read(describe(name), data.language)) is not None:
            progress.say(str(doubt))
    return job


def _row_line(row: Row) -> str:
    """A row that came to its end, in one line."""
    named = " · ".join(_names(row))
    if row.ndcg is None:
        reason = "" if row.message is None else f": {row.message}"
        return f"{named}: {row.state}{reason}"
    marks = "; ".join(CONTROLS[name].failed for name in row.unbeaten)
    return f"{named}: ndcg@10 {row.ndcg.value:.4f}{' · ' if marks else ''}{marks}"


def _names(row: Row) -> list[str]:
    cell = row.cell
    prompt = None if cell.prompt is None else cell.prompt[0] or "own prompt"
    return [name for name in (prompt, cell.model, cell.language_model) if name is not None]


def _table(rows: Sequence[Row]) -> str:
    """A line a run: what it reaches, by how much it beats each control, and its mark."""
    header = ["model", "prompt", "language model", "ndcg@10"]
    measured = [name for name in CONTROLS if any(name in row.controls for row in rows)]
    header += [f"over {name}" for name in measured] + ["s", ""]
    lines = []
    for row in rows:
        cell = row.cell
        lines.append(
            [
                cell.model,
                "" if cell.prompt is None else printable(cell.prompt[0], 40),
                printable(cell.language_model or "", 40),
                row.state if row.ndcg is None else with_interval(row.ndcg.to_dict()),
                *(_over(row, name) for name in measured),
                "" if row.seconds is None else f"{row.seconds:.0f}",
                "; ".join(CONTROLS[name].failed for name in row.unbeaten),
            ]
        )
    return aligned(header, lines)


def _over(row: Row, name: str) -> str:
    control = row.controls.get(name)
    if control is None:
        return ""
    return difference(control.difference.to_dict())
