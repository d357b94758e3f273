"""The contract of every template in the library, and loading from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys.prompts import GENERIC_TEMPLATES, LIBRARY, Template, lint, load_template
from recsys.schema import ConfigError, TemplateError

GENERIC = {
    "history": ["Heat", "Alien"],
    "liked": ["Heat"],
    "disliked": ["Alien"],
    "interests": ["Drama"],
    "about": ["age 25"],
    "intent": "something funny",
    "knowledge": ["Heat was shot in Los Angeles"],
    "now": "a Friday evening",
}
#: What some data have besides; templates of scenarios tell of it.
OF_SCENARIOS = ("genres", "category", "department", "province", "topics", "genre", "mood", "decade")
FULL = GENERIC | {name: ["Drama"] for name in (*OF_SCENARIOS, "subject", "level")}


def test_every_file_is_listed() -> None:
    folder = Path(load_template.__code__.co_filename).parent
    assert {path.stem for path in folder.glob("*.j2")} == set(LIBRARY)
    wanted = {"sequential", "profile", "rating-question", "intent", "cold-start"}
    assert wanted | {f"{name}-zh" for name in wanted} <= set(LIBRARY)


@pytest.mark.parametrize("name", LIBRARY)
class TestContract:
    def test_is_clean_with_what_every_data_set_has(self, name: str) -> None:
        known = GENERIC if name in GENERIC_TEMPLATES else FULL
        assert lint(LIBRARY[name].source, known) == []
        assert lint(LIBRARY[name].source, dict.fromkeys(known, "")) == []
        # On other data their own attributes are left out, which is no mistake.
        assert all(found.severity == "hint" for found in lint(LIBRARY[name].source, GENERIC))

    def test_has_words_for_people(self, name: str) -> None:
        template = LIBRARY[name]
        assert template.name == name
        assert template.title
        assert template.description
        assert template.language == ("zh" if name.endswith("-zh") else "en")

    def test_has_a_twin_with_the_same_plan(self, name: str) -> None:
        template = LIBRARY[name]
        twin = LIBRARY[name.removesuffix("-zh") if name.endswith("-zh") else f"{name}-zh"]
        assert template.variables == twin.variables
        assert template.soft_tokens == twin.soft_tokens > 0

    def test_renders_with_everything_and_with_nothing(self, name: str) -> None:
        full, empty = LIBRARY[name].render(FULL).text, LIBRARY[name].render({}).text
        for value in ("Heat", "something funny"):
            assert value in full
            assert value not in empty
        assert empty
        for text in (full, empty):
            assert "\n\n" not in text
            assert not any(mark in text for mark in ("{", "}", " .", ": .", "：。", "  "))


def test_sequential_reads_as_meant() -> None:
    assert LIBRARY["sequential"].render(GENERIC).text == (
        "The user likes Drama.\nMost recently, the user chose Heat; Alien.\n"
        "Recommend what the user will choose next.\nsomething funny"
    )


def test_loads_by_name_and_from_a_file(tmp_path: Path) -> None:
    assert load_template("profile") is LIBRARY["profile"]
    path = tmp_path / "mine.j2"
    path.write_bytes("\ufeff喜欢{{ liked }}".encode())
    assert load_template(path) == Template.parse("喜欢{{ liked }}", "mine")


def test_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    (tmp_path / "junk.j2").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "large.j2").write_bytes(b"x" * 100_000)
    (tmp_path / "bad.j2").write_text("{{ ''.__class__ }}")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_template(tmp_path / "junk.j2")
    with pytest.raises(ConfigError, match="too large"):
        load_template(tmp_path / "large.j2")
    with pytest.raises(TemplateError, match="column 6"):
        load_template(tmp_path / "bad.j2")


@pytest.mark.parametrize("name", ["", "nowhere.j2", "/", "a\0b", "x" * 10_000, "{x}"])
def test_says_that_there_is_no_such_template(name: str) -> None:
    with pytest.raises(ConfigError, match="There is no template"):
        load_template(name)


def test_suggests_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match="Did you mean “sequential”"):
        load_template("sequental")
