"""The contract of every sample, and loading files and folders."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from recsys.cleaning import prepare
from recsys.schema import ConfigError, DataError
from recsys.sources import SOURCES, load_source, parse_mapping
from recsys.sources.groceries import _readable_text

SIZES = {
    "movielens": (671, 3_496, 90_072),
    "groceries": (2_466, 28_165, 1_401_644),
    "attractions": (80, 68, 1_217),
    "attractions-zh": (80, 68, 1_217),
    "news": (360, 120, 3_591),
    "news-zh": (360, 120, 3_591),
    "music": (360, 121, 3_584),
    "music-zh": (360, 121, 3_584),
    "courses": (360, 121, 3_569),
    "courses-zh": (360, 121, 3_569),
}


@pytest.mark.parametrize("name", SOURCES)
def test_sample(name: str) -> None:
    source = SOURCES[name]
    assert source.name == name
    assert source.title
    assert source.description
    assert source.license
    data, report = prepare(name)
    assert (data.n_users, data.n_items, data.n_events) == SIZES[name]
    assert report.rows_in - report.dropped == report.rows_out == data.n_events
    assert data.timestamp is not None
    assert 1990 < pd.Timestamp(data.timestamp.min(), unit="s").year <= 2025
    assert data.item_attributes


def test_movielens_titles_read_well() -> None:
    data, _ = prepare("movielens")
    toy_story = data.items.position("1")
    assert data.titles[toy_story] == "Toy Story"
    assert data.item_frame["year"][toy_story] == 1995
    assert data.attribute_values("genres")[toy_story][:2] == ("Adventure", "Animation")
    assert data.titles[data.items.position("858")] == "The Godfather"
    assert data.titles[data.items.position("29")].startswith("The City of Lost Children (")
    assert not any("no genres" in v for values in data.attribute_values("genres") for v in values)
    assert data.liked_from == 4.0


def test_groceries_read_well() -> None:
    assert _readable_text("FRZN BAGGED VEGETABLES - PLAIN") == "Frozen Bagged Vegetables - Plain"
    assert _readable_text("CAN CATFD GOURMET/SUP PREM (GR") == "Can Cat Food Gourmet/Super Premium"


def test_the_classic_sentence_is_possible() -> None:
    data, _ = prepare("attractions-zh")
    user = data.users.position("U001")
    assert data.user_frame["interest"][user] == "旅游"
    assert data.titles[data.history(user)][-2:].tolist() == ["故宫", "长城"]


def test_folder(tmp_path: Path) -> None:
    (tmp_path / "interactions.csv").write_text("user,item\nu1,a\nu2,b\nu1,b\n")
    (tmp_path / "items.tsv").write_text("id\tname\tgenre\na\tA film\tx\nb\tB film\ty\n")
    (tmp_path / "users.csv").write_text("user,age\nu1,30\n")
    data, _ = prepare(tmp_path)
    assert data.name == tmp_path.name
    assert data.titles.tolist() == ["A film", "B film"]
    assert data.user_attributes == ["age"]
    (tmp_path / "items.csv").write_text("id,name\na,A\n")
    with pytest.raises(DataError, match="both"):
        load_source(tmp_path)


def test_file_with_columns_and_items(tmp_path: Path) -> None:
    path, items = tmp_path / "log.csv", tmp_path / "films.csv"
    path.write_text("x;y;z\n1;a;5\n2;b;3\n")
    items.write_text("k,label\na,Alpha\n")
    raw = load_source(
        path,
        items=items,
        columns=parse_mapping("user_id=x,item_id=y,rating=z"),
        item_columns={"item_id": "k", "title": "label"},
    )
    assert raw.interactions.columns.tolist() == ["user_id", "item_id", "rating"]
    assert raw.items is not None
    assert raw.items["title"].tolist() == ["Alpha"]


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no sample, file or folder"):
        load_source("no-such-thing")
    with pytest.raises(DataError, match='called "interactions"'):
        load_source(tmp_path)
    with pytest.raises(ConfigError, match="brings its own"):
        load_source("movielens", items="x.csv")


def test_columns_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text("user_id,item_id\na,x\nb,y\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="Columns of items were given"):
        load_source(events, item_columns={"title": "name"})
