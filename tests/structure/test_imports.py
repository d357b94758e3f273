"""The order of imports: only from packages above in the list, and never in a circle.

Every import counts, wherever it stands: at the top, inside a function (it only runs later), and
under TYPE_CHECKING (who reads the file has to know both modules all the same).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: What lies directly in `recsys`: a package or module imports only from those before it.
LAYERS = (
    "schema",
    "bundle",
    "defaults",
    "request_text",
    "storage",
    "dataset",
    "describe",
    "event_order",
    "readable_columns",
    "scenarios",
    "sources",
    "cleaning",
    "reading",
    "splitting",
    "ranking",
    "prompts",
    "language_models",
    "wishes",
    "models",
    "training",
    "evaluation",
    "feedback",
    "recommend",
    "conversation",
    "jobs",
    "runs",
    "lab",
    "capsule",
    "serving",
    "privacy",
    "benchmark",
    "cli",
    "__main__",
)
#: The calls that put HTML on a page.
HTML = {"html", "unsafe_allow_html"}


def test_every_part_of_recsys_has_its_place() -> None:
    found = {path.stem for path in (ROOT / "recsys").iterdir() if is_code(path)}
    assert found <= {*LAYERS, "__init__"}


def test_the_table_of_the_architecture_has_the_same_order() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    listed = [re.sub(r"/|\.py", "", cell) for row in rows for cell in re.findall(r"`([^`]+)`", row)]
    assert listed == [name for name in LAYERS if name != "__main__"]


def test_no_package_imports_from_one_below_it() -> None:
    up = {
        f"{module} → {target}"
        for module, targets in graph("recsys").items()
        for target in targets
        if place(target) > place(module)
    }
    assert not up


@pytest.mark.parametrize("package", ["recsys", "pages"])
def test_no_modules_import_one_another_in_a_circle(package: str) -> None:
    assert not circles(graph(package))


def test_recsys_knows_no_pages_and_no_streamlit() -> None:
    for file in (ROOT / "recsys").rglob("*.py"):
        names = {name.partition(".")[0] for name in imported(ast.parse(file.read_text("utf-8")))}
        assert not names & {"streamlit", "plotly", "pages", "app"}, file


def test_only_one_folder_writes_html() -> None:
    for file in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]:
        if (ROOT / "pages/_ui/html") not in file.parents:
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                name = node.arg if isinstance(node, ast.keyword) else getattr(node, "attr", None)
                assert name not in HTML, f"{file}:{node.lineno}"


class TestTheSearchItself:
    def test_a_circle_is_found_whole(self) -> None:
        found = circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})
        assert found == [frozenset("abc")]

    def test_imports_count_wherever_they_stand(self) -> None:
        code = "import a.b\ndef f():\n    from c import d\nif TYPE_CHECKING:\n    import e"
        assert set(imported(ast.parse(code))) == {"a.b", "c.d", "e"}

    def test_a_module_within_a_package_is_reported_from_a_name_in_it(self) -> None:
        found = graph("recsys")
        assert "recsys.dataset" in found["recsys.splitting"]
        assert "recsys.cli" in found["recsys.__main__"]


@lru_cache
def graph(package: str) -> dict[str, set[str]]:
    """Module → the modules of `package` that it imports."""
    files = {name(file): file for file in (ROOT / package).rglob("*.py")}
    found: dict[str, set[str]] = {}
    for module, file in files.items():
        targets = set()
        for full in imported(ast.parse(file.read_text("utf-8"))):
            targets |= {full if full in files else full.rpartition(".")[0]}
        found[module] = (targets & set(files)) - {module}
    return found


def imported(tree: ast.AST) -> Iterator[str]:
    """What is imported by full names: of `from a import b`, `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def circles(imports: dict[str, set[str]]) -> list[frozenset[str]]:
    """Groups of modules that reach one another."""
    reach = {module: reachable(module, imports) for module in imports}
    groups = {
        frozenset(other for other in reach[module] if module in reach.get(other, ()))
        for module in imports
        if module in reach[module]
    }
    return sorted(groups, key=sorted)


def reachable(start: str, imports: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [*imports[start]]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += imports.get(module, ())
    return found


def name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def place(module: str) -> int:
    """The index of its layer in `LAYERS`; the package itself, with the version, comes first."""
    return LAYERS.index(layer(module)) if layer(module) else -1


def is_code(path: Path) -> bool:
    return path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")))
