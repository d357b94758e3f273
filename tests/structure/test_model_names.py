"""A model's name stands in its own file, in `MODELS` (or `BACKBONES`) and in `recsys.defaults`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from recsys import defaults, models
from recsys.models import MODELS, backbones

ROOT = Path(__file__).parents[2]
#: Where names may stand: all of them in these, and each in its model's own file. What
#: suites compare is their own affair.
_ANY = {Path(inspect.getfile(module)) for module in (models, backbones, defaults)}
_SUITES = ROOT / "recsys" / "benchmark"
#: Words that are no names of models, though they read like one: the event that tells the words
#: near the vectors of a soft prompt, as old runs have it in their files.
_OTHER_WORDS = {
    "recsys/training/events.py": "soft-prompt",
    "recsys/runs/event_types.py": "soft-prompt",
    "recsys/runs/curves.py": "soft-prompt",
}


def test_names_of_models_stand_in_one_place() -> None:
    found = {}
    for path in sorted([*(ROOT / "recsys").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]):
        if path in _ANY or _SUITES in path.parents:
            continue
        names = set(_names(path)) - {name for name in MODELS if path == _file_of(name)}
        if names:
            found[str(path.relative_to(ROOT))] = names
    assert found == {path: {word} for path, word in _OTHER_WORDS.items()}


def _file_of(name: str) -> Path:
    return Path(inspect.getfile(MODELS[name]))


def _names(path: Path) -> Iterator[str]:
    """The names of models among the literals of a file that are no words for people."""
    tree = ast.parse(path.read_text("utf-8"))
    spoken = {
        id(argument)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("N_", "_")
        for argument in call.args
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in MODELS and id(node) not in spoken:
            yield node.value


def test_a_name_in_another_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "page.py"
    path.write_text('if model in ("mf", "other"):\n    print(_("popularity"), "ease")\n', "utf-8")
    assert list(_names(path)) == ["mf", "ease"]


def test_defaults_are_models() -> None:
    told = [value for name, value in vars(defaults).items() if name.isupper()]
    names = [name for value in told for name in ([value] if isinstance(value, str) else value)]
    assert names and set(names) <= set(MODELS)
