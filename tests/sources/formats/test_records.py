"""JSON is read as records, with every value as it is written."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.schema import DataError
from recsys.sources import limits
from recsys.sources.base import Table
from recsys.sources.files import read_cells
from recsys.sources.formats import records
from recsys.sources.formats.records import read_json
from recsys.sources.options import ReadOptions
from recsys.sources.uploads import read_file


def read(text: str) -> Table:
    return read_cells(text.encode(), "f.json")


def cells(text: str) -> dict[str, list[object]]:
    return read(text).frame.to_dict("list")


USER = {"user": ["a", "b"], "item": ["c", "d"]}


@pytest.mark.parametrize(
    "text",
    [
        '[{"user":"a","item":"c"},{"user":"b","item":"d"}]',
        '{"user":"a","item":"c"}\n{"user":"b","item":"d"}\n',
        '{"user":"a","item":"c"}\r\n\r\n{"user":"b","item":"d"}',
        '{\n "user": "a",\n "item": "c"\n}\n{"user":"b","item":"d"}',
        '{"count":2,"results":[{"user":"a","item":"c"},{"user":"b","item":"d"}]}',
        '{"data":{"next":null,"rows":[{"user":"a","item":"c"},{"user":"b","item":"d"}]}}',
        '{"columns":["user","item"],"index":[0,1],"data":[["a","c"],["b","d"]]}',
        '{"user":{"0":"a","1":"b"},"item":{"0":"c","1":"d"}}',
        '{"user":["a","b"],"item":["c","d"]}',
        '[["user","item"],["a","c"],["b","d"]]',
        "{'user': 'a', u'item': 'c'}\n{'user': 'b', 'item': \"d\"}\n",
    ],
)
def test_layouts(text: str) -> None:
    assert cells(text) == USER


def test_values_stay_as_they_are_written() -> None:
    text = '[{"a":1.0,"b":12345678901234567890,"c":true,"d":null,"e":"007"},{"a":1e3,"x":NaN}]'
    assert cells(text) == {
        "a": ["1.0", "1e3"],
        "b": ["12345678901234567890", ""],
        "c": ["true", ""],
        "d": ["", ""],
        "e": ["007", ""],
        "x": ["", ""],
    }


def test_nested_values() -> None:
    text = (
        '[{"user":{"id":"u1","age":5},"genres":["a","b"],"_id":{"$oid":"5f"},"more":[{"x":1}]},'
        '{"user":{"id":"u2"},"genres":[]}]'
    )
    assert cells(text) == {
        "user.id": ["u1", "u2"],
        "user.age": ["5", ""],
        "genres": [["a", "b"], []],
        "_id": ["5f", ""],
        "more": ['[{"x": "1"}]', ""],
    }


def test_names_within_an_object_that_only_holds_them() -> None:
    hit = '{"_index":"x","_source":{"user_id":"%s","item_id":"i"}}'
    text = '{"hits":{"total":2,"hits":[' + hit % "u1" + "," + hit % "u2" + "]}}"
    assert read(text).frame.columns.tolist() == ["_index", "user_id", "item_id"]


def test_what_each_user_says_of_items() -> None:
    table = read('{"Lisa":{"Snakes":3.5,"Lady":2},"Gene":{"Snakes":1}}')
    assert table.frame.to_numpy().tolist() == [
        ["Lisa", "Snakes", "3.5"],
        ["Lisa", "Lady", "2"],
        ["Gene", "Snakes", "1"],
    ]


def test_what_only_looks_like_json() -> None:
    table = read("[1] Intro,5\n[2] Outro,6\n[3] Solo,6\n")
    assert table.frame["column_1"].tolist() == ["[1] Intro", "[2] Outro", "[3] Solo"]


@pytest.mark.parametrize(
    "text",
    ['{"a":1', '[{"a":1},', '[{"a":1}', '{"a":1}\n{"a":', "[]", "{}", "[" * 100_000, "[[],[]]"],
)
def test_broken_or_empty(text: str) -> None:
    with pytest.raises(DataError):
        read(text)


def test_limits_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_NESTED_VALUES", 50)
    with pytest.raises(DataError, match="cells"):
        read(json.dumps([{"a": list(range(60))}]))
    wide = [{f"c{n}": 1} for n in range(1_500)]
    with pytest.raises(DataError, match="columns; at most 1,000"):
        read(json.dumps(wide))
    monkeypatch.setattr(limits, "MAX_CELLS", 100)
    with pytest.raises(DataError, match="cells"):
        read(json.dumps([{"a": 1, "b": 2}] * 60))


# A column of nothing but control characters and nulls is read as empty.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
SCALAR = TEXT | st.integers() | st.booleans() | st.none()


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(SCALAR, SCALAR), min_size=1, max_size=12), by_line=st.booleans())
def test_round_trip(rows: list[tuple[object, object]], by_line: bool) -> None:
    told = [{"user": a, "item": b} for a, b in rows]
    text = "\n".join(map(json.dumps, told)) if by_line else json.dumps(told, ensure_ascii=False)

    def shown(value: object) -> str:
        if value is None:
            return ""
        return str(value).lower() if isinstance(value, bool) else str(value)

    frame = read(text).frame
    assert frame["user"].tolist() == [shown(a) for a, _ in rows]
    assert frame["item"].tolist() == [shown(b) for _, b in rows]


def test_many_chunks_give_what_one_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [
        {"user": f"u{n}", **({"late": str(n), "l": ["x"]} if n > 30 else {})} for n in range(50)
    ]
    text = json.dumps(told)
    whole = read(text).frame
    monkeypatch.setattr(records, "_CHUNK_RECORDS", 7)
    assert read(text).frame.equals(whole)


@pytest.mark.parametrize("lists", [(["a", "b"], ["c", "a"]), (["a", "b", "c"], ["d"])])
def test_an_object_of_lists_is_what_each_user_met(lists: tuple[list[str], ...]) -> None:
    written = json.dumps(dict(zip(("u1", "u2"), lists, strict=True))).encode()
    table = read_cells(written, "f.json")
    assert table.frame.values.tolist() == [
        [n, met] for n, met in zip(("u1", "u2"), lists, strict=False)
    ]


def test_an_object_of_columns_stays_one() -> None:
    told = cells('{"user_id": ["a", "b"], "item_id": ["x", "y"]}')
    assert told == {"user_id": ["a", "b"], "item_id": ["x", "y"]}


def events(value: object) -> pd.DataFrame:
    return read_file(json.dumps(value).encode(), "interactions", "f.json").frame


NAMED = {"Rosa": ["p4", "p2", "p9"], "Mark": ["p9", "p1"], "Jan": ["p2", "p4", "p1", "p3"]}


@pytest.mark.parametrize(
    "of",
    [
        NAMED,
        {f"user{n}": part for n, part in enumerate(NAMED.values())},
        {f"Kunde {n}": part[:2] for n, part in enumerate(NAMED.values())},
        {f"{n}07": part for n, part in enumerate(NAMED.values())},
    ],
)
def test_a_list_for_each_user(of: dict[str, list[str]]) -> None:
    frame = events(of)
    pairs = [(user, item) for user, part in of.items() for item in part]
    assert list(zip(frame["user_id"], frame["item_id"], strict=True)) == pairs


def test_columns_by_their_names_stay_columns() -> None:
    frame = events({"member": ["a", "b", "a"], "film": ["x", "y", "z"], "stars": [1, 2, 3]})
    assert frame.columns.tolist() == ["member", "film", "stars"]
    assert frame["film"].tolist() == ["x", "y", "z"]


def test_records_of_each_user() -> None:
    frame = events(
        {name: [{"film": i, "stars": n} for n, i in enumerate(p)] for name, p in NAMED.items()}
    )
    assert frame["user_id"].tolist() == ["Rosa"] * 3 + ["Mark"] * 2 + ["Jan"] * 4
    assert frame["film"].tolist()[:4] == ["p4", "p2", "p9", "p9"]


def test_parts_of_an_answer_are_no_users() -> None:
    told = {"data": [{"user": "a", "film": "x"}] * 3, "errors": [{"code": 1, "text": "?"}]}
    assert events(told)["user"].tolist() == ["a"] * 3


def test_parameters_of_an_event_are_columns_by_their_keys() -> None:
    def event(n: int) -> dict[str, object]:
        nothing = {"string_value": None, "int_value": None}
        pairs = [
            {"key": "ga_session_id", "value": {**nothing, "int_value": f"{n % 3}"}},
            {"key": "page_location", "value": {**nothing, "string_value": f"https://x/{n % 4}"}},
        ]
        return {"user_pseudo_id": f"10.{n % 3}", "event_params": pairs[n % 2 :], "geo": {"a": 1}}

    lines = "\n".join(json.dumps(event(n)) for n in range(12))
    frame = read_json(lines.encode(), "f", ReadOptions()).frame
    names = list(frame.columns)
    page = next(name for name in names if name.endswith("page_location"))
    assert frame[page].tolist() == [f"https://x/{n % 4}" for n in range(12)]
    session = next(name for name in names if name.endswith("ga_session_id"))
    assert frame[session].tolist() == [f"{n % 3}" * (1 - n % 2) for n in range(12)]


def test_pairs_whose_keys_do_not_come_again_are_no_columns() -> None:
    records = [{"user": f"u{n}", "liked": [{"key": f"i{n}", "value": n}]} for n in range(12)]
    frame = read_json(json.dumps(records).encode(), "f", ReadOptions()).frame
    assert list(frame.columns) == ["user", "liked"]


def test_objects_within_objects_become_columns_as_deep_as_a_limit() -> None:
    statement = {
        "id": "s1",
        "actor": {"account": {"homePage": "h", "name": "ann"}},
        "object": {"id": "o1", "definition": {"name": {"en-US": "Unit"}}},
    }
    frame = read_json(json.dumps([statement]).encode(), "f", ReadOptions()).frame
    assert frame["actor.account.name"].tolist() == ["ann"]
    assert frame["object.definition.name.en-US"].tolist() == ["Unit"]
    deep: object = "x"
    for _ in range(300):
        deep = {"a": deep}
    frame = read_json(json.dumps([{"b": 1, "c": deep}]).encode(), "f", ReadOptions()).frame
    assert len(frame.columns) == 2
