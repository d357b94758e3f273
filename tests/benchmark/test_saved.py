"""Saved results: merged by model, read back, shown as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recsys.benchmark import saved
from recsys.benchmark.saved import load_results, save_results, saved_suites
from recsys.benchmark.suites import SUITES
from recsys.benchmark.summary import summarise
from recsys.benchmark.tables import markdown
from recsys.schema import RunError

ABOUT = {"data": "movielens", "users": 671, "items": 3496, "protocol": "leave-last-out"}


def record(model: str, seed: int, ndcg: float, **more: Any) -> dict[str, Any]:
    metric = {"value": ndcg, "low": ndcg - 0.01, "high": ndcg + 0.03}
    return {
        "suite": "movielens-small",
        "model": model,
        "seed": seed,
        "metrics": {"ndcg@10": metric, "recall@10": metric},
        "train_seconds": 10.0 * (seed + 1),
        "positions_per_second": 2000.0,
        "peak_mb": 512.0,
        "trainable_parameters": 0 if model == "ease" else 1000,
        **more,
    }


COMPARISON = {
    "suite": "movielens-small",
    "a": "ease",
    "b": "sasrec",
    "metric": "ndcg@10",
    "delta": -0.012,
    "low": -0.03,
    "high": 0.006,
    "p_value": 0.21,
}


def test_a_row_is_the_mean_over_seeds() -> None:
    (row,) = summarise([record("sasrec", 0, 0.06), record("sasrec", 1, 0.08), COMPARISON])
    assert row.metrics["ndcg@10"] == pytest.approx((0.07, 0.06, 0.10))
    assert row.spread["ndcg@10"] == pytest.approx(0.01414, abs=1e-4)
    assert (row.seeds, row.train_seconds) == (2, 15.0)


def test_slices_have_rows_of_their_own() -> None:
    parts = [record("sasrec", 0, 0.06, slice="0"), record("sasrec", 0, 0.08, slice="1")]
    assert [(row.part, row.seeds) for row in summarise(parts)] == [("0", 1), ("1", 1)]


def test_a_model_measured_again_replaces_itself_alone(tmp_path: Path) -> None:
    first = [record("ease", 0, 0.05), record("sasrec", 0, 0.06), record("sasrec", 1, 0.07)]
    save_results("movielens-small", [*first, COMPARISON], ABOUT, tmp_path)
    save_results("movielens-small", [record("sasrec", 0, 0.09)], ABOUT, tmp_path)
    results = load_results("movielens-small", tmp_path)
    assert dict(results.about) == ABOUT
    ease, sasrec, comparison = results.records
    assert (ease["model"], sasrec["model"]) == ("ease", "sasrec")
    assert sasrec["metrics"]["ndcg@10"]["value"] == 0.09
    assert sasrec["cores"] >= 1 and "torch" in sasrec["versions"]
    assert comparison == COMPARISON


def test_results_on_other_data_do_not_stay(tmp_path: Path) -> None:
    save_results("movielens-small", [record("ease", 0, 0.05)], ABOUT, tmp_path)
    other = {**ABOUT, "items": 12}
    save_results("movielens-small", [record("sasrec", 0, 0.05)], other, tmp_path)
    assert [r["model"] for r in load_results("movielens-small", tmp_path).records] == ["sasrec"]


def test_markdown_tells_what_the_records_tell(tmp_path: Path) -> None:
    records = [record("ease", 0, 0.05), record("sasrec", 0, 0.0625), COMPARISON]
    save_results("movielens-small", records, ABOUT, tmp_path)
    text = markdown(load_results("movielens-small", tmp_path))
    assert "671 users, 3,496 items" in text
    assert "`python -m recsys benchmark movielens-small`" in text
    assert "| ease | .0500 [.0400, .0800] |" in text
    assert "| sasrec | .0625 [.0525, .0925] |" in text
    assert "- ease against sasrec: ndcg@10 -0.0120 [-0.0300, +0.0060], p = 0.2100" in text


def test_an_installed_package_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = tmp_path / "site-packages"
    monkeypatch.setattr(saved, "FOLDER", shipped)
    save_results("movielens-small", [record("ease", 0, 0.05)], ABOUT)
    came_with_it = (shipped / "movielens-small.jsonl").read_bytes()
    monkeypatch.setattr(saved, "IS_INSTALLED", True)
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path / "cache"))
    path = save_results("movielens-small", [record("sasrec", 0, 0.09)], ABOUT)
    assert path == tmp_path / "cache" / "benchmarks" / "movielens-small.jsonl"
    assert (shipped / "movielens-small.jsonl").read_bytes() == came_with_it
    assert saved_suites() == ["movielens-small"]
    assert [r["model"] for r in load_results("movielens-small").records] == ["ease", "sasrec"]


@pytest.mark.parametrize("content", ["", "{", "[1]\n", '{"suite": "speed"}\nnot JSON\n'])
def test_damage_is_reported(tmp_path: Path, content: str) -> None:
    (tmp_path / "speed.jsonl").write_text(content, "utf-8")
    with pytest.raises(RunError, match="cannot be read"):
        load_results("speed", tmp_path)
    with pytest.raises(RunError, match="--save"):
        load_results("movielens-small", tmp_path)


@pytest.mark.parametrize("suite", SUITES)
def test_what_comes_with_the_product_is_whole(suite: str) -> None:
    if suite not in saved_suites():
        pytest.skip("not measured yet")
    results = load_results(suite)
    assert results.about["users"] > 0
    rows = summarise(results.records)
    assert all(row.metrics and row.train_seconds >= 0 for row in rows)
    assert rows[0].model in markdown(results)


@pytest.mark.parametrize(
    "line",
    ['{"model": "ease"}', '{"model": "ease", "metrics": [1]}', '{"a": "x", "b": 3}', "[]", "3",
     '{"model": ["ease"], "metrics": {}}', "[" * 99_999],
)  # fmt: skip
def test_records_of_another_shape_are_said_so(tmp_path: Path, line: str) -> None:
    (tmp_path / "speed.jsonl").write_text(f'{{"suite": "speed"}}\n{line}\n', "utf-8")
    with pytest.raises(RunError, match="cannot be read"):
        load_results("speed", tmp_path)
