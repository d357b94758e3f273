"""Which columns a language model reads for nothing."""

from __future__ import annotations

import base64
import hashlib

import pandas as pd
import pytest

from recsys.cleaning import clean
from recsys.language_models.item_texts import item_texts
from recsys.readable_columns import is_unreadable, unreadable_columns
from recsys.sources import RawFrames
from recsys.wishes.facets import Facets

CODES = {
    "poster": [f"https://m.media.org/images/M/{n}.jpg" for n in range(9)],
    "image": [f"/w500/{n}Ab3.jpg" for n in range(9)],
    "file": [f"cover_{n}.png" for n in range(9)],
    "site": ["www.example.org/a", "//cdn.example.org/b"],
    "checksum": [hashlib.md5(bytes([n])).hexdigest() for n in range(9)],
    "key": ["3f2504e0-4f89-11d3-9a0c-0305e82c3301"] * 3,
    "blob": [base64.b64encode(hashlib.sha256(bytes([n])).digest()).decode() for n in range(9)],
    "asin": ["B00005N7P0", "B0009VXBAQ"],
    "imdb": ["tt0111161", "tt0068646"],
    "isbn": ["978-3-16-148410-0", "9780306406157"],
    "tmdb_id": ["862", "8844"],
    "tmdbId": ["862.0", "8844.0"],
    "mail": ["a.b@example.org"],
}
WORDS = {
    "genres": ["Comedy", "Sci-Fi", "Film-Noir"],
    "title": ["2001: A Space Odyssey", "WALL·E", "Se7en"],
    "year": ["1995", "2003"],
    "released": ["1995-10-30", "2003-01-02"],
    "rating": ["PG-13", "R"],
    "price": ["12.99", "5"],
    "overview": ["A boy finds https://example.org and is lost.", "Two men walk."],
    "tags": ["rock'n'roll", "lo-fi", "x-mas"],
    "brand": ["L'Oreal", "3M", "H&M"],
    "size": ["500ml", "12x330ml", "1TB"],
    "studio": ["20th Century Fox", "20thCenturyFox"],
    "类型": ["喜剧", "科幻"],
    "director": ["Léa", "Великий"],
}


@pytest.mark.parametrize("column", CODES)
def test_codes(column: str) -> None:
    assert is_unreadable(column, [(value,) for value in CODES[column]])


@pytest.mark.parametrize("column", WORDS)
def test_words(column: str) -> None:
    assert not is_unreadable(column, [(value,) for value in WORDS[column]])


def test_they_are_read_by_nothing_and_said() -> None:
    events = pd.DataFrame([(u, i) for u in "uvw" for i in "abcd"], columns=["user_id", "item_id"])
    items = pd.DataFrame(
        {
            "item_id": list("abcd"),
            "title": ["Heat", "Alien", "Big", "Brazil"],
            "genre": ["Crime", "Horror", "Comedy", "Comedy"],
            "poster": ["https://a.org/1.jpg", "https://a.org/1.jpg", "https://a.org/2.jpg", ""],
        }
    )
    data, report = clean(RawFrames(events, items), name="small")
    assert unreadable_columns(data) == ["poster"]
    assert item_texts(data)[0] == "Heat. Crime."
    assert "poster" not in Facets.of(data).columns
    assert any("do" in str(note) and "poster" in str(note) for note in report.notes)
