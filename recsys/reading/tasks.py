"""What the reading process does: look at a table, prepare tables, prepare files, join facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from recsys.cleaning import CleaningConfig, CleaningReport, add_knowledge, clean, prepare
from recsys.dataset import Dataset
from recsys.reading.process import DATA
from recsys.reading.tables import (
    ITEMS,
    TABLE,
    load_prepared,
    open_table,
    save_prepared,
    write_table,
)
from recsys.schema import Message
from recsys.sources import ReadOptions, raw_frames, read_table
from recsys.sources.beside import items_beside
from recsys.sources.columns.choosing import Kind, guesses, understood
from recsys.sources.columns.keys import misplaced, without_guess
from recsys.sources.options import READ
from recsys.sources.uploads import read_file

_PREVIEW_ROWS = 5
#: Letters of a cell, and facts, that are shown.
_SHOWN_LETTERS = 500
_SHOWN_FACTS = 100


def look(
    folder: Path,
    *,
    path: str,
    filename: str,
    kind: Kind,
    options: Mapping[str, Any],
    remove: bool = True,
) -> dict[str, Any]:
    """Read one table, keep it for `from_tables`, and say what people see of it first."""
    table = read_file(Path(path), kind, filename, ReadOptions(**options))
    frame, notes = table.frame, table.notes
    if kind == "interactions" and remove:
        beside = items_beside(Path(path), table, filename)
        if beside is not None:
            write_table(beside.frame, folder / ITEMS)
            notes = [*notes, *beside.notes]
    if remove:  # from here on the table is what is read
        Path(path).unlink(missing_ok=True)
    write_table(frame, folder / TABLE)
    guessed = guesses(frame, kind)
    like, other = misplaced(frame, kind) or (None, None)
    return {
        "rows": len(frame),
        "looks_like": like,
        "misplaced": None if other is None else _messages([other])[0],
        "columns": list(map(str, frame.columns)),
        "head": [
            [_shown(cell) for cell in row]
            for row in frame.head(_PREVIEW_ROWS).itertuples(index=False, name=None)
        ],
        "notes": _messages(notes),
        "found": asdict(table.found),
        "guessed": {name: guess.column for name, guess in guessed.items()},
        "understood": understood(frame, guessed),
        "told_by": {name: guess.how for name, guess in guessed.items()},
    }


def from_tables(
    folder: Path,
    *,
    tables: Mapping[Kind, Mapping[str, Any]],
    cleaning: Mapping[str, Any],
    name: str,
    origin: str,
) -> dict[str, Any]:
    """Clean tables that `look` kept, by the columns that a person agreed on."""
    frames = {kind: open_table(Path(table["folder"]) / TABLE) for kind, table in tables.items()}
    beside = Path(tables["interactions"]["folder"]) / ITEMS
    if "items" not in frames and beside.exists():
        frames["items"] = open_table(beside)
    columns = {
        kind: without_guess(table["columns"], frames[kind], kind) for kind, table in tables.items()
    }
    raw = raw_frames(
        frames["interactions"],
        frames.get("items"),
        frames.get("users"),
        columns=columns["interactions"],
        item_columns=columns.get("items"),
        user_columns=columns.get("users"),
        notes=[Message(*note) for table in tables.values() for note in table["notes"]],
        read=ReadOptions(**tables["interactions"]["found"]),
    )
    data, report = clean(raw, CleaningConfig(**cleaning), name=name)
    return _keep(folder, data, report, origin)


def from_files(
    folder: Path, *, spec: str, cleaning: Mapping[str, Any] | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    """`recsys.cleaning.prepare`, of files."""
    config = None if cleaning is None else CleaningConfig(**cleaning)
    read = {name: ReadOptions(**options[name]) for name in READ if options.get(name)}
    return _keep(folder, *prepare(spec, cleaning=config, **{**options, **read}), "files")


def join_facts(folder: Path, *, data: str, path: str, filename: str) -> dict[str, Any]:
    """Prepared data with the facts of a file, and what people see of them before they are added."""
    before, report, origin = load_prepared(Path(data))
    table, notes = read_table(Path(path), filename)
    Path(path).unlink(missing_ok=True)
    joined, said = add_knowledge(before, CleaningReport((), 0, 0), table, notes)
    assert joined.knowledge is not None
    known = 0 if before.knowledge is None else len(before.knowledge)
    fresh = joined.knowledge["fact"].iloc[known:]
    whole = replace(
        report,
        steps=(*report.steps, *said.steps),
        notes=(*report.notes, *said.notes),
    )
    kept = _keep(folder, joined, whole, origin)
    return kept | {
        "fresh": len(fresh),
        "facts": [_shown(fact) for fact in fresh.head(_SHOWN_FACTS)],
        "notes": len(said.notes),
        "steps": len(said.steps),
    }


def _keep(folder: Path, data: Dataset, report: CleaningReport, origin: str) -> dict[str, Any]:
    save_prepared(folder / DATA, data, report, origin)
    return {"key": data.content_hash, "name": data.name}


def _shown(cell: Any) -> Any:
    if isinstance(cell, list):
        return [_shown(value) for value in cell[:_SHOWN_FACTS]]
    return cell if len(cell) <= _SHOWN_LETTERS else f"{cell[:_SHOWN_LETTERS]}…"


def _messages(notes: list[Message]) -> list[list[Any]]:
    return [[note.template, note.params, note.grave] for note in notes]


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "look": look,
    "from_tables": from_tables,
    "from_files": from_files,
    "join_facts": join_facts,
}
pa.set_cpu_count(1)
pa.set_io_thread_count(1)
