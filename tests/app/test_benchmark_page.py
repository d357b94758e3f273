"""The Benchmark page: saved results in both languages, links to a suite, and nothing measured."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from pages._ui.charts.benchmark_charts import pareto_front, seconds_range
from recsys.benchmark import SUITES, saved
from recsys.benchmark.saved import save_results
from tests.app.support import Open, html_of, link, run_alone, words

ABOUT = {"data": "movielens", "users": 671, "items": 3496, "protocol": "leave-last-out"}


def record(suite: str, model: str, value: float, part: str | None = None) -> dict[str, Any]:
    metric = {"value": value, "low": value - 0.01, "high": value + 0.01}
    return {
        "suite": suite,
        "model": model,
        "seed": 0,
        **({} if part is None else {"slice": part}),
        "metrics": {"ndcg@10": metric, "hit_rate@10": metric},
        "train_seconds": 1000 * value,
        "positions_per_second": 9000.0,
        "peak_mb": 700.0,
        "trainable_parameters": 0 if model == "ease" else 123_456,
    }


def comparison(suite: str, a: str, b: str, **more: Any) -> dict[str, Any]:
    pair = {"suite": suite, "a": a, "b": b, **more, "metric": "ndcg@10"}
    return {**pair, "delta": 0.0333, "low": 0.0111, "high": 0.0555, "p_value": 0.0021}


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Saved results of two suites."""
    folder = tmp_path / "benchmarks"
    monkeypatch.setattr(saved, "FOLDER", folder)
    small = [record("movielens-small", m, v) for m, v in (("ease", 0.0688), ("sasrec", 0.0711))]
    small.append(record("movielens-small", "prompt-fusion", 0.1044))
    pair = comparison("movielens-small", "prompt-fusion", "sasrec")
    save_results("movielens-small", [*small, pair], ABOUT)
    cold = [
        record("cold-start", model, value, part)
        for model, value in (("text-knn", 0.02), ("prompt-fusion", 0.0931))
        for part in ("0", "0, profile", "1", "new items")
    ]
    pair = comparison("cold-start", "prompt-fusion", "text-knn", slice="new items")
    save_results("cold-start", [*cold, pair], ABOUT)
    return folder


@pytest.mark.usefixtures("results")
@pytest.mark.parametrize(
    ("lang", "title", "model"),
    [("en", "Benchmark", "Prompt fusion"), ("zh", "基准测试", "提示融合")],
)
def test_the_family_stands_in_one_table(open_app: Open, lang: str, title: str, model: str) -> None:
    app = open_app("benchmark", lang=lang)
    assert app.title[0].value == title
    table = next(body for body in html_of(app) if "pr-table" in body)
    for told in (model, ".0688", ".0588 – .0788", "123,456", "700 MB"):
        assert told in table
    assert table.count('<td class="pr-best"') == 2  # the best of each metric
    protocol = {"en": "leave", "zh": "留最后一个"}[lang]
    assert "671" in words(app) and protocol in words(app)
    assert "python -m recsys benchmark movielens-small" in app.code[0].value
    assert any("+0.0333" in body for body in html_of(app))


@pytest.mark.usefixtures("results")
def test_a_link_opens_a_suite_and_choosing_one_makes_a_link(open_app: Open) -> None:
    app = open_app("benchmark", lang="en", suite="cold-start")
    table = next(body for body in html_of(app) if "pr-table" in body)
    for told in ("0 events", "a sentence", ".0931", "Text neighbours"):
        assert told in table
    app.segmented_control(key="benchmark-suite").set_value("movielens-small").run()
    assert link(app, "suite") == "movielens-small"
    assert ".0688" in next(body for body in html_of(app) if "pr-table" in body)


@pytest.mark.usefixtures("results")
@pytest.mark.parametrize("suite", ["speed", "no-such-suite", "../../etc"])
def test_what_was_not_measured_says_how_to(open_app: Open, suite: str) -> None:
    app = open_app("benchmark", lang="en", suite=suite)
    assert not app.exception
    if suite in SUITES:
        assert "not been measured" in words(app)
        assert "benchmark speed --save" in app.code[0].value


def test_damaged_results_are_one_sentence(open_app: Open, results: Path) -> None:
    (results / "cold-start.jsonl").write_text("{", "utf-8")
    app = open_app("benchmark", lang="en", suite="cold-start")
    assert len(app.error) == 1


@pytest.mark.usefixtures("results")
def test_every_suite_opens(open_app: Open) -> None:
    for suite in SUITES:
        assert not open_app("benchmark", lang="zh", suite=suite).exception


def test_needs_no_torch(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        "app = AppTest.from_file('app.py', default_timeout=60).run()\n"
        "app.switch_page('pages/benchmark.py').run()\n"
        "assert app.title[0].value == 'Benchmark' and not app.exception\n"
        "print(sorted(m for m in ('torch', 'transformers') if m in sys.modules))\n"
    )
    done = run_alone(script, tmp_path)
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr[-2000:]


def test_the_front_is_what_nothing_beats_in_as_little_time() -> None:
    points = [(10.0, 0.05), (1.0, 0.02), (5.0, 0.01), (10.0, 0.06), (300.0, 0.06), (200.0, 0.1)]
    assert pareto_front(points) == [1, 3, 5]
    assert pareto_front([]) == []


@pytest.mark.parametrize("seconds", [[3185.0, 3544.0], [0.1, 20.0, 626.0], [60.0]])
def test_the_axis_of_time_holds_every_point_and_names_a_power_of_ten(seconds: list[float]) -> None:
    begin, end = seconds_range(seconds)
    assert all(begin < math.log10(value) < end for value in seconds)
    assert math.floor(end) >= math.ceil(begin)


def test_what_most_slices_are_measured_by_comes_first(open_app: Open) -> None:
    """Saved with the app: the suite of wishes has NDCG@10 for one slice, and shares for ten."""
    app = open_app("benchmark", lang="en", suite="steering")
    assert app.selectbox(key="benchmark-metric").value == "share@10"
    table = next(body for body in html_of(app) if "pr-table" in body)
    assert "Prompt fusion, trained without wishes" in table


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("zh", ("目录：艺术品", "目录：anime（未看过的愿望）", "ReDial、艺术品、菜肴", "请求")),
        ("en", ("catalogue: art", "catalogue: anime, wishes kept apart", "dishes, in Chinese")),
    ],
)
def test_catalogues_have_names_and_comparisons_follow_the_metric(
    open_app: Open, results: Path, lang: str, told: tuple[str, ...]
) -> None:
    about = {"data": "ReDial, art, dishes", "users": 9, "items": 9, "protocol": "requests"}
    parts = ("kinds/art", "kinds/anime/test", "soft attributes")
    pair = comparison("wishes", "ease", "popularity", slice="kinds/art") | {"metric": "share@10"}
    rows = [record("wishes", "ease", 0.2, part) for part in parts]
    for row in rows:
        row["metrics"] = {"share@10": row["metrics"]["ndcg@10"]}
    save_results("wishes", [*rows, pair], about)
    app = open_app("benchmark", lang=lang, suite="wishes")
    said = " ".join([words(app), *html_of(app)])
    assert all(one in said for one in told), said
    assert "+0.0333" in said
    assert "kinds/" not in said and not app.exception
