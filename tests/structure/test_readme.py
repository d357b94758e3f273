"""README and docs say what is true: links lead somewhere, commands parse, the Python runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from recsys.cli import main
from recsys.cli.exit_status import MISTAKE

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, heading = target.partition("#")
        if not path.startswith("http"):
            linked = page.parent / path if path else page
            assert linked.exists(), target
            assert not heading or heading in headings(linked), target


def test_readme_is_read_in_three_minutes() -> None:
    assert len((ROOT / "README.md").read_bytes()) < 6_500


def test_every_command_has_options_that_exist(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each is given without what it works on, and must not complain of anything else."""
    text = (ROOT / "docs" / "command-line.md").read_text("utf-8").replace("\\\n", "")
    commands = re.findall(r"^    promptrec (.*)$", text, re.M)
    assert len(commands) > 10
    monkeypatch.chdir(tmp_path)
    for command in commands:
        with pytest.raises(SystemExit) as ended:
            main([*shlex.split(command), "--no-such-option"])
        assert ended.value.code == MISTAKE
        said = capsys.readouterr().err
        assert "unrecognized arguments: --no-such-option. See" in said, said


def test_the_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """With a model that is trained in a second, and without a wish, for which it reads words."""
    code = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)[0]
    for long, short in (
        ('"prompt-fusion"', '"ease"'),
        ('"something funny that makes me laugh"', '""'),
    ):
        assert long in code
        code = code.replace(long, short)
    exec(compile(code, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "rank" in printed
    assert 0.03 < float(re.findall(r"0\.\d+", printed)[-1]) < 0.12


def headings(page: Path) -> set[str]:
    """Names of headings as GitHub makes them for links."""
    titles = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
