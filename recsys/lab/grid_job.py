"""A grid as a job: a folder beside the runs, that a process works in and the app reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from typing_extensions import TypedDict

from recsys.dataset import Dataset
from recsys.evaluation.significance import Interval
from recsys.jobs import control
from recsys.jobs.job import Job
from recsys.lab.controls import ControlName
from recsys.lab.grid import METRIC, Cell, Grid, Row
from recsys.runs import Run, execute, list_runs, open_run
from recsys.schema import N_, RecsysError, RunError
from recsys.storage.checked import Count, Unreadable, reader
from recsys.storage.files import (
    locked,
    read_json,
    remembered,
    unwritable,
    write_json,
)

#: Within the runs folder; no run can have a name that begins with a dot.
FOLDER = ".grids"
#: Seconds between two looks at whether another grid has ended or is paused.
_PATIENCE = 0.5
#: Between two events about users who are scored.
_SCORING_SECONDS = 1.0
#: Grids that are remembered.
_REMEMBERED = 1024

Observer = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class GridJob(Job):
    """One grid in its folder.

    Its process makes the runs one after the other, each an ordinary run in the runs folder. A run
    that is there already is taken over, which is also how a grid that was broken off goes on: it
    is started again. Of several grids in one runs folder one is at work, the others wait for it.
    """

    @classmethod
    def create(cls, runs_dir: Path, grid: Grid, dataset: Dataset) -> Self:
        """The job of a grid, ready to be started; one at work, or with all its runs, stays so.

        Raises:
            RecsysError: if not every run of it can be made; see `Grid.checked`.
        """
        grid = grid.checked(dataset)
        job = cls(runs_dir / FOLDER / grid.name)
        try:
            job.folder.mkdir(parents=True, exist_ok=True)
            if not (job.folder / "grid.json").exists():
                dataset.save(job.folder / "dataset")
            if not job.status().active:
                # Last, because a folder without it is no grid; again, to make it the latest.
                write_json(job.folder / "grid.json", grid.to_dict())
                if not job.complete():
                    job.wait()
        except OSError as error:
            raise unwritable(runs_dir, error) from error
        return job

    @property
    def runs_dir(self) -> Path:
        """Where its runs are."""
        return self.folder.parents[1]

    def grid(self) -> Grid:
        """What was asked for. Raises `RunError` if it cannot be read."""
        grid = _grid(self.folder / "grid.json")
        if grid is None:
            raise RunError(
                N_("There is no readable grid in {folder}. Delete it, or start it again."),
                folder=str(self.folder),
            )
        return grid

    def rows(self) -> list[Row]:
        """All cells in the order of their runs, each as far as it has come.

        An event of a row that cannot be read is skipped.
        """
        rows = [Row(cell) for cell in self.grid().cells()]
        for event in self.events()[0]:
            place = event.get("cell")
            if event.get("event") != "row" or not isinstance(place, int):
                continue
            if not 0 <= place < len(rows):
                continue
            with suppress(ValueError):
                rows[place] = Row.from_dict(rows[place].cell, event.get("row", {}))
        if self.status().state not in ("training", "paused", "unresponsive"):
            # Whatever was at work then is not any more.
            rows = [Row(row.cell) if row.state == "running" else row for row in rows]
        return rows

    def scoring(self) -> Scoring | None:
        """Which control of which row is being measured, by the latest event."""
        for event in reversed(self.events()[0]):
            if event.get("event") == "scoring":
                try:
                    return reader(Scoring).validate_python(event)
                except Unreadable:
                    return None
        return None

    def complete(self) -> bool:
        """Whether every run was made and measured, and is still there: nothing is left to do."""
        if self.stop_requested() or self.status().state != "finished":
            return False
        return all(
            row.state == "finished" and (self.runs_dir / str(row.run)).is_dir()
            for row in self.rows()
        )

    def current(self) -> Run | None:
        """The run that is at work; None between two."""
        name = next((row.run for row in self.rows() if row.state == "running"), None)
        try:
            return None if name is None else open_run(self.runs_dir, name)
        except RecsysError:
            return None

    def request_stop_later(self) -> None:
        """Ask the process to end once the run at work has ended; raises as `request_stop`.

        A run that is paused goes on, or it would never end.
        """
        with self._there():
            control.ask_stop(self.folder, later=True)
        self.request_go_on()

    def request_stop(self) -> None:
        """Ask the process to end, and the run at work to end with the best it has."""
        super().request_stop()
        run = self.current()
        if run is not None:
            run.request_stop()

    def request_pause(self) -> None:
        """Ask the run at work to wait, and the process to make no other one meanwhile."""
        super().request_pause()
        if (run := self.current()) is not None:
            run.request_pause()

    def request_go_on(self) -> None:
        """Let the run at work go on, and the process make others."""
        super().request_go_on()
        if (run := self.current()) is not None:
            run.request_go_on()

    def start(self) -> None:
        """Make the runs in a process of its own."""
        self.begin("prompts", "grid")

    def execute(
        self,
        observe: Callable[[Row], None] = lambda row: None,
        say: Observer = lambda event: None,
    ) -> list[Row]:
        """Make the runs in this process, and measure their controls.

        What keeps one run from being made is in its row, and the next one is made.

        Args:
            observe: called with every row that came to its end.
            say: called with the events of the runs, and those of measuring controls.

        Raises:
            RunError: if another process works on it.
        """
        with self.at_work("waiting"), ExitStack() as held:
            turn = _Turn(self, held)
            (self.folder / "events.jsonl").write_bytes(b"")
            if turn.take():
                self.update(state="training")
                self._fill(turn, observe, say)
            ended = all(row.state not in ("waiting", "stopped") for row in self.rows())
            self.update(state="finished" if ended else "stopped", ended=time.time())
        return self.rows()

    def _fill(self, turn: _Turn, observe: Callable[[Row], None], say: Observer) -> None:
        dataset = Dataset.load(self.folder / "dataset")
        grid = self.grid()
        done: dict[str, Run] = {}  # by model, to be built on
        for place, cell in enumerate(grid.cells()):
            if self.stopped(turn.given_back):
                return
            try:
                row = self._row(place, grid, cell, dataset, done, turn, say)
            except RecsysError as error:
                row = Row(cell, "failed", message=error.message)
            self._write_row(place, row)
            observe(row)

    def _row(
        self,
        place: int,
        grid: Grid,
        cell: Cell,
        dataset: Dataset,
        done: dict[str, Run],
        turn: _Turn,
        say: Observer,
    ) -> Row:
        """One cell from its run to its controls. Raises `RecsysError` if there is no run."""
        from recsys.lab.control_measures import controls_of
        from recsys.lab.grid_runs import find_run, make_run

        backbone = done.get(grid.backbone_of(cell.model) or "")
        run = find_run(list_runs(self.runs_dir), grid, cell, dataset, backbone)
        found = run is not None
        run = run or make_run(self.runs_dir, grid, cell, dataset, backbone, self.name)
        row = Row(cell, "running", run.name, taken_over=found)
        self._write_row(place, row)
        if not found:
            self._hand_on_requests(run)
            status = execute(run, self._showing_pauses(turn, say))
            run = Run(run.folder)  # its config holds all settings by now
        else:
            status = run.status()
        row = replace(row, state=status.state, seconds=_seconds(status.started, status.ended))
        if not status.has_model:
            state = "stopped" if status.state == "interrupted" else "failed"
            return replace(row, state=state, message=status.message)
        done[cell.model] = run
        row = replace(row, ndcg=Interval(**run.evaluation()["metrics"][METRIC]))
        try:
            return replace(row, controls=controls_of(run, self._scoring(place, turn, say)))
        except RecsysError as error:
            return replace(row, state="failed", message=error.message)

    def _hand_on_requests(self, run: Run) -> None:
        """Give a new run what was asked of the grid before the run was known."""
        if control.stops_at_once(self.folder):
            run.request_stop()
        elif self.control() == "pause":
            run.request_pause()

    def _showing_pauses(self, turn: _Turn, say: Observer) -> Observer:
        """Let the grid's status say "paused" while its run is, and others have their turn."""

        def observe(event: dict[str, Any]) -> None:
            if event["event"] == "paused":
                turn.give_back()
                self.update(state="paused")
            elif event["event"] == "resumed":
                turn.take()
                self.update(state="training")
            say(event)

        return observe

    def _scoring(self, place: int, turn: _Turn, say: Observer) -> Callable[[str, int, int], None]:
        said = float("-inf")

        def progress(control: str, done: int, total: int) -> None:
            nonlocal said
            self.stopped(
                turn.given_back
            )  # a pause takes effect between users; a stop, once all are scored
            if time.monotonic() - said > _SCORING_SECONDS:
                said = time.monotonic()
                event = {"event": "scoring", "what": control, "done": done, "total": total}
                self.add_event({**event, "cell": place})
                say(event)

        return progress

    def _write_row(self, place: int, row: Row) -> None:
        event = {"event": "row", "cell": place, "row": row.to_dict()}
        self.add_event(event)


