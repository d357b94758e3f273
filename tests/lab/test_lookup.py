"""Words looked for in names, notes and texts of all versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys.lab.lookup import look_up
from recsys.lab.version_store import PromptStore
from recsys.prompts import LIBRARY


@pytest.fixture
def store(tmp_path: Path) -> PromptStore:
    prompts = PromptStore(tmp_path)
    prompts.save("Evenings", "The user likes {{ liked }}.")
    prompts.save("Evenings", "The user LOVES {{ liked }}, and\nStraße too.", note="warmer tone")
    prompts.save("夜晚", "用户喜欢安静的电影。")
    return prompts


@pytest.mark.parametrize(
    ("words", "links"),
    [
        ("loves", ["Evenings@2"]),
        ("evenings user", ["Evenings@2", "Evenings@1"]),
        ("EVENINGS Warmer", ["Evenings@2"]),  # a name and a note
        ("warmer likes", []),  # of two versions
        ("strasse", ["Evenings@2"]),
        ("安静 夜晚", ["夜晚@1"]),
        ("安静的电影", ["夜晚@1"]),
        ("ｌｏｖｅｓ", ["Evenings@2"]),  # full width
        ("nowhere", []),
        ("  ", []),
        (".*", []),
    ],
)
def test_all_words_have_to_occur(store: PromptStore, words: str, links: list[str]) -> None:
    assert [hit.link for hit in look_up(store, words) if hit.version is not None] == links


def test_the_library_is_looked_through_too(store: PromptStore) -> None:
    (hit,) = look_up(store, "Which other rate highest")
    assert (hit.link, hit.version) == ("rating-question", None)
    assert {hit.name for hit in look_up(store, "soft(8)")} <= set(LIBRARY)


def test_an_excerpt_is_a_line_around_the_word(store: PromptStore) -> None:
    store.save("Long", "begin " * 30 + "here\nstands NEEDLE\n" + "end " * 60)
    (hit,) = look_up(store, "long needle")
    assert "here stands NEEDLE end" in hit.excerpt
    assert hit.excerpt.startswith("…") and hit.excerpt.endswith("…")
    assert look_up(store, "夜晚")[0].excerpt == "用户喜欢安静的电影。"
