"""Benchmark page: the table of models, its charts, and the command that measures them again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages._ui.charts import benchmark_charts
from pages._ui.common.i18n import _, ngettext, punctuation
from pages._ui.common.widgets import plain, section
from pages._ui.html.table_markup import Cell, draw_table
from pages._ui.words.metric_words import signed
from recsys.benchmark.saved import Results
from recsys.benchmark.summary import Row, comparisons, metrics_of
from recsys.benchmark.tables import command, number
from recsys.evaluation import METRICS
from recsys.schema import N_
from recsys.sources import SOURCES

#: The metrics in the table of models, where a suite has them.
SHOWN = ("ndcg@10", "hit_rate@10")
#: Metrics of which less is better.
LOWER_IS_BETTER = (
    *("loss", "p50_ms", "p95_ms", "peak_mb", "all_users_seconds"),
    *("wishes below .4", "below .4, right by name"),
)
#: Metrics that only suites have; those of `METRICS` have titles of their own.
TITLES = {
    "loss": N_("Loss"),
    "p50_ms": N_("Half of the lists within, ms"),
    "p95_ms": N_("95% of the lists within, ms"),
    "peak_mb": N_("Memory, MB"),
    "all_users_seconds": N_("Lists for all users, s"),
    "share@10": N_("Share of the list that is as asked"),
    "distinct items": N_("Different items in the lists of all users"),
    "overlap between users": N_("Share that the lists of two users have in common"),
    "list kept": N_("Share of the list that stays"),
    "wishes below .4": N_("Wishes that are hardly met"),
    "below .4, right by name": N_("Wishes hardly met, of which the nearest name is right"),
    "pairs in order": N_("Pairs of films in the order that people see"),
    "attributes above the cosine": N_("Attributes better than by the cosine of texts"),
}
#: What the line of a protocol is made of.
PROTOCOL_WORDS = (
    N_("leave-last-out"),
    N_("full catalogue"),
    N_("seen items filtered"),
    N_("lists of 10"),
    N_("one user at a time"),
    N_("cold-start"),
    N_("requests"),
)
#: The catalogues that `benchmarks/catalogues.py` makes; others go by the names of their folders.
CATALOGUES = {
    "art": N_("art"),
    "courses": N_("courses"),
    "groceries": N_("groceries"),
    "dishes": N_("dishes, in Chinese"),
}
#: More slices than this are rows of the table, not columns.
_COLUMNS = 8


def metric_title(metric: str) -> str:
    """What a person calls a metric such as "ndcg@10" or "ndcg@10/new-items"."""
    if metric in TITLES:
        return _(TITLES[metric])
    base, _slash, value = metric.partition("/")
    if base in TITLES:
        return f"{_(TITLES[base])}: {value}"
    name, _at, rest = metric.partition("@")
    k, _slash, among = rest.partition("/")
    title = f"{_(METRICS[name].title)}@{k}" if name in METRICS else metric
    if among == "new-items":
        return _("{metric} among new items", metric=title)
    return _("{metric} of the next item", metric=title) if among == "next" else title


def draw_empty(suite: str) -> None:
    """Not measured yet: one sentence and the command."""
    with st.container(border=True, gap="small"):
        st.markdown(_("This has not been measured yet. Run the command, then load the page anew."))
        st.code(f"{command(suite)} --save", language="bash", wrap_lines=True)


def draw_conditions(results: Results) -> None:
    """On what it was measured, when and where."""
    about, parts = results.about, []
    if about:
        names = [_data_title(name) for name in str(about["data"]).split(", ")]
        parts.append(punctuation(", ").join(names))
        parts.append(ngettext("{count} user", "{count} users", about["users"]))
        parts.append(ngettext("{count} item", "{count} items", about["items"]))
        protocol = str(about["protocol"]).split(", ")
        parts += [_(words) if words in PROTOCOL_WORDS else words for words in protocol]
    for date, cores in sorted({(r["date"], r["cores"]) for r in results.records if "date" in r}):
        conditions = ngettext("{count} core", "{count} cores", cores)
        parts.append(_("measured {date} on {cores}", date=date, cores=conditions))
    st.caption(" · ".join(plain(part) for part in parts))


def _data_title(name: str) -> str:
    return _(SOURCES[name].title) if name in SOURCES else _(CATALOGUES.get(name, name))


def draw_models(rows: Sequence[Row]) -> None:
    """A row a model: quality with intervals, and what it took."""
    shown = metrics_of(rows, SHOWN)
    lines = []
    best = {metric: _best(rows, metric) for metric in shown}
    for row in rows:
        cells = [_metric_cell(row, metric, best[metric]) for metric in shown]
        lines.append((_(row.title), [*cells, *_cost_cells(row)]))
    heads = [(metric_title(metric), _metric_help(metric)) for metric in shown]
    draw_table(_("Model"), [*heads, *_cost_heads()], lines)
    st.caption(
        _("Below each number its 95% interval over users; means where there are several seeds.")
    )


def draw_slices(rows: Sequence[Row]) -> str:
    """One metric, a column a slice; as rows where there are many slices. Returns the metric."""
    metrics = metrics_of(rows)
    # What most slices are measured by comes first, as the share is where wishes are followed.
    held = {metric: sum(metric in row.metrics for row in rows) for metric in metrics}
    metrics.sort(key=lambda metric: (-held[metric], metric not in SHOWN))
    titles = {metric: metric_title(metric) for metric in metrics}
    metric = st.selectbox(
        _("Metric"), metrics, format_func=titles.__getitem__, key="benchmark-metric"
    )
    of_metric = [row for row in rows if metric in row.metrics]
    parts = list(dict.fromkeys(row.part or "" for row in of_metric))
    models = {row.model: row.title for row in of_metric}
    cells = {(row.model, row.part or ""): row for row in of_metric}
    best = {
        part: _best([row for row in of_metric if (row.part or "") == part], metric)
        for part in parts
    }

    def cell(model: str, part: str) -> Cell:
        row = cells.get((model, part))
        return Cell("–", "") if row is None else _metric_cell(row, metric, best[part])

    if len(parts) <= _COLUMNS:
        lines = [(_(title), [cell(m, part) for part in parts]) for m, title in models.items()]
        draw_table(_("Model"), [(_part(part), "") for part in parts], lines)
    else:
        lines = [(_part(part), [cell(m, part) for m in models]) for part in parts]
        draw_table(_("Slice"), [(_(title), "") for title in models.values()], lines)
    st.space("small")
    named = [(_(title), [cells.get((m, part)) for part in parts]) for m, title in models.items()]
    benchmark_charts.draw_slices([_part(part) for part in parts], named, metric, titles[metric])
    section(_("What it took"))
    first = [next(row for row in rows if row.model == model) for model in models]
    lines = [(_(row.title), _cost_cells(row)) for row in first]
    draw_table(_("Model"), _cost_heads(), lines)
    return metric


def draw_picture(rows: Sequence[Row]) -> None:
    """Quality against training time; for a suite without quality, speed."""
    metric = metrics_of(rows, SHOWN)[0]
    titled = [(_(row.title), row) for row in rows]
    if metric in SHOWN:
        section(
            _("Quality against training time"),
            _("The line joins the models that nothing beats in less time: the Pareto front."),
        )
        benchmark_charts.draw_pareto(titled, metric, metric_title(metric))
    else:
        section(_("Positions trained a second"), _("The axis is logarithmic."))
        benchmark_charts.draw_speed(titled)


def draw_comparisons(results: Results, rows: Sequence[Row], metric: str | None) -> None:
    """Paired comparisons of models over users, on `metric` or else the one shown first."""
    known = comparisons(results.records)
    shown = metrics_of(rows, SHOWN)[0]
    if any(record["metric"] == metric for record in known):
        shown = str(metric)
    compared = [record for record in known if record["metric"] == shown]
    if not compared:
        return
    titles = {row.model: _(row.title) for row in rows}
    many = any("slice" in record for record in compared)
    title = _("Compared user by user")
    with st.expander(title, icon=":material/compare_arrows:", expanded=not many):
        lines = [(_pair(record, titles), _comparison_cells(record)) for record in compared]
        heads = [
            (_("Difference in {metric}", metric=metric_title(shown)), ""),
            (_("p-value"), _("How often chance alone would give as much.")),
        ]
        if any("speedup" in record for record in compared):
            heads.append((_("Times as fast"), ""))
        draw_table(_("Comparison"), heads, lines)


def draw_command(line: str) -> None:
    """How to measure it again."""
    section(_("Measure it yourself"))
    st.code(line, language="bash", wrap_lines=True)


def draw_download(results: Results) -> None:
    """The records as they were saved."""
    lines = [json.dumps(record, ensure_ascii=False) for record in results.records]
    st.download_button(
        _("Download as JSON lines"),
        "\n".join(lines).encode(),
        file_name=f"{results.suite}.jsonl",
        mime="application/x-ndjson",
        icon=":material/download:",
        key="download-benchmark",
        on_click="ignore",
    )


def _best(rows: Sequence[Row], metric: str) -> float:
    values = [row.metrics[metric][0] for row in rows if metric in row.metrics]
    return min(values) if metric in LOWER_IS_BETTER else max(values)


def _metric_cell(row: Row, metric: str, best: float) -> Cell:
    if metric not in row.metrics:
        return Cell("–", "")
    value, low, high = row.metrics[metric]
    return Cell(number(value), f"{number(low)} – {number(high)}", value == best)


def _metric_help(metric: str) -> str:
    name = metric.split("@")[0]
    return _(METRICS[name].description) if name in METRICS else ""


def _cost_heads() -> list[tuple[str, str]]:
    return [
        (_("Training"), _("From the raw split to the model, texts read and validation included.")),
        (_("Memory"), _("The highest of the process.")),
        (_("Trainable parameters"), ""),
        (_("Positions/s"), _("Examples trained in a second.")),
    ]


def _cost_cells(row: Row) -> list[Cell]:
    seeds = ngettext("{count} seed", "{count} seeds", row.seeds)
    seconds = row.train_seconds
    took = f"{seconds:.1f} s" if seconds < 10 else f"{seconds:,.0f} s"
    if not row.trainable_parameters:  # computed, not trained
        return [Cell(took, seeds), Cell(f"{row.peak_mb:,.0f} MB", ""), Cell("–", ""), Cell("–", "")]
    rate = row.positions_per_second
    return [
        Cell(took, seeds),
        Cell(f"{row.peak_mb:,.0f} MB", ""),
        Cell(f"{row.trainable_parameters:,}", ""),
        Cell(f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}", ""),
    ]


def _pair(record: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    first, second = (titles.get(record[key], record[key]) for key in ("a", "b"))
    pair = _("{first} against {second}", first=first, second=second)
    return f"{pair} · {_part(record['slice'])}" if "slice" in record else pair


def _comparison_cells(record: Mapping[str, Any]) -> list[Cell]:
    bounds = f"{signed(record['low'])} – {signed(record['high'])}"
    better = record["delta"] < 0 if record["metric"] in LOWER_IS_BETTER else record["delta"] > 0
    clear = record["low"] > 0 or record["high"] < 0
    cells = [Cell(signed(record["delta"]), bounds, better and clear)]
    cells.append(Cell(f"{record['p_value']:.4f}", ""))
    if "speedup" in record:
        cells.append(Cell(f"× {record['speedup']:,.1f}", ""))
    return cells


#: Slices whose names are words; others are names of the data.
_PARTS = {
    "0": N_("0 events"),
    "0, profile": N_("a sentence"),
    "1": N_("1 event"),
    "3": N_("3 events"),
    "5": N_("5 events"),
    "10": N_("10 events"),
    "new items": N_("new items"),
    "no wish": N_("no wish"),
    "genres/plain": N_("a genre by name"),
    "genres/paraphrase": N_("a genre in other words"),
    "genres/rare words": N_("a genre in rare words"),
    "genres/strangers": N_("a genre in words of strangers"),
    "two wishes": N_("two wishes at once"),
    "two wishes/strangers": N_("two wishes, words of strangers"),
    "avoid": N_("a genre to avoid"),
    "avoid/strangers": N_("a genre to avoid, words of strangers"),
    "years": N_("years"),
    "several": N_("wishes, years and what to avoid together"),
    "in Chinese": N_("a genre in Chinese"),
    "decades": N_("every decade"),
    "single years": N_("every single year"),
    "small talk": N_("small talk"),
    "small talk/strangers": N_("small talk of strangers"),
    "soft attributes": N_("qualities of films"),
    "history": N_("the films they like"),
    "request": N_("what they wrote"),
    "history and request": N_("both"),
}


def _part(part: str) -> str:
    kind, _slash, name = part.partition("/")
    if kind == "kinds":  # a catalogue of the suite of wishes
        name, _slash, other = name.partition("/")
        title = _(CATALOGUES.get(name, name))
        if other:
            return _("catalogue: {name}, wishes kept apart", name=title)
        return _("catalogue: {name}", name=title)
    return _(_PARTS[part]) if part in _PARTS else part
