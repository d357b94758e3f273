"""Samples that were written for this project, each in English and in Chinese.

Items were written by hand: attractions are real places, all else is invented. People and what
they did are invented, for all but the attractions by `assets/samples/make.py`.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

from recsys.bundle import ASSETS
from recsys.schema import N_
from recsys.sources.base import RawFrames, Source
from recsys.sources.uploads import load_files

_FOLDER = ASSETS / "samples"
_SEPARATOR = "|"
_LICENSE = N_("Written for this project; free to use for any purpose (CC0 1.0).")
_ATTRACTIONS = N_(
    "68 attractions that exist; the 80 people and their 1,200 visits are made up, so measure "
    "nothing with it."
)
_NEWS = N_(
    "120 invented news stories in nine sections, with topics and dates, and what 360 invented "
    "people read of them. Made up, so measure nothing with it."
)
_MUSIC = N_(
    "121 invented songs and pieces of eleven genres, with moods and years, and what 360 invented "
    "people listened to. Made up, so measure nothing with it."
)
_COURSES = N_(
    "121 invented courses in twelve subjects, with levels and hours, and what 360 invented "
    "people took. Made up, so measure nothing with it."
)


def _load(name: str, suffix: str) -> RawFrames:
    folder = _FOLDER / name
    raw = load_files(
        folder / "interactions.csv",
        items=folder / f"items{suffix}.csv",
        users=folder / f"users{suffix}.csv",
    )
    assert raw.items is not None
    for column in raw.items:  # too few cells have a second value for cleaning to be sure of it
        if raw.items[column].str.contains(_SEPARATOR, regex=False).any():
            raw.items[column] = raw.items[column].str.split(_SEPARATOR)
    return raw


def _source(name: str, language: Literal["en", "zh"], title: str, description: str) -> Source:
    suffix = "" if language == "en" else f"-{language}"
    return Source(
        name=name + suffix,
        title=title,
        description=description,
        license=_LICENSE,
        language=language,
        load=partial(_load, name, suffix),
        facts=_FOLDER / name / f"facts{suffix}.csv" if name == "attractions" else None,
    )


#: By name; the Chinese twin of a sample has the same people, events and columns.
MADE_UP: dict[str, Source] = {
    source.name: source
    for source in (
        _source("attractions", "en", N_("Tourist attractions (made up)"), _ATTRACTIONS),
        _source("attractions", "zh", N_("Tourist attractions in Chinese (made up)"), _ATTRACTIONS),
        _source("news", "en", N_("News (made up)"), _NEWS),
        _source("news", "zh", N_("News in Chinese (made up)"), _NEWS),
        _source("music", "en", N_("Music (made up)"), _MUSIC),
        _source("music", "zh", N_("Music in Chinese (made up)"), _MUSIC),
        _source("courses", "en", N_("Courses (made up)"), _COURSES),
        _source("courses", "zh", N_("Courses in Chinese (made up)"), _COURSES),
    )
}