@dataclass(frozen=True)
class _Turn:
    """A grid's turn: of several in one runs folder, the one that holds it is at work.

    Attributes:
        job: the grid.
        held: holds the lock.
    """

    job: GridJob
    held: ExitStack

    def take(self) -> bool:
        """Wait until no other grid is at work; False if asked to stop before that."""
        while not self.job.stop_requested():
            with ExitStack() as trying:
                if trying.enter_context(locked(self.job.folder.parent / "lock")):
                    self.held.enter_context(trying.pop_all())
                    return True
            time.sleep(_PATIENCE)
        return False

    def give_back(self) -> None:
        """Let another one be at work."""
        self.held.close()

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """Let others be at work meanwhile; then wait for the turn again, or for a stop."""
        self.give_back()
        yield
        self.take()


class Scoring(TypedDict):
    """A control that is being measured: users done and all of them."""

    cell: Count
    what: ControlName
    done: Count
    total: Count


@remembered(_REMEMBERED)
def _grid(path: Path) -> Grid | None:
    """What was asked for; None where it cannot be read."""
    try:
        return Grid.from_dict(read_json(path))
    except (OSError, ValueError):
        return None


def _seconds(started: float | None, ended: float | None) -> float | None:
    return None if started is None or ended is None else round(ended - started, 2)
