"""Lists of records in cells become a row for each record, within limits."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from recsys.schema import DataError
from recsys.sources import limits
from recsys.sources.columns.choosing import guess_columns
from recsys.sources.uploads import read_file

ORDERS = [
    {
        "id": 900 + n,
        "name": f"#{n}",
        "kunde": {"id": f"k{n % 3}", "ort": "Bonn"},
        "datum": f"2023-05-{n + 1:02}",
        "rabatte": [],
        "versand": [{"id": 5, "art": "post"}],
        "artikel": [
            {"id": 40 + m, "bezeichnung": f"Buch {m}", "menge": m} for m in range(n, n + 1 + n % 3)
        ],
    }
    for n in range(9)
]
ITEMS = [str(line["id"]) for order in ORDERS for line in order["artikel"]]  # type: ignore[attr-defined]


def events(data: bytes) -> tuple[pd.DataFrame, str]:
    table = read_file(data, "interactions", "f")
    return table.frame, " ".join(map(str, table.notes))


@pytest.mark.parametrize("lines", [True, False])
def test_orders_in_json(lines: bool) -> None:
    told = "\n".join(map(json.dumps, ORDERS)) if lines else json.dumps({"orders": ORDERS})
    frame, said = events(told.encode())
    guessed = guess_columns(frame, "interactions")
    assert frame[guessed["item_id"]].tolist() == ITEMS
    assert frame[guessed["user_id"]].tolist()[:4] == ["k0", "k1", "k1", "k2"]
    assert frame[guessed["title"]].tolist()[0] == "Buch 0"
    assert "artikel" in said


@pytest.mark.parametrize("write", [json.dumps, str])
def test_a_column_of_a_csv(write: object) -> None:
    told = [
        {"client": f"c{n}", "panier": write([{"sku": f"s{n}", "nom": "x"}, {"sku": "s0"}])}  # type: ignore[operator]
        for n in range(6)
    ]
    frame, _ = events(pd.DataFrame(told).to_csv(index=False).encode())
    assert frame["sku"].tolist() == [i for n in range(6) for i in (f"s{n}", "s0")]
    assert frame["client"].tolist()[:3] == ["c0", "c0", "c1"]


def test_records_within_records() -> None:
    told = [
        {"customer": f"c{n}", "orders": [{"on": "2024-01-01", "lines": [{"sku": "a"}, {"sku": n}]}]}
        for n in range(4)
    ]
    frame, _ = events(json.dumps(told).encode())
    assert frame["sku"].tolist() == [s for n in range(4) for s in ("a", str(n))]


def test_records_that_only_describe_stay() -> None:
    told = [
        {"user": f"u{n}", "asin": f"b{n}", "images": [{"id": 1, "url": "x"}, {"id": 2, "url": "y"}]}
        for n in range(5)
    ]
    frame, _ = events(json.dumps(told).encode())
    assert frame["asin"].tolist() == [f"b{n}" for n in range(5)]


def test_what_would_be_too_much_is_counted_first(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [
        {"user": "u" * 5_000, "cart": [{"sku": m} for m in range(200)]},
        {"user": "v", "cart": [{"sku": 1}]},
    ]
    monkeypatch.setattr(limits, "MAX_TEXT_BYTES", 500_000)
    with pytest.raises(DataError, match="text"):
        events(json.dumps(told).encode())
    monkeypatch.setattr(limits, "MAX_NESTED_VALUES", 100)
    with pytest.raises(DataError, match="more than"):
        events(json.dumps(told).encode())


VISITS = [
    {
        "idSite": "1",
        "idVisit": f"{5000 + n}",
        "serverDate": f"2024-05-{n + 1:02}",
        "visitorId": f"v{n % 3}",
        "actionDetails": [
            {
                "type": "action",
                "url": f"https://x/{m % 4}",
                "timestamp": 1_715_200_000 + 100 * n + m,
            }
            for m in range(1 + n % 3)
        ],
    }
    for n in range(9)
]


def test_records_with_a_time_of_their_own_are_events() -> None:
    frame, said = events(json.dumps(VISITS).encode())
    assert len(frame) == sum(len(visit["actionDetails"]) for visit in VISITS)
    assert frame["url"].tolist()[:3] == ["https://x/0", "https://x/0", "https://x/1"]
    assert frame["visitorId"].tolist()[:3] == ["v0", "v1", "v1"]
    assert not {"idVisit", "idSite"} & set(frame.columns)  # neither is what was met
    assert frame["serverDate"].nunique() == 9
    assert "actionDetails" in said


def test_records_without_items_or_times_are_no_events() -> None:
    told = [
        {"who": f"w{n % 3}", "what": f"x{n}", "tags": [{"label": "a"}, {"label": "b"}]}
        for n in range(6)
    ]
    with pytest.raises(DataError, match="hold lists within lists, or records"):
        events(json.dumps(told).encode())
