"""Events added up to curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recsys.runs.curves import MAX_POINTS, Curves, follow
from recsys.storage.files import append_line

STARTED = {"event": "started", "elapsed": 0.0, "model": "mf", "positions_per_epoch": 10,
           "epochs": 4, "trainable_parameters": 7}  # fmt: skip


def step(epoch: int, number: int, loss: float | None, eta: float = 3.0) -> dict[str, Any]:
    return {"event": "step", "elapsed": float(number), "epoch": epoch, "step": number,
            "loss": loss, "positions_per_second": 5.0, "eta_seconds": eta}  # fmt: skip


def validated(epoch: int, ndcg: float, best: bool) -> dict[str, Any]:
    return {"event": "validated", "elapsed": 9.0, "epoch": epoch, "ndcg": ndcg, "best": best}


def test_nothing_has_happened_yet() -> None:
    curves = Curves.of([{"event": "state", "state": "preparing"}])
    assert (curves.loss, curves.ndcg, curves.best, curves.share) == ([], [], None, 0.0)


def test_a_training_in_its_second_epoch() -> None:
    curves = Curves.of(
        [STARTED, step(1, 5, 2.0), step(1, 10, 1.0), validated(1, 0.1, True), step(2, 15, 0.5)]
    )
    assert curves.loss == [(5, 2.0), (10, 1.0), (15, 0.5)]
    assert curves.ndcg == [(1, 0.1)]
    assert curves.best == (1, 0.1)
    assert (curves.epoch, curves.epochs, curves.rate, curves.eta) == (2, 4, 5.0, 3.0)
    assert curves.share == pytest.approx(15 / 18)


def test_the_best_epoch_is_the_one_the_events_name() -> None:
    curves = Curves.of([STARTED, validated(1, 0.2, True), validated(2, 0.1, False)])
    assert curves.best == (1, 0.2)


def test_a_finished_training_is_whole_and_says_why() -> None:
    finished = {"event": "finished", "elapsed": 20.0, "reason": "patience", "best_epoch": 1,
                "best_ndcg": 0.2, "positions_per_second": 8.0}  # fmt: skip
    curves = Curves.of(
        [STARTED, step(1, 5, 2.0), finished, {"event": "evaluating", "what": "ease"}]
    )
    assert (curves.share, curves.reason, curves.elapsed) == (1.0, "patience", 20.0)
    assert curves.measuring == "ease"


def test_counted_preparation_is_over_when_training_starts() -> None:
    counted = {"event": "encoding", "what": "texts", "done": 64, "total": 3496}
    assert Curves.of([counted]).counting == ("texts", 64, 3496)
    assert Curves.of([counted, STARTED]).counting is None


def test_missing_numbers_leave_no_points() -> None:
    assert Curves.of([STARTED, step(1, 5, None)]).loss == []


def test_a_long_curve_is_thinned_and_keeps_its_end() -> None:
    curves = Curves.of([STARTED, *(step(1, n, 1.0) for n in range(1, 2001))], max_points=100)
    assert len(curves.loss) <= 100
    assert curves.loss[-1] == (2000, 1.0)


def test_losses_on_held_out_ratings() -> None:
    def tested(epoch: int, loss: float, best: bool) -> dict[str, Any]:
        return {"event": "tested", "elapsed": 9.0, "epoch": epoch, "step": 10 * epoch,
                "validation_loss": loss, "test_loss": loss + 1, "best": best}  # fmt: skip

    curves = Curves.of([STARTED, tested(1, 0.9, True), tested(2, 0.8, True), tested(3, 1.0, False)])
    assert [(losses.step, losses.test) for losses in curves.tested] == [
        (10, 1.9),
        (20, 1.8),
        (30, 2.0),
    ]
    assert curves.best_tested is not None and curves.best_tested.epoch == 2
    assert Curves.of([STARTED]).best_tested is None


def test_a_second_stage_begins_anew_and_knows_the_first() -> None:
    first = {"event": "stage", "stage": 1, "of": 2, "model": "mf", "elapsed": 0.0}
    second = {"event": "stage", "stage": 2, "of": 2, "model": "prompt-tuned", "elapsed": 20.0}
    begun = [first, STARTED, step(1, 10, 2.0, eta=10.0)]
    curves = Curves.of(begun)
    assert curves.stage == (1, 2, "mf") and curves.backbone is None
    assert curves.share == pytest.approx(0.25)
    anew = [*begun, validated(1, 0.4, True), second]
    curves = Curves.of(anew)
    assert (curves.loss, curves.ndcg, curves.best, curves.backbone) == ([], [], None, None)
    assert Curves.of([*anew, validated(0, 0.3, True)]).backbone == 0.3
    assert curves.share == 0.5
    curves = Curves.of([*begun, validated(1, 0.3, True), second, STARTED, step(1, 30, 1.0, 10.0)])
    assert curves.loss == [(30, 1.0)] and curves.share == pytest.approx(0.75)


def test_users_that_are_scored_are_counted_until_the_next_model() -> None:
    finished = {"event": "finished", "reason": "computed", "elapsed": 2.0}
    finished["positions_per_second"] = 9.0
    scoring = {"event": "scoring", "done": 5, "total": 20, "eta_seconds": 45.0}
    events = [finished, {"event": "evaluating", "what": "zero-shot"}, scoring]
    curves = Curves.of(events)
    assert curves.counting == ("scoring", 5, 20)
    assert curves.share == 0.25 and curves.eta == 45.0
    curves = Curves.of([*events, {"event": "evaluating", "what": "ease"}])
    assert curves.counting is None and curves.share == 1.0


def test_what_the_trained_vectors_said() -> None:
    told = {"event": "soft-prompt", "elapsed": 9.0, "epoch": 1, "words": [[["comedy", 0.4]]]}
    stage = {"event": "stage", "elapsed": 1.0, "stage": 2, "of": 2, "model": "prompt-tuned"}
    assert Curves.of([STARTED, told]).soft == [(1, [[("comedy", 0.4)]])]
    assert Curves.of([told, stage]).soft == []


class TestFollow:
    def test_only_what_is_new_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "events.jsonl"
        assert follow(tmp_path) == Curves()
        for number in range(1, 4):
            append_line(path, step(1, number, 1.0))
        assert len(follow(tmp_path).loss) == 3
        path.write_bytes(path.read_bytes().replace(b'"loss": 1.0', b'"loss": 9.0', 1))
        append_line(path, step(1, 4, 1.0))
        assert [loss for _step, loss in follow(tmp_path).loss] == [1.0, 1.0, 1.0, 1.0]

    def test_a_torn_line_waits_and_another_file_is_read_from_its_beginning(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "events.jsonl"
        append_line(path, step(1, 1, 1.0))
        whole = path.read_bytes()
        path.write_bytes(whole + whole[:20])
        assert len(follow(tmp_path).loss) == 1
        path.write_bytes(whole + whole)
        assert len(follow(tmp_path).loss) == 2
        other = tmp_path / "other"
        for number in range(5):
            append_line(other, step(1, number, 2.0))
        other.replace(path)
        assert [loss for _step, loss in follow(tmp_path).loss] == [2.0] * 5
        path.write_bytes(b"")
        assert follow(tmp_path).loss == []
        path.unlink()
        assert follow(tmp_path) == Curves()

    def test_the_same_whether_read_at_once_or_bit_by_bit(self, tmp_path: Path) -> None:
        events = [STARTED, *(step(1, n, 1.0 + n % 7) for n in range(1, 1500))]
        for event in events:
            append_line(tmp_path / "events.jsonl", event)
            if event.get("step", 0) % 97 == 0:
                follow(tmp_path)
        assert follow(tmp_path) == Curves.of(events)
        assert len(follow(tmp_path).loss) <= MAX_POINTS


@pytest.mark.parametrize("odd", ["x", None, [], {}, True, -1, float("nan"), 1e300, "\ud800"])
@pytest.mark.parametrize("key", ["event", "epoch", "elapsed", "loss", "stage", "of", "words"])
def test_an_event_that_cannot_be_read_is_passed_over(key: str, odd: object) -> None:
    stage = {"event": "stage", "stage": 1, "of": 2, "model": "mf", "elapsed": 0.0}
    words = {"event": "soft-prompt", "epoch": 1, "words": [[["comedy", 0.4]]]}
    events = [{**event, key: odd} for event in (stage, STARTED, words, step(1, 5, 2.0))]
    curves = Curves.of([*events, step(1, 6, 1.0)])
    assert curves.loss[-1] == (6, 1.0) and 0 <= curves.share <= 1
