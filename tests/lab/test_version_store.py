"""Prompts that are kept: nothing is lost, nothing is written twice."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.lab.remarks import Remarks
from recsys.lab.version import Version
from recsys.lab.version_store import PromptStore
from recsys.prompts import LIBRARY, Template, Verbaliser, lint, load_template
from recsys.schema import ConfigError, RunError
from tests.models.support import planted


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


def test_what_lint_said_stays_with_a_version(store: PromptStore) -> None:
    told = Verbaliser(planted())
    source = "{% if histroy %}x{% endif %} {{ user_age }} {{ histoy|last(2) }}"
    remarks = Remarks.of(source, told)
    version = store.save("A", source, remarks=remarks)
    kept = store.remarks(version)
    assert kept == remarks
    assert kept.findings == tuple(lint(source, told.values(0, now=datetime.now())))
    assert {finding.severity for finding in kept.findings} == {"error", "warning", "hint"}
    assert (kept.data, kept.data_hash) == ("planted", planted().content_hash)
    assert kept.user == "u0"
    other = store.save("A", "{{ history }} {{ intent }}", remarks=Remarks.of("{{ x }}", told, 3))
    assert store.save("A", other.source, remarks=remarks) == other  # nothing new, nothing changed
    assert store.remarks(other) == Remarks.of("{{ x }}", told, 3)
    assert store.remarks(store.save("B", "no look")) is None
    store.restore(store.delete("A"))
    assert store.remarks(version) == remarks


@pytest.mark.parametrize(
    "kept",
    [
        "{",
        "[]",
        '{"data": "x"}',
        '{"data": "d", "data_hash": "h", "user": "u", "findings": [3]}',
        '{"data": "d", "data_hash": "h", "user": "u", "findings": [{"severity": "fatal", '
        '"message": {"template": "x", "params": {}}, "line": 1, "column": 1}]}',
        '{"data": "d", "data_hash": "h", "user": "u", "findings": [{"severity": "hint", '
        '"message": {"template": "{x} {y.z}", "params": {"x": 1}}, "line": 1, "column": 1}]}',
    ],
)
def test_damaged_remarks_are_none(store: PromptStore, kept: str) -> None:
    version = store.save("A", "x", remarks=Remarks.of("x", Verbaliser(planted())))
    (file,) = (store.folder / "A").glob("*.lint.json")
    file.write_text(kept, encoding="utf-8")
    assert store.remarks(version) is None


def test_another_store_sees_at_once_what_one_saved(store: PromptStore) -> None:
    """Files are read once; what is new, gone or in the place of another is noticed all the same."""
    other = PromptStore(store.folder)
    for number in range(1, 20):
        store.save("A", f"text {number}")
        assert other.latest("A").source == f"text {number}"
        assert other.names() == ["A"]
    store.delete("A")
    assert other.names() == [] and other.versions("A") == []
    store.save("A", "a new one")
    assert [version.source for version in other.versions("A")] == ["a new one"]
    store.delete("A")
    (store.folder / "loose.j2").write_text("taken in", encoding="utf-8")
    other.adopt()
    assert store.names() == ["loose"] and store.latest("loose").source == "taken in"


def test_the_same_text_is_no_new_version(store: PromptStore) -> None:
    first = store.save("A", "same")
    assert store.save("A", "same\n".strip()) == first
    store.save("A", "other")
    assert store.save("A", "same").number == 3  # taken back: a version of its own
    assert store.save("A", "same", note="tuned; on mf").number == 4
    assert store.save("A", "same", note="tuned; on mf").number == 4
    assert store.save("A", "same").number == 4


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
    token = store.delete("A")
    assert store.names() == []
    with pytest.raises(ConfigError, match="it was deleted"):
        store.delete("A")
    assert store.restore(token) == "A"
    assert store.versions("A") == [kept]
    with pytest.raises(RunError, match="not in the trash"):
        store.restore(token)


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
