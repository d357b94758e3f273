"""Chinese tourist attractions: real places, made-up people and visits, written for this project."""

from __future__ import annotations

from pathlib import Path

from recsys.schema import N_
from recsys.sources.base import RawFrames, Source
from recsys.sources.uploads import load_files

_FOLDER = Path(__file__).parents[2] / "assets" / "samples" / "attractions-zh"


def load() -> RawFrames:
    """Some 1,200 views of 68 attractions by 80 people."""
    return load_files(
        _FOLDER / "interactions.csv", items=_FOLDER / "items.csv", users=_FOLDER / "users.csv"
    )


SOURCE = Source(
    name="attractions-zh",
    title=N_("Chinese tourist attractions (made up)"),
    description=N_(
        "A small example in Chinese. The 68 attractions exist; the 80 people and their 1,200 "
        "visits are made up, so measure nothing with it."
    ),
    license=N_("Written for this project; free to use for any purpose (CC0 1.0)."),
    language="zh",
    load=load,
    facts=_FOLDER / "facts.csv",
)
