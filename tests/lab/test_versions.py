"""Prompts that are kept: nothing is lost, nothing is written twice."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.lab.versions import PromptStore, Version
from recsys.prompts import LIBRARY, Template, load_template
from recsys.schema import ConfigError


@pytest.fixture
def store(tmp_path: Path) -> PromptStore:
    return PromptStore(tmp_path / "prompts")


def test_every_version_stays(store: PromptStore) -> None:
    assert store.names() == []
    first = store.save("Evenings", "The user likes {{ liked }}.")
    second = store.save("Evenings", "The user loves {{ liked }}.", parent=1, note="warmer; surely")
    assert (first.number, second.number, second.parent) == (1, 2, 1)
    assert store.versions("Evenings") == [second, first]
    assert store.latest("Evenings") == second
    assert second.note == "warmer, surely"
    assert first.hash != second.hash
    assert store.names() == ["Evenings"]


def test_the_same_text_is_no_new_version(store: PromptStore) -> None:
    first = store.save("A", "same")
    assert store.save("A", "same\n".strip()) == first
    store.save("A", "other")
    assert store.save("A", "same").number == 3  # taken back: a version of its own


def _save(task: tuple[str, int]) -> int:
    folder, number = task
    return PromptStore(Path(folder)).save("both", f"text {number}").number


def test_saving_at_once_loses_nothing(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        numbers = list(pool.map(_save, [(str(tmp_path), n) for n in range(40)]))
    assert sorted(numbers) == list(range(1, 41))
    versions = PromptStore(tmp_path).versions("both")
    assert {version.source for version in versions} == {f"text {n}" for n in range(40)}


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b", "", ".", "con", "x" * 61, "a\0", ".j2"])
def test_names_cannot_leave_the_folder(store: PromptStore, name: str) -> None:
    with pytest.raises(ConfigError):
        store.save(name, "x")
    with pytest.raises(ConfigError):
        store.get(name, 1)
    assert store.versions(name) == []


def test_labels_move(store: PromptStore) -> None:
    for source in ("one", "two"):
        store.save("A", source)
    store.label("A", "production", 1)
    store.label("A", "trial", 1)
    store.label("A", "production", 2)
    assert store.labels("A") == {"production": 2, "trial": 1}
    store.label("A", "trial", None)
    assert store.labels("A") == {"production": 2}
    with pytest.raises(ConfigError, match="no version 9"):
        store.label("A", "production", 9)
    with pytest.raises(ConfigError, match="A label cannot be"):
        store.label("A", "../x", 1)


def test_scores_belong_to_a_version(store: PromptStore) -> None:
    first, second = store.save("A", "one"), store.save("A", "two")
    store.add_score(first, {"run": "r", "metrics": {"ndcg@10": 0.1}})
    store.add_score(second, {"run": "r", "metrics": {"ndcg@10": 0.2}})
    store.add_score(first, {"run": "s", "metrics": {"ndcg@10": 0.3}})
    assert [score["run"] for score in store.scores("A", 1)] == ["s", "r"]
    assert store.scores("A", 2)[0]["metrics"] == {"ndcg@10": 0.2}


def test_deleting_can_be_undone(store: PromptStore) -> None:
    kept = store.save("A", "one")
    store.delete("A")
    assert store.names() == []
    with pytest.raises(ConfigError, match="no version 1"):
        store.delete("A")
    store.restore("A")
    assert store.versions("A") == [kept]
    with pytest.raises(ConfigError, match="cannot be taken back"):
        store.restore("A")


def test_a_file_is_a_template_as_it_is(store: PromptStore, tmp_path: Path) -> None:
    version = store.save("A", LIBRARY["profile"].source, parent=4, note="see #} {{ x }}")
    path = tmp_path / "a.j2"
    path.write_text(version.to_file(), encoding="utf-8")
    assert Version.from_file(path.read_text(encoding="utf-8")) == version
    assert load_template(path).pieces == LIBRARY["profile"].pieces


def test_any_other_file_is_a_version_too() -> None:
    read = Version.from_file("{# title: Mine #}\r\nHello", name="mine")
    assert (read.name, read.number, read.source) == ("mine", 1, "{# title: Mine #}\nHello")
    assert Template.parse(read.source).title == "Mine"


@given(source=st.text(max_size=60), note=st.text(max_size=60))
def test_any_text_survives_its_file(source: str, note: str) -> None:
    version = Version("A", 3, Version.from_file(source).source, 1.5, None, "")
    again = Version.from_file(version.to_file())
    assert again == version or source.startswith("{# prompt: ")


def test_loose_files_are_taken_in(store: PromptStore) -> None:
    store.folder.mkdir()
    (store.folder / "old.j2").write_text("{{ liked }}", encoding="utf-8")
    (store.folder / "a+b.j2").write_text("not a name of ours", encoding="utf-8")
    (store.folder / "binary.j2").write_bytes(b"\xff\xfe\x00")
    store.adopt()
    store.adopt()
    assert [version.source for version in store.versions("old")] == ["{{ liked }}"]
    assert sorted(path.name for path in store.folder.glob("*.j2")) == ["a+b.j2", "binary.j2"]


def test_too_long(store: PromptStore) -> None:
    with pytest.raises(ConfigError, match="too long"):
        store.save("A", "x" * 200_000)
